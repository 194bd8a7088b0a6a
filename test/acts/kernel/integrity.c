/* Tries what changes the kernel, harmlessly: it refuses, or what was made goes with the process. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include "report.h"

int main(int argc, char **argv)
{
	struct perf_event_attr counter = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(counter),
					   .config = PERF_COUNT_SW_TASK_CLOCK };
	union bpf_attr map = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8,
			       .max_entries = 1, .map_name = "saker_act" };
	union bpf_attr pin = { .pathname = (unsigned long)"/no/such/pin" };
	struct io_uring_params ring = {};
	int file;

	must(argc == 1 ? 0 : -1, "arguments");
	file = must(open("/proc/self/exe", O_RDONLY), "exe");
	report_begin();
	report_number("file", file);
	report_number("finit_module", syscall(SYS_finit_module, file, "first=1 second=2", 0) ? -errno : 0);
	report_number("init_module", syscall(SYS_init_module, "rubbish", 7, "third=3") ? -errno : 0);
	report_number("delete_module", syscall(SYS_delete_module, "saker_no_such", O_NONBLOCK) ? -errno : 0);
	report_number("map", syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map)));
	report_number("pin", syscall(SYS_bpf, BPF_OBJ_GET, &pin, sizeof(pin)) < 0 ? -errno : 0);
	report_number("perf", syscall(SYS_perf_event_open, &counter, 0, -1, -1, 0));
	report_number("ring", syscall(SYS_io_uring_setup, 2, &ring));
	report_number("userfault", syscall(SYS_userfaultfd, O_CLOEXEC));
	report_end();
	return 0;
}
