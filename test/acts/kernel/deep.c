/* Opens a file at the given number of folders below the folder it is given. */
#define _GNU_SOURCE
#include <fcntl.h>
#include "report.h"

int main(int argc, char **argv)
{
	int depth, file;

	must(argc == 3 ? chdir(argv[1]) : -1, "chdir");
	depth = atoi(argv[2]);
	for (int i = 0; i < depth; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d%d", i % 10);
		must(mkdir(name, 0700), "mkdir");
		must(chdir(name), "chdir");
	}
	file = must(open("bottom", O_CREAT | O_RDWR, 0600), "open");
	report_begin();
	report_number("fd", file);
	report_end();
	return 0;
}
