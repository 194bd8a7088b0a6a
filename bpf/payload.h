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

static __always_inline bool read_buffer(struct buffer *buffer, __u64 list, __u32 index, bool compat)
{
	if (compat) {
		__u32 words[2];

		if (bpf_probe_read_user(words, sizeof(words), (void *)(list + index * sizeof(words))))
			return false;
		buffer->base = words[0];
		buffer->length = words[1];
		return true;
	}
	return !bpf_probe_read_user(buffer, sizeof(*buffer), (void *)(list + index * sizeof(*buffer)));
}

/* Adds up to MAX_PAYLOAD_BYTES of the `total` bytes in `count` buffers. */
SUBPROGRAM int part_buffers(struct call_record *record, __u64 list, __u64 count, __u64 total,
			    bool compat)
{
	void *to = part_begin(&record->header, MAX_DATA_BYTES);
	__u64 wanted = total < MAX_PAYLOAD_BYTES ? total : MAX_PAYLOAD_BYTES, done = 0;

	if (!to || !list)
		return 0;
	for (__u32 i = 0; i < MAX_BUFFERS && i < count && done < wanted; i++) {
		struct buffer buffer;
		__u64 length;

		if (!read_buffer(&buffer, list, i, compat))
			break;
		length = buffer.length < wanted - done ? buffer.length : wanted - done;
		barrier_var(length);
		barrier_var(done);
		if (length > MAX_PAYLOAD_BYTES || done > MAX_PAYLOAD_BYTES)
			break;
		if (length && bpf_probe_read_user(to + done, length, (void *)buffer.base))
			break;
		done += length;
	}
	barrier_var(done);
	if (!done || done > MAX_PAYLOAD_BYTES)
		return 0;
	part_end(&record->header, &record->data, done,
		 SPAN_CLAIMED | (done < total ? SPAN_CUT : 0));
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
