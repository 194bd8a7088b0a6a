/* A process makes a copy of itself that is its brother: clone(2) with CLONE_PARENT, as runc does. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int said[2];
	pid_t cloner, brother = 0;

	if (pipe(said))
		return 1;
	cloner = fork();
	if (cloner == 0) {
		brother = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
		if (brother == 0)
			_exit(0);
		if (write(said[1], &brother, sizeof(brother)) != sizeof(brother))
			_exit(1);
		_exit(0);
	}
	if (cloner < 0 || read(said[0], &brother, sizeof(brother)) != sizeof(brother))
		return 1;
	if (waitpid(cloner, 0, 0) != cloner || waitpid(brother, 0, 0) != brother)
		return 1;
	printf("{\"pid\": %d, \"cloner\": %d, \"brother\": %d}\n", getpid(), cloner, brother);
	return 0;
}
