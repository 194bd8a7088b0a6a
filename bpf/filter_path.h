/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * The filter's path dimension: whole path or longest listed prefix, last component or its longest
 * listed suffix, texts inside. The path lies at the end of scratch.walk.text, so that the keys of both
 * tries are made without copying it: one in place, one backwards, eight bytes at a time.
 */
#ifndef SAKER_FILTER_PATH_H
#define SAKER_FILTER_PATH_H

#include "filter_call.h"
#include "path.h"

#define KEY_LEAD 8		/* of struct path_key and last_key before the text */
#define TABLE_BITS 32		/* the number of the table is part of the key */
#define WORD 8
#define QUICK_SEARCH_BYTES 64	/* of a path in which something is looked for without a loop */
#define ONES 0x0101010101010101ull
#define SEVENS 0x7f7f7f7f7f7f7f7full

/* What the text of a claimed path shows. */
enum claimed_mark {
	CLAIMED_RESOLVES = 1,	/* absolute and its own resolution, but for symbolic links */
	CLAIMED_DOTS = 2,	/* ".." somewhere */
	CLAIMED_DIFFERS = 4,	/* from the object's path */
};

/* 0x80 in each byte of the result where the byte of the word is this one */
static __always_inline __u64 bytes_equal(__u64 word, __u8 byte)
{
	__u64 apart = word ^ byte * ONES;

	return ~(((apart & SEVENS) + SEVENS) | apart | SEVENS);
}

/* Place of the first byte that is marked so. */
static __always_inline __u32 first_marked(__u64 marks)
{
	return (((marks & -marks) - 1 & ONES) * ONES >> 56) - 1;
}

/* The end of the path backwards. */
static __always_inline void reverse_last(struct scratch *scratch)
{
	__u64 *to = (__u64 *)scratch->judgement.last.reversed;

#pragma unroll
	for (__u32 i = 0; i < MAX_LAST_BYTES / WORD; i++)
		to[i] = __builtin_bswap64(
			*(__u64 *)&scratch->walk.text[MAX_PATH_BYTES - WORD * (i + 1)]);
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
SUBPROGRAM int long_last_length(const struct scratch *scratch)
{
	__u64 marks;

	for (__u32 i = MAX_LAST_BYTES / WORD; i < NAME_BYTES / WORD; i++) {
		marks = bytes_equal(__builtin_bswap64(*(__u64 *)&scratch->walk.text[MAX_PATH_BYTES -
										    WORD * (i + 1)]),
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
		last = long_last_length(scratch);
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

/* Is the needle at one of the eight places from here on? */
static __always_inline bool needle_near(const struct needle *needle, const struct scratch *scratch, __u64 place)
{
	barrier_var(place);
	if (place > MAX_PATH_BYTES)
		return true;
#pragma unroll
	for (int i = 0; i < WORD; i++)
		if ((*(__u64 *)&scratch->walk.text[place + i] & needle->mask) == needle->text)
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
	__u32 at = judgement->needles;
	const struct needle_set *set = bpf_map_lookup_elem(&needles, &at);
	const struct needle *needle;

	at = judgement->needle;
	barrier_var(place);
	barrier_var(at);
	if (!set || at >= MAX_NEEDLES || place > MAX_PATH_BYTES)
		return 1;
	needle = &set->needles[at];
	text = needle->text;
	first = bytes_equal(*(__u64 *)&scratch->walk.text[place], text);
	second = bytes_equal(*(__u64 *)&scratch->walk.text[place + 1], text >> 8);
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
		both |= bytes_equal(*(__u64 *)&scratch->walk.text[start + WORD * i], begin) &
			bytes_equal(*(__u64 *)&scratch->walk.text[start + WORD * i + 1], begin >> 8);
	}
	return both;
}

/* Is none of the texts that open clauses ask for in the path? When in doubt one is. */
WHOLE bool needles_absent(__u32 number, __u32 start)
{
	const struct needle_set *set = bpf_map_lookup_elem(&needles, &number);
	struct scratch *scratch = call_scratch();
	__u32 length = MAX_PATH_BYTES - start;
	struct judgement *judgement;
	__u32 begin, missed = 0;

	if (!set || !scratch || length > MAX_SEARCHED_BYTES)
		return false;
	judgement = &scratch->judgement;
	judgement->search_start = start;
	judgement->needles = number;
	judgement->needle_found = 0;
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
		bpf_loop((length + WORD - 1) / WORD, search_step, &scratch, 0);
		if (judgement->needle_found)
			return false;
	}
	return true;
}

/* The set of the first component: a word of it, with NUL in the place of what comes after. */
static __always_inline const struct clause_set *head_set(const struct path_filter *filter,
							 const struct scratch *scratch, __u64 start)
{
	__u64 word = *(__u64 *)&scratch->walk.text[start + 1], ends;
	__u32 table = filter->head - 1;
	const struct head_table *found = bpf_map_lookup_elem(&heads, &table);
	const struct head_class *class;

	if (!found)
		return NULL;
	ends = bytes_equal(word, '/') | bytes_equal(word, 0);
	if (ends)
		word &= ((ends & -ends) >> 7) - 1;	/* the bytes before the first of them */
	class = &found->places[word * found->multiplier >> (64 - HEAD_BITS)];
	return set_at(class->set && class->word == word ? class->set : filter->head_other);
}

/* Does nothing stay open where none of the needles is in the path? */
static __always_inline bool needles_decide(const struct path_filter *filter,
					   const struct judgement *judgement)
{
	return filter->needles && !concerns(judgement, set_at(filter->absent));
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

/* Judges the path at the end of the walk's text, which begins with a slash: the object's or the claimed one. */
static __always_inline int judge_path(const struct type_filter *type, struct scratch *scratch, bool claimed)
{
	const struct path_filter *filter = claimed ? &type->claimed : &type->path;
	struct judgement *judgement = &scratch->judgement;
	struct path_walk *walk = &scratch->walk;
	bool searched;
	__u64 start;
	int at;

	if (walk->start == MAX_PATH_BYTES) {
		walk->text[MAX_PATH_BYTES - 1] = '/';
		walk->start = MAX_PATH_BYTES - 1;
	}
	start = text_start(walk);
	if (!start)
		return PASSED;
	*(__u64 *)&walk->text[MAX_PATH_BYTES] = 0;
	if (filter->head && concerns(judgement, set_at(filter->head_matters)) &&
	    !keep(judgement, head_set(filter, scratch, start)))
		return FILTERED_BY_PATH;
	searched = needles_decide(filter, judgement);
	if (searched && needles_absent(filter->needles - 1, start) &&
	    !keep(judgement, set_at(filter->absent)))
		return FILTERED_BY_PATH;
	at = judge_text(claimed);
	if (at == PASSED && filter->needles && !searched && needles_absent(filter->needles - 1, start) &&
	    !keep(judgement, set_at(filter->absent)))
		return FILTERED_BY_PATH;
	return at;
}

/* Looks at 32 bytes of the claimed path: is ".." there? */
static long dots_step(__u32 index, struct scratch **context)
{
	struct scratch *scratch = *context;
	__u64 at = (__u64)index * 4 * WORD, found = 0;

	barrier_var(at);
	if (at > MAX_CLAIMED_BYTES)
		return 1;
#pragma unroll
	for (int i = 0; i < 4; i++)
		found |= bytes_equal(*(__u64 *)&scratch->claimed[at + WORD * i], '.') &
			 bytes_equal(*(__u64 *)&scratch->claimed[at + WORD * i + 1], '.');
	if (!found)
		return 0;
	scratch->judgement.claimed_marks |= CLAIMED_DOTS;
	return 1;
}

/* Looks at eight bytes of the claimed path: is it its own resolution so far? */
static long scan_step(__u32 index, struct scratch **context)
{
	struct scratch *scratch = *context;
	__u64 at = (__u64)index * WORD, words[4], slash, ends, bad;
	__u64 dot1, dot2;

	barrier_var(at);
	if (at > MAX_CLAIMED_BYTES)
		return 1;
#pragma unroll
	for (int i = 0; i < 4; i++)
		words[i] = *(__u64 *)&scratch->claimed[at + i];
	slash = bytes_equal(words[0], '/');
	dot1 = bytes_equal(words[1], '.');
	dot2 = dot1 & bytes_equal(words[2], '.');
	ends = bytes_equal(words[1], '/') | bytes_equal(words[1], 0);
	bad = slash & (ends | (dot1 & (bytes_equal(words[2], '/') | bytes_equal(words[2], 0))) |
		       (dot2 & (bytes_equal(words[3], '/') | bytes_equal(words[3], 0))));
	if (!bad)
		return 0;
	scratch->judgement.claimed_marks &= ~CLAIMED_RESOLVES;
	return 1;
}

/* What lies behind the claimed path, which was read, is looked at too, eight bytes at a time. */
static __always_inline void claimed_pad(struct scratch *scratch)
{
	__u64 length = scratch->judgement.claimed_length;

	barrier_var(length);
	if (length > MAX_CLAIMED_BYTES)
		return;
#pragma unroll
	for (int i = 0; i < 5; i++)
		*(__u64 *)&scratch->claimed[length + WORD * i] = 0;
}

/* Is the claimed path, which was read, its own resolution? */
static __always_inline bool claimed_resolves(struct scratch *scratch)
{
	struct judgement *judgement = &scratch->judgement;

	if (scratch->claimed[0] != '/')
		return false;
	claimed_pad(scratch);
	judgement->claimed_marks |= CLAIMED_RESOLVES;
	bpf_loop(((__u32)judgement->claimed_length + WORD - 1) / WORD, scan_step, &scratch, 0);
	return judgement->claimed_marks & CLAIMED_RESOLVES;
}

/*
 * Is ".." in a claimed path of at most QUICK_SEARCH_BYTES? Whole words, as the kernel has just stored them:
 * a load across two stores, or of a word that was stored in parts, waits for both.
 */
static __always_inline bool quick_dots(const struct scratch *scratch, __u64 length)
{
	const __u64 *words = (const __u64 *)scratch->claimed;
	__u64 word, dots, before = 0, found = 0;

#pragma unroll
	for (__u32 i = 0; i < QUICK_SEARCH_BYTES / WORD; i++) {
		if (length <= WORD * i)
			continue;
		word = words[i];
		if (length < WORD * (i + 1))
			word &= ~0ull >> (8 * (WORD * (i + 1) - length));
		dots = bytes_equal(word, '.');
		found |= dots & (dots << 8 | before);
		before = dots >> 56;
	}
	return found;
}

/* Looks at the text in scratch.claimed: `length` bytes, at most MAX_CLAIMED_BYTES. */
static __always_inline void claimed_scan(struct scratch *scratch, __u64 length)
{
	struct judgement *judgement = &scratch->judgement;

	judgement->claimed_length = length;
	judgement->claimed_marks = 0;
	if (length <= QUICK_SEARCH_BYTES) {
		if (quick_dots(scratch, length))
			judgement->claimed_marks = CLAIMED_DOTS;
		return;
	}
	claimed_pad(scratch);
	bpf_loop((length + 4 * WORD - 1) / (4 * WORD), dots_step, &scratch, 0);
}

/* Reads the path that the caller wrote into scratch.claimed, once. False: it cannot be told in full. */
SUBPROGRAM bool claimed_read(struct scratch *scratch, __u64 address)
{
	struct judgement *judgement = &scratch->judgement;
	long length;

	if (judgement->claimed_length == CLAIMED_UNREAD) {
		judgement->claimed_length = CLAIMED_UNKNOWN;
		length = bpf_probe_read_user_str(scratch->claimed, MAX_CLAIMED_BYTES + 2, (void *)address);
		if (length > 0 && length < MAX_CLAIMED_BYTES + 2)
			claimed_scan(scratch, length - 1);
	}
	return judgement->claimed_length >= 0;
}

/* The claimed path takes the place of the object's at the end of the walk's text. */
static __always_inline bool claimed_to_walk(struct scratch *scratch)
{
	struct path_walk *walk = &scratch->walk;
	__u64 length = scratch->judgement.claimed_length, start;

	barrier_var(length);
	if (length < 1 || length > MAX_CLAIMED_BYTES)
		return false;
	start = MAX_PATH_BYTES - length;
	walk->of_dentry = 0;
	walk->start = start;
	walk->last = LAST_UNTOLD;
	return !bpf_probe_read_kernel(&walk->text[start], length, scratch->claimed);
}

/* Compares eight bytes of the claimed and the object's path. */
static long compare_step(__u32 index, struct scratch **context)
{
	struct scratch *scratch = *context;
	__u64 at = (__u64)index * WORD, place = scratch->walk.start + at;

	barrier_var(at);
	barrier_var(place);
	if (at > MAX_CLAIMED_BYTES || place > MAX_PATH_BYTES)
		return 1;
	if (*(__u64 *)&scratch->claimed[at] == *(__u64 *)&scratch->walk.text[place])
		return 0;
	scratch->judgement.claimed_marks |= CLAIMED_DIFFERS;
	return 1;
}

/* Is the path that the caller wrote, in full, the object's? */
static __always_inline bool claimed_is_path(struct scratch *scratch)
{
	struct judgement *judgement = &scratch->judgement;
	struct path_walk *walk = &scratch->walk;
	__u64 length = MAX_PATH_BYTES - walk->start;

	if (judgement->claimed_length < 0 || judgement->claimed_length != (__s64)length)
		return false;
	claimed_pad(scratch);
	*(__u64 *)&walk->text[MAX_PATH_BYTES] = 0;
	judgement->claimed_marks &= ~CLAIMED_DIFFERS;
	bpf_loop(length / WORD + 1, compare_step, &scratch, 0);
	return !(judgement->claimed_marks & CLAIMED_DIFFERS);
}

/* Does the path that the caller wrote, at this address, resolve to itself? It is the walk's text then. */
WHOLE bool claimed_tells(__u64 address)
{
	struct scratch *scratch = call_scratch();

	return scratch && claimed_read(scratch, address) && claimed_resolves(scratch) &&
	       claimed_to_walk(scratch);
}

/* Is it the object's path, which is the walk's text? */
WHOLE bool claimed_agrees(__u64 address)
{
	struct scratch *scratch = call_scratch();

	return scratch && claimed_read(scratch, address) && claimed_is_path(scratch);
}

#endif
