/*
 * How fast the processor's time stamp counter runs, in kHz: an emulated guest reads the host's, and is told,
 * because it could only measure it, which goes wrong by an order of magnitude while the host is busy.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define SPAN_NS 100000000	/* what lies between two looks adds an error of 1 in 100,000 at most */
#define TRIES 100
#define NS_PER_S 1000000000ull

/* The counter at a time: of some tries the one that took least. */
static uint64_t look(uint64_t *counter)
{
	uint64_t best = UINT64_MAX, time_ns = 0;

	for (int i = 0; i < TRIES; i++) {
		struct timespec now;
		uint64_t before = __rdtsc(), after;

		clock_gettime(CLOCK_MONOTONIC_RAW, &now);
		after = __rdtsc();
		if (after - before >= best)
			continue;
		best = after - before;
		*counter = before + best / 2;
		time_ns = now.tv_sec * NS_PER_S + now.tv_nsec;
	}
	return time_ns;
}

int main(void)
{
	struct timespec span = { .tv_nsec = SPAN_NS };
	uint64_t from, to, from_ns = look(&from), to_ns;

	nanosleep(&span, NULL);
	to_ns = look(&to);
	printf("%llu\n", (unsigned long long)((to - from) * 1e6 / (to_ns - from_ns)));
	return 0;
}
