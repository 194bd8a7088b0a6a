// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* A process ends. */
#include "process/epoch.h"
#include "task.h"

#define SIGNAL_GROUP_EXIT 4	/* include/linux/sched/signal.h */
#define MAX_ANCESTORS 64	/* on the way to a subreaper; further up, init is named */

/* The last of several threads, once: two that leave together both see no thread alive. */
static __always_inline bool first_to_tell(struct task_struct *task)
{
	struct process_state *state;

	if (task->signal->nr_threads == 1)
		return true;
	state = bpf_task_storage_get(&process, task->group_leader, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	/* no memory: an exit told twice does less harm than one not told */
	return !state || !__sync_lock_test_and_set(&state->exited, 1);
}

/*
 * As find_new_reaper() in kernel/exit.c. The loop reads by helper: for each step along a typed pointer
 * the verifier searches the kernel's BTF by name, which made this program take 1 s to load.
 */
static __always_inline struct task_struct *reaper_of(struct task_struct *task)
{
	struct task_struct *reaper = task->group_leader;
	__u32 level = task->thread_pid->level;

	if (!BPF_CORE_READ_BITFIELD(task->signal, has_child_subreaper))
		return NULL;
	for (int i = 0; i < MAX_ANCESTORS; i++) {
		struct signal_struct *signal;

		reaper = BPF_CORE_READ(reaper, real_parent, group_leader);
		if (!BPF_CORE_READ(reaper, pid) || BPF_CORE_READ(reaper, thread_pid, level) != level)
			return NULL;
		signal = BPF_CORE_READ(reaper, signal);
		if (BPF_CORE_READ_BITFIELD_PROBED(signal, is_child_subreaper) &&
		    BPF_CORE_READ(signal, live.counter) > 0)
			return reaper;
	}
	return NULL;
}

/*
 * A task ended. Only the last of a process is sent.
 * proto:  void sched_process_exit(struct task_struct *p)
 * misses: nothing; kernels since 6.16 pass a second argument, group_dead, which is not needed
 */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *trusted)
{
	struct task_struct *task = LOOSE(struct task_struct, trusted);
	struct signal_struct *signal = task->signal;
	struct exit_record *record;
	struct task_struct *reaper;
	__u32 code;

	if (signal->live.counter > 0 || !first_to_tell(trusted)) {
		count_filtered(EVENT_EXIT, FILTERED_BY_HOOK);
		return 0;
	}
	sharer_ends(trusted->group_leader, task->tgid);
	record = record_begin_in(life_scratch, RECORD_EXIT, EVENT_EXIT, sizeof(*record));
	if (!record)
		return 0;
	if (has_children(task, &((struct scratch *)record)->threads))
		record->epoch = epoch_raise();
	task_fill(&record->task, task);
	code = signal->flags & SIGNAL_GROUP_EXIT ? signal->group_exit_code
						 : task->group_leader->exit_code;
	record->exit_code = code >> 8 & 0xff;
	record->exit_signal = code & 0x7f;
	record->core_dumped = code >> 7 & 1;
	reaper = reaper_of(task);
	if (reaper) {
		record->reaper_pid = READ(struct task_struct, (__u64)reaper, tgid);
		record->reaper_start_ns = READ(struct task_struct, (__u64)reaper, start_boottime);
	} else {
		__u64 init = (__u64)READ(struct pid_namespace, task_pid_ns(task), child_reaper);

		record->reaper_pid = READ(struct task_struct, init, tgid);
		record->reaper_start_ns = READ(struct task_struct, init, start_boottime);
	}
	record_submit(&record->header, LIFECYCLE_QUIET);
	return 0;
}
