/*
 * Makes the cgroup FOLDER/NAME of the v2 hierarchy, moves itself there and calls getppid(2); then
 * makes a child, which also calls it. Reports its cgroup before and after, and leaves it again when
 * its input closes.
 */
#include <fcntl.h>
#include <sys/wait.h>
#include "report.h"

static char lines[2][4096];

/* What /proc says after 0:: */
static void keep_cgroup(int which)
{
	FILE *file = fopen("/proc/self/cgroup", "r");

	must(file ? 0 : -1, "/proc/self/cgroup");
	while (fgets(lines[which], sizeof(lines[which]), file))
		if (!strncmp(lines[which], "0::", 3))
			break;
	fclose(file);
	lines[which][strcspn(lines[which], "\n")] = 0;
}

static void move_to(const char *folder)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", folder);
	fd = must(open(path, O_WRONLY), path);
	must(write(fd, "0", 1), "write");
	close(fd);
}

int main(int argc, char **argv)
{
	char path[4000];
	struct stat folder;
	int child;

	must(argc == 3 ? 0 : -1, "arguments");
	snprintf(path, sizeof(path), "%s/%s", argv[1], argv[2]);
	keep_cgroup(0);
	must(mkdir(path, 0755), path);
	must(stat(path, &folder), path);
	move_to(path);
	keep_cgroup(1);
	syscall(SYS_getppid);
	child = must(fork(), "fork");
	if (!child) {
		syscall(SYS_getppid);
		_exit(0);
	}
	must(waitpid(child, NULL, 0), "wait");
	report_begin();
	report_number("child", child);
	report_number("cgroup_id", folder.st_ino);
	report_text("before", lines[0] + 3);
	report_text("after", lines[1] + 3);
	report_end();
	getchar();
	move_to(argv[1]);
	must(rmdir(path), path);
	return 0;
}
