/* Opens a file, and calls getppid(2) N times, past any cache of the C library. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int times = argc > 1 ? atoi(argv[1]) : 1;
	long parent = 0;

	close(open("/dev/null", O_RDONLY));
	for (int i = 0; i < times; i++)
		parent = syscall(SYS_getppid);
	printf("{\"pid\": %d, \"parent_pid\": %ld, \"times\": %d}\n", getpid(), parent, times);
	return 0;
}
