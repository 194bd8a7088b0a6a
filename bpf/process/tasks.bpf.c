// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* The processes that were there before us. */
#include "process/exec.h"

/* Adds up to `limit` bytes of another process's memory; only a program that may sleep can. */
static __always_inline void part_task(struct record_header *header, struct span *span,
				      struct task_struct *task, __u64 from, __u64 length,
				      const __u32 limit)
{
	void *to = part_begin(header, limit);
	__u32 flags = SPAN_CLAIMED;

	if (!to)
		return;
	if (length > limit) {
		length = limit;
		flags |= SPAN_CUT;
	}
	barrier_var(length);
	if (length > limit)
		return;
	if (length && bpf_copy_from_user_task(to, length, (void *)from, task, 0))
		return;
	part_end(header, span, length, flags);
}

/*
 * One process that exists. Records go to whoever reads the iterator, not to the ring: reading has
 * back-pressure, so none is lost. A record that did not fit is asked for again by the kernel.
 * proto:  iter.s/task
 * misses: processes that begin or end while the iterator runs: on_fork and on_exit see them
 */
SEC("iter.s/task")
int iter_tasks(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct exec_record *record;
	__u64 length;

	if (!task || task->pid != task->tgid)
		return 0;
	if (LOOSE(struct task_struct, task)->files->count.counter > 1)
		remember_shared_files(task);
	record = record_begin_in(task_scratch, RECORD_TASK, EVENT_TASK, sizeof(*record));
	if (!record)
		return 0;	/* record_begin_in counted the loss */
	exec_fill(record, task);
	if (task->mm) {
		struct mm_struct *mm = LOOSE(struct task_struct, task)->mm;

		part_task(&record->header, &record->argv, task, mm->arg_start,
			  mm->arg_end - mm->arg_start, MAX_ARGV_BYTES);
		part_task(&record->header, &record->env, task, mm->env_start,
			  mm->env_end - mm->env_start, MAX_ENV_BYTES);
	} else {
		record->exe_flags |= EXE_KERNEL_THREAD;
	}
	length = record->header.length;
	barrier_var(length);
	if (length > RECORD_BYTES)
		return 0;
	if (!bpf_seq_write(context->meta->seq, record, length))
		count(EVENT_TASK, FATE_SENT);
	return 0;
}
