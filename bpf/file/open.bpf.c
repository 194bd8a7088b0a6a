// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Files that are opened. */
#include "call.h"

/* struct open_how, include/uapi/linux/openat2.h */
struct how {
	__u64 flags;
	__u64 mode;
	__u64 resolve;
};

#define CREAT_FLAGS 01101	/* O_CREAT | O_WRONLY | O_TRUNC: what creat() means, fs/open.c */

/* Flags into extra; mode, and above it what openat2 says of resolving, into extra2. */
static __always_inline void asked_for(struct call_record *record, const struct call *call)
{
	struct how how = {};

	switch (call->type) {
#if defined(__TARGET_ARCH_x86)
	case __NR_open:
		how.flags = call->args[1];
		how.mode = call->args[2];
		break;
	case __NR_creat:
		how.flags = CREAT_FLAGS;
		how.mode = call->args[1];
		break;
#endif
	case __NR_openat:
		how.flags = call->args[2];
		how.mode = call->args[3];
		break;
	case __NR_openat2:
		if (bpf_probe_read_user(&how, sizeof(how), (void *)call->args[2]))
			return;
		break;
	case __NR_open_by_handle_at:
		how.flags = call->args[2];
		break;
	}
	record->call.extra = call->type == __NR_openat2 ? how.flags : (__u32)how.flags;
	record->call.extra2 = (__u32)how.mode | how.resolve << 32;
}

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
	struct call_record *record;
	struct call call;

	call_read(&call, regs, ret);
	record = call_begin(&call);
	if (!record)
		return 0;
	asked_for(record, &call);
	call_shape(record, &call);
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
