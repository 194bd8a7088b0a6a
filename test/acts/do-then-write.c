/*
 * Children that open a file, or become another program, and write a byte with the very next system call:
 * do-then-write open|exec PATH TIMES. Says how many were killed, and how many bytes came.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int exec = argc > 1 && !strcmp(argv[1], "exec"), times = argc > 3 ? atoi(argv[3]) : 1;
	int killed = 0, bytes = 0;

	for (int i = 0; i < times; i++) {
		int ends[2], status;
		char byte;
		pid_t child;

		if (pipe(ends))
			return 1;
		child = fork();
		if (!child) {
			dup2(ends[1], STDOUT_FILENO);
			if (exec) {
				execl(argv[2], argv[2], (char *)NULL);
				_exit(2);
			}
			syscall(SYS_openat, AT_FDCWD, argv[2], O_RDONLY);
			syscall(SYS_write, ends[1], "x", 1);
			_exit(0);
		}
		close(ends[1]);
		while (read(ends[0], &byte, 1) == 1)
			bytes++;
		close(ends[0]);
		if (waitpid(child, &status, 0) != child)
			return 1;
		killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	}
	printf("{\"pid\": %d, \"killed\": %d, \"bytes\": %d}\n", getpid(), killed, bytes);
	return 0;
}
