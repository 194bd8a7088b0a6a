// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/*
 * System calls of which a line in shapes.h does not say what else belongs into their records. One program,
 * because the verifier walks what all of them share once for each program.
 */
#include "file/io.h"
#include "integrity/bpf.h"
#include "process/control.h"

/* What else a record of the call holds. */
static __always_inline void own_parts(struct call_record *record, const struct call *call)
{
	switch (call->type) {
	case __NR_read:
	case __NR_write:
	case __NR_pread64:
	case __NR_pwrite64:
		io_parts(record, call);
		break;
	case __NR_readv:
	case __NR_writev:
	case __NR_preadv:
	case __NR_pwritev:
	case __NR_preadv2:
	case __NR_pwritev2:
	case __NR_process_vm_readv:
	case __NR_process_vm_writev:
		vector_parts(record, call);
		break;
	case __NR_prctl:
		prctl_parts(record, call);
		break;
	case __NR_bpf:
		bpf_parts(record, call);
		break;
	}
}

/*
 * read, write and their kind: object: the descriptor; data: the first bytes.
 * mmap, mprotect, pkey_mprotect with PROT_EXEC; those without are counted as filtered. object: the file
 * that mmap maps.
 * clone, clone3, fork, vfork, in parent and child (result 0). extra: flags.
 * prctl. claimed: the name that PR_SET_NAME sets.
 * bpf. extra: type of the program or map, attach type for PROG_ATTACH and LINK_CREATE; claimed: name
 * of the program or map, or the path or tracepoint; object: the descriptor returned.
 * socketpair. extra: the two descriptors, the first in the low half; object: the first.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: bytes that the caller changed after it wrote them; reads and writes by io_uring and splice;
 *         memory that is executable without asking (READ_IMPLIES_EXEC)
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_object, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct call_record *record;
	struct call *call;

	if (!scratch)
		return 0;
	call = &scratch->call;
	call_extra(call);
	record = call_begin(scratch);
	own_parts(record, call);
	if (call->fd >= 0)
		object_fill(record, call->fd);
	bpf_tail_call(ctx, &calls, SLOT_KILL_ANY);	/* where rules kill: sends the record as well */
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(__NR_read, "call_object");
SERVES(__NR_write, "call_object");
SERVES(__NR_pread64, "call_object");
SERVES(__NR_pwrite64, "call_object");
SERVES(__NR_readv, "call_object");
SERVES(__NR_writev, "call_object");
SERVES(__NR_preadv, "call_object");
SERVES(__NR_pwritev, "call_object");
SERVES(__NR_preadv2, "call_object");
SERVES(__NR_pwritev2, "call_object");
SERVES(__NR_process_vm_readv, "call_object");
SERVES(__NR_process_vm_writev, "call_object");
SERVES(__NR_mmap, "call_object");
SERVES(__NR_mprotect, "call_object");
SERVES(__NR_pkey_mprotect, "call_object");
SERVES(__NR_clone, "call_object");
SERVES(__NR_clone3, "call_object");
#if defined(__TARGET_ARCH_x86)
SERVES(__NR_fork, "call_object");
SERVES(__NR_vfork, "call_object");
#endif
SERVES(__NR_prctl, "call_object");
SERVES(__NR_bpf, "call_object");
SERVES(__NR_socketpair, "call_object");
