// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Files that are opened. */
#include "call.h"

/*
 * open, creat, openat, openat2, open_by_handle_at. claimed: what the caller wrote; object and path:
 * the file that was opened; extra: flags; extra2: mode | resolve << 32.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: the object, where another thread put something else behind the descriptor before the call
 *         ended: OBJECT_SHARED_TABLE says that it could; opens by io_uring
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_open, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct call_record *record;

	if (!scratch)
		return 0;
	call_extra(&scratch->call);
	record = call_begin(scratch);
	call_shape(record, &scratch->call);
	/* where rules kill by opens: sends the record as well */
	bpf_tail_call(ctx, &calls, scratch->call.ret < 0 ? SLOT_KILL_ANY : SLOT_KILL);
	record_submit(&record->header, ORDINARY);
	return 0;
}
#if defined(__TARGET_ARCH_x86)
SERVES(__NR_open, "call_open");
SERVES(__NR_creat, "call_open");
#endif
SERVES(__NR_openat, "call_open");
SERVES(__NR_openat2, "call_open");
SERVES(__NR_open_by_handle_at, "call_open");
