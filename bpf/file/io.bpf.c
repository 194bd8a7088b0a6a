// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Bytes that are read and written, through files, pipes and sockets, or into another process. */
#include "payload.h"

/* How many bytes moved: the result, or for a write that failed what it was asked to move. */
static __always_inline __u64 moved(const struct call *call, __u64 asked, bool writes)
{
	return call->ret >= 0 ? (__u64)call->ret : writes ? asked : 0;
}

/*
 * read, write, pread64, pwrite64 and their vector forms, process_vm_readv and -writev. object: the
 * descriptor; data: the first bytes.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: bytes that the caller changed after it wrote them; reads and writes by io_uring and splice
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_io, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct call_record *record;
	struct call *call;
	int fd = -1;

	if (!scratch)
		return 0;
	call = &scratch->call;
	if (call->type != __NR_process_vm_readv && call->type != __NR_process_vm_writev)
		fd = call->args[0];
	if (!filter_object(scratch, fd))
		return 0;
	record = call_begin(scratch);
	switch (call->type) {
	case __NR_read:
	case __NR_pread64:
	case __NR_write:
	case __NR_pwrite64:
		part_buffer(record, call->args[1],
			    moved(call, call->args[2],
				  call->type == __NR_write || call->type == __NR_pwrite64));
		break;
	default:
		part_buffers(record, call->args[1], call->args[2], moved(call, 0, false),
			     is_compat(call));
	}
	if (fd >= 0)
		object_fill(record, fd);
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(__NR_read, "call_io");
SERVES(__NR_write, "call_io");
SERVES(__NR_pread64, "call_io");
SERVES(__NR_pwrite64, "call_io");
SERVES(__NR_readv, "call_io");
SERVES(__NR_writev, "call_io");
SERVES(__NR_preadv, "call_io");
SERVES(__NR_pwritev, "call_io");
SERVES(__NR_preadv2, "call_io");
SERVES(__NR_pwritev2, "call_io");
SERVES(__NR_process_vm_readv, "call_io");
SERVES(__NR_process_vm_writev, "call_io");
