/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Which events somebody still wants, and the count of those that nobody does. An event is filtered or
 * it becomes a record: count_filtered() or count() says which, once for each.
 */
#ifndef SAKER_FILTER_H
#define SAKER_FILTER_H

#include "maps.h"
#include "words.h"

#define NO_CALL (~0u)
#define X32_BIT 0x40000000	/* __X32_SYSCALL_BIT, arch/x86/include/uapi/asm/unistd.h */

enum fate { FATE_SENT, FATE_LOST };

static __always_inline void count(__u32 type, enum fate fate)
{
	struct counter *counter = bpf_map_lookup_elem(&counters, &type);

	if (!counter)
		return;		/* type is below EVENT_TYPE_COUNT everywhere */
	counter->seen++;
	if (fate == FATE_SENT)
		counter->sent++;
	else
		counter->lost++;
}

static __always_inline void count_filtered(__u32 type, enum filter_dimension dimension)
{
	struct counter *counter = bpf_map_lookup_elem(&counters, &type);
	__u64 at = dimension;

	barrier_var(at);
	if (!counter || at >= FILTER_DIMENSIONS)
		return;
	counter->seen++;
	counter->filtered++;
	counter->filtered_at[at]++;
}

static __always_inline bool in_bitmap(const __u64 *words, __u32 number)
{
	return number < SYSCALL_COUNT && words[number / 64] >> (number % 64) & 1;
}

/* Is the call with this native number wanted? */
static __always_inline bool is_wanted(const struct control *said, __u32 type)
{
	return in_bitmap(said->wanted, type);
}

/*
 * Could a call with this number, in whatever ABI, be wanted? Needs nothing but the number: this is
 * what every system call of the host pays. X32 calls are few and looked at closer.
 */
static __always_inline bool maybe_wanted(const struct control *said, __u32 number)
{
	__u32 word = number / 64;

	if (UNLIKELY(number >= SYSCALL_COUNT))
		return number & X32_BIT && number != NO_CALL;
	return (said->wanted[word] | said->wanted_ia32[word]) >> (number % 64) & 1;
}

/* Where the dispatcher left the call. */
static __always_inline struct scratch *call_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratch, &zero);
}

/* The set at a place of sets. */
static __always_inline const struct clause_set *set_at(__u32 place)
{
	return &sets[place & (SET_PLACES - 1)];
}

/* Is a clause left that this set holds as well? Without a set all stay. */
static __always_inline bool keep(struct judgement *judgement, const struct clause_set *set)
{
	__u64 *open = judgement->open.words, left = 0;

	if (UNLIKELY(!set))
		return true;
#pragma unroll
	for (int i = 0; i < NARROW_WORDS; i++)
		left |= open[i] &= set->words[i];
	if (LIKELY(!judgement->wide))
		return left;
#pragma unroll
	for (int i = NARROW_WORDS; i < CLAUSE_WORDS; i++)
		left |= open[i] &= set->words[i];
	return left;
}

/* Is a clause of this set still open? Without a set one may be. */
static __always_inline bool concerns(const struct judgement *judgement, const struct clause_set *set)
{
	const __u64 *open = judgement->open.words;
	__u64 both = 0;

	if (UNLIKELY(!set))
		return true;
#pragma unroll
	for (int i = 0; i < NARROW_WORDS; i++)
		both |= open[i] & set->words[i];
	if (LIKELY(!judgement->wide))
		return both;
#pragma unroll
	for (int i = NARROW_WORDS; i < CLAUSE_WORDS; i++)
		both |= open[i] & set->words[i];
	return both;
}

/* The clauses that are left, in all words of a set. */
static __always_inline void judgement_tell(const struct judgement *judgement, __u64 *clauses)
{
#pragma unroll
	for (int i = 0; i < CLAUSE_WORDS; i++)
		clauses[i] = i < NARROW_WORDS || judgement->wide ? judgement->open.words[i] : 0;
}

/* The set of a value in a table of map integers, NULL: none of its own. */
static __always_inline const struct clause_set *integer_set(__u32 table, __u64 value)
{
	struct integer_key key = { .value = value, .table = table };

	return bpf_map_lookup_elem(&integers, &key);
}

#endif
