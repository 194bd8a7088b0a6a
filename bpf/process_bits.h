/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * The process dimension of the filter: which clauses the process that runs can still match, as user
 * space has said. What it said holds for one program of one process under one plan (start, exec and
 * plan number); part of it only while name, user, cgroup and ancestors are what they were.
 *
 * An entry is never changed in place: user space puts a new one in the place of the old, so that what
 * a hook reads is of one piece. A late one names another start or exec, and is not used.
 */
#ifndef SAKER_PROCESS_BITS_H
#define SAKER_PROCESS_BITS_H

#include "flavours.h"
#include "maps.h"

#define NO_EPOCH (~0ull)	/* process_entry.epoch: its bits do not depend on ancestors */
#define COPY_BUSY (~0ull)	/* copy.start_ns: a fork is writing it */

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

static __always_inline struct copy *copy_of(struct task_struct *leader)
{
	__u32 place = leader->pid & (COPY_PLACES - 1);

	return bpf_map_lookup_elem(&copies, &place);
}

/*
 * A new process remembers who made it. Two words at a place that other processes use as well: an entry
 * of its own in task storage takes 2.2 us of a fork, this 0.1. A process whose place was taken is one
 * of which nothing is known. Not for a brother (CLONE_PARENT), who has not the parent that made it.
 */
static __always_inline void copy_remember(struct task_struct *parent, struct task_struct *child)
{
	struct task_struct *leader = parent->group_leader;
	struct copy *copy = copy_of(child);

	if (!copy || child->real_parent->group_leader != leader)
		return;
	if (__sync_lock_test_and_set(&copy->start_ns, COPY_BUSY) == COPY_BUSY)
		return;		/* another fork writes here at this moment; it stays that one's */
	*(volatile __u64 *)&copy->parent_start_ns = leader->start_boottime;
	__sync_lock_test_and_set(&copy->start_ns, child->start_boottime);
}

/*
 * Is the process a copy of its present parent that has called no exec, and neither has the parent since?
 * Who was made by another and given to this one (a reaper) is not. parent_exec_id is the parent's exec
 * number at the fork. The place is read between two looks at whose it is, with full barriers, as it is
 * written.
 */
static __always_inline bool is_copy(struct task_struct *leader, struct task_struct *parent)
{
	__u64 start_ns = leader->start_boottime, parent_start_ns;
	struct copy *copy;

	if (leader->self_exec_id != leader->parent_exec_id ||
	    leader->self_exec_id != parent->self_exec_id)
		return false;
	copy = copy_of(leader);
	if (!copy || __sync_fetch_and_add(&copy->start_ns, 0) != start_ns)
		return false;
	parent_start_ns = *(volatile __u64 *)&copy->parent_start_ns;
	return __sync_fetch_and_add(&copy->start_ns, 0) == start_ns &&
	       parent_start_ns == parent->start_boottime;
}

/* A name as two words. The kernel fills it up with zeros since 5.17 (strscpy_pad). */
struct name {
	__u64 low;
	__u64 high;
};

static __always_inline struct name name_of(struct task_struct *task)
{
	const char *comm = task->comm;

	return (struct name){ .low = word_at(comm), .high = word_at(comm + WORD) };
}

static __always_inline bool is_same_name(struct name one, struct name other)
{
	return one.low == other.low && one.high == other.high;
}

/*
 * The entry that a process has of its own. That of the process that ran here last is copied: a look into
 * storage costs some 40 ns, and who makes one call makes others. Whatever user space writes ends that.
 */
static __always_inline const struct process_entry *own_entry(const struct control *said,
							     struct scratch *scratch,
							     struct task_struct *trusted, __u64 leader)
{
	__u64 written = *(const volatile __u64 *)&said->entries;	/* before the look */
	struct recent *recent = &scratch->recent;
	const struct process_entry *entry;

	if (LIKELY(recent->leader == leader && recent->written == written))
		return &recent->entry;
	entry = bpf_task_storage_get(&process_bits, trusted, 0, 0);
	if (!entry)
		return NULL;
	recent->leader = leader;
	recent->written = written;
	recent->entry = *entry;
	return entry;
}

/*
 * What an entry says of the process that runs, by the name of its thread, which is the one that rules see.
 * `whole`: name, user and cgroup went into it as well, and ancestors unless they have changed; otherwise
 * only what exec alone changes did. `same`: the entry is its own, or that of a process with its name.
 */
static __always_inline const struct clause_set *entry_bits(const struct control *said,
							   const struct process_entry *entry,
							   struct task_struct *trusted, bool same,
							   const struct clause_set *bits, bool *whole)
{
	struct task_struct *task = LOOSE(struct task_struct, trusted);
	struct name entered = { .low = ((const __u64 *)entry->comm)[0],
				.high = ((const __u64 *)entry->comm)[1] };

	*whole = same && entry->uid == task->cred->euid.val && is_same_name(entered, name_of(trusted)) &&
		 entry->cgroup_id == task->cgroups->dfl_cgrp->kn->id;
	if (UNLIKELY(!*whole))
		return &entry->fixed_bits;
	return LIKELY(entry_is_fresh(entry, said)) ? bits : &entry->kinless_bits;
}

/*
 * What is known of a process that has no entry of its own, but is a copy of one that has: it runs the same
 * program with the same arguments and environment, and has one ancestor more. It uses what user space
 * keeps there for children, as long as all of them still have the same name. NULL: nothing is known.
 */
static __always_inline const struct clause_set *copied_bits(const struct control *said, __u32 plan,
							    struct task_struct *trusted, bool *whole)
{
	struct task_struct *of = trusted->group_leader;
	struct name name = name_of(trusted);
	const struct process_entry *entry;
	struct task_struct *leader;
	bool same = true;

	*whole = false;
#pragma unroll	/* kernel 6.1 refuses the loop that clang 14 makes of it: "back-edge" */
	for (int level = 0; level < MAX_COPIES; level++) {
		leader = LOOSE(struct task_struct, of);
		of = of->real_parent->group_leader;
		if (!is_copy(leader, LOOSE(struct task_struct, of)))
			return NULL;
		same &= is_same_name(name_of(of), name);
		entry = bpf_task_storage_get(&process_bits, of, 0, 0);
		if (entry && entry_is_of(entry, of, plan))
			return entry_bits(said, entry, trusted, same, &entry->child_bits, whole);
	}
	return NULL;
}

#endif
