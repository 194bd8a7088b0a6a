// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* System calls that need no more than their line in shapes.h, and all that have none. */
#include "call.h"

/*
 * The end of any system call: number, arguments, result, and what shapes.h says of the arguments.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: what the arguments pointed to, if another thread changed it during the call
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_any, struct pt_regs *regs, long ret)
{
	struct call_record *record;
	struct call call;

	call_read(&call, regs, ret);
	record = call_begin(&call);
	if (!record)
		return 0;
	call_shape(record, &call);
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(SLOT_GENERIC, "call_any");
