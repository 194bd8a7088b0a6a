/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * The filter's dimensions in their order. Its functions are walked once by the verifier, and in one program, the
 * dispatcher: those that it jumps to only make records.
 */
#ifndef SAKER_FILTER_ORDER_H
#define SAKER_FILTER_ORDER_H

#include "descriptor.h"
#include "filter_object.h"
#include "network/given.h"

/*
 * A call that failed, of which only clauses are left that ask for ".." in the path that its caller wrote: most end
 * here, before it is looked at who calls.
 */
static __always_inline enum filter_dimension judge_failed(const struct type_filter *filter, struct scratch *scratch)
{
	__u8 at = shape_of(scratch->call.type)->claimed;

	if (!at || !(filter->flags & TESTS_NO_DOTS) || concerns(&scratch->judgement, set_at(filter->no_dots)))
		return PASSED;
	if (!claimed_read_here(scratch, argument(&scratch->call, at)) ||
	    scratch->judgement.claimed_marks & CLAIMED_DOTS)
		return PASSED;
	return FILTERED_BY_PATH;
}

/* What costs little: the call itself and who makes it. */
static __always_inline enum filter_dimension judge_early(const struct control *said, const struct type_filter *filter,
							 struct scratch *scratch, struct task_struct *task)
{
	enum filter_dimension at = judge_call(filter, scratch);

	if (at == PASSED && scratch->call.ret < 0)
		at = judge_failed(filter, scratch);
	return at == PASSED ? judge_process(said, filter, scratch, task) : at;
}

/* Is it of the open family? */
static __always_inline bool is_open(__u32 type)
{
#if defined(__TARGET_ARCH_x86)
	if (type == __NR_open || type == __NR_creat)
		return true;
#endif
	return type == __NR_openat || type == __NR_openat2 || type == __NR_open_by_handle_at;
}

/* The object of the call, its ends and its paths: where it was filtered, or PASSED. */
static __always_inline int judge_subject(const struct type_filter *filter, struct scratch *scratch,
					 const bool opens)
{
	const struct shape *shape;
	struct task_struct *task;
	struct call *call;

	if (!filter || !scratch)
		return PASSED;	/* cannot be */
	call = &scratch->call;
	shape = shape_of(call->type);
	task = caller_of(scratch);
	if (opens) {
		__builtin_memset(&scratch->address, 0, sizeof(scratch->address));
		call->fd = call->ret < 0 ? -1 : call->ret;	/* RETURNED in shapes.h, all of them */
	}
	if (!opens && shape->fd == ROOT_CWD && !call->ret)
		find_cwd(scratch, task);
	else
		find_object(filter, scratch, task, call->fd);
	return judge_found(filter, scratch, task, shape->claimed ? argument(call, shape->claimed) : 0, opens);
}

/* The open family, most of what is looked at: the first links of its paths are walked in place. */
WHOLE int judge_open(const struct type_filter *filter, struct scratch *scratch)
{
	return judge_subject(filter, scratch, true);
}

/* All other calls, of which find_subject() has found descriptor and address. */
WHOLE int judge_late(const struct type_filter *filter, struct scratch *scratch)
{
	return judge_subject(filter, scratch, false);
}

/* What a call that is no open is about, which its record tells as well; false: nothing of interest. */
WHOLE bool find_subject(void)
{
	struct scratch *scratch = call_scratch();
	struct call *call;

	if (!scratch)
		return true;	/* cannot be: it has one entry */
	call = &scratch->call;
	if (is_plain_memory(call))
		return false;
	if (takes_address(call))
		find_given();
	else	/* none may be left there from another call */
		__builtin_memset(&scratch->address, 0, sizeof(scratch->address));
	call->fd = descriptor_of(call);
	return true;
}

/*
 * May a clause of the plan in force still match the call in scratch? The plan is chosen here, once for
 * each event. What is filtered is counted.
 */
static __always_inline bool filter_event(const struct control *said, struct scratch *scratch,
					 struct task_struct *task)
{
	__u32 plan = *(const volatile __u32 *)&said->plan, type = scratch->call.type;
	const struct type_filter *filter = judgement_begin(scratch, plan);
	enum filter_dimension at = PASSED;
	bool opens;

	scratch->judgement.task = (__u64)task;
	if (filter && in_bitmap(said->unfiltered, type)) {
		judge_nothing(&scratch->judgement);
		filter = NULL;
	}
	if (filter)
		at = judge_early(said, filter, scratch, task);
	opens = is_open(type);
	if (at == PASSED && !opens && !find_subject())
		at = FILTERED_BY_HOOK;
	if (at == PASSED && filter && filter->flags & TESTS_LATE)
		at = opens ? judge_open(filter, scratch) : judge_late(filter, scratch);
	if (at == PASSED)
		return true;
	count_filtered(type, at);
	return false;
}

#endif
