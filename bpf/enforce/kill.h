/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Rules that kill, where the kernel can tell alone that they hold: the signal is sent at the end of the
 * event, before the thread returns to its program. The programs of opens and of exec jump here with
 * their record made, and only while rules ask for it; what was done is a part of that record.
 *
 * What is not certain here is left to user space, which judges the same record.
 */
#ifndef SAKER_KILL_H
#define SAKER_KILL_H

#include "enforce/verdict.h"

#define SIGKILL 9		/* include/uapi/asm-generic/signal.h */
#define NS_PER_MINUTE (60 * NS_PER_S)
#define KILL_RULES 8		/* that are asked whether they may still kill; the others follow in user space */

/* What a rule may do. */
enum limit_answer {
	LIMIT_ACTS,
	LIMIT_SUSPENDED,
	LIMIT_TRIPS,		/* suspended, since now */
};

/* May the rule kill once more? As KillLimit in src/respond/guard.ts, by the same words. */
SUBPROGRAM int limit_spend(struct kill_limit *limit, __u64 now)
{
	__u64 start = *(volatile __u64 *)&limit->start_ns;
	__u64 suspended = *(volatile __u64 *)&limit->suspended_ns;

	if (now < suspended)
		return LIMIT_SUSPENDED;
	if (now >= start + NS_PER_MINUTE &&
	    __sync_val_compare_and_swap(&limit->start_ns, start, now) == start)
		*(volatile __u64 *)&limit->count = 0;
	if (__sync_fetch_and_add(&limit->count, 1) < limit->per_minute)
		return LIMIT_ACTS;
	return __sync_val_compare_and_swap(&limit->suspended_ns, suspended,
					   now + limit->suspend_ns) == suspended ? LIMIT_TRIPS
										 : LIMIT_SUSPENDED;
}

static __always_inline struct kill_limit *limit_of(const struct verdict_plan *plan, __u64 clause)
{
	__u32 place;

	barrier_var(clause);
	if (clause >= VERDICT_CLAUSES)
		return NULL;
	place = plan->limits[clause];
	return bpf_map_lookup_elem(&kill_limits, &place);
}

/* Sends the signal if one of these clauses may, and says so in `part`. Returns whether it was sent. */
SUBPROGRAM bool kill_conclude(const struct verdict_plan *plan, __u32 number, __u64 matching,
			      struct kill_part *part)
{
	__u64 left = matching, bit, now = bpf_ktime_get_boot_ns();
	struct verdict_count *count;
	struct kill_limit *limit;
	__u32 clause, place;
	int answer;

	for (__u32 i = 0; i < KILL_RULES && left; i++) {
		clause = first_clause(left);
		bit = 1ull << (clause & 63);
		left &= ~bit;
		limit = limit_of(plan, clause);
		if (!limit)
			continue;
		answer = limit_spend(limit, now);
		if (answer != LIMIT_ACTS) {
			part->suspended |= bit;
			if (answer == LIMIT_TRIPS)
				part->tripped |= bit;
			continue;
		}
		if (bpf_send_signal(SIGKILL))
			return false;	/* it is about to end; user space finds out */
		part->killed = matching & ~part->suspended;
		place = (number & 1) * VERDICT_CLAUSES + (clause & 63);
		count = bpf_map_lookup_elem(&verdict_counts, &place);
		if (count)
			ADD(count->killed);
		return true;
	}
	return false;
}

/*
 * The clauses that kill by an event, if the process that runs may be killed: pid 1 of the host, threads of
 * the kernel, the agent and its parent never are.
 */
static __always_inline __u64 kill_clauses(const struct verdict_plan *plan, __u64 event)
{
	struct task_struct *task = current_task();
	__u64 clauses;

	barrier_var(event);
	if (event >= KILL_EVENTS)
		return 0;
	clauses = plan->kills[event];
	if (!clauses || task->tgid == 1 || task->flags & PF_KTHREAD ||
	    is_process(task, plan->agent, plan->agent_start_cs) ||
	    is_process(task, plan->parent_pid, plan->parent_start_cs))
		return 0;
	return clauses;
}

/* A directory that was opened as one is its own fd.directory, and has no fd.filename: user space knows. */
static __always_inline void forget_parts(const struct verdict_plan *plan, struct verdict_left *left,
					 __u64 kind, __u64 flags)
{
	if (kind == OBJECT_DIRECTORY && flags & O_DIRECTORY)
		left->must &= ~plan->parts;
}

/* The signal, if a clause holds for certain. */
static __always_inline bool kill_by_left(const struct verdict_plan *plan, __u32 number,
					 struct verdict_left *left, struct kill_part *part)
{
	struct task_struct *task = current_task();

	/* the name that protects a process is its own, not that of a thread */
	if (task->pid != task->tgid)
		left->must &= comm_bits(COMM_TABLE | (number & 1), (__u64)task->group_leader,
					plan->comm_other);
	return left->must && kill_conclude(plan, number, left->must, part);
}

/*
 * Ends the process that runs if a rule that kills by this event holds for certain; `part`, all zero, then
 * says so. `kind` is that of the object, with the flags of an open in its high half.
 */
WHOLE bool kill_by(__u64 event, __u64 kind, __u64 dentry, __u64 mount, struct kill_part *part)
{
	struct verdict_facts facts = {
		.operation = VERDICT_OPERATIONS,	/* none: it has been done */
		.kind = (__u32)kind,
		.flags = kind >> 32,
		.dentry = dentry,
		.mount = mount,
	};
	const struct verdict_plan *plan;
	struct verdict_left left;
	__u32 number;

	plan = plan_in_force(&number);
	if (!part || !plan)
		return false;
	part->plan = number;
	left.maybe = kill_clauses(plan, event);
	left.must = left.maybe;
	if (!left.maybe || !decide(plan, number, &facts, &left, false))
		return false;
	forget_parts(plan, &left, facts.kind, facts.flags);
	return kill_by_left(plan, number, &left, part);
}

/* Adds what was done to the record of the event. */
static __always_inline void kill_note(struct record_header *header, struct span *span,
				      struct kill_part *part)
{
	struct kill_part *to;

	if (!part->killed && !part->suspended)
		return;
	part->after_us = (bpf_ktime_get_boot_ns() - header->time_ns) / 1000;
	to = part_begin(header, sizeof(*part));
	if (!to)
		return;
	__builtin_memcpy(to, part, sizeof(*part));
	part_end(header, span, sizeof(*part), 0);
}

#endif
