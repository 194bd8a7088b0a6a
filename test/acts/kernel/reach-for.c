/*
 * Reaches for a process in every way there is, gently, and prints what each came to: 0 or the error.
 *
 *   reach-for PID SIGNAL MAP PROGRAM LINK PIN [CGROUP...]
 *
 * MAP, PROGRAM and LINK are numbers of BPF objects, PIN a path; 0 or - leave these out. It moves into each
 * CGROUP (a folder) first; one that begins with + is where a child is started that does it all.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include "report.h"

static void outcome(const char *what, long result)
{
	report_number(what, result < 0 ? errno : 0);
}

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static void signals(pid_t pid, int number)
{
	union sigval value = { 0 };
	int pidfd = must(syscall(SYS_pidfd_open, pid, 0), "pidfd_open");
	int ends[2];

	outcome("ask", kill(pid, 0));
	outcome("kill", kill(pid, number));
	outcome("tgkill", syscall(SYS_tgkill, pid, pid, number));
	outcome("queue", sigqueue(pid, number, value));
	outcome("pidfd", syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0));
	outcome("getfd", syscall(SYS_pidfd_getfd, pidfd, 0, 0));
	/* what arrives of this one only the receiver can say */
	must(pipe(ends), "pipe");
	must(fcntl(ends[0], F_SETOWN, pid), "F_SETOWN");
	must(fcntl(ends[0], F_SETSIG, number), "F_SETSIG");
	must(fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK), "O_ASYNC");
	must(write(ends[1], "x", 1), "write");
}

static void memory(pid_t pid)
{
	char name[64], byte = 0;
	struct iovec here = { &byte, 1 }, there = { NULL, 1 };

	snprintf(name, sizeof(name), "/proc/%d/mem", pid);
	outcome("mem", open(name, O_RDWR));
	snprintf(name, sizeof(name), "/proc/%d/environ", pid);
	outcome("environ", open(name, O_RDONLY));
	outcome("seize", ptrace(PTRACE_SEIZE, pid, NULL, NULL));
	outcome("writev", process_vm_writev(pid, &here, 1, &there, 1, 0));
}

static void settings(pid_t pid)
{
	struct sched_param none = { 0 };
	struct rlimit limit;

	must(prlimit(pid, RLIMIT_CORE, NULL, &limit), "prlimit");
	outcome("limit", prlimit(pid, RLIMIT_CORE, &limit, NULL));
	outcome("schedule", sched_setscheduler(pid, SCHED_OTHER, &none));
	outcome("nice", setpriority(PRIO_PROCESS, pid, getpriority(PRIO_PROCESS, pid)));
}

static void objects(int map, int program, int link)
{
	union bpf_attr attr = { .map_id = map };

	if (map)
		outcome("map", bpf(BPF_MAP_GET_FD_BY_ID, &attr));
	attr.prog_id = program;
	if (program)
		outcome("program", bpf(BPF_PROG_GET_FD_BY_ID, &attr));
	attr.link_id = link;
	if (link)
		outcome("link", bpf(BPF_LINK_GET_FD_BY_ID, &attr));
}

static void pin(const char *path)
{
	char other[4096];

	snprintf(other, sizeof(other), "%s-away", path);
	outcome("rename", rename(path, other));
	outcome("unlink", unlink(path));
}

static void move_into(const char *folder)
{
	char name[4096];
	int fd;

	snprintf(name, sizeof(name), "%s/cgroup.procs", folder);
	fd = must(open(name, O_WRONLY), name);
	must(write(fd, "0", 1), name);
	close(fd);
}

/* Goes on in a child that was never anywhere else. */
static void start_in(const char *folder)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	int status;

	args.cgroup = must(open(folder, O_PATH | O_DIRECTORY), folder);
	if (!must(syscall(SYS_clone3, &args, sizeof(args)), "clone3"))
		return;
	wait(&status);
	exit(WEXITSTATUS(status));
}

int main(int count, char **words)
{
	pid_t pid;

	if (count < 7)
		return 2;
	pid = atoi(words[1]);
	for (char **folder = words + 7; *folder; folder++) {
		if (**folder == '+')
			start_in(*folder + 1);
		else
			move_into(*folder);
	}
	report_begin();
	signals(pid, atoi(words[2]));
	memory(pid);
	settings(pid);
	objects(atoi(words[3]), atoi(words[4]), atoi(words[5]));
	if (strcmp(words[6], "-"))
		pin(words[6]);
	report_end();
	return 0;
}
