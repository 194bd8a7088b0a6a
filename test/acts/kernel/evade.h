/* Ways round a rule, of which an act tries the one that it is told. */
#ifndef EVADE_H
#define EVADE_H

#include <linux/io_uring.h>
#include <sys/mman.h>
#include "report.h"

#define TRIES 10000

static int error;		/* of the last call that failed */

/* A way, and whether it led there. */
struct way {
	const char *name;
	int (*try)(void);
};

/* Tries one way and says whether it "reached", and "error" of the last call that was refused. */
static inline int try_way(const struct way *ways, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(ways[i].name, name))
			continue;
		report_begin();
		report_number("reached", ways[i].try());
		report_number("error", error);
		report_end();
		return 0;
	}
	return 2;
}

/* Memory that a 32-bit call can name. */
static inline void *low_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
}

/* A call of the i386 table, from a 64-bit program: its result, or -1 and errno. */
static inline int call_int80(int number, unsigned first, unsigned second, unsigned third)
{
	int result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(third)
			 : "memory", "r8", "r9", "r10", "r11");
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

/*
 * One entry through a ring of its own: its result, or -1 and errno. With IORING_SETUP_SQPOLL a thread of
 * the kernel takes it, with IOSQE_ASYNC in the entry one that the ring has for work that may block.
 */
static inline int call_ring(const struct io_uring_sqe *entry, unsigned setup)
{
	struct io_uring_params params = { .flags = setup };
	int fd = must(syscall(SYS_io_uring_setup, 2, &params), "io_uring_setup"), result;
	size_t bytes = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe) + 4096;
	struct io_uring_sqe *entries;
	char *ring;

	ring = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQ_RING);
	entries = mmap(NULL, params.sq_entries * sizeof(*entries), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQES);
	entries[0] = *entry;
	*(unsigned *)(ring + params.sq_off.array) = 0;
	__atomic_store_n((unsigned *)(ring + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	must(syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_SQ_WAKEUP, NULL, 0),
	     "io_uring_enter");
	result = ((struct io_uring_cqe *)(ring + params.cq_off.cqes))[0].res;
	close(fd);
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

#endif
