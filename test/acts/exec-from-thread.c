/* A second thread replaces the program: the process keeps its pid, the thread loses its number. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *become(void *nothing)
{
	char old_tid[16], old_pid[16];

	(void)nothing;
	snprintf(old_tid, sizeof(old_tid), "%d", (int)syscall(SYS_gettid));
	snprintf(old_pid, sizeof(old_pid), "%d", getpid());
	execl("/proc/self/exe", "exec-from-thread", "report", old_pid, old_tid, (char *)NULL);
	perror("execl");
	exit(1);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	char exe[4096];
	ssize_t length;

	if (argc < 2) {
		pthread_create(&thread, NULL, become, NULL);
		pause();
		return 1;
	}
	length = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (length < 0)
		return 1;
	exe[length] = 0;
	printf("{\"pid\": %d, \"before\": %s, \"old_tid\": %s, \"tid\": %d, \"exe\": \"%s\"}\n", getpid(),
	       argv[2], argv[3], (int)syscall(SYS_gettid), exe);
	return 0;
}
