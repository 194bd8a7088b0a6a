/*
 * Tries to read FOLDER/secret by its path, by other calls than just an open, or while others interfere.
 *
 *   evade-call WAY FOLDER
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include "secret.h"

static int ring_open(unsigned flags, unsigned setup)
{
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_OPENAT,
		.flags = flags,
		.fd = AT_FDCWD,
		.addr = (unsigned long)secret,
		.open_flags = O_RDONLY,
	};

	return reads(call_ring(&entry, setup));
}

static int io_uring(void)
{
	return ring_open(0, 0);
}

static int io_uring_worker(void)
{
	return ring_open(IOSQE_ASYNC, 0);
}

static int io_uring_poller(void)
{
	return ring_open(0, IORING_SETUP_SQPOLL);
}

static int int80(void)
{
	char *path = strcpy(low_memory(), secret);

	return reads(call_int80(5, (unsigned long)path, O_RDONLY, 0));	/* open */
}

static char shared[4096];
static volatile int done;

/* The one path and the other, as fast as it can, where another thread reads it. */
static void *rewrite(void *nothing)
{
	unsigned long *name = (void *)(shared + strlen(folder) + 1);

	/* a word at a time: never half of each */
	while (!done) {
		__atomic_store_n(name, *(unsigned long *)"secret\0", __ATOMIC_RELEASE);
		sched_yield();
		__atomic_store_n(name, *(unsigned long *)"plain\0\0", __ATOMIC_RELEASE);
	}
	return nothing;
}

static int rewritten(void)
{
	pthread_t thread;
	int read = 0;

	strcpy(shared, plain);
	must(-pthread_create(&thread, NULL, rewrite, NULL), "pthread_create");
	for (int i = 0; i < TRIES && !read; i++)
		read = opens(shared);
	done = 1;
	pthread_join(thread, NULL);
	return read;
}

static volatile int slot = -1;

/* Puts a harmless file in the place of each descriptor, before anybody can look at it. */
static void *replace(void *nothing)
{
	int other = open(plain, O_RDONLY);

	while (!done)
		if (slot >= 0)
			dup2(other, slot);
	return nothing;
}

/* The descriptor of the secret is swapped while its open has not returned; before, its copy is read. */
static int swapped(void)
{
	pthread_t thread;
	int read = 0, next = dup(0);

	close(next);
	slot = next;
	must(-pthread_create(&thread, NULL, replace, NULL), "pthread_create");
	for (int i = 0; i < TRIES && !read; i++)
		read = opens(secret);
	done = 1;
	pthread_join(thread, NULL);
	return read;
}

static int flood(void)
{
	for (int i = 0; i < TRIES; i++)
		if (opens(secret))
			return 1;
	return opens(secret);
}

/* The first thing that a process does. */
static int first_call(void)
{
	int status;
	pid_t child = syscall(SYS_fork);

	if (!child) {
		int fd = syscall(SYS_open, secret, O_RDONLY);
		_exit(fd < 0 ? errno : reads(fd) ? 0 : 255);
	}
	waitpid(child, &status, 0);
	error = WEXITSTATUS(status);
	return error == 0;
}

/* The same program from memory, or by the loader, with another name than its file's. */
static int again(const char *const *words, int memory)
{
	int status, ends[2];
	char byte = 0;
	pid_t child;

	must(pipe(ends), "pipe");
	child = must(fork(), "fork");
	if (!child) {
		dup2(ends[1], 1);
		if (memory >= 0)
			syscall(SYS_execveat, memory, "", words, environ, AT_EMPTY_PATH);
		else
			execv(words[0], (char *const *)words);
		_exit(1);
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1)
		error = 1;
	waitpid(child, &status, 0);
	return byte == CONTENT[0];
}

static int from_memory(void)
{
	const char *words[] = { "cat", secret, NULL };
	int from = must(open("/bin/cat", O_RDONLY), "cat"), to = must(memfd_create("quiet", 0), "memfd");
	char bytes[65536];
	ssize_t length;

	while ((length = read(from, bytes, sizeof(bytes))) > 0)
		must(write(to, bytes, length), "copy");
	return again(words, to);
}

static int by_loader(void)
{
	const char *words[] = { "/lib64/ld-linux-x86-64.so.2", "/bin/cat", secret, NULL };

	return again(words, -1);
}

static const struct way ways[] = {
	{ "io-uring", io_uring },
	{ "io-uring-worker", io_uring_worker },
	{ "io-uring-poller", io_uring_poller },
	{ "int80", int80 },
	{ "rewritten-path", rewritten },
	{ "swapped-descriptor", swapped },
	{ "flood", flood },
	{ "first-call", first_call },
	{ "memfd-program", from_memory },
	{ "loader", by_loader },
};

int main(int count, char **words)
{
	return try_on_file(ways, sizeof(ways) / sizeof(*ways), count, words);
}
