/*
 * Opens files that a path alone does not place: on another mount, in an overlay, below another root,
 * removed, and through a descriptor table that is shared. In a mount namespace of its own.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include "report.h"

static void touch(const char *path)
{
	close(must(open(path, O_CREAT | O_WRONLY, 0644), path));
}

static void *wait_for_it(void *pipe)
{
	char byte;

	return read(*(int *)pipe, &byte, 1) == 1 ? pipe : NULL;
}

int main(int argc, char **argv)
{
	int mounted, lower, upper, copied, removed, shared, inside, ends[2];
	pthread_t thread;

	must(argc == 2 ? chdir(argv[1]) : -1, "chdir");
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	must(mkdir("m", 0755), "m");
	must(mount("tmpfs", "m", "tmpfs", 0, NULL), "tmpfs");
	must(chdir("m"), "m");
	must(mkdir("low", 0755), "low");
	must(mkdir("up", 0755), "up");
	must(mkdir("work", 0755), "work");
	must(mkdir("all", 0755), "all");
	touch("low/below");
	touch("low/copied");
	must(mount("overlay", "all", "overlay", 0, "lowerdir=low,upperdir=up,workdir=work"), "overlay");
	report_begin();
	mounted = must(openat(AT_FDCWD, "low/below", O_RDONLY), "mounted");
	lower = must(openat(AT_FDCWD, "all/below", O_RDONLY), "lower");
	upper = must(openat(AT_FDCWD, "all/above", O_CREAT | O_RDWR, 0600), "upper");
	copied = must(openat(AT_FDCWD, "all/copied", O_RDWR), "copied");
	removed = must(openat(AT_FDCWD, "all/gone", O_CREAT | O_RDWR, 0600), "gone");
	must(unlink("all/gone"), "unlink");
	must(dup(removed), "dup");
	must(pipe(ends), "pipe");
	must(-pthread_create(&thread, NULL, wait_for_it, &ends[0]), "thread");
	shared = must(openat(AT_FDCWD, "low/below", O_RDONLY), "shared");
	must(write(ends[1], "x", 1), "write");
	pthread_join(thread, NULL);
	report_file("mounted", mounted);
	report_file("lower", lower);
	report_file("upper", upper);
	report_file("copied", copied);
	report_number("shared_fd", shared);
	must(chroot("all"), "chroot");
	must(chdir("/"), "root");
	inside = must(openat(AT_FDCWD, "below", O_RDONLY), "inside");
	must(dup(mounted), "dup of one outside");
	report_number("inside_fd", inside);
	report_end();
	return 0;
}
