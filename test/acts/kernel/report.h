/* One line of JSON about what an act did, for tests to hold records against. */
#ifndef REPORT_H
#define REPORT_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The number of the thread, which here is also the process. */
static inline void report_begin(void)
{
	printf("{\"pid\": %d", getpid());
}

static inline void report_number(const char *key, long long value)
{
	printf(", \"%s\": %lld", key, value);
}

static inline void report_text(const char *key, const char *text)
{
	printf(", \"%s\": \"%s\"", key, text);
}

static inline void report_end(void)
{
	puts("}");
	fflush(stdout);
}

/* What the kernel says of a descriptor: KEY_path, KEY_inode, KEY_mode, KEY_dev. */
static inline void report_file(const char *key, int fd)
{
	char name[64], path[8192];
	struct stat file;
	ssize_t length;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	length = readlink(name, path, sizeof(path) - 1);
	path[length < 0 ? 0 : length] = 0;
	snprintf(name, sizeof(name), "%s_path", key);
	report_text(name, path);
	snprintf(name, sizeof(name), "%s_fd", key);
	report_number(name, fd);
	if (fstat(fd, &file))
		return;
	snprintf(name, sizeof(name), "%s_inode", key);
	report_number(name, file.st_ino);
	snprintf(name, sizeof(name), "%s_mode", key);
	report_number(name, file.st_mode);
	snprintf(name, sizeof(name), "%s_dev", key);
	report_number(name, file.st_dev);
}

/* The value, or the end of the act: tests see that it did not report. */
static inline long must(long result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

#endif
