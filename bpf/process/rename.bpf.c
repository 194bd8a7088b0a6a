// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* A process gets another name. */
#include "process/epoch.h"
#include "task.h"

/* A name as two words, zero after its end. */
struct comm_words {
	__u64 words[COMM_BYTES / 8];
};

/*
 * A thread was given a name: by exec, prctl(PR_SET_NAME), or a write to /proc/PID/comm. Sent when a
 * group leader gets another one: its children show it, who may never make a call of its own again.
 * Records of calls carry comm live, so other threads are only counted. An exec is told by its record;
 * that another thread named a leader while it was in exec, which may yet fail, is sent.
 * A name may be set in a loop at little cost, so these have no claim on the last fifth of the ring.
 * proto:  void task_rename(struct task_struct *task, const char *comm)
 * misses: nothing
 */
SEC("tp_btf/task_rename")
int BPF_PROG(on_rename, struct task_struct *trusted, const char *comm)
{
	struct task_struct *task = LOOSE(struct task_struct, trusted);
	struct comm_words before = {}, after = {};
	struct rename_record *record;

	if (task->pid != task->tgid)
		goto filtered;
	if (task_in_exec(task) && (pid_t)bpf_get_current_pid_tgid() == task->pid)
		goto filtered;
	bpf_probe_read_kernel_str(&before, sizeof(before), task->comm);
	bpf_probe_read_kernel_str(&after, sizeof(after), comm);
	if (before.words[0] == after.words[0] && before.words[1] == after.words[1])
		goto filtered;
	record = record_begin_in(life_scratch, RECORD_RENAME, EVENT_RENAME, sizeof(*record));
	if (!record)
		return 0;	/* record_begin_in counted the loss */
	/*
	 * The name is not set yet: another thread may make a child after our look at the children, and
	 * user space hear of it before it hears of this. With one thread, nobody can.
	 */
	if (task->signal->nr_threads > 1 || thread_has_children((__u64)task))
		record->epoch = epoch_raise();
	task_fill(&record->task, task);
	__builtin_memcpy(record->task.comm, &after, sizeof(after));
	record_submit(&record->header, ORDINARY_QUIET);
	return 0;
filtered:
	count_filtered(EVENT_RENAME, FILTERED_BY_HOOK);
	return 0;
}
