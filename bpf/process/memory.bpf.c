// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Memory that becomes executable. */
#include "call.h"

#define PROT_EXEC 4		/* include/uapi/asm-generic/mman-common.h */
#define MAP_ANONYMOUS 0x20

/*
 * mmap, mprotect, pkey_mprotect with PROT_EXEC; those without are counted as filtered. object: the
 * file that mmap maps.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: memory that is executable without asking (READ_IMPLIES_EXEC)
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_memory, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct call_record *record;
	struct call *call;
	int fd = -1;

	if (!scratch)
		return 0;
	call = &scratch->call;
	if (!(call->args[2] & PROT_EXEC)) {
		count_filtered(call->type, FILTERED_BY_HOOK);
		return 0;
	}
	if (call->type == __NR_mmap && !(call->args[3] & MAP_ANONYMOUS))
		fd = call->args[4];
	if (!filter_object(scratch, fd))
		return 0;
	record = call_begin(scratch);
	if (fd >= 0)
		object_fill(record, fd);
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(__NR_mmap, "call_memory");
SERVES(__NR_mprotect, "call_memory");
SERVES(__NR_pkey_mprotect, "call_memory");
