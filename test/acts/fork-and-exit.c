/*
 * COUNT children are made that exit with CODE, or with signal -CODE if that is negative. Reports the
 * first one with what wait said.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int code = argc > 1 ? atoi(argv[1]) : 0, count = argc > 2 ? atoi(argv[2]) : 1;
	int first = 0, first_status = 0;

	for (int i = 0; i < count; i++) {
		int status, child = fork();

		if (child < 0)
			return 1;
		if (child == 0) {
			if (code >= 0)
				_exit(code);
			raise(-code);
			_exit(1);
		}
		if (waitpid(child, &status, 0) != child)
			return 1;
		if (i == 0) {
			first = child;
			first_status = status;
		}
	}
	printf("{\"pid\": %d, \"child\": %d, \"exit_code\": %d, \"exit_signal\": %d, \"count\": %d}\n",
	       getpid(), first, WIFEXITED(first_status) ? WEXITSTATUS(first_status) : 0,
	       WIFSIGNALED(first_status) ? WTERMSIG(first_status) : 0, count);
	return 0;
}
