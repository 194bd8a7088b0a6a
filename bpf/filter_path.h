/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * The filter's path dimension: first component, whole path or longest listed prefix, last component or
 * its longest listed suffix. The path lies at the end of scratch.walk.text, so that the keys of both
 * tries are made without copying it: one in place, one backwards, eight bytes at a time.
 */
#ifndef SAKER_FILTER_PATH_H
#define SAKER_FILTER_PATH_H

#include "filter_call.h"
#include "filter_inside.h"

#define KEY_LEAD 8		/* of struct path_key and last_key before the text */

/* The end of the path backwards. */
static __always_inline void reverse_last(struct scratch *scratch)
{
	__u64 *to = (__u64 *)scratch->judgement.last.reversed;

#pragma unroll
	for (__u32 i = 0; i < MAX_LAST_BYTES / WORD; i++)
		to[i] = __builtin_bswap64(
			word_at(&scratch->walk.text[MAX_PATH_BYTES - WORD * (i + 1)]));
}

/* Bytes of the last component, MAX_LAST_BYTES if there are as many or more. */
static __always_inline __u32 last_length(const struct scratch *scratch)
{
	const __u64 *words = (const __u64 *)scratch->judgement.last.reversed;
	__u64 marks;

#pragma unroll
	for (__u32 i = 0; i < MAX_LAST_BYTES / WORD; i++) {
		marks = bytes_equal(words[i], '/');
		if (marks)
			return WORD * i + first_marked(marks);
	}
	return MAX_LAST_BYTES;
}

/* The same of a component of MAX_LAST_BYTES or more; all of the path if it is longer than a name may be. */
WHOLE int long_last_length(void)
{
	const struct scratch *scratch = call_scratch();
	__u64 marks;

	if (!scratch)
		return MAX_PATH_BYTES;	/* cannot be: it has one entry */
	for (__u32 i = MAX_LAST_BYTES / WORD; i < NAME_BYTES / WORD; i++) {
		marks = bytes_equal(__builtin_bswap64(word_at(&scratch->walk.text[MAX_PATH_BYTES -
										    WORD * (i + 1)])),
				    '/');
		if (marks)
			return WORD * i + first_marked(marks);
	}
	return MAX_PATH_BYTES;
}

/* The end of the path backwards into the key of the second trie, the bytes of its last component. */
static __always_inline __u32 last_key_make(struct scratch *scratch)
{
	reverse_last(scratch);
	return last_length(scratch);
}

/* Does a slash follow the place in the path that begins at `start`? */
static __always_inline bool is_deeper(struct scratch *scratch, __u32 start, __u32 slash)
{
	__u32 last = scratch->walk.last;

	if (last == LAST_UNTOLD)
		last = last_key_make(scratch);
	if (last == MAX_LAST_BYTES)
		last = long_last_length();
	return start + slash + last + 1 < MAX_PATH_BYTES;
}

/* Whole path or prefix. */
static __always_inline const struct clause_set *prefix_set(const struct path_filter *filter,
							   struct scratch *scratch, __u64 start)
{
	struct path_walk *walk = &scratch->walk;
	struct path_key *key = (struct path_key *)&walk->text[start - KEY_LEAD];
	__u32 bytes = MAX_PATH_BYTES + 1 - start;	/* with the NUL */
	const struct path_class *class;

	if (!filter->table)
		return set_at(filter->other);
	key->prefix_bits = TABLE_BITS + 8 * (bytes < MAX_PREFIX_BYTES ? bytes : MAX_PREFIX_BYTES);
	key->table = filter->table;
	class = bpf_map_lookup_elem(&paths, key);
	if (!class)
		return set_at(filter->other);
	if (!class->deeper)
		return &class->bits;
	return is_deeper(scratch, start, class->slash) ? set_at(class->deeper) : &class->bits;
}

/* The first component of the walk's text: a word of it, with NUL in the place of what comes after. */
static __always_inline __u64 head_of(const struct path_walk *walk, __u64 start)
{
	__u64 word = walk->head, ends;

	if (LIKELY(word != HEAD_UNTOLD))
		return word;	/* as the walk has seen it: the text was stored just now in other words */
	word = word_at(&walk->text[start + 1]);
	ends = bytes_equal(word, '/') | bytes_equal(word, 0);
	return ends ? word & (((ends & -ends) >> 7) - 1) : word;	/* the bytes before the first of them */
}

/* The set of the first component. */
static __always_inline const struct clause_set *head_set(const struct path_filter *filter,
							 const struct scratch *scratch, __u64 start)
{
	__u64 word = head_of(&scratch->walk, start);
	const struct head_table *found = &heads[(filter->head - 1) & (2 * HEAD_TABLES - 1)];
	const struct head_class *class;

	class = &found->places[word * found->multiplier >> (64 - HEAD_BITS)];
	return set_at(class->set && class->word == word ? class->set : filter->head_other);
}

/* Where the text of the walk begins, 0: it cannot be. */
static __always_inline __u64 text_start(const struct path_walk *walk)
{
	__u64 start = walk->start;

	barrier_var(start);
	return start < KEY_LEAD || start >= MAX_PATH_BYTES ? 0 : start;
}

/* Whole path, prefix, last component: of the object's path or the claimed one, which is the walk's text. */
WHOLE int judge_text(bool claimed)
{
	struct scratch *scratch = call_scratch();
	const struct type_filter *type;
	const struct path_filter *filter;
	struct judgement *judgement;
	const struct clause_set *set;
	struct last_key *key;
	__u64 start;
	__u32 last;

	if (!scratch)
		return PASSED;	/* cannot be: it has one entry */
	judgement = &scratch->judgement;
	type = type_filter_of(judgement->plan, scratch->call.type);
	start = text_start(&scratch->walk);
	if (!type || !start)
		return PASSED;
	filter = claimed ? &type->claimed : &type->path;
	if (concerns(judgement, set_at(filter->matters)) &&
	    !keep(judgement, prefix_set(filter, scratch, start)))
		return FILTERED_BY_PATH;
	if (filter->last_other && concerns(judgement, set_at(filter->last_matters))) {
		set = NULL;
		if (filter->last_table) {
			key = &judgement->last;
			last = last_key_make(scratch);
			key->prefix_bits = TABLE_BITS + 8 * (last < MAX_LAST_BYTES ? last + 1 : last);
			key->table = filter->last_table;
			set = bpf_map_lookup_elem(&lasts, key);
		}
		if (!keep(judgement, set ? set : set_at(filter->last_other)))
			return FILTERED_BY_LAST;
	}
	return PASSED;
}

/* Looks for the texts that open clauses ask for. The walk has seen which bytes the path holds, as far as it was asked. */
static __always_inline bool keep_absent(const struct path_filter *filter, struct scratch *scratch, __u32 start)
{
	struct judgement *judgement = &scratch->judgement;
	bool none = filter->rare && !scratch->walk.seen && !concerns(judgement, set_at(filter->others));

	return (!none && !needles_absent(filter->needles - 1, start)) || keep(judgement, set_at(filter->absent));
}

/* Judges the path at the end of the walk's text, which begins with a slash: the object's or the claimed one. */
static __always_inline int judge_path(const struct type_filter *type, struct scratch *scratch, bool claimed)
{
	const struct path_filter *filter = claimed ? &type->claimed : &type->path;
	struct judgement *judgement = &scratch->judgement;
	struct path_walk *walk = &scratch->walk;
	bool searched;
	__u64 start;
	int at;

	if (UNLIKELY(walk->start == MAX_PATH_BYTES)) {
		walk->text[MAX_PATH_BYTES - 1] = '/';
		walk->start = MAX_PATH_BYTES - 1;
	}
	start = text_start(walk);
	if (UNLIKELY(!start))
		return PASSED;
	put_word(&walk->text[MAX_PATH_BYTES], 0);
	if (filter->head && concerns(judgement, set_at(filter->head_matters)) &&
	    !keep(judgement, head_set(filter, scratch, start)))
		return FILTERED_BY_PATH;
	searched = needles_decide(filter, judgement);
	if (searched && !keep_absent(filter, scratch, start))
		return FILTERED_BY_PATH;
	at = judge_text(claimed);
	if (at == PASSED && filter->needles && !searched && !keep_absent(filter, scratch, start))
		return FILTERED_BY_PATH;
	return at;
}

#endif
