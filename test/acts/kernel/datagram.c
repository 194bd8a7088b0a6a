/* Sends datagrams over UDP and connects unix sockets by path and by abstract name, in the folder given. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include "report.h"

static void udp(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, from;
	struct iovec parts[3] = { { "ab", 2 }, { "cde", 3 }, { malloc(200), 200 } };
	struct msghdr message = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = parts, .msg_iovlen = 3 };
	int receiver = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	int sender = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	socklen_t length = sizeof(to);
	char text[512];

	memset(parts[2].iov_base, 'x', 200);
	must(bind(receiver, (void *)&to, sizeof(to)), "bind");
	must(getsockname(receiver, (void *)&to, &length), "getsockname");
	report_number("receiver_port", ntohs(to.sin_port));
	must(sendto(sender, "first", 5, 0, (void *)&to, sizeof(to)), "sendto");
	length = sizeof(from);
	must(recvfrom(receiver, text, sizeof(text), 0, (void *)&from, &length), "recvfrom");
	report_number("sender_port", ntohs(from.sin_port));
	must(sendmsg(sender, &message, 0), "sendmsg");
	close(sender);
	close(receiver);
}

static socklen_t name(struct sockaddr_un *address, const char *text, int length)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, text, length);
	return offsetof(struct sockaddr_un, sun_path) + length;
}

static void unix_pair(const char *text, int length)
{
	struct sockaddr_un address;
	int listener = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	int client = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket"), server;

	must(bind(listener, (void *)&address, name(&address, text, length)), "bind");
	must(listen(listener, 1), "listen");
	must(connect(client, (void *)&address, name(&address, text, length)), "connect");
	server = must(accept4(listener, NULL, NULL, 0), "accept4");
	must(send(server, "served", 6, 0), "send");
}

int main(int argc, char **argv)
{
	int pair[2];

	must(argc == 2 ? chdir(argv[1]) : -1, "chdir");
	report_begin();
	udp();
	unix_pair("./socket", 8);
	unix_pair("\0saker abstract", 15);
	must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), "socketpair");
	report_number("pair0", pair[0]);
	report_number("pair1", pair[1]);
	report_end();
	return 0;
}
