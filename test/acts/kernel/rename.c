/*
 * Renames itself by every means, then makes a child that calls getppid(2). Reports the names that
 * the kernel showed in between: "first" and so on, "last" the one that the child's parent has.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "report.h"

static char names[4][64];

static void write_comm(const char *path, const char *name)
{
	int fd = must(open(path, O_WRONLY), path);

	must(write(fd, name, strlen(name)), "write");
	close(fd);
}

static void keep_comm(int which)
{
	int fd = must(open("/proc/self/comm", O_RDONLY), "open");
	ssize_t length = must(read(fd, names[which], sizeof(names[which]) - 1), "read");

	names[which][length - 1] = 0;	/* the line end */
	close(fd);
}

/* Its own name first, which is not that of the process; then that of the first thread. */
static void *thread(void *unused)
{
	char path[64];

	must(prctl(PR_SET_NAME, "only-a-thread"), "prctl");
	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", getpid());
	write_comm(path, "by-thread");
	return NULL;
}

int main(void)
{
	pthread_t other;
	int child;

	keep_comm(0);
	must(prctl(PR_SET_NAME, "by-prctl"), "prctl");
	keep_comm(1);
	must(prctl(PR_SET_NAME, "by-prctl"), "prctl");	/* not another one */
	write_comm("/proc/self/comm", "by-a-file-and-longer-than-it-may-be");
	keep_comm(2);
	must(pthread_create(&other, NULL, thread, NULL) ? -1 : 0, "pthread_create");
	pthread_join(other, NULL);
	keep_comm(3);
	child = must(fork(), "fork");
	if (!child) {
		syscall(SYS_getppid);
		_exit(0);
	}
	must(waitpid(child, NULL, 0), "wait");
	report_begin();
	report_text("began", names[0]);
	report_text("first", names[1]);
	report_text("second", names[2]);
	report_text("last", names[3]);
	report_number("child", child);
	report_end();
	return 0;
}
