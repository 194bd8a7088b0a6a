/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * The path that the caller wrote: read once, is ".." in it, is it its own resolution, is it the object's
 * path?
 */
#ifndef SAKER_FILTER_CLAIMED_H
#define SAKER_FILTER_CLAIMED_H

#include "filter_call.h"
#include "words.h"

/* What the text of a claimed path shows. */
enum claimed_mark {
	CLAIMED_RESOLVES = 1,	/* absolute and its own resolution, but for symbolic links */
	CLAIMED_DOTS = 2,	/* ".." somewhere */
	CLAIMED_DIFFERS = 4,	/* from the object's path */
};

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
		found |= bytes_equal(word_at(&scratch->claimed[at + WORD * i]), '.') &
			 bytes_equal(word_at(&scratch->claimed[at + WORD * i + 1]), '.');
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
		words[i] = word_at(&scratch->claimed[at + i]);
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
		put_word(&scratch->claimed[length + WORD * i], 0);
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

/*
 * Reads the path that the caller wrote into scratch.claimed, once. False: it cannot be told in full. Without a call:
 * most calls that fail end with it.
 */
static __always_inline bool claimed_read_here(struct scratch *scratch, __u64 address)
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

/* The same, where it is seldom asked for. */
WHOLE bool claimed_read(struct scratch *scratch, __u64 address)
{
	return scratch && claimed_read_here(scratch, address);
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
	walk->seen = SEEN_UNTOLD;
	walk->head = HEAD_UNTOLD;
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
	if (word_at(&scratch->claimed[at]) == word_at(&scratch->walk.text[place]))
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
	put_word(&walk->text[MAX_PATH_BYTES], 0);
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
