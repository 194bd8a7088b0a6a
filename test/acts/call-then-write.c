/*
 * Children that make one system call in a folder of theirs, and nothing before it, and write a byte with the
 * very next:
 * call-then-write CALL FOLDER TIMES. Says how many were killed, how many bytes came, and the error of
 * the last call that failed and was lived to see, 0: none was.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int fd = -1, folder, has_own_mounts;
static pid_t other;
static int *failure;	/* shared with the children */
static struct sockaddr_in here = { .sin_family = AF_INET };
static socklen_t here_length = sizeof(here);

/* What must be there before, made by the parent. */
enum before {
	NOTHING = 0,
	NO_FILES = 1,	/* none of "file", "new", "sub" */
	FILE_THERE = 2,	/* "file" is, and fd is open on it */
	SUB_THERE = 4,
	LISTENER = 8,	/* somebody listens at `here`; fd is a socket of AF_INET */
	DATAGRAM = 16,	/* the same, of datagrams */
	ANOTHER = 32,	/* a process that waits */
	SOCKET = 64,	/* fd is a socket of AF_INET */
	OWN_MOUNTS = 128,	/* a mount namespace of its own */
	MOUNTED = 256,	/* on "sub" there */
};

struct deed {
	const char *name;
	int before;
	long number;
	long args[6];
};

#define PATH(text) ((long)(text))

static char byte = 'x';
static struct iovec vector = { &byte, 1 };
static struct msghdr message = { .msg_name = &here, .msg_namelen = sizeof(here), .msg_iov = &vector, .msg_iovlen = 1 };
static struct mmsghdr messages = { .msg_hdr = { .msg_name = &here, .msg_namelen = sizeof(here), .msg_iov = &vector, .msg_iovlen = 1 } };
static union bpf_attr map = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 };

/* Arguments that are known only when it runs. */
#define FD (-1001)
#define FOLDER (-1002)
#define OTHER (-1003)

static const struct deed deeds[] = {
	{ "unlink", FILE_THERE, SYS_unlink, { PATH("file") } },
	{ "unlinkat", FILE_THERE, SYS_unlinkat, { FOLDER, PATH("file"), 0 } },
	{ "rmdir", SUB_THERE, SYS_rmdir, { PATH("sub") } },
	{ "rename", FILE_THERE, SYS_rename, { PATH("file"), PATH("new") } },
	{ "renameat", FILE_THERE, SYS_renameat, { FOLDER, PATH("file"), FOLDER, PATH("new") } },
	{ "renameat2", FILE_THERE, SYS_renameat2, { FOLDER, PATH("file"), FOLDER, PATH("new"), 1 } },
	{ "link", FILE_THERE, SYS_link, { PATH("file"), PATH("new") } },
	{ "linkat", FILE_THERE, SYS_linkat, { FOLDER, PATH("file"), FOLDER, PATH("new"), 0 } },
	{ "symlink", NO_FILES, SYS_symlink, { PATH("anything"), PATH("new") } },
	{ "symlinkat", NO_FILES, SYS_symlinkat, { PATH("anything"), FOLDER, PATH("new") } },
	{ "mkdir", NO_FILES, SYS_mkdir, { PATH("new"), 0700 } },
	{ "mkdirat", NO_FILES, SYS_mkdirat, { FOLDER, PATH("new"), 0700 } },
	{ "mknod", NO_FILES, SYS_mknod, { PATH("new"), S_IFIFO | 0600, 0 } },
	{ "mknodat", NO_FILES, SYS_mknodat, { FOLDER, PATH("new"), S_IFIFO | 0600, 0 } },
	{ "chmod", FILE_THERE, SYS_chmod, { PATH("file"), 0600 } },
	{ "fchmod", FILE_THERE, SYS_fchmod, { FD, 0600 } },
	{ "fchmodat", FILE_THERE, SYS_fchmodat, { FOLDER, PATH("file"), 0600 } },
	{ "chown", FILE_THERE, SYS_chown, { PATH("file"), 0, 0 } },
	{ "lchown", FILE_THERE, SYS_lchown, { PATH("file"), 0, 0 } },
	{ "fchown", FILE_THERE, SYS_fchown, { FD, 0, 0 } },
	{ "fchownat", FILE_THERE, SYS_fchownat, { FOLDER, PATH("file"), 0, 0, 0 } },
	{ "truncate", FILE_THERE, SYS_truncate, { PATH("file"), 0 } },
	{ "ftruncate", FILE_THERE, SYS_ftruncate, { FD, 0 } },
	{ "connect", LISTENER, SYS_connect, { FD, (long)&here, sizeof(here) } },
	{ "bind", SOCKET, SYS_bind, { FD, (long)&here, sizeof(here) } },
	{ "listen", SOCKET, SYS_listen, { FD, 7 } },
	{ "sendto", DATAGRAM, SYS_sendto, { FD, (long)&byte, 1, 0, (long)&here, sizeof(here) } },
	{ "sendmsg", DATAGRAM, SYS_sendmsg, { FD, (long)&message, 0 } },
	{ "sendmmsg", DATAGRAM, SYS_sendmmsg, { FD, (long)&messages, 1, 0 } },
	{ "socket", NOTHING, SYS_socket, { AF_PACKET, SOCK_RAW, 0 } },
	{ "socketpair", NOTHING, SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0, (long)&map } },
	{ "mount", SUB_THERE | OWN_MOUNTS, SYS_mount, { PATH("none"), PATH("sub"), PATH("tmpfs"), 0, 0 } },
	{ "umount2", SUB_THERE | OWN_MOUNTS | MOUNTED, SYS_umount2, { PATH("sub"), 0 } },
	{ "ptrace", ANOTHER, SYS_ptrace, { PTRACE_SEIZE, OTHER, 0, 0 } },
	{ "kill", ANOTHER, SYS_kill, { OTHER, SIGWINCH } },
	{ "tkill", ANOTHER, SYS_tkill, { OTHER, SIGWINCH } },
	{ "tgkill", ANOTHER, SYS_tgkill, { OTHER, OTHER, SIGWINCH } },
	{ "bpf", NOTHING, SYS_bpf, { BPF_MAP_CREATE, (long)&map, sizeof(map) } },
	{ "setuid", NOTHING, SYS_setuid, { 4242 } },
	{ "setresgid", NOTHING, SYS_setresgid, { 4242, 4242, 4242 } },
	{ "unshare", NOTHING, SYS_unshare, { CLONE_NEWUTS } },
	{ "prctl", NOTHING, SYS_prctl, { PR_SET_DUMPABLE, 0 } },
	{ "memfd_create", NOTHING, SYS_memfd_create, { PATH("name"), 0 } },
	{ "chdir", SUB_THERE, SYS_chdir, { PATH("sub") } },
	/* these fail */
	{ "missing open", NO_FILES, SYS_open, { PATH("new"), O_RDONLY } },
	{ "missing openat", NO_FILES, SYS_openat, { FOLDER, PATH("new"), O_WRONLY } },
	{ "missing unlink", NO_FILES, SYS_unlink, { PATH("new") } },
	{ "missing rename", NO_FILES, SYS_rename, { PATH("new"), PATH("sub") } },
	{ "missing execve", NO_FILES, SYS_execve, { PATH("new") } },
	{ "missing execveat", NO_FILES, SYS_execveat, { FOLDER, PATH("new") } },
	{ "missing kill", NOTHING, SYS_kill, { 0x3fffffff, SIGWINCH } },
	{ "impossible clone", NOTHING, SYS_clone, { CLONE_SIGHAND } },
};

static int must(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

/* Somebody at 127.0.0.1, at a port of the kernel's choice. */
static void listen_here(int type)
{
	static int listener = -1;

	if (listener >= 0)
		return;
	listener = must(socket(AF_INET, type, 0), "socket");
	must(bind(listener, (struct sockaddr *)&here, sizeof(here)), "bind");
	if (type == SOCK_STREAM)
		must(listen(listener, 4096), "listen");
	must(getsockname(listener, (struct sockaddr *)&here, &here_length), "getsockname");
}

/* Removes what is there, and fails at nothing: rules may be about calls that fail. */
static void absent(const char *name)
{
	struct stat found;

	if (!lstat(name, &found))
		must(S_ISDIR(found.st_mode) ? rmdir(name) : unlink(name), name);
}

static void prepare(int before)
{
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (before & OWN_MOUNTS && !has_own_mounts) {
		must(unshare(CLONE_NEWNS), "unshare");
		must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
		has_own_mounts = 1;
	}
	if (has_own_mounts)
		umount2("sub", MNT_DETACH);	/* fails unless a child has mounted it */
	absent("file");
	absent("new");
	absent("sub");
	close(fd);
	if (before & FILE_THERE)
		fd = must(open("file", O_RDWR | O_CREAT, 0600), "file");
	if (before & SUB_THERE)
		must(mkdir("sub", 0700), "sub");
	if (before & MOUNTED)
		must(mount("none", "sub", "tmpfs", 0, NULL), "mount");
	if (before & LISTENER)
		listen_here(SOCK_STREAM);
	if (before & DATAGRAM)
		listen_here(SOCK_DGRAM);
	if (before & (LISTENER | SOCKET))
		fd = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	if (before & DATAGRAM)
		fd = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	if (before & ANOTHER && !other) {
		other = must(fork(), "fork");
		if (!other)
			for (;;)
				pause();
	}
}

static long value(long argument)
{
	return argument == FD ? fd : argument == FOLDER ? folder : argument == OTHER ? other : argument;
}

static void child(const struct deed *deed, int end)
{
	long args[6];

	for (int i = 0; i < 6; i++)
		args[i] = value(deed->args[i]);
	if (syscall(deed->number, args[0], args[1], args[2], args[3], args[4], args[5]) < 0)
		*failure = errno;
	syscall(SYS_write, end, "x", 1);
	_exit(0);
}

int main(int argc, char **argv)
{
	int times = argc > 3 ? atoi(argv[3]) : 1, killed = 0, bytes = 0;
	const struct deed *deed = NULL;

	for (unsigned i = 0; argc > 2 && i < sizeof(deeds) / sizeof(*deeds); i++)
		if (!strcmp(deeds[i].name, argv[1]))
			deed = &deeds[i];
	if (!deed || chdir(argv[2])) {
		fprintf(stderr, "usage: call-then-write CALL FOLDER TIMES\n");
		return 2;
	}
	folder = must(open(".", O_PATH | O_DIRECTORY), ".");
	failure = mmap(NULL, sizeof(*failure), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < times; i++) {
		int ends[2], status;
		char read_byte;
		pid_t pid;

		prepare(deed->before);
		must(pipe(ends), "pipe");
		pid = must(fork(), "fork");
		if (!pid)
			child(deed, ends[1]);
		close(ends[1]);
		while (read(ends[0], &read_byte, 1) == 1)
			bytes++;
		close(ends[0]);
		must(waitpid(pid, &status, 0), "waitpid");
		killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	}
	if (other)
		kill(other, SIGKILL);
	printf("{\"pid\": %d, \"killed\": %d, \"bytes\": %d, \"error\": %d, \"port\": %d}\n", getpid(),
	       killed, bytes, *failure, ntohs(here.sin_port));
	return 0;
}
