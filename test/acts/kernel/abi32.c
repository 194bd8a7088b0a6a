/*
 * Makes system calls in the ways that a 64-bit program can: int 0x80, x32, and with rubbish above the
 * number. Compiled with -m32 it is a 32-bit program that makes the same calls by int 0x80.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include "report.h"

/* i386 numbers, arch/x86/entry/syscalls/syscall_32.tbl */
#define IA32_OPEN 5
#define IA32_OPENAT 295
#define IA32_SOCKETCALL 102
#define IA32_SENDMSG 370
#define IA32_MPROTECT 125
#define IA32_EXECVE 11

static unsigned char *low;	/* memory that 32-bit pointers reach */
static unsigned used;

static unsigned keep(const void *bytes, unsigned length)
{
	unsigned at = used;

	memcpy(low + at, bytes, length);
	used += (length + 15) & ~15u;
	return (unsigned)(unsigned long)(low + at);
}

static int ia32(int number, unsigned a, unsigned b, unsigned c, unsigned d)
{
	int result;

#ifdef __x86_64__
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d)
			 : "memory", "r8", "r9", "r10", "r11");
#else
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d)
			 : "memory");
#endif
	return result;
}

#ifdef __x86_64__
static long native(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "memory", "rcx", "r11");
	return result;
}
#endif

static void sockets(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	unsigned make[3] = { AF_INET, SOCK_DGRAM, 0 };
	int fd = must(ia32(IA32_SOCKETCALL, 1, keep(make, sizeof(make)), 0, 0), "socket");
	unsigned address = keep(&to, sizeof(to));
	unsigned connect[3] = { fd, address, sizeof(to) };
	unsigned vector[4] = { keep("one", 3), 3, keep("two", 3), 3 };
	unsigned message[7] = { address, sizeof(to), keep(vector, sizeof(vector)), 2, 0, 0, 0 };

	report_number("socket", fd);
	must(ia32(IA32_SOCKETCALL, 3, keep(connect, sizeof(connect)), 0, 0), "connect");
	report_number("sent", ia32(IA32_SENDMSG, fd, keep(message, sizeof(message)), 0, 0));
}

int main(int argc, char **argv)
{
	unsigned path, none = 0;
	int fd;

	low = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS
#ifdef __x86_64__
		   | MAP_32BIT
#endif
		   , -1, 0);
	must(argc == 2 && low != MAP_FAILED ? chdir(argv[1]) : -1, "chdir");
	report_begin();
	path = keep("by-ia32", 8);
	fd = must(ia32(IA32_OPENAT, AT_FDCWD, path, O_CREAT | O_RDWR, 0600), "openat");
	report_number("openat", fd);
	report_number("open", must(ia32(IA32_OPEN, path, O_RDONLY, 0, 0), "open"));
	sockets();
	report_number("mprotect",
		      ia32(IA32_MPROTECT, keep("", 1) & ~4095u, 4096, PROT_READ | PROT_EXEC, 0));
	must(ia32(IA32_MPROTECT, (unsigned)(unsigned long)low, 4096, PROT_READ | PROT_WRITE, 0), "rw");
	report_number("execve", ia32(IA32_EXECVE, keep("/no/program", 12), keep(&none, 4), keep(&none, 4), 0));
#ifdef __x86_64__
	report_number("high", native(0x700000000l | SYS_openat, AT_FDCWD, (long)"by-ia32", O_RDONLY));
	report_number("x32", native(0x40000000 | SYS_openat, AT_FDCWD, path, O_RDONLY));
	report_number("x32_execve", native(0x40000000 | 520, (long)"/no/program", 0, 0));
#endif
	report_end();
	return 0;
}
