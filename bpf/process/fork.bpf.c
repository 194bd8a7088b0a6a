// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* A process begins. */
#include "process_bits.h"
#include "task.h"

/* include/uapi/linux/sched.h */
#define CLONE_VM 0x100
#define CLONE_FS 0x200
#define CLONE_FILES 0x400
#define CLONE_PARENT 0x8000
#define CLONE_NEWNS 0x20000
#define CLONE_NEWUSER 0x10000000
#define CLONE_NEWPID 0x20000000
#define CLONE_NEWNET 0x40000000

/* The tracepoint does not have the flags; what the two tasks share tells most of them. */
static __always_inline __u64 shared_by(struct task_struct *parent, struct task_struct *child)
{
	struct nsproxy *mine = parent->nsproxy, *its = child->nsproxy;
	__u64 flags = 0;

	if (child->mm && child->mm == parent->mm)
		flags |= CLONE_VM;
	if (child->fs == parent->fs)
		flags |= CLONE_FS;
	if (child->files && child->files == parent->files)
		flags |= CLONE_FILES;
	if (child->real_parent->group_leader == parent->real_parent->group_leader)
		flags |= CLONE_PARENT;
	if (mine->mnt_ns != its->mnt_ns)
		flags |= CLONE_NEWNS;
	if (mine->net_ns != its->net_ns)
		flags |= CLONE_NEWNET;
	if (child->cred->user_ns != parent->cred->user_ns)
		flags |= CLONE_NEWUSER;
	if (child->thread_pid->level != parent->thread_pid->level)
		flags |= CLONE_NEWPID;
	return flags;
}

/*
 * A task made another. Only new processes are sent.
 * proto:  void sched_process_fork(struct task_struct *parent, struct task_struct *child)
 * misses: nothing; clone flags that leave no trace in the tasks
 */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *trusted_parent, struct task_struct *trusted_child)
{
	struct task_struct *parent = LOOSE(struct task_struct, trusted_parent);
	struct task_struct *child = LOOSE(struct task_struct, trusted_child);
	struct fork_record *record;

	if (child->files && child->files == parent->files) {
		remember_shared_files(trusted_parent->group_leader);
		if (child->pid == child->tgid)
			remember_shared_files(trusted_child);
	}
	if (child->pid != child->tgid) {
		count_filtered(EVENT_FORK, FILTERED_BY_HOOK);
		return 0;
	}
	copy_remember(parent, child);
	record = record_begin_in(life_scratch, RECORD_FORK, EVENT_FORK, sizeof(*record));
	if (!record)
		return 0;	/* record_begin_in counted the loss */
	task_fill(&record->task, child);
	record->clone_flags = shared_by(parent, child);
	record->cloner_pid = parent->tgid;
	record->cloner_start_ns = parent->group_leader->start_boottime;
	record_submit(&record->header, LIFECYCLE_QUIET);
	return 0;
}

