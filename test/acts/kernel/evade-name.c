/*
 * Tries to read FOLDER/secret by another name than its path.
 *
 *   evade-name WAY FOLDER
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include "secret.h"

/* FOLDER/name, in a buffer of its own. */
static char *in_folder(const char *name)
{
	char *path;

	must(asprintf(&path, "%s/%s", folder, name), "asprintf");
	return path;
}

static int by_path(void)
{
	return opens(secret);
}

static int relative(void)
{
	must(chdir(folder), "chdir");
	return opens("secret");
}

static int directory_descriptor(void)
{
	return reads(openat(must(open(folder, O_RDONLY | O_DIRECTORY), folder), "secret", O_RDONLY));
}

static int dots(void)
{
	return opens(in_folder("./sub/.././/secret"));
}

static int symlink_last(void)
{
	char *path = in_folder("link");
	int read;

	must(symlink("secret", path), path);
	read = opens(path);
	unlink(path);
	return read;
}

static int symlink_middle(void)
{
	char *path = in_folder("way");
	int read;

	must(symlink(folder, path), path);
	read = opens(in_folder("way/secret"));
	unlink(path);
	return read;
}

static int hard_link(void)
{
	char *path = in_folder("hard");
	int read;

	must(link(secret, path), path);
	read = opens(path);
	unlink(path);
	return read;
}

/* Mounts that this makes are seen by nobody else, and end with it. */
static void own_mounts(void)
{
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
}

static int bind_file(void)
{
	own_mounts();
	must(mount(secret, plain, NULL, MS_BIND, NULL), "bind mount");
	return opens(plain);
}

static int bind_folder(void)
{
	own_mounts();
	must(mount(folder, in_folder("sub"), NULL, MS_BIND, NULL), "bind mount");
	return opens(in_folder("sub/secret"));
}

static int mount_namespace(void)
{
	own_mounts();
	return opens(secret);
}

static int proc_self_root(void)
{
	char path[8192];

	snprintf(path, sizeof(path), "/proc/self/root%s", secret);
	return opens(path);
}

/* Through a process that has a mount namespace of its own. */
static int proc_pid_root(void)
{
	char path[8192], ready;
	int ends[2], read;
	pid_t child;

	must(pipe(ends), "pipe");
	child = must(fork(), "fork");
	if (!child) {
		own_mounts();
		must(write(ends[1], "x", 1), "write");
		pause();
	}
	must(syscall(SYS_read, ends[0], &ready, 1), "read");
	snprintf(path, sizeof(path), "/proc/%d/root%s", child, secret);
	read = opens(path);
	kill(child, SIGKILL);
	wait(NULL);
	return read;
}

static int renamed_parent(void)
{
	char away[8192], path[8200];
	int read;

	snprintf(away, sizeof(away), "%s-away", folder);
	snprintf(path, sizeof(path), "%s/secret", away);
	must(rename(folder, away), away);
	read = opens(path);
	must(rename(away, folder), folder);
	return read;
}

static int path_descriptor(void)
{
	char path[64];
	int fd = open(secret, O_PATH);

	if (fd < 0)
		return reads(fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return opens(path);
}

static int file_handle(void)
{
	struct { struct file_handle head; char bytes[128]; } handle = { .head.handle_bytes = 128 };
	int mount_id;
	int at = must(open(folder, O_RDONLY | O_DIRECTORY), folder);

	if (name_to_handle_at(AT_FDCWD, secret, &handle.head, &mount_id, 0))
		return reads(-1);
	return reads(open_by_handle_at(at, &handle.head, O_RDONLY));
}

static int after_chroot(void)
{
	must(chroot(folder), "chroot");
	must(chdir("/"), "chdir");
	return opens("/secret");
}

static const struct way ways[] = {
	{ "path", by_path },
	{ "relative", relative },
	{ "openat", directory_descriptor },
	{ "dots", dots },
	{ "symlink-last", symlink_last },
	{ "symlink-middle", symlink_middle },
	{ "hard-link", hard_link },
	{ "bind-file", bind_file },
	{ "bind-folder", bind_folder },
	{ "mount-namespace", mount_namespace },
	{ "proc-self-root", proc_self_root },
	{ "proc-pid-root", proc_pid_root },
	{ "renamed-parent", renamed_parent },
	{ "o-path", path_descriptor },
	{ "file-handle", file_handle },
	{ "chroot", after_chroot },
};

int main(int count, char **words)
{
	return try_on_file(ways, sizeof(ways) / sizeof(*ways), count, words);
}
