// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Verdicts on operations that a test makes up, through BPF_PROG_RUN. Attached nowhere. */
#include "enforce/verdict.h"

#define MAX_TRY_DISTANCE 4

/* What the descriptors of the caller stand for. args: operation, flags, first and second descriptor. */
SEC("raw_tp")
int try_verdict(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = current_task();
	struct verdict_facts facts = { .flags = ctx->args[1] };
	__u64 file = file_of(task, (int)ctx->args[2]);
	__u32 operation = ctx->args[0];

	if (operation >= VERDICT_OPERATIONS)
		return 0;
	facts.operation = operation;
	if (file) {
		facts.dentry = (__u64)READ(struct file, file, f_path.dentry);
		facts.mount = (__u64)READ(struct file, file, f_path.mnt);
		facts.kind = verdict_kind((__u64)READ(struct file, file, f_inode));
	}
	file = file_of(task, (int)ctx->args[3]);
	if (file) {
		facts.dentry2 = (__u64)READ(struct file, file, f_path.dentry);
		facts.mount2 = (__u64)READ(struct file, file, f_path.mnt);
	}
	return verdict(&facts);
}

/* An ancestor of the caller's, by its distance. args: operation, number, distance. */
SEC("raw_tp")
int try_target(struct bpf_raw_tracepoint_args *ctx)
{
	struct verdict_facts facts = { .number = ctx->args[1] };
	struct task_struct *target = current_task();
	__u32 operation = ctx->args[0];

	if (!is_aimed(operation))
		return 0;
	facts.operation = operation;
#pragma unroll
	for (int i = 0; i < MAX_TRY_DISTANCE; i++)
		if (i < (int)ctx->args[2])
			target = target->real_parent;
	return verdict_at(&facts, target);
}
