/*
 * Connects to itself over TCP, IPv4 or IPv6, in every way that decides who is client and who is server,
 * and duplicates each socket so that a later call on it is seen.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "report.h"

static int family;

static socklen_t local(struct sockaddr_storage *address, int port)
{
	struct sockaddr_in *four = (void *)address;
	struct sockaddr_in6 *six = (void *)address;

	memset(address, 0, sizeof(*address));
	address->ss_family = family;
	if (family == AF_INET) {
		four->sin_port = htons(port);
		four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(*four);
	}
	six->sin6_port = htons(port);
	six->sin6_addr = in6addr_loopback;
	return sizeof(*six);
}

static int port_of(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);

	must(getsockname(fd, (void *)&address, &length), "getsockname");
	return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static int open_socket(void)
{
	return must(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
}

static void bind_local(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = local(&address, 0);

	must(bind(fd, (void *)&address, length), "bind");
}

static void connect_local(int fd, int port)
{
	struct sockaddr_storage address;
	socklen_t length = local(&address, port);

	must(connect(fd, (void *)&address, length), "connect");
}

static void show(const char *key, int fd)
{
	char name[64];

	snprintf(name, sizeof(name), "%s_fd", key);
	report_number(name, fd);
	snprintf(name, sizeof(name), "%s_port", key);
	report_number(name, port_of(fd));
	must(dup(fd), "dup");
}

int main(int argc, char **argv)
{
	int listener, client, server, bound, listened, silent, port;
	struct sockaddr_storage address;
	socklen_t length;
	char text[32];

	family = argc == 2 && !strcmp(argv[1], "6") ? AF_INET6 : AF_INET;
	report_begin();
	listener = open_socket();
	bind_local(listener);
	must(listen(listener, 8), "listen");
	port = port_of(listener);
	client = open_socket();
	connect_local(client, port);
	server = must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept4");
	must(send(client, "how do you do", 13, 0), "send");
	must(recv(server, text, sizeof(text), 0), "recv");
	bound = open_socket();
	bind_local(bound);
	connect_local(bound, port);
	listened = open_socket();
	bind_local(listened);
	must(listen(listened, 8), "listen");
	must(shutdown(listened, SHUT_RDWR), "shutdown");
	connect_local(listened, port);
	show("listener", listener);
	show("client", client);
	show("server", server);
	show("bound", bound);
	show("listened", listened);
	silent = open_socket();
	bind_local(silent);	/* and never listens */
	report_number("silent_port", port_of(silent));
	length = local(&address, port_of(silent));
	must(connect(open_socket(), (void *)&address, length) < 0 ? 0 : -1, "refused");
	report_end();
	return 0;
}
