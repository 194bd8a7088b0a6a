/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Whose program it is, for verdicts: that of the process, its parent's, any ancestor's, that of whom it
 * is aimed at. Who one's ancestors are is looked at live, so that it is right at once after somebody's parent has died.
 */
#ifndef SAKER_VERDICT_KIN_H
#define SAKER_VERDICT_KIN_H

#include "enforce/verdict_path.h"
#include "enforce/verdict_sets.h"
#include "process_bits.h"

#define MAX_ANCESTORS 64	/* a longer line is unknown */

/* The set of a name; `table` holds the slot. */
SUBPROGRAM __u64 comm_bits(__u32 table, __u64 task, __u64 other)
{
	__u64 at = task + bpf_core_field_offset(struct task_struct, comm);
	struct name name = { .low = READ_WORD(at), .high = READ_WORD(at + WORD) };
	struct comm_key key = { .slot = table };
	const __u64 *set;

	__builtin_memcpy(key.comm, &name, sizeof(name));
	set = bpf_map_lookup_elem(&verdict_comms, &key);
	return set ? *set : other;
}

/* The struct file of a program, 0: a thread of the kernel, or a process that is about to end. */
static __always_inline __u64 program_of(__u64 task)
{
	__u64 mm = (__u64)READ(struct task_struct, task, mm);

	return mm ? (__u64)READ(struct mm_struct, mm, exe_file) : 0;
}

/* Walks along the path of a task's program; false: it has none that can be told. */
static __always_inline bool program_walk(struct verdict_work *work, __u64 task)
{
	__u64 file = program_of(task);

	if (!file)
		return false;
	verdict_walk(work, (__u64)READ(struct file, file, f_path.dentry),
		     (__u64)READ(struct file, file, f_path.mnt), task);
	return !(work->walk.flags & SPAN_FRONT_CUT);
}

/* Sets of a program by the path at the end of the walk's text, its last component included. */
static __always_inline __u64 program_bits(const struct verdict_paths *paths,
					  struct verdict_work *work)
{
	return last_bits(paths, work->place) & path_bits(paths, work);
}

/*
 * The sets of the program that runs, as its path was when it was started: who renames his program
 * gains nothing by it. on_exec and on_fork of deny_exec keep them; what ran before is looked up now.
 */
SUBPROGRAM bool own_program(const struct verdict_plan *plan, struct verdict_work *work, __u64 *bits,
			    bool in_cgroup)
{
	struct task_struct *leader = bpf_get_current_task_btf()->group_leader;
	struct task_struct *task = LOOSE(struct task_struct, leader);
	struct verdict_program *known = NULL;

	if (!in_cgroup) {	/* there kernels before 6.15 have no storage of tasks */
		known = bpf_task_storage_get(&verdict_program, leader, 0,
					     BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (!known)	/* out of reach, and what was kept of its start with it: its present path may lie */
			return false;
	}
	if (known && known->plan == work->number && known->exec_id == task->self_exec_id) {
		*bits = known->bits;
		return true;
	}
	/* the leader may have ended before the others */
	if (!program_walk(work, (__u64)bpf_get_current_task_btf()))
		return false;
	*bits = program_bits(&plan->exe, work);
	if (known) {
		known->plan = 0;
		known->bits = *bits;
		known->exec_id = task->self_exec_id;
		barrier();
		known->plan = work->number;
	}
	return true;
}

static long ancestor_step(__u32 index, struct verdict_work **context)
{
	struct verdict_work *work = *context;
	const struct verdict_plan *plan;
	__u64 task = work->task, parent = (__u64)READ(struct task_struct, task, real_parent);
	__u32 slot = work->slot;

	parent = parent ? (__u64)READ(struct task_struct, parent, group_leader) : 0;
	if (!parent || parent == task || !READ(struct task_struct, parent, pid)) {
		work->done = 1;
		return 1;
	}
	work->task = parent;
	plan = bpf_map_lookup_elem(&verdict_plans, &slot);
	if (!plan)
		return 1;
	work->comms |= comm_bits(ANCESTOR_COMM_TABLE | work->slot, parent, plan->ancestor_comm_other);
	if (work->wanted && program_walk(work, parent))
		work->programs |= program_bits(&plan->ancestor, work);
	return 0;
}

/* What rests on the program of another process, 0: it has none. */
static __always_inline bool decide_other(const struct verdict_paths *paths, __u64 depends,
					 struct verdict_left *left, struct verdict_work *work, __u64 task)
{
	if (!task || !program_walk(work, task))
		return unknown(left, depends);
	return narrow(left, program_bits(paths, work));
}

/* What rests on the parent and the ancestors. */
SUBPROGRAM int decide_kin(const struct verdict_plan *plan, struct verdict_left *left,
			  struct verdict_work *work, __u64 leader)
{
	__u64 parent = (__u64)READ(struct task_struct, leader, real_parent);
	__u64 programs = plan->depends[VERDICT_BY_ANCESTOR];
	__u64 comms = plan->depends[VERDICT_BY_ANCESTOR_COMM];

	parent = parent ? (__u64)READ(struct task_struct, parent, group_leader) : 0;
	if (RESTS(plan, left, VERDICT_BY_PARENT_COMM)) {
		if (!parent)
			unknown(left, plan->depends[VERDICT_BY_PARENT_COMM]);
		else if (!narrow(left, comm_bits(PARENT_COMM_TABLE | work->slot, parent,
						 plan->parent_comm_other)))
			return false;
	}
	if (RESTS(plan, left, VERDICT_BY_PARENT) &&
	    !decide_other(&plan->parent, plan->depends[VERDICT_BY_PARENT], left, work, parent))
		return false;
	if (!(left->maybe & (programs | comms)))
		return true;
	work->task = leader;
	work->wanted = left->maybe & programs;
	work->programs = 0;
	work->comms = 0;
	work->done = 0;
	bpf_loop(MAX_ANCESTORS, ancestor_step, &work, 0);
	if (!work->done)
		return unknown(left, programs | comms);
	return narrow(left, (work->programs ^ plan->no_ancestor) | ~programs) &&
	       narrow(left, (work->comms ^ plan->no_ancestor_comm) | ~comms);
}

/*
 * What rests on the process that a task belongs to, at which a signal or tracing is aimed. Of one whose first
 * thread has ended the program is known by the thread, where that is told.
 */
SUBPROGRAM int decide_target(const struct verdict_plan *plan, __u32 number, __u64 task,
			     struct verdict_left *left)
{
	__u64 leader = (__u64)READ(struct task_struct, task, group_leader);
	__u32 slot = number & 1;
	struct verdict_work *work;
	bool any;

	if (RESTS(plan, left, VERDICT_BY_TARGET_PID) &&
	    !narrow(left, id_bits(TARGET_PID_TABLE | slot, READ(struct task_struct, task, tgid),
				  plan->target_pid_other)))
		return false;
	if (RESTS(plan, left, VERDICT_BY_TARGET_COMM) &&
	    !narrow(left, comm_bits(TARGET_COMM_TABLE | slot, leader, plan->target_comm_other)))
		return false;
	if (!RESTS(plan, left, VERDICT_BY_TARGET))
		return true;
	work = work_begin(plan, number);
	if (!work)
		return unknown(left, plan->depends[VERDICT_BY_TARGET]);
	any = decide_other(&plan->target, plan->depends[VERDICT_BY_TARGET], left, work,
			   program_of(leader) ? leader : task);
	work_give(work);
	return any;
}

/* What rests on programs. At an exec the new one is the object. */
SUBPROGRAM int decide_program(const struct verdict_plan *plan, const struct verdict_facts *facts,
			      struct verdict_left *left, struct verdict_work *work, bool in_cgroup)
{
	struct task_struct *task = current_task();
	__u64 bits = 0, dentry = facts->dentry, mount = facts->mount;
	bool known = true;

	if (RESTS(plan, left, VERDICT_BY_EXE)) {
		if (facts->operation == VERDICT_EXEC) {
			verdict_walk(work, dentry, mount, (__u64)task);
			known = !(work->walk.flags & SPAN_FRONT_CUT);
			bits = program_bits(&plan->exe, work);
		} else {
			known = own_program(plan, work, &bits, in_cgroup);
		}
		if (!known)
			unknown(left, plan->depends[VERDICT_BY_EXE]);
		else if (!narrow(left, bits))
			return false;
	}
	return 1;
}

static __always_inline bool decide_programs(const struct verdict_plan *plan,
					    const struct verdict_facts *facts,
					    struct verdict_left *left, struct verdict_work *work,
					    const bool in_cgroup)
{
	return decide_program(plan, facts, left, work, in_cgroup) &&
	       decide_kin(plan, left, work, (__u64)current_task()->group_leader);
}

#endif
