// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* System calls that need no more than their line in shapes.h, and all that have none. */
#include "call.h"
#include "integrity/bpf.h"

/*
 * The end of any system call: number, arguments, result, and what shapes.h says of the arguments.
 * perf_event_open besides: extra: type of the event; extra2: its config.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: what the arguments pointed to, if another thread changed it during the call
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_any, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct call_record *record;

	if (!scratch)
		return 0;
	record = call_begin(scratch);
	if (scratch->call.type == __NR_perf_event_open)
		perf_parts(record, &scratch->call);
	call_shape(record, &scratch->call);
	bpf_tail_call(ctx, &calls, SLOT_KILL_ANY);	/* where rules kill: sends the record as well */
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(SLOT_GENERIC, "call_any");
