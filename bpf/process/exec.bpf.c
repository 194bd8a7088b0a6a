// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* A process replaced its program. */
#include "process/epoch.h"
#include "process/exec.h"

/*
 * A task replaced its program.
 * proto:  void sched_process_exec(struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm)
 * misses: execve calls that failed: those are records of the call
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *trusted, pid_t old_tid, struct linux_binprm *bprm)
{
	struct task_struct *task = LOOSE(struct task_struct, trusted);
	struct exec_record *record =
		record_begin_in(life_scratch, RECORD_EXEC, EVENT_EXEC, sizeof(*record));
	struct process_state *state = bpf_task_storage_get(&process, trusted, 0, 0);
	struct mm_struct *mm = task->mm;

	if (state)
		forget_shared_files(state, task->pid);
	if (!record)
		return 0;	/* record_begin_in counted the loss */
	if (thread_has_children((__u64)task))	/* the only thread by now */
		record->epoch = epoch_raise();
	record->old_tid = old_tid;
	record->argc = bprm->argc;
	exec_fill(record, task);
	part_kernel_text(&record->header, &record->filename, bprm->filename, SPAN_CLAIMED);
	part_user(&record->header, &record->argv, mm->arg_start, mm->arg_end - mm->arg_start,
		  MAX_ARGV_BYTES, SPAN_CLAIMED);
	part_user(&record->header, &record->env, mm->env_start, mm->env_end - mm->env_start,
		  MAX_ENV_BYTES, SPAN_CLAIMED);
	bpf_tail_call(ctx, &exec_kill, 0);	/* where rules kill by exec: sends the record as well */
	record_submit(&record->header, LIFECYCLE);
	return 0;
}

