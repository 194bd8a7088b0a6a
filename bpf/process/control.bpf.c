// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Calls by which a process makes others or changes itself, where a fact is not an argument. */
#include "call.h"

#define CLONE_VM_VFORK 0x4100	/* what vfork() means: CLONE_VM | CLONE_VFORK */
#define PR_SET_NAME 15		/* include/uapi/linux/prctl.h */

/* Flags of a clone as one number, whatever call made it. */
static __always_inline __u64 clone_flags(const struct call *call)
{
	__u64 flags = 0;

	switch (call->type) {
	case __NR_clone:
		return call->args[0];
	case __NR_clone3:	/* the first word of struct clone_args */
		if (bpf_probe_read_user(&flags, sizeof(flags), (void *)call->args[0]))
			return 0;
		return flags;
#if defined(__TARGET_ARCH_x86)
	case __NR_vfork:
		return CLONE_VM_VFORK;
#endif
	default:
		return 0;
	}
}

/*
 * clone, clone3, fork, vfork, in parent and child (result 0). extra: flags.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: nothing
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_clone, struct pt_regs *regs, long ret)
{
	struct call_record *record;
	struct call call;

	call_read(&call, regs, ret);
	record = call_begin(&call);
	if (!record)
		return 0;
	record->call.extra = clone_flags(&call);
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
	struct call_record *record;
	struct call call;

	call_read(&call, regs, ret);
	record = call_begin(&call);
	if (!record)
		return 0;
	if ((__u32)call.args[0] == PR_SET_NAME)
		part_user_text(&record->header, &record->claimed, call.args[1]);
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(__NR_prctl, "call_prctl");
