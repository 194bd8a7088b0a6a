/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Clauses that are still in question, and what one fact leaves of them. */
#ifndef SAKER_VERDICT_SETS_H
#define SAKER_VERDICT_SETS_H

#include "enforce/verdict_record.h"

/* Is there a clause that rests on this fact, and may still match? */
#define RESTS(plan, left, dimension) ((left)->maybe & (plan)->depends[dimension])

/* Takes a set into account; false: no clause is left. */
static __always_inline bool narrow(struct verdict_left *left, __u64 set)
{
	left->must &= set;
	left->maybe &= set;
	return left->maybe;
}

/* The same for a fact that cannot be found out. */
static __always_inline bool unknown(struct verdict_left *left, __u64 depends)
{
	left->must &= ~depends;
	return true;
}

/* The set of a number; `table` holds the slot. */
static __always_inline __u64 id_bits(__u32 table, __u64 id, __u64 other)
{
	struct integer_key key = { .value = id, .table = table };
	const __u64 *set = bpf_map_lookup_elem(&verdict_ids, &key);

	return set ? *set : other;
}

#endif
