/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Texts inside of a path, which is the walk's text: is one of those that open clauses ask for there? */
#ifndef SAKER_FILTER_INSIDE_H
#define SAKER_FILTER_INSIDE_H

#include "filter.h"
#include "flavours.h"
#include "words.h"

static __always_inline const struct needle_set *needles_at(__u32 number)
{
	return &needles[number & (2 * NEEDLE_SETS - 1)];
}

/* Is the needle at one of the eight places from here on? */
static __always_inline bool needle_near(const struct needle *needle, const struct scratch *scratch, __u64 place)
{
	barrier_var(place);
	if (place > MAX_PATH_BYTES)
		return true;
#pragma unroll
	for (int i = 0; i < WORD; i++)
		if ((word_at(&scratch->walk.text[place + i]) & needle->mask) == needle->text)
			return true;
	return false;
}

/*
 * Eight places of the path: is the needle at one of them? Its first two bytes are looked for at all
 * eight at once. Stops where it is found.
 */
static long search_step(__u32 index, struct scratch **context)
{
	struct scratch *scratch = *context;
	struct judgement *judgement = &scratch->judgement;
	__u64 place = judgement->search_start + (__u64)index * WORD, first, second, text;
	const struct needle_set *set = needles_at(judgement->needles);
	const struct needle *needle = &set->needles[judgement->needle & (MAX_NEEDLES - 1)];

	barrier_var(place);
	if (place > MAX_PATH_BYTES)
		return 1;
	text = needle->text;
	first = bytes_equal(word_at(&scratch->walk.text[place]), text);
	second = bytes_equal(word_at(&scratch->walk.text[place + 1]), text >> 8);
	if (!(first & second) || !needle_near(needle, scratch, place))
		return 0;
	judgement->needle_found = 1;
	return 1;
}

/*
 * Are these two bytes somewhere in the path? One call for many places: the paths of most files are short
 * and hold no two bytes with which a needle begins.
 */
WHOLE bool may_begin(__u32 begin, __u32 at, __u32 length)
{
	struct scratch *scratch = call_scratch();
	__u64 start = at, both = 0;

	barrier_var(start);
	if (!scratch || start >= MAX_PATH_BYTES || length > QUICK_SEARCH_BYTES)
		return true;
#pragma unroll
	for (__u32 i = 0; i < QUICK_SEARCH_BYTES / WORD; i++) {
		if (WORD * i >= length)
			break;
		both |= bytes_equal(word_at(&scratch->walk.text[start + WORD * i]), begin) &
			bytes_equal(word_at(&scratch->walk.text[start + WORD * i + 1]), begin >> 8);
	}
	return both;
}

/* Is the needle in the path? */
WHOLE bool search(__u32 steps)
{
	struct scratch *scratch = call_scratch();

	if (!scratch)
		return true;	/* cannot be: it has one entry */
	scratch->judgement.needle_found = 0;
	bpf_loop(steps, search_step, &scratch, 0);
	return scratch->judgement.needle_found;
}

/* Is none of the texts that open clauses ask for in the path? When in doubt one is. */
WHOLE bool needles_absent(__u32 number, __u32 start)
{
	const struct needle_set *set = needles_at(number);
	struct scratch *scratch = call_scratch();
	__u32 length = MAX_PATH_BYTES - start;
	struct judgement *judgement;
	__u32 begin, missed = 0;

	if (!scratch || length > MAX_SEARCHED_BYTES)
		return false;
	judgement = &scratch->judgement;
	judgement->search_start = start;
	judgement->needles = number;
#pragma unroll
	for (int i = 0; i < MAX_NEEDLES; i++) {
		if (!set->needles[i].mask)
			break;
		begin = (__u16)set->needles[i].text;
		if (begin == missed || !concerns(judgement, &set->needles[i].matters))
			continue;
		if (!may_begin(begin, start, length)) {
			missed = begin;
			continue;
		}
		judgement->needle = i;
		if (search((length + WORD - 1) / WORD))
			return false;
	}
	return true;
}

/* Does nothing stay open where none of the needles is in the path? */
static __always_inline bool needles_decide(const struct path_filter *filter,
					   const struct judgement *judgement)
{
	return filter->needles && !concerns(judgement, set_at(filter->absent));
}

#endif
