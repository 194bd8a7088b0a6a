/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * The process dimension of the filter: which clauses the process that runs can still match, as user
 * space has said. What it said holds for one program of one process under one plan (start, exec and
 * plan number); part of it only while name, user, cgroup and ancestors are what they were.
 *
 * An entry is never changed in place: user space and on_fork put a new one in the place of the old,
 * so that what a hook reads is of one piece. A late one names another start or exec, and is not used.
 */
#ifndef SAKER_PROCESS_BITS_H
#define SAKER_PROCESS_BITS_H

#include "flavours.h"
#include "maps.h"

#define NO_EPOCH (~0ull)	/* process_entry.epoch: its bits do not depend on ancestors */
#define NO_CGROUP (~0ull)	/* process_entry.cgroup_id: that of no task, so that `bits` never hold */

/* Is the task's name this one? The kernel fills a name up with zeros since 5.17 (strscpy_pad). */
static __always_inline bool is_named(struct task_struct *task, const char *comm)
{
	__u64 at = (__u64)&task->comm;

	return READ_POINTER(at) == *(const __u64 *)comm &&
	       READ_POINTER(at + 8) == *(const __u64 *)(comm + 8);
}

/* Was the entry made for this program of this process and this plan? */
static __always_inline bool entry_is_of(const struct process_entry *entry, struct task_struct *leader,
					__u32 plan)
{
	return entry->start_ns == leader->start_boottime && entry->exec_id == leader->self_exec_id &&
	       entry->plan == plan;
}

static __always_inline bool entry_is_fresh(const struct process_entry *entry, const struct control *said)
{
	return entry->epoch == NO_EPOCH || entry->epoch == *(const volatile __u64 *)&said->epoch;
}

/*
 * The bits of the process that runs, NULL if nothing is known of it. `whole`: all that user space
 * knows went into them, name, user and cgroup as well; otherwise only what exec alone changes did.
 * The name is the thread's, which is the one that rules see.
 */
static __always_inline const struct clause_set *process_bits_of(const struct control *said, __u32 plan,
								bool *whole)
{
	struct task_struct *trusted = bpf_get_current_task_btf();
	struct task_struct *task = LOOSE(struct task_struct, trusted);
	struct task_struct *leader = task->group_leader;
	const struct process_entry *entry =
		bpf_task_storage_get(&process_bits, trusted->group_leader, 0, 0);

	*whole = false;
	if (!entry || !entry_is_of(entry, leader, plan))
		return NULL;
	if (!entry_is_fresh(entry, said) || entry->uid != task->cred->euid.val ||
	    !is_named(task, entry->comm) || entry->cgroup_id != task->cgroups->dfl_cgrp->kn->id)
		return &entry->fixed_bits;
	*whole = true;
	return &entry->bits;
}

/*
 * A copy of a process has its program, arguments and environment, and one ancestor more: its bits are
 * those that user space keeps for the children. The ancestors' names went into them: where the parent
 * has another by now, only what rests on the program holds for the child. Its own name, user and cgroup
 * are looked at when it is asked for. Not for a brother (CLONE_PARENT): its ancestors are others.
 */
static __always_inline void process_bits_copy(const struct control *said,
					      struct task_struct *trusted_parent,
					      struct task_struct *trusted_child)
{
	struct task_struct *leader = LOOSE(struct task_struct, trusted_parent)->group_leader;
	struct task_struct *child = LOOSE(struct task_struct, trusted_child);
	__u64 start_ns = child->start_boottime;
	struct process_entry *from, *to;

	from = bpf_task_storage_get(&process_bits, trusted_parent->group_leader, 0, 0);
	if (!from || !entry_is_of(from, leader, said->plan) ||
	    child->real_parent->group_leader != leader)
		return;
	to = bpf_task_storage_get(&process_bits, trusted_child, from, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!to || to->start_ns == start_ns)
		return;		/* no memory; or user space was faster */
	to->start_ns = start_ns;
	__builtin_memcpy(&to->bits, &from->child_bits, sizeof(to->bits));
	if (!is_named(leader, from->comm))
		to->cgroup_id = NO_CGROUP;
}

#endif
