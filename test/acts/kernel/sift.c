/*
 * Opens and connects in the ways that the kernel filter tells apart. Files lie in the folder that is
 * given; each is opened by a text of its own, so that its record can be found.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include "report.h"

static char whole[4096];

/* An absolute path below the folder. */
static const char *below(const char *folder, const char *name)
{
	snprintf(whole, sizeof(whole), "%s/%s", folder, name);
	return whole;
}

static void touch(const char *path)
{
	close(must(open(path, O_CREAT | O_WRONLY, 0644), path));
}

static void *wait_for_it(void *pipe)
{
	char byte;

	return read(*(int *)pipe, &byte, 1) == 1 ? pipe : NULL;
}

static void associate(int family, const char *text, int port)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = must(socket(family, SOCK_DGRAM, 0), "socket");

	inet_pton(family, text, family == AF_INET ? (void *)&four.sin_addr : (void *)&six.sin6_addr);
	if (family == AF_INET)
		must(connect(fd, (void *)&four, sizeof(four)), text);
	else
		must(connect(fd, (void *)&six, sizeof(six)), text);
}

int main(int argc, char **argv)
{
	const char *folder = argv[1];
	char deep[201], text[64];
	int outside, removed, ends[2];
	pthread_t thread;

	must(argc == 2 ? chdir(folder) : -1, "chdir");
	outside = must(open(".", O_PATH), "folder");
	memset(deep, 'd', 200);
	deep[200] = 0;
	must(mkdir("under", 0755), "under");
	must(mkdir(deep, 0755), deep);
	touch("exact");
	touch("under/x");
	touch("else");
	touch("name.key");
	touch("a.suffix");
	report_begin();
	must(openat(AT_FDCWD, "exact", O_RDONLY), "exact");
	must(openat(AT_FDCWD, "under/../exact", O_RDONLY), "exact");
	must(openat(AT_FDCWD, "under/x", O_RDONLY), "under");
	must(openat(AT_FDCWD, "else", O_RDONLY), "else");
	must(openat(AT_FDCWD, "./else", O_RDWR), "else");
	must(openat(AT_FDCWD, "name.key", O_RDONLY), "name");
	must(openat(AT_FDCWD, "a.suffix", O_RDONLY), "suffix");
	openat(AT_FDCWD, below(folder, "missing"), O_RDONLY);
	openat(AT_FDCWD, below(folder, "missing/"), O_RDONLY);
	openat(AT_FDCWD, below(folder, "under/./missing"), O_RDONLY);
	openat(AT_FDCWD, "missing", O_RDONLY);
	/* longer than the tables' limit, but known in full */
	must(chdir(deep), deep);
	must(mkdir(deep, 0755), deep);
	must(chdir(deep), deep);
	must(openat(AT_FDCWD, "long", O_CREAT | O_RDONLY, 0600), "long");
	must(chdir(folder), folder);
	removed = must(openat(AT_FDCWD, "removed", O_CREAT | O_RDWR, 0600), "removed");
	must(unlink("removed"), "unlink");
	snprintf(text, sizeof(text), "/proc/self/fd/%d", removed);
	must(openat(AT_FDCWD, text, O_RDONLY), "again");
	report_text("again", text);
	associate(AF_INET, "127.0.0.1", 4001);
	associate(AF_INET6, "::1", 4002);
	associate(AF_INET6, "::ffff:127.0.0.1", 4003);
	associate(AF_INET, "127.0.0.2", 4004);
	must(chroot("under"), "chroot");
	must(chdir("/"), "root");
	must(openat(AT_FDCWD, "/x", O_RDONLY), "inside");
	must(openat(outside, "./name.key", O_RDONLY), "outside");
	must(pipe(ends), "pipe");
	must(-pthread_create(&thread, NULL, wait_for_it, &ends[0]), "thread");
	must(openat(AT_FDCWD, "/y", O_CREAT | O_RDONLY, 0600), "shared");
	must(openat(AT_FDCWD, "//y", O_RDONLY), "shared");
	must(write(ends[1], "x", 1), "write");
	pthread_join(thread, NULL);
	report_end();
	return 0;
}
