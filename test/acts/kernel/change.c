/* Makes, renames, links, changes and removes files, by name and by folder, in the folder it is given. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mount.h>
#include "report.h"

int main(int argc, char **argv)
{
	char absolute[4096], cwd[4096];
	int sub, file;

	must(argc == 2 ? chdir(argv[1]) : -1, "chdir");
	snprintf(absolute, sizeof(absolute), "%s/absolute", argv[1]);
	must(mkdir("sub", 0750), "mkdir");
	sub = must(open("sub", O_RDONLY | O_DIRECTORY), "sub");
	file = must(open("one", O_CREAT | O_RDWR, 0600), "one");
	must(syscall(SYS_mkdirat, sub, "inner", 0701), "mkdirat");
	must(syscall(SYS_rename, "one", absolute), "rename");
	must(syscall(SYS_renameat2, AT_FDCWD, absolute, sub, "two", RENAME_NOREPLACE), "renameat2");
	must(syscall(SYS_link, "sub/two", "three"), "link");
	must(syscall(SYS_linkat, sub, "two", AT_FDCWD, "four", 0), "linkat");
	must(syscall(SYS_symlink, "../target", "five"), "symlink");
	must(syscall(SYS_symlinkat, "target", sub, "six"), "symlinkat");
	must(syscall(SYS_mknod, "seven", S_IFIFO | 0600, 0), "mknod");
	must(syscall(SYS_chmod, "three", 04755), "chmod");
	must(syscall(SYS_fchmodat, sub, "two", 0711), "fchmodat");
	must(syscall(SYS_fchmod, file, 0644), "fchmod");
	must(syscall(SYS_chown, "three", 0, 0), "chown");
	must(syscall(SYS_truncate, "three", 5), "truncate");
	must(syscall(SYS_ftruncate, file, 3), "ftruncate");
	must(syscall(SYS_unlink, "three"), "unlink");
	must(syscall(SYS_unlinkat, sub, "inner", AT_REMOVEDIR), "unlinkat");
	must(syscall(SYS_rmdir, "sub/none") < 0 ? 0 : -1, "rmdir");
	syscall(SYS_mount, "nothing", "sub", "nosuchfs", MS_RDONLY, NULL);
	syscall(SYS_umount2, "sub/two", MNT_DETACH);
	must(chdir("sub"), "chdir sub");
	must(getcwd(cwd, sizeof(cwd)) ? 0 : -1, "getcwd");
	report_begin();
	report_number("sub", sub);
	report_text("cwd", cwd);
	report_text("absolute", absolute);
	report_file("file", file);
	report_end();
	return 0;
}
