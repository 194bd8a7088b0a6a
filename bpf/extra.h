/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Facts of a call that are one number, however the call passes them: call_part.extra and extra2. Read
 * once, so that the filter and the record never disagree about what lies in the caller's memory.
 */
#ifndef SAKER_EXTRA_H
#define SAKER_EXTRA_H

#include "syscall.h"

/* struct open_how, include/uapi/linux/openat2.h */
struct how {
	__u64 flags;
	__u64 mode;
	__u64 resolve;
};

#define CREAT_FLAGS 01101	/* O_CREAT | O_WRONLY | O_TRUNC: what creat() means, fs/open.c */
#define CLONE_VM_VFORK 0x4100	/* what vfork() means: CLONE_VM | CLONE_VFORK */

/*
 * The open family: flags into extra; mode, and above it what openat2 says of resolving, into extra2.
 * The clone family: flags into extra. False for all other calls.
 */
static __always_inline bool call_extra(struct call *call)
{
	struct how how = {};

	if (call->has_extra)
		return true;
	switch (call->type) {
#if defined(__TARGET_ARCH_x86)
	case __NR_open:
		how.flags = (__u32)call->args[1];
		how.mode = call->args[2];
		break;
	case __NR_creat:
		how.flags = CREAT_FLAGS;
		how.mode = call->args[1];
		break;
	case __NR_vfork:
		how.flags = CLONE_VM_VFORK;
		break;
	case __NR_fork:
		break;
#endif
	case __NR_openat:
		how.flags = (__u32)call->args[2];
		how.mode = call->args[3];
		break;
	case __NR_openat2:
		if (bpf_probe_read_user(&how, sizeof(how), (void *)call->args[2]))
			__builtin_memset(&how, 0, sizeof(how));
		break;
	case __NR_open_by_handle_at:
		how.flags = (__u32)call->args[2];
		break;
	case __NR_clone:
		how.flags = call->args[0];
		break;
	case __NR_clone3:	/* the first word of struct clone_args */
		if (bpf_probe_read_user(&how.flags, sizeof(how.flags), (void *)call->args[0]))
			how.flags = 0;
		break;
	default:
		return false;
	}
	call->extra = how.flags;
	call->extra2 = (__u32)how.mode | how.resolve << 32;
	call->has_extra = 1;
	return true;
}

#endif
