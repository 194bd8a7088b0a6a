/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * The filter's cheap dimensions, looked at before anything is found out of what the call is about: type,
 * result, integers among the arguments, and who calls.
 */
#ifndef SAKER_FILTER_CALL_H
#define SAKER_FILTER_CALL_H

#include "extra.h"
#include "process_bits.h"

#define PASSED FILTER_DIMENSIONS	/* filtered at none */
#define CLAIMED_UNREAD (-1)	/* judgement.claimed_length */
#define CLAIMED_UNKNOWN (-2)

/* Who calls, as far as the process dimension does not say it. */
struct caller {
	struct comm_key comm;
	__u64 cgroup_id;
	__u32 uid;
	__u32 pad0;
};

/* The task that the dispatcher saw. */
static __always_inline struct task_struct *caller_of(const struct scratch *scratch)
{
	return HAS_CAST ? CAST(struct task_struct, scratch->judgement.task) : current_task();
}

/* The entry of a type in the tables of a plan; NULL: nothing is known of it. */
static __always_inline const struct type_filter *type_filter_of(__u32 plan, __u32 type)
{
	const struct type_filter *filter;

	barrier_var(type);
	if (UNLIKELY(type >= SYSCALL_COUNT))
		return NULL;
	filter = &types[(plan & 1) * SYSCALL_COUNT + type];
	return filter->flags & TESTS_TYPE ? filter : NULL;
}

/* Nothing is judged: all clauses are open. */
static __always_inline void judge_nothing(struct judgement *judgement)
{
	__builtin_memset(&judgement->open, 0xff, sizeof(judgement->open));
	judgement->wide = 1;
}

/*
 * Begins with the clauses of the type, or with all. NULL: the plan does not judge this type, or there
 * is none.
 */
static __always_inline const struct type_filter *judgement_begin(struct scratch *scratch, __u32 plan)
{
	struct judgement *judgement = &scratch->judgement;
	const struct type_filter *filter;

	judgement->plan = plan;
	judgement->claimed_length = CLAIMED_UNREAD;
	scratch->walk.of_dentry = 0;
	filter = plan ? type_filter_of(plan, scratch->call.type) : NULL;
	if (!filter) {
		judge_nothing(judgement);
		return NULL;
	}
	judgement->wide = filter->wide;
#pragma unroll
	for (int i = 0; i < NARROW_WORDS; i++)
		judgement->open.words[i] = filter->bits.words[i];
	if (UNLIKELY(filter->wide))
		judgement->open = filter->bits;
	return filter;
}

static __always_inline bool keep_integer(struct judgement *judgement,
					 const struct integer_filter *integer, __u64 value)
{
	const struct clause_set *set = NULL;

	value = value >> (integer->shift & 63) & integer->mask;
	if (LIKELY(value < integer->dense))
		return keep(judgement, set_at(integer->base + value));
	if (integer->table)
		set = integer_set(integer->table, value);
	return keep(judgement, set ? set : set_at(integer->other));
}

/* An integer that the call itself has; false where it has none of that kind. */
static __always_inline bool call_integer(struct call *call, __u64 source, __u64 *value)
{
	barrier_var(source);
	if (source < ARGUMENTS) {
		*value = call->args[source];
		return true;
	}
	if (source == INTEGER_ABI) {
		*value = call->abi;
		return true;
	}
	if (source == INTEGER_RET) {
		*value = call->ret;
		return true;
	}
	if (source != INTEGER_EXTRA || !call_extra(call))
		return false;
	*value = call->extra;
	return true;
}

/* Type, result and integers of the call. Returns where it was filtered, or PASSED. */
static __always_inline enum filter_dimension judge_call(const struct type_filter *filter,
							struct scratch *scratch)
{
	struct judgement *judgement = &scratch->judgement;
	struct call *call = &scratch->call;
	const struct clause_set *set = NULL;
	__u64 value;

	if (!concerns(judgement, &filter->bits))
		return FILTERED_BY_TYPE;
	if (filter->flags & TESTS_RESULT) {
		if (call->ret >= 0)
			set = &filter->success;
		else if (filter->flags & TESTS_ERRORS)
			set = integer_set(filter->errors, -call->ret);
		if (!keep(judgement, set ? set : &filter->other_error))
			return FILTERED_BY_RESULT;
	}
	for (__u32 i = 0; i < MAX_INTEGERS && i < filter->early; i++)
		if (call_integer(call, filter->integers[i].source, &value) &&
		    !keep_integer(judgement, &filter->integers[i], value))
			return FILTERED_BY_INTEGER;
	return PASSED;
}

/* What is looked up live of who calls. */
static __always_inline enum filter_dimension judge_caller(const struct type_filter *filter,
							  struct judgement *judgement,
							  struct caller *caller)
{
	const struct clause_set *set;

	if (filter->flags & TESTS_COMM) {
		caller->comm.slot = judgement->plan & 1;
		caller->comm.pad0 = 0;
		set = bpf_map_lookup_elem(&comms, &caller->comm);
		if (!keep(judgement, set ? set : set_at(filter->comm_other)))
			return FILTERED_BY_COMM;
	}
	if (filter->flags & TESTS_UID) {
		set = integer_set(filter->uids, caller->uid);
		if (!keep(judgement, set ? set : set_at(filter->uid_other)))
			return FILTERED_BY_UID;
	}
	if (filter->flags & TESTS_CGROUP) {
		struct cgroup_key key = { .cgroup_id = caller->cgroup_id,
					  .slot = judgement->plan & 1 };

		set = bpf_map_lookup_elem(&cgroups, &key);
		if (!keep(judgement, set ? set : set_at(filter->cgroup_other)))
			return FILTERED_BY_CGROUP;
	}
	return PASSED;
}

/* The same of the task that runs; a function of its own for the sake of the stack. */
SUBPROGRAM int judge_live(const struct type_filter *filter, struct scratch *scratch)
{
	struct task_struct *task = caller_of(scratch);
	struct name name = name_of(task);
	struct caller caller;

	__builtin_memcpy(caller.comm.comm, &name, sizeof(name));
	caller.uid = task->cred->euid.val;
	caller.cgroup_id = task->cgroups->dfl_cgrp->kn->id;
	return judge_caller(filter, &scratch->judgement, &caller);
}

/* Of a process: its bits leave nothing. Beside enum process_standing. */
#define PROCESS_FILTERED (-1)

/*
 * A process without an entry of its own, which is rare. A function for the verifier's sake: each step along
 * a pointer that it trusts takes it a search through the whole BTF by name.
 */
WHOLE int judge_copy(void)
{
	struct scratch *scratch = call_scratch();
	struct judgement *judgement;
	const struct control *said;
	__u32 zero = 0;
	bool whole;

	said = bpf_map_lookup_elem(&control, &zero);
	if (!scratch || !said)
		return PROCESS_UNKNOWN;	/* cannot be: they have one entry */
	judgement = &scratch->judgement;
	if (!keep(judgement, copied_bits(said, judgement->plan, bpf_get_current_task_btf(), &whole)))
		return PROCESS_FILTERED;
	return whole ? PROCESS_WHOLE : PROCESS_FIXED;
}

/* The bits of the process that runs. */
static __always_inline int judge_bits(const struct control *said, struct scratch *scratch,
				      struct task_struct *trusted)
{
	struct task_struct *of = trusted->group_leader, *leader = LOOSE(struct task_struct, of);
	const struct process_entry *entry = own_entry(said, scratch, of, (__u64)leader);
	bool whole;

	if (UNLIKELY(!entry || !entry_is_of(entry, of, scratch->judgement.plan)))
		return judge_copy();
	if (!keep(&scratch->judgement, entry_bits(said, entry, trusted, true, &entry->bits, &whole)))
		return PROCESS_FILTERED;
	return whole ? PROCESS_WHOLE : PROCESS_FIXED;
}

/* The process that runs. */
static __always_inline enum filter_dimension judge_process(const struct control *said,
							   const struct type_filter *filter,
							   struct scratch *scratch,
							   struct task_struct *trusted)
{
	int standing = PROCESS_UNKNOWN;

	if (filter->flags & TESTS_PROCESS)
		standing = judge_bits(said, scratch, trusted);
	if (standing == PROCESS_FILTERED)
		return FILTERED_BY_PROCESS;
	if (standing == PROCESS_WHOLE || !(filter->flags & (TESTS_COMM | TESTS_UID | TESTS_CGROUP)))
		return PASSED;
	return judge_live(filter, scratch);
}

#endif
