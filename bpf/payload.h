/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* The first bytes of what a call moved: from one buffer, or gathered from several. */
#ifndef SAKER_PAYLOAD_H
#define SAKER_PAYLOAD_H

#include "call.h"

#define MAX_BUFFERS 8		/* looked at; more than MAX_PAYLOAD_BYTES rarely lie further */

/* struct iovec of this caller */
struct buffer {
	__u64 base;
	__u64 length;
};

static __always_inline bool read_buffer(struct buffer *buffer, const struct gather *gather,
					__u32 index)
{
	__u32 words[2];

	if (!gather->compat)
		return !bpf_probe_read_user(buffer, sizeof(*buffer),
					    (void *)(gather->list + index * sizeof(*buffer)));
	if (bpf_probe_read_user(words, sizeof(words), (void *)(gather->list + index * sizeof(words))))
		return false;
	buffer->base = words[0];
	buffer->length = words[1];
	return true;
}

static long gather_step(__u32 index, struct scratch **context)
{
	struct scratch *scratch = *context;
	struct gather *gather = &scratch->gather;
	struct record_header *header = (void *)scratch;
	__u64 done = gather->done, wanted = gather->wanted, length;
	struct buffer buffer;
	void *to = part_begin(header, MAX_DATA_BYTES);

	if (!to || index >= gather->count || done >= wanted || !read_buffer(&buffer, gather, index))
		return 1;
	length = buffer.length < wanted - done ? buffer.length : wanted - done;
	barrier_var(length);
	barrier_var(done);
	if (length > MAX_PAYLOAD_BYTES || done > MAX_PAYLOAD_BYTES)
		return 1;
	if (length && bpf_probe_read_user(to + done, length, (void *)buffer.base))
		return 1;
	gather->done = done + length;
	return 0;
}

/* Adds up to MAX_PAYLOAD_BYTES of the `total` bytes in `count` buffers. */
SUBPROGRAM int part_buffers(struct call_record *record, __u64 list, __u64 count, __u64 total,
			    bool compat)
{
	struct scratch *scratch = (struct scratch *)record;
	struct gather *gather = &scratch->gather;

	if (!list || !total)
		return 0;
	gather->list = list;
	gather->count = count;
	gather->wanted = total < MAX_PAYLOAD_BYTES ? total : MAX_PAYLOAD_BYTES;
	gather->done = 0;
	gather->compat = compat;
	bpf_loop(MAX_BUFFERS, gather_step, &scratch, 0);
	if (gather->done)
		part_end(&record->header, &record->data, gather->done,
			 SPAN_CLAIMED | (gather->done < total ? SPAN_CUT : 0));
	return 0;
}

/* Adds up to MAX_PAYLOAD_BYTES of the `total` bytes in one buffer. */
static __always_inline void part_buffer(struct call_record *record, __u64 address, __u64 total)
{
	if (address && total)
		part_user(&record->header, &record->data, address, total, MAX_PAYLOAD_BYTES,
			  SPAN_CLAIMED);
}

#endif
