/*
 * Opens a file while a second thread puts a decoy behind the descriptor, again and again: now and then
 * that is done before the call has ended. As its arguments: the file, the decoy, how often.
 *
 * dup2() onto a number that an open has reserved fails with EBUSY until the file is there; many `./` in the
 * path make the open take long enough for the second thread to be trying by then.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include "kernel/report.h"

static atomic_int go, done;
static int decoy, target;

static void *swap(void *rounds)
{
	for (int round = 1; round <= *(int *)rounds; round++) {
		while (atomic_load(&go) != round)
			;
		for (volatile int pause = 0; pause < 20 * (round % 50); pause++)
			;
		while (dup2(decoy, target) < 0)
			;
		atomic_store(&done, round);
	}
	return NULL;
}

/* The same file by a path that takes long to walk. */
static void lengthen(char *to, const char *path)
{
	const char *last = strrchr(path, '/');
	size_t at = last - path + 1, end = strlen(last + 1);

	memcpy(to, path, at);
	while (at + 2 + end < 3000) {
		to[at++] = '.';
		to[at++] = '/';
	}
	strcpy(to + at, last + 1);
}

int main(int argc, char **argv)
{
	int rounds = argc == 4 ? atoi(argv[3]) : 0, opened, hits = 0;
	char path[PATH_MAX];
	pthread_t thread;

	must(rounds ? 0 : -1, "arguments");
	lengthen(path, argv[1]);
	report_begin();
	decoy = must(open(argv[2], O_RDONLY | O_CLOEXEC), "decoy");
	target = must(dup(decoy), "target");
	close(target);
	must(-pthread_create(&thread, NULL, swap, &rounds), "thread");
	for (int round = 1; round <= rounds; round++) {
		atomic_store(&go, round);
		opened = must(open(path, O_RDONLY | O_CLOEXEC), "open");
		while (atomic_load(&done) != round)
			;
		/* else the decoy was there before the open took its number */
		hits += opened == target;
		if (opened != target)
			close(opened);
		close(target);
	}
	pthread_join(thread, NULL);
	report_text("path", argv[1]);
	report_number("opened", rounds);
	report_number("swapped", hits);
	report_end();
	return 0;
}
