/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Paths of a record as user space makes them absolute, for rules that kill. What would not be the same
 * without a change, dots or doubled slashes in it, is left to user space.
 */
#ifndef SAKER_KILL_TEXT_H
#define SAKER_KILL_TEXT_H

#include "enforce/kill.h"

#define SCAN_BYTES 8		/* of a text, that one step looks at */

/* Looks at eight bytes: does a component begin there that makes the text not its own resolution? */
static long plain_step(__u32 index, struct verdict_work **context)
{
	struct verdict_work *work = *context;
	__u64 at = work->walk.start + (__u64)index * SCAN_BYTES, words[4], dot, dots;

	barrier_var(at);
	if (at > MAX_PATH_BYTES)
		return 1;
#pragma unroll
	for (int i = 0; i < 4; i++)
		words[i] = word_at(&work->walk.text[at + i]);
	dot = bytes_equal(words[1], '.');
	dots = dot & bytes_equal(words[2], '.');
	if (!(bytes_equal(words[0], '/') &
	      (bytes_equal(words[1], '/') | bytes_equal(words[1], 0) |
	       (dot & (bytes_equal(words[2], '/') | bytes_equal(words[2], 0))) |
	       (dots & (bytes_equal(words[3], '/') | bytes_equal(words[3], 0))))))
		return 0;
	work->done = 0;
	return 1;
}

/* Is the text at the end of the walk what making it absolute would give? */
static __always_inline bool text_is_plain(struct verdict_work *work)
{
	work->done = 1;
	bpf_loop((MAX_PATH_BYTES - work->walk.start + SCAN_BYTES - 1) / SCAN_BYTES, plain_step, &work, 0);
	return work->done;
}

/* Bytes of the last component of the walk's text, 0: they cannot be told. */
static __always_inline __u32 text_last(const struct verdict_work *work)
{
	__u64 marks;

	for (__u32 i = 0; i < NAME_BYTES / SCAN_BYTES; i++) {
		marks = bytes_equal(__builtin_bswap64(word_at(&work->walk.text[MAX_PATH_BYTES -
										 SCAN_BYTES * (i + 1)])),
				    '/');
		if (marks)
			return SCAN_BYTES * i + first_marked(marks);
	}
	return 0;
}

/* Puts a text of the record before the walk's text. */
static __always_inline bool text_prepend(struct verdict_work *work, const struct call_record *record,
					 const struct span *span)
{
	__u64 length = span->length, start = work->walk.start, offset = span->offset;

	barrier_var(length);
	barrier_var(offset);
	if (length < 1 || length > MAX_CLAIMED_BYTES || offset > RECORD_BYTES - MAX_CLAIMED_BYTES)
		return false;
	start -= length;
	barrier_var(start);
	if (start > MAX_PATH_BYTES - 1)
		return false;
	work->walk.start = start;
	return !bpf_probe_read_kernel(&work->walk.text[start], length, (const void *)record + offset);
}

/*
 * A path of the record as user space makes it absolute becomes the walk's text. False: that is left to
 * it. `base` is what the path is relative to; NULL: the path is an object's.
 */
SUBPROGRAM bool text_take(struct verdict_work *work, const struct call_record *record,
			  const struct span *span, const struct span *base)
{
	struct path_walk *walk = &work->walk;
	__u64 start;

	walk->start = MAX_PATH_BYTES;
	walk->flags = 0;
	put_word(&walk->text[MAX_PATH_BYTES], 0);
	put_word(&walk->text[MAX_PATH_BYTES + SCAN_BYTES], 0);
	if (!span->offset || span->flags & ~SPAN_CLAIMED || !text_prepend(work, record, span))
		return false;
	start = walk->start;
	barrier_var(start);
	if (start >= MAX_PATH_BYTES)
		return false;
	if (walk->text[start] != '/') {
		start--;
		barrier_var(start);	/* kernel 6.1 does not see that 0 was left out before */
		if (!base || !base->offset || base->flags || start >= MAX_PATH_BYTES)
			return false;
		walk->text[start] = '/';
		walk->start = start;
		if (base->length > 1 && !text_prepend(work, record, base))
			return false;	/* with a length of 1 it is the root */
	}
	/* what is longer is shown as something else; see resolvePath in src/decode/file.ts */
	if (walk->start < MAX_PATH_BYTES - MAX_CLAIMED_BYTES || (base && !text_is_plain(work)))
		return false;
	work->last_bytes = text_last(work);
	return work->last_bytes;
}

#endif
