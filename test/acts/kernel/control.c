/* Changes itself and others: name, users, memory, processes, programs; in the folder it is given. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include "report.h"

static void copy(const char *from, int to)
{
	char bytes[65536];
	int file = must(open(from, O_RDONLY), from);
	ssize_t length;

	while ((length = read(file, bytes, sizeof(bytes))) > 0)
		must(write(to, bytes, length), "write");
	close(file);
}

/* Runs a program in a child, by path or by descriptor, and says who it was. */
static void run(const char *key, const char *path, int fd, int uid)
{
	char *argv[] = { (char *)key, NULL }, *env[] = { "ACT=yes", NULL };
	int child = must(fork(), "fork");

	if (!child) {
		if (uid)
			must(setresuid(uid, uid, uid), "setresuid");
		if (path)
			execve(path, argv, env);
		else
			syscall(SYS_execveat, fd, "", argv, env, AT_EMPTY_PATH);
		_exit(1);
	}
	report_number(key, child);
	must(waitpid(child, NULL, 0), "wait");
}

static void memory(const char *self)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec here = { "across", 6 }, there = { page, 6 };
	int file = must(open(self, O_RDONLY), self);

	must(mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC), "mprotect");
	must(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) == MAP_FAILED ? -1 : 0, "mmap");
	must(process_vm_writev(getpid(), &here, 1, &there, 1, 0), "process_vm_writev");
	report_text("self", self);
}

static void copy_program(const char *name, int mode)
{
	int file = must(open(name, O_CREAT | O_WRONLY, 0700), name);

	copy("/bin/true", file);
	must(fchmod(file, mode), "fchmod");
	close(file);
}

int main(int argc, char **argv)
{
	struct clone_args how = { .flags = CLONE_NEWUTS, .exit_signal = SIGCHLD };
	char self[4096], cwd[4096], *none[] = { NULL };
	int child, held, status;

	must(argc == 2 ? chdir(argv[1]) : -1, "chdir");
	must(readlink("/proc/self/exe", self, sizeof(self)) > 0 ? 0 : -1, "readlink");
	self[readlink("/proc/self/exe", self, sizeof(self))] = 0;
	must(getcwd(cwd, sizeof(cwd)) ? 0 : -1, "getcwd");
	report_begin();
	fflush(stdout);
	must(prctl(PR_SET_NAME, "acts as another"), "prctl");
	memory(self);
	child = must(syscall(SYS_clone3, &how, sizeof(how)), "clone3");
	if (!child)
		_exit(0);
	report_number("clone3", child);
	must(waitpid(child, &status, 0), "wait");
	report_number("execve", execve("no/program", none, none) ? -errno : 0);
	must(kill(getpid(), 0), "kill");
	copy_program("plain", 0755);
	copy_program("setuid", 04755);
	copy_program("open-to-all", 0777);
	held = must(memfd_create("in-memory", MFD_CLOEXEC), "memfd_create");
	copy("/bin/true", held);
	run("plain", "plain", -1, 65534);
	run("setuid", "./setuid", -1, 65534);
	run("open_to_all", "./open-to-all", -1, 65534);
	run("memfd", NULL, held, 0);
	must(ptrace(PTRACE_TRACEME, 0, 0, 0), "ptrace");
	must(syscall(SYS_setresuid, 0, 65534, 0), "setresuid");
	report_end();
	return 0;
}
