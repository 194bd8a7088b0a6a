// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Calls by which a process makes others or changes itself, where a fact is not an argument. */
#include "call.h"

#define PR_SET_NAME 15		/* include/uapi/linux/prctl.h */

/*
 * clone, clone3, fork, vfork, in parent and child (result 0). extra: flags.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: nothing
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_clone, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct call_record *record;

	if (!scratch || !filter_object(scratch, -1))
		return 0;
	call_extra(&scratch->call);
	record = call_begin(scratch);
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(__NR_clone, "call_clone");
SERVES(__NR_clone3, "call_clone");
#if defined(__TARGET_ARCH_x86)
SERVES(__NR_fork, "call_clone");
SERVES(__NR_vfork, "call_clone");
#endif

/*
 * prctl. claimed: the name that PR_SET_NAME sets.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: a name set by a write to /proc/self/comm
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_prctl, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct call_record *record;

	if (!scratch || !filter_object(scratch, -1))
		return 0;
	record = call_begin(scratch);
	if ((__u32)scratch->call.args[0] == PR_SET_NAME)
		part_user_text(&record->header, &record->claimed, scratch->call.args[1]);
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(__NR_prctl, "call_prctl");
