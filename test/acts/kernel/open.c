/* Opens the same file in every way there is, in the folder it is given. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/openat2.h>
#include "report.h"

int main(int argc, char **argv)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_NO_MAGICLINKS };
	struct open_how make = { .flags = O_CREAT | O_RDWR, .mode = 0610, .resolve = RESOLVE_NO_SYMLINKS };
	struct file_handle *handle = calloc(1, sizeof(*handle) + 128);
	int mount, made, linked, from, by_dir, by_how, by_handle, plain, fresh, folder;

	must(argc == 2 ? chdir(argv[1]) : -1, "chdir");
	must(mkdir("sub", 0700), "mkdir");
	must(symlink("made", "link"), "symlink");
	report_begin();
	made = must(syscall(SYS_openat, AT_FDCWD, "sub/../made", O_CREAT | O_EXCL | O_RDWR, 0640), "made");
	linked = must(syscall(SYS_openat, AT_FDCWD, "link", O_RDONLY | O_CLOEXEC), "link");
	from = must(open("sub", O_RDONLY | O_DIRECTORY), "sub");
	by_dir = must(syscall(SYS_openat, from, "../made", O_WRONLY), "by dir");
	report_number("missing_ret", syscall(SYS_openat, AT_FDCWD, "no/such", O_WRONLY) < 0 ? -errno : 0);
	by_how = must(syscall(SYS_openat2, AT_FDCWD, "made", &how, sizeof(how)), "openat2");
	must(syscall(SYS_openat2, AT_FDCWD, "how", &make, sizeof(make)), "openat2 that makes");
	plain = must(syscall(SYS_open, "made", O_RDONLY | O_NOFOLLOW), "open");
	fresh = must(syscall(SYS_creat, "fresh", 0604), "creat");
	handle->handle_bytes = 128;
	must(name_to_handle_at(AT_FDCWD, "made", handle, &mount, 0), "handle");
	folder = must(open(".", O_RDONLY | O_DIRECTORY), "folder");
	by_handle = syscall(SYS_open_by_handle_at, folder, handle, O_RDONLY);
	report_file("made", made);
	report_file("linked", linked);
	report_file("by_dir", by_dir);
	report_file("by_how", by_how);
	report_file("plain", plain);
	report_file("fresh", fresh);
	report_file("by_handle", by_handle);
	report_number("from", from);
	report_end();
	return 0;
}
