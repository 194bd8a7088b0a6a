/* The file that a rule names, and whether it was read. */
#ifndef SECRET_H
#define SECRET_H

#include <fcntl.h>
#include "evade.h"

#define CONTENT "protected"

/* The folder holds secret and plain, and may be changed: what a way makes in it, it removes. */
static const char *folder;
static char secret[4096], plain[4096];

/* Whether what the descriptor gives is what must not be read. */
static inline int reads(int fd)
{
	char bytes[sizeof(CONTENT)] = "";
	ssize_t length;

	if (fd < 0) {
		error = errno;
		return 0;
	}
	length = pread(fd, bytes, sizeof(bytes) - 1, 0);
	close(fd);
	return length > 0 && !strcmp(bytes, CONTENT);
}

static inline int opens(const char *path)
{
	return reads(open(path, O_RDONLY));
}

/* Tries the way that the words of an act name: WAY FOLDER. */
static inline int try_on_file(const struct way *ways, size_t count, int words, char **word)
{
	if (words != 3)
		return 2;
	folder = word[2];
	snprintf(secret, sizeof(secret), "%s/secret", folder);
	snprintf(plain, sizeof(plain), "%s/plain", folder);
	return try_way(ways, count, word[1]);
}

#endif
