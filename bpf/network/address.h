/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* The socket address that a call was given, in its record. */
#ifndef SAKER_ADDRESS_H
#define SAKER_ADDRESS_H

#include "call.h"
#include "network/given.h"

/* The path of AF_UNIX into claimed; an abstract name begins with NUL, shown as @. */
static __always_inline void part_unix_address(struct call_record *record, __u64 address, __u64 length)
{
	char *to = part_begin(&record->header, MAX_DATA_BYTES);
	long read;

	if (!to || !length)
		return;
	barrier_var(length);
	if (length > UNIX_PATH_BYTES)
		return;
	if (bpf_probe_read_user(to, length, (void *)address))
		return;
	if (*to) {
		/* the kernel ends a path at its NUL or at the length that was given */
		__u64 room = length + 1;

		read = bpf_probe_read_user_str(to, room, (void *)address);
		if (read <= 0 || read > UNIX_PATH_BYTES + 1)
			return;
		length = read - 1;
	} else {
		*to = '@';
	}
	part_end(&record->header, &record->claimed, length, SPAN_CLAIMED);
}

/* The record's address as the filter saw it, or the claimed path of a unix socket. */
SUBPROGRAM int address_fill(struct call_record *record, const struct address_part *part,
			    __u64 address, __u32 length)
{
	record->address = *part;
	if (part->family != AF_UNIX)
		return 0;
	length -= sizeof(__u16);
	part_unix_address(record, address + sizeof(__u16),
			  length > UNIX_PATH_BYTES ? UNIX_PATH_BYTES : length);
	return 0;
}

#endif
