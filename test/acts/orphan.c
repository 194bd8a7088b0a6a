/*
 * A child dies before its own child. With `subreaper` the process takes orphans itself. Reports who the
 * orphan's parent is afterwards.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int pipe_fds[2], middle, status, reaper = 0;

	if (argc > 1 && !strcmp(argv[1], "subreaper") && prctl(PR_SET_CHILD_SUBREAPER, 1))
		return 1;
	if (pipe(pipe_fds))
		return 1;
	middle = fork();
	if (middle == 0) {
		int parent = getpid();

		if (fork() == 0) {
			while (getppid() == parent)
				usleep(1000);
			parent = getppid();
			if (write(pipe_fds[1], &parent, sizeof(parent)) != sizeof(parent))
				_exit(1);
			_exit(0);
		}
		_exit(0);
	}
	if (waitpid(middle, &status, 0) != middle || read(pipe_fds[0], &reaper, sizeof(reaper)) < 0)
		return 1;
	printf("{\"pid\": %d, \"middle\": %d, \"reaper\": %d}\n", getpid(), middle, reaper);
	return 0;
}
