/*
 * Tries to reach ADDRESS in one way: has a connection or a datagram come there? OTHER is an address
 * that nobody minds; both are this host's.
 *
 *   evade-network WAY ADDRESS OTHER
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include "evade.h"

#define CONNECT_I386 362	/* arch/x86/entry/syscalls/syscall_32.tbl */
#define PATIENCE_MS 2000	/* for what was not refused */

/* Who listens there: a connection and a datagram come to the same port. */
static struct sockaddr_in forbidden, harmless;
static int listener, other_listener, receiver;

static int own_socket(int type)
{
	return must(socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket");
}

/* A socket that listens at an address, whose port 0 becomes one. */
static int listen_at(struct sockaddr_in *address)
{
	int fd = own_socket(SOCK_STREAM | SOCK_NONBLOCK);
	socklen_t length = sizeof(*address);

	must(bind(fd, (void *)address, sizeof(*address)), "bind");
	must(listen(fd, 128), "listen");
	must(getsockname(fd, (void *)address, &length), "getsockname");
	return fd;
}

/* Takes a connection that has come; ends it so that nothing of it stays. */
static int takes(int from)
{
	struct linger at_once = { .l_onoff = 1 };
	int fd = accept4(from, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return 0;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
	return 1;
}

/* Has something come? `result` is that of the call that sent it. */
static int arrives(long result)
{
	struct pollfd ends[] = { { .fd = listener, .events = POLLIN }, { .fd = receiver, .events = POLLIN } };
	char byte;

	if (result < 0 && errno != EINPROGRESS) {
		error = errno;
		return 0;
	}
	poll(ends, 2, PATIENCE_MS);
	return takes(listener) || recv(receiver, &byte, 1, MSG_DONTWAIT) > 0;
}

static int connect_to(int fd, const struct sockaddr_in *address)
{
	return connect(fd, (const void *)address, sizeof(*address));
}

static int plainly(void)
{
	return arrives(connect_to(own_socket(SOCK_STREAM), &forbidden));
}

static int without_waiting(void)
{
	return arrives(connect_to(own_socket(SOCK_STREAM | SOCK_NONBLOCK), &forbidden));
}

/* The same address for a socket of IPv6. */
static struct sockaddr_in6 mapped(void)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = forbidden.sin_port };

	address.sin6_addr.s6_addr[10] = address.sin6_addr.s6_addr[11] = 0xff;
	memcpy(&address.sin6_addr.s6_addr[12], &forbidden.sin_addr, 4);
	return address;
}

static int mapped_connect(void)
{
	struct sockaddr_in6 address = mapped();
	int fd = must(socket(AF_INET6, SOCK_STREAM, 0), "socket");

	return arrives(connect(fd, (void *)&address, sizeof(address)));
}

static int mapped_datagram(void)
{
	struct sockaddr_in6 address = mapped();
	int fd = must(socket(AF_INET6, SOCK_DGRAM, 0), "socket");

	return arrives(sendto(fd, "x", 1, 0, (void *)&address, sizeof(address)));
}

static struct msghdr message_to(struct sockaddr_in *address)
{
	static struct iovec byte = { .iov_base = "x", .iov_len = 1 };

	return (struct msghdr){
		.msg_name = address,
		.msg_namelen = sizeof(*address),
		.msg_iov = &byte,
		.msg_iovlen = 1,
	};
}

static int fast_open_sendto(void)
{
	return arrives(sendto(own_socket(SOCK_STREAM), "x", 1, MSG_FASTOPEN, (void *)&forbidden,
			      sizeof(forbidden)));
}

static int fast_open_sendmsg(void)
{
	struct msghdr message = message_to(&forbidden);

	return arrives(sendmsg(own_socket(SOCK_STREAM), &message, MSG_FASTOPEN));
}

/* The connection begins with the first byte that is written. */
static int fast_open_connect(void)
{
	int fd = own_socket(SOCK_STREAM), one = 1;

	must(setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one)), "TCP_FASTOPEN_CONNECT");
	if (connect_to(fd, &forbidden))
		return arrives(-1);
	return arrives(write(fd, "x", 1));
}

static int ring_connect(unsigned flags, unsigned setup)
{
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_CONNECT,
		.flags = flags,
		.fd = own_socket(SOCK_STREAM),
		.addr = (unsigned long)&forbidden,
		.off = sizeof(forbidden),
	};

	return arrives(call_ring(&entry, setup));
}

static int io_uring(void)
{
	return ring_connect(0, 0);
}

static int io_uring_worker(void)
{
	return ring_connect(IOSQE_ASYNC, 0);
}

static int io_uring_poller(void)
{
	return ring_connect(0, IORING_SETUP_SQPOLL);
}

static int ring_send(int type, unsigned flags)
{
	struct msghdr message = message_to(&forbidden);
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_SENDMSG,
		.fd = own_socket(type),
		.addr = (unsigned long)&message,
		.len = 1,
		.msg_flags = flags,
	};

	return arrives(call_ring(&entry, 0));
}

static int io_uring_fast_open(void)
{
	return ring_send(SOCK_STREAM, MSG_FASTOPEN);
}

static int io_uring_datagram(void)
{
	return ring_send(SOCK_DGRAM, 0);
}

static int int80(void)
{
	struct sockaddr_in *address = low_memory();

	*address = forbidden;
	return arrives(call_int80(CONNECT_I386, own_socket(SOCK_STREAM), (unsigned long)address,
				  sizeof(*address)));
}

static volatile int done;
static struct sockaddr_in shared;

/* The one address and the other, as fast as it can, where another thread's call reads it. */
static void *rewrite(void *nothing)
{
	while (!done) {
		__atomic_store_n(&shared.sin_addr.s_addr, forbidden.sin_addr.s_addr, __ATOMIC_RELEASE);
		sched_yield();
		__atomic_store_n(&shared.sin_addr.s_addr, harmless.sin_addr.s_addr, __ATOMIC_RELEASE);
	}
	return nothing;
}

static int rewritten(void)
{
	pthread_t thread;
	int reached = 0, fd;

	shared = harmless;
	must(-pthread_create(&thread, NULL, rewrite, NULL), "pthread_create");
	for (int i = 0; i < TRIES && !reached; i++) {
		fd = own_socket(SOCK_STREAM);
		if (connect_to(fd, &shared))
			error = errno;
		reached = takes(listener);
		while (takes(other_listener))
			;
		close(fd);
	}
	done = 1;
	pthread_join(thread, NULL);
	return reached;
}

static int flood(void)
{
	for (int i = 0; i < TRIES; i++) {
		int fd = own_socket(SOCK_STREAM);

		if (!connect_to(fd, &forbidden))
			return arrives(0);
		close(fd);
	}
	return plainly();
}

/* The first thing that a process does. */
static int first_call(void)
{
	int fd = own_socket(SOCK_STREAM), status;
	pid_t child = syscall(SYS_fork);

	if (!child)
		_exit(syscall(SYS_connect, fd, &forbidden, sizeof(forbidden)) ? errno : 0);
	waitpid(child, &status, 0);
	errno = WEXITSTATUS(status);
	return arrives(errno ? -1 : 0);
}

static int datagram(void)
{
	return arrives(sendto(own_socket(SOCK_DGRAM), "x", 1, 0, (void *)&forbidden, sizeof(forbidden)));
}

/* Two messages by one call, of which the second goes there. */
static int second_datagram(void)
{
	struct mmsghdr messages[] = { { message_to(&harmless), 0 }, { message_to(&forbidden), 0 } };
	int sent = sendmmsg(own_socket(SOCK_DGRAM), messages, 2, 0);

	if (sent == 1) {
		error = EPERM;	/* of the second nobody says why */
		return 0;
	}
	return arrives(sent);
}

/* A datagram made by hand: its header names the address, the call another. */
static int by_hand(void)
{
	struct {
		struct iphdr ip;
		struct udphdr udp;
		char byte;
	} __attribute__((packed)) packet = {
		.ip = {
			.version = 4,
			.ihl = 5,
			.ttl = 1,
			.protocol = IPPROTO_UDP,
			.saddr = harmless.sin_addr.s_addr,
			.daddr = forbidden.sin_addr.s_addr,
		},
		.udp = { .source = harmless.sin_port, .dest = forbidden.sin_port },
	};
	int fd = must(socket(AF_INET, SOCK_RAW, IPPROTO_RAW), "raw socket");

	packet.udp.len = htons(sizeof(packet) - sizeof(packet.ip));
	return arrives(sendto(fd, &packet, sizeof(packet), 0, (void *)&harmless, sizeof(harmless)));
}

static const struct way ways[] = {
	{ "connect", plainly },
	{ "nonblocking", without_waiting },
	{ "mapped", mapped_connect },
	{ "fast-open-sendto", fast_open_sendto },
	{ "fast-open-sendmsg", fast_open_sendmsg },
	{ "fast-open-connect", fast_open_connect },
	{ "io-uring", io_uring },
	{ "io-uring-worker", io_uring_worker },
	{ "io-uring-poller", io_uring_poller },
	{ "io-uring-fast-open", io_uring_fast_open },
	{ "io-uring-datagram", io_uring_datagram },
	{ "int80", int80 },
	{ "rewritten-address", rewritten },
	{ "flood", flood },
	{ "first-call", first_call },
	{ "datagram", datagram },
	{ "mapped-datagram", mapped_datagram },
	{ "second-datagram", second_datagram },
	{ "by-hand", by_hand },
};

int main(int count, char **words)
{
	if (count != 4)
		return 2;
	forbidden.sin_family = harmless.sin_family = AF_INET;
	must(inet_pton(AF_INET, words[2], &forbidden.sin_addr) - 1, words[2]);
	must(inet_pton(AF_INET, words[3], &harmless.sin_addr) - 1, words[3]);
	listener = listen_at(&forbidden);
	harmless.sin_port = forbidden.sin_port;
	other_listener = listen_at(&harmless);
	receiver = own_socket(SOCK_DGRAM);
	must(bind(receiver, (void *)&forbidden, sizeof(forbidden)), "bind");
	return try_way(ways, sizeof(ways) / sizeof(*ways), words[1]);
}
