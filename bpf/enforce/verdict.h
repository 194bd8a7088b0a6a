/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Is an operation denied? Decided before anything else is done: a verdict needs no room in the ring,
 * and no limit of alerts changes it.
 *
 * A new operation takes four things:
 * 1. a value of enum verdict_operation (abi.h), and its line in src/plan/operations.ts: which system calls
 *    it is to a rule, which fields of theirs are known at the hook, which programs see it;
 * 2. a program at the hook, which fills struct verdict_facts and ends with what verdict() returns, or
 *    verdict_at() of what is aimed at a task:
 *
 *	SEC("lsm/file_open")
 *	int BPF_PROG(deny_open, struct file *file, int ret)
 *	{
 *		struct verdict_facts facts = { .operation = VERDICT_OPEN };
 *
 *		if (ret)
 *			return ret;		(another has refused it)
 *		... facts.dentry, facts.mount ...
 *		return verdict(&facts);
 *	}
 *
 * 3. if rules tell such operations apart by something new: a value of enum verdict_dimension, its sets in
 *    struct verdict_plan, a line in decide(), and the same in src/plan/verdict-plan.ts;
 * 4. a test in test/kernel/deny-*.test.ts.
 */
#ifndef SAKER_VERDICT_H
#define SAKER_VERDICT_H

#include "enforce/self_test.h"
#include "enforce/verdict_kin.h"
#include "enforce/verdict_net.h"
#include "enforce/verdict_path.h"
#include "enforce/verdict_record.h"

#define O_DIRECTORY 0200000	/* include/uapi/asm-generic/fcntl.h, arch/x86 */
#define PF_IO_WORKER 0x00000010	/* include/linux/sched.h */
#define PF_KTHREAD 0x00200000

/* Whose name counts: threads that io_uring makes for a process have names that say only that. */
static __always_inline __u64 named_task(struct task_struct *task)
{
	return task->flags & PF_IO_WORKER ? (__u64)task->group_leader : (__u64)task;
}

/* What is known without a walk. */
SUBPROGRAM int decide_cheap(const struct verdict_plan *plan, __u32 slot,
			    const struct verdict_facts *facts, struct verdict_left *left)
{
	struct task_struct *task = current_task();
	__u64 kind = facts->kind;

	if (RESTS(plan, left, VERDICT_BY_MODE) && !narrow(left, plan->modes[facts->flags & (OPEN_MODES - 1)]))
		return false;
	barrier_var(kind);
	if (RESTS(plan, left, VERDICT_BY_KIND) && kind < OBJECT_KINDS &&
	    !narrow(left, kind == OBJECT_DIRECTORY && facts->flags & O_DIRECTORY ?
				  plan->directories : plan->kinds[kind]))
		return false;
	if (RESTS(plan, left, VERDICT_BY_COMM) &&
	    !narrow(left, comm_bits(COMM_TABLE | slot, named_task(task), plan->comm_other)))
		return false;
	if (facts->other_user)
		unknown(left, plan->depends[VERDICT_BY_UID] | plan->depends[VERDICT_BY_GID]);
	else if (RESTS(plan, left, VERDICT_BY_UID) &&
	    !narrow(left, id_bits(UID_TABLE | slot, task->cred->euid.val, plan->uid_other)))
		return false;
	if (!facts->other_user && RESTS(plan, left, VERDICT_BY_GID) &&
	    !narrow(left, id_bits(GID_TABLE | slot, task->cred->egid.val, plan->gid_other)))
		return false;
	if (RESTS(plan, left, VERDICT_BY_CONTAINER)) {
		__u64 cgroup_id = task->cgroups->dfl_cgrp->kn->id;
		__u32 *place = bpf_map_lookup_elem(&verdict_cgroups, &cgroup_id);

		if (!place || *place == PLACE_UNKNOWN)
			return unknown(left, plan->depends[VERDICT_BY_CONTAINER]);
		return narrow(left, *place == PLACE_HOST ? plan->host : plan->container);
	}
	return true;
}

/* What an inode is, without its layer and its path. */
static __always_inline __u32 verdict_kind(__u64 inode)
{
	return inode ? kind_of(READ(struct inode, inode, i_mode), inode_magic(inode)) : OBJECT_NONE;
}

/* What rests on one path; `depends` and `last` say on the whole of it and on its end. */
static __always_inline bool decide_path(const struct verdict_paths *paths, struct verdict_left *left,
					struct verdict_work *work, __u64 depends, __u64 last)
{
	if (left->maybe & last && !narrow(left, last_bits(paths, work->place)))
		return false;
	if (!(left->maybe & depends))
		return true;
	if (work->walk.flags & SPAN_FRONT_CUT)
		return unknown(left, depends);
	return narrow(left, path_bits(paths, work));
}

/* What takes a walk. */
SUBPROGRAM int decide_walks(const struct verdict_plan *plan, const struct verdict_facts *facts,
			    struct verdict_left *left, struct verdict_work *work)
{
	struct task_struct *task = current_task();
	__u64 depends = plan->depends[VERDICT_BY_PATH], last = plan->depends[VERDICT_BY_LAST];

	if (left->maybe & (depends | last)) {
		verdict_walk(work, facts->dentry, facts->mount, (__u64)task);
		if (!decide_path(&plan->path, left, work, depends, last))
			return 0;
	}
	depends = plan->depends[VERDICT_BY_PATH2];
	last = plan->depends[VERDICT_BY_LAST2];
	if (left->maybe & (depends | last)) {
		verdict_walk(work, facts->dentry2, facts->mount2, (__u64)task);
		if (!decide_path(&plan->path2, left, work, depends, last))
			return 0;
	}
	return 1;
}

/* Is it the process of this number that started then? Hooks outlive the agent, and another may get its number. */
static __always_inline bool is_process(struct task_struct *task, __u32 pid, __u32 start_cs)
{
	return (__u32)task->tgid == pid &&
	       (__u32)(task->group_leader->start_boottime / (NS_PER_S / 100)) == start_cs;
}

/* The plan in force, NULL: none. Its number is chosen once for each verdict. */
static __always_inline const struct verdict_plan *plan_in_force(__u32 *number)
{
	__u32 zero = 0, slot;
	struct control *said = bpf_map_lookup_elem(&control, &zero);

	*number = said ? *(volatile __u32 *)&said->verdicts : 0;
	slot = *number & 1;
	return *number ? bpf_map_lookup_elem(&verdict_plans, &slot) : NULL;
}

/* Takes everything into account that the clauses rest on, but for sockets and numbers; false: none is left. */
static __always_inline bool decide(const struct verdict_plan *plan, __u32 number,
				   const struct verdict_facts *facts, struct verdict_left *left,
				   const bool in_cgroup)
{
	__u32 slot = number & 1;
	struct verdict_work *work;
	bool any;

	if (!decide_cheap(plan, slot, facts, left))
		return false;
	if (!(left->maybe & plan->walks))
		return true;
	work = work_begin(plan, number);
	if (!work)
		return unknown(left, plan->walks);
	any = decide_walks(plan, facts, left, work) && decide_programs(plan, facts, left, work, in_cgroup);
	work_give(work);
	return any;
}

/* Where an operation is seen. */
enum verdict_hook {
	HOOK_LSM,
	HOOK_LSM_AIMED,		/* at another process: facts.target is known */
	HOOK_CGROUP,		/* some of what others may ask is closed */
};

/* Is an operation of the task that runs denied? What is, and what would be, is counted and told. */
static __always_inline bool is_denied(const struct verdict_facts *facts, const enum verdict_hook at)
{
	struct task_struct *task = current_task();
	const struct verdict_plan *plan;
	__u64 operation = facts->operation;
	struct verdict_left left;
	__u32 number;

	plan = plan_in_force(&number);
	if (!plan || operation >= VERDICT_OPERATIONS)
		return false;
	left.maybe = plan->operations[operation];
	left.must = left.maybe;
	if (left.maybe && is_self_test(facts->operation))
		return true;
	/* who is never denied anything; pid 1 is that of the host */
	if (!left.maybe || task->tgid == 1 || task->flags & PF_KTHREAD ||
	    is_process(task, plan->agent, plan->agent_start_cs))
		return false;
	if (left.maybe & plan->nets && !decide_net(plan, number & 1, facts, &left))
		return false;
	if (at == HOOK_LSM_AIMED && left.maybe & plan->targets &&
	    !decide_target(plan, number, facts->target, &left))
		return false;
	return decide(plan, number, facts, &left, at == HOOK_CGROUP) &&
	       conclude(plan, number, facts, &left);
}

/* What a hook of LSM returns. */
static __always_inline int verdict(const struct verdict_facts *facts)
{
	return is_denied(facts, HOOK_LSM) ? -EPERM : 0;
}

/* The same of what is aimed at a task. */
static __always_inline int verdict_at(struct verdict_facts *facts, struct task_struct *target)
{
	facts->target = (__u64)target;
	return is_denied(facts, HOOK_LSM_AIMED) ? -EPERM : 0;
}

/* What a hook of cgroups returns. */
static __always_inline int verdict_in_cgroup(const struct verdict_facts *facts)
{
	return is_denied(facts, HOOK_CGROUP) ? 0 : 1;
}

#endif
