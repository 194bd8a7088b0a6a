/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Begin a record, add a variable part, submit it, or count its loss. A record is built in scratch
 * memory, where record_header.length is the length so far, and copied into the ring at the end.
 * For every event type seen = filtered + suppressed + sent + lost, whatever happens.
 */
#ifndef SAKER_RECORD_H
#define SAKER_RECORD_H

#include "filter.h"
#include "flavours.h"
#include "maps.h"
#include "words.h"

/* Who may use the last fifth of the ring, and who wakes the reader. */
enum urgency {
	ORDINARY,		/* refused when less than a fifth is free; wakes */
	ORDINARY_QUIET,		/* the same, but wakes only when an eighth is full */
	LIFECYCLE,		/* refused only by a full ring; wakes */
	LIFECYCLE_QUIET,	/* the same, but wakes only when an eighth is full */
};

/* Makes the first `size` bytes zero and fills the header. `size` is a constant. */
static __always_inline void record_start(struct record_header *header, __u16 kind, __u16 type,
					 __u32 size)
{
	__builtin_memset(header, 0, size);
	__builtin_memset(header->clauses, 0xff, sizeof(header->clauses));
	header->time_ns = bpf_ktime_get_boot_ns();
	header->length = size;
	header->kind = kind;
	header->type = type;
	header->cpu = bpf_get_smp_processor_id();
}

/* A record begun in scratch memory, that of the map `scratch_map` */
#define record_begin_in(scratch_map, kind_, type_, size) ({			\
	__u32 _zero = 0;							\
	struct record_header *_header = bpf_map_lookup_elem(&scratch_map, &_zero); \
										\
	if (_header)								\
		record_start(_header, kind_, type_, size);			\
	else									\
		count(type_, FATE_LOST);					\
	(void *)_header; })

/*
 * Where the next variable part goes: room for `room` bytes and eight of padding, NULL if there is
 * none. Fill it, then call part_end with what was used.
 */
static __always_inline void *part_begin(struct record_header *header, __u32 room)
{
	__u64 at = header->length;

	barrier_var(at);
	if (at > RECORD_BYTES - 8 - room)
		return NULL;
	return (void *)header + at;
}

static __always_inline void part_end(struct record_header *header, struct span *span, __u64 length,
				     __u32 flags)
{
	__u64 at = header->length, end = at + length;

	barrier_var(end);
	if (end > RECORD_BYTES - 8)
		return;
	put_word((void *)header + end, 0);	/* what the rounding adds */
	span->offset = at;
	span->length = length;
	span->flags = flags;
	header->length = (end + 7) & ~7ull;
}

/* Adds bytes at a kernel address. An empty text is present, with length 0. */
static __always_inline void part_kernel(struct record_header *header, struct span *span,
					const void *from, __u64 length, __u32 flags)
{
	void *to = part_begin(header, MAX_PATH_BYTES);

	barrier_var(length);
	if (!to || length > MAX_PATH_BYTES)
		return;
	if (length && bpf_probe_read_kernel(to, length, from))
		return;
	part_end(header, span, length, flags);
}

/* Adds up to `limit` bytes of the caller's memory, NULs included. */
static __always_inline void part_user(struct record_header *header, struct span *span, __u64 from,
				      __u64 length, const __u32 limit, __u32 flags)
{
	void *to = part_begin(header, limit);

	if (!to)
		return;
	if (length > limit) {
		length = limit;
		flags |= SPAN_CUT;
	}
	barrier_var(length);
	if (length > limit)
		return;
	if (length && bpf_probe_read_user(to, length, (void *)from))
		return;
	part_end(header, span, length, flags);
}

/* Adds a text of the caller's memory, without its NUL. */
SUBPROGRAM void part_user_text(struct record_header *header, struct span *span, __u64 from)
{
	void *to = part_begin(header, MAX_PATH_BYTES);
	__u32 flags = SPAN_CLAIMED;
	long length;

	if (!to || !from)
		return;
	length = bpf_probe_read_user_str(to, MAX_PATH_BYTES, (void *)from);
	if (length <= 0)
		return;
	if (length == MAX_PATH_BYTES)
		flags |= SPAN_CUT;	/* or just as long: the kernel takes no longer path either */
	part_end(header, span, length - 1, flags);
}

/* The same for kernel memory. */
SUBPROGRAM void part_kernel_text(struct record_header *header, struct span *span,
					const char *from, __u32 flags)
{
	void *to = part_begin(header, MAX_PATH_BYTES);
	long length;

	if (!to)
		return;
	length = bpf_probe_read_kernel_str(to, MAX_PATH_BYTES, from);
	if (length <= 0)
		return;
	if (length == MAX_PATH_BYTES)
		flags |= SPAN_CUT;
	part_end(header, span, length - 1, flags);
}

/*
 * After the commit: a reader that went to sleep between our look at its flag and the commit would
 * not have seen the record. The commit is a full barrier (xchg in bpf_ringbuf_commit).
 */
static __always_inline void wake_late(struct control *said)
{
	void *nothing;

	if (!*(volatile __u32 *)&said->reader_asleep)
		return;
	said->reader_asleep = 0;
	nothing = bpf_ringbuf_reserve(&ring, 8, 0);
	if (nothing)
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
}

/* Sends the record and counts what became of it. Returns whether it was sent. */
static __always_inline bool record_submit(struct record_header *header, enum urgency urgency)
{
	__u64 size = bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE);
	__u64 used = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	__u64 length = header->length, flags = BPF_RB_NO_WAKEUP;
	__u32 zero = 0;
	struct control *said = bpf_map_lookup_elem(&control, &zero);
	bool quiet = urgency == LIFECYCLE_QUIET || urgency == ORDINARY_QUIET;
	bool ordinary = urgency == ORDINARY || urgency == ORDINARY_QUIET;
	bool wake = !quiet || used >= size / 8;

	barrier_var(length);
	if (!said || length > RECORD_BYTES || (ordinary && used > size - size / 5)) {
		count(header->type, FATE_LOST);
		return false;
	}
	if (!header->plan)
		header->plan = said->plan;	/* judged by none: all clauses are open */
	if (wake && *(volatile __u32 *)&said->reader_asleep) {
		said->reader_asleep = 0;
		flags = BPF_RB_FORCE_WAKEUP;
	}
	if (bpf_ringbuf_output(&ring, header, length, flags)) {
		count(header->type, FATE_LOST);
		return false;
	}
	count(header->type, FATE_SENT);
	if (wake && flags == BPF_RB_NO_WAKEUP)
		wake_late(said);
	return true;
}

#endif
