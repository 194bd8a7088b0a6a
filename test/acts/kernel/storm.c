/* Opens a file that does not exist as often as it is told, then makes and ends as many processes. */
#include <fcntl.h>
#include <sys/wait.h>
#include "report.h"

int main(int argc, char **argv)
{
	int opens, forks, first = 0, last = 0;

	must(argc == 3 ? 0 : -1, "arguments");
	opens = atoi(argv[1]);
	forks = atoi(argv[2]);
	for (int i = 0; i < opens; i++)
		must(open("/no/such/file", O_RDONLY) < 0 ? 0 : -1, "open");
	for (int i = 0; i < forks; i++) {
		int child = must(fork(), "fork");

		if (!child)
			_exit(0);
		must(waitpid(child, NULL, 0), "wait");
		first = first ? first : child;
		last = child;
	}
	report_begin();
	report_number("first", first);
	report_number("last", last);
	report_end();
	return 0;
}
