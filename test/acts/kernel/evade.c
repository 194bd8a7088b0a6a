/*
 * Tries to read FOLDER/secret in one way that is not just opening it by its path, and says whether its
 * content came: "read" 1 or 0, and "error" of the last call that was refused.
 *
 *   evade WAY FOLDER
 *
 * FOLDER holds secret and plain, and may be changed: what a way makes in it, it removes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include "report.h"

#define TRIES 10000
#define CONTENT "protected"

static const char *folder;
static char secret[4096], plain[4096];
static int error;		/* of the last call that failed */

/* FOLDER/name, in a buffer of its own. */
static char *in_folder(const char *name)
{
	char *path;

	must(asprintf(&path, "%s/%s", folder, name), "asprintf");
	return path;
}

/* Whether what the descriptor gives is what must not be read. */
static int reads(int fd)
{
	char bytes[sizeof(CONTENT)] = "";
	ssize_t length;

	if (fd < 0) {
		error = errno;
		return 0;
	}
	length = pread(fd, bytes, sizeof(bytes) - 1, 0);
	close(fd);
	return length > 0 && !strcmp(bytes, CONTENT);
}

static int opens(const char *path)
{
	return reads(open(path, O_RDONLY));
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

/* One entry through a ring of its own. */
static int io_uring_open(void)
{
	struct io_uring_params params = { 0 };
	struct io_uring_sqe *entry;
	unsigned *tail, *array;
	char *ring;
	int fd = must(syscall(SYS_io_uring_setup, 2, &params), "io_uring_setup");

	ring = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe) + 4096,
		    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQ_RING);
	entry = mmap(NULL, params.sq_entries * sizeof(*entry), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQES);
	memset(entry, 0, sizeof(*entry));
	entry->opcode = IORING_OP_OPENAT;
	entry->fd = AT_FDCWD;
	entry->addr = (unsigned long)secret;
	entry->open_flags = O_RDONLY;
	tail = (unsigned *)(ring + params.sq_off.tail);
	array = (unsigned *)(ring + params.sq_off.array);
	array[0] = 0;
	__atomic_store_n(tail, 1, __ATOMIC_RELEASE);
	must(syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0), "io_uring_enter");
	int result = ((struct io_uring_cqe *)(ring + params.cq_off.cqes))[0].res;

	errno = result < 0 ? -result : 0;
	return reads(result < 0 ? -1 : result);
}

/* open of the i386 table, from a 64-bit program */
static int int80(void)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int result;

	strcpy(low, secret);
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(5), "b"((unsigned)(unsigned long)low), "c"(O_RDONLY), "d"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	errno = result < 0 ? -result : 0;
	return reads(result < 0 ? -1 : result);
}

static char shared[4096];
static volatile int done;

/* The one path and the other, as fast as it can, where another thread reads it. */
static void *rewrite(void *nothing)
{
	unsigned long *name = (void *)(shared + strlen(folder) + 1);

	/* a word at a time: never half of each */
	while (!done) {
		__atomic_store_n(name, *(unsigned long *)"secret\0", __ATOMIC_RELEASE);
		sched_yield();
		__atomic_store_n(name, *(unsigned long *)"plain\0\0", __ATOMIC_RELEASE);
	}
	return nothing;
}

static int rewritten(void)
{
	pthread_t thread;
	int read = 0;

	strcpy(shared, plain);
	must(-pthread_create(&thread, NULL, rewrite, NULL), "pthread_create");
	for (int i = 0; i < TRIES && !read; i++)
		read = opens(shared);
	done = 1;
	pthread_join(thread, NULL);
	return read;
}

static volatile int slot = -1;

/* Puts a harmless file in the place of each descriptor, before anybody can look at it. */
static void *replace(void *nothing)
{
	int other = open(plain, O_RDONLY);

	while (!done)
		if (slot >= 0)
			dup2(other, slot);
	return nothing;
}

/* The descriptor of the secret is swapped while its open has not returned; before, its copy is read. */
static int swapped(void)
{
	pthread_t thread;
	int read = 0, next = dup(0);

	close(next);
	slot = next;
	must(-pthread_create(&thread, NULL, replace, NULL), "pthread_create");
	for (int i = 0; i < TRIES && !read; i++)
		read = opens(secret);
	done = 1;
	pthread_join(thread, NULL);
	return read;
}

static int flood(void)
{
	for (int i = 0; i < TRIES; i++)
		if (opens(secret))
			return 1;
	return opens(secret);
}

/* The first thing that a process does. */
static int first_call(void)
{
	int status;
	pid_t child = syscall(SYS_fork);

	if (!child) {
		int fd = syscall(SYS_open, secret, O_RDONLY);
		_exit(fd < 0 ? errno : reads(fd) ? 0 : 255);
	}
	waitpid(child, &status, 0);
	error = WEXITSTATUS(status);
	return error == 0;
}

/* The same program from memory, or by the loader, with another name than its file's. */
static int again(const char *const *words, int memory)
{
	int status, ends[2];
	char byte = 0;
	pid_t child;

	must(pipe(ends), "pipe");
	child = must(fork(), "fork");
	if (!child) {
		dup2(ends[1], 1);
		if (memory >= 0)
			syscall(SYS_execveat, memory, "", words, environ, AT_EMPTY_PATH);
		else
			execv(words[0], (char *const *)words);
		_exit(1);
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1)
		error = 1;
	waitpid(child, &status, 0);
	return byte == CONTENT[0];
}

static int from_memory(void)
{
	const char *words[] = { "cat", secret, NULL };
	int from = must(open("/bin/cat", O_RDONLY), "cat"), to = must(memfd_create("quiet", 0), "memfd");
	char bytes[65536];
	ssize_t length;

	while ((length = read(from, bytes, sizeof(bytes))) > 0)
		must(write(to, bytes, length), "copy");
	return again(words, to);
}

static int by_loader(void)
{
	const char *words[] = { "/lib64/ld-linux-x86-64.so.2", "/bin/cat", secret, NULL };

	return again(words, -1);
}

static const struct {
	const char *name;
	int (*try)(void);
} ways[] = {
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
	{ "io-uring", io_uring_open },
	{ "int80", int80 },
	{ "rewritten-path", rewritten },
	{ "swapped-descriptor", swapped },
	{ "flood", flood },
	{ "first-call", first_call },
	{ "memfd-program", from_memory },
	{ "loader", by_loader },
};

int main(int count, char **words)
{
	if (count != 3)
		return 2;
	folder = words[2];
	snprintf(secret, sizeof(secret), "%s/secret", folder);
	snprintf(plain, sizeof(plain), "%s/plain", folder);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(ways[i].name, words[1]))
			continue;
		report_begin();
		report_number("read", ways[i].try());
		report_number("error", error);
		report_end();
		return 0;
	}
	return 2;
}
