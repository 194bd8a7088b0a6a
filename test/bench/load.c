/*
 * Load generator of the benchmark: one operation over and over, pinned to a processor.
 *
 *   load OPERATION COUNT CPU [ARGUMENT]      COUNT operations
 *   load OPERATION -SECONDS CPU [ARGUMENT]   for that long
 *   load -r RATE OPERATION ...               evenly, so many a second; what is late is made up for
 *   load -w COUNT OPERATION ...              in windows of so many operations
 *
 * Of windows it prints a line each: "PROBE_NS WINDOW_NS", the first being how long a fixed piece of work took
 * next to the window; see windows.ts.
 *
 * Otherwise it prints {"operation", "count", "wall_ns", "ns_per_op", "cpu_ns_per_op"} as one JSON line. "own" opens of ARGUMENT print the
 * CLOCK_REALTIME of each call instead, a line each, 20 ms apart: for the latency of alerts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *argument;

static void fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static double rate;	/* a second, 0: as many as there can be */

/* Waits until operation number `done` is due: awake, because a sleep takes longer than a few operations. */
static void pace(uint64_t start, uint64_t done)
{
	uint64_t due;

	if (!rate)
		return;
	due = start + (uint64_t)((double)done * 1e9 / rate);
	while (clock_ns(CLOCK_MONOTONIC) < due)
		;
}

static void do_getppid(void)
{
	syscall(SYS_getppid);
}

static void do_open(void)
{
	long fd = syscall(SYS_openat, AT_FDCWD, argument, O_RDONLY | O_CLOEXEC, 0);

	if (fd < 0)
		fail(argument);
	syscall(SYS_close, fd);
}

static void do_missing(void)
{
	if (syscall(SYS_openat, AT_FDCWD, "/usr/lib/no-such-file", O_RDONLY, 0) >= 0)
		fail("the missing file is there");
}

static void do_dup(void)
{
	long fd = syscall(SYS_dup, 0);

	if (fd < 0)
		fail("dup");
	syscall(SYS_close, fd);
}

static void do_connect(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		fail("socket");
	(void)!connect(fd, (struct sockaddr *)&to, sizeof(to));
	close(fd);
}

static void spawn(int program)
{
	char *argv[] = { "/bin/true", 0 }, *env[] = { "PATH=/usr/sbin:/usr/bin", 0 };
	int status;
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	if (!child) {
		if (program)
			execve(argv[0], argv, env);
		_exit(program);
	}
	if (waitpid(child, &status, 0) < 0 || status)
		fail("child");
}

static void do_fork(void)
{
	spawn(0);
}

static void do_exec(void)
{
	spawn(1);
}

static int read_from = -1;

static void do_pread(void)
{
	char bytes[64];

	if (read_from < 0)
		read_from = open(argument, O_RDONLY);
	if (pread(read_from, bytes, sizeof(bytes), 0) < 0)
		fail("pread");
}

static void do_stat(void)
{
	struct stat status;

	if (stat(argument, &status))
		fail("stat");
}

static void do_timed(void)
{
	struct timespec pause = { 0, 20000000 };
	uint64_t at = clock_ns(CLOCK_REALTIME);

	do_open();
	printf("%llu\n", (unsigned long long)at);
	nanosleep(&pause, 0);
}

/*
 * Nanoseconds of work that uses all of a core: it takes half as long again while another machine uses the
 * other thread of the core. Work that waits for its own results would not notice.
 */
static uint64_t probe(void)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC), a = 1, b = 2, c = 3, d = 4;

	for (uint64_t i = 0; i < 4000; i++) {
		a = a * 5 + i;
		b ^= a >> 3;
		c += i ^ d;
		d = d * 3 + c;
		__asm__ volatile("" : : "r"(a), "r"(b), "r"(c), "r"(d));
	}
	return clock_ns(CLOCK_MONOTONIC) - start;
}

/* For so many nanoseconds, windows of `count` operations, each between two probes, of which the longer counts. */
static void windows(void (*run)(void), int count, uint64_t duration_ns)
{
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + duration_ns, before = probe(), after, window;

	do {
		window = clock_ns(CLOCK_MONOTONIC);
		for (int i = 0; i < count; i++)
			run();
		window = clock_ns(CLOCK_MONOTONIC) - window;
		after = probe();
		printf("%llu %llu\n", (unsigned long long)(after > before ? after : before),
		       (unsigned long long)window);
		before = after;
	} while (clock_ns(CLOCK_MONOTONIC) < end);
}

static const struct {
	const char *name;
	void (*run)(void);
} OPERATIONS[] = {
	{ "getppid", do_getppid }, { "open", do_open }, { "missing", do_missing }, { "dup", do_dup },
	{ "connect", do_connect }, { "fork", do_fork }, { "exec", do_exec }, { "timed", do_timed },
	{ "pread", do_pread }, { "stat", do_stat },
};

int main(int argc, char **argv)
{
	void (*run)(void) = 0;
	uint64_t done = 0, start, end, wall, cpu;
	int window = 0;
	cpu_set_t cpus;
	double count;

	if (argc > 2 && (!strcmp(argv[1], "-r") || !strcmp(argv[1], "-w"))) {
		if (argv[1][1] == 'r')
			rate = atof(argv[2]);
		else
			window = atoi(argv[2]);
		argc -= 2;
		argv[2] = argv[0];
		argv += 2;
	}
	if (argc < 4)
		fail("usage: load OPERATION COUNT|-SECONDS CPU [ARGUMENT]");
	for (size_t i = 0; i < sizeof(OPERATIONS) / sizeof(*OPERATIONS); i++)
		if (!strcmp(OPERATIONS[i].name, argv[1]))
			run = OPERATIONS[i].run;
	if (!run)
		fail("unknown operation");
	count = atof(argv[2]);
	argument = argc > 4 ? argv[4] : "/usr/lib/os-release";
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[3]), &cpus);
	if (atoi(argv[3]) >= 0 && sched_setaffinity(0, sizeof(cpus), &cpus))
		fail("sched_setaffinity");
	if (window > 0) {
		windows(run, window, (uint64_t)(-count * 1e9));
		return 0;
	}
	cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	start = clock_ns(CLOCK_MONOTONIC);
	if (count >= 0) {
		for (; done < (uint64_t)count; done++) {
			pace(start, done);
			run();
		}
	} else {
		end = start + (uint64_t)(-count * 1e9);
		while (clock_ns(CLOCK_MONOTONIC) < end)
			for (int i = 0; i < 16; i++, done++) {
				pace(start, done);
				run();
			}
	}
	wall = clock_ns(CLOCK_MONOTONIC) - start;
	cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	if (run != do_timed)
		printf("{\"operation\":\"%s\",\"count\":%llu,\"wall_ns\":%llu,\"ns_per_op\":%.1f,\"cpu_ns_per_op\":%.1f}\n",
		       argv[1], (unsigned long long)done, (unsigned long long)wall,
		       (double)wall / (double)(done ? done : 1), (double)cpu / (double)(done ? done : 1));
	return 0;
}
