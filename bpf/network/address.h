/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* The socket address that a call was given, from the caller's memory. */
#ifndef SAKER_ADDRESS_H
#define SAKER_ADDRESS_H

#include "call.h"

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

/* Decodes a sockaddr of `length` bytes; the path of AF_UNIX is left to address_fill. */
SUBPROGRAM int address_read(struct address_part *part, __u64 address, __u32 length)
{
	struct sockaddr_in6 any;
	__u16 family;

	__builtin_memset(part, 0, sizeof(*part));
	if (!address || length < sizeof(family) ||
	    bpf_probe_read_user(&family, sizeof(family), (void *)address))
		return 0;
	part->family = family;
	if (family == AF_INET) {
		struct sockaddr_in *in = (void *)&any;

		if (length < sizeof(*in) || bpf_probe_read_user(in, sizeof(*in), (void *)address))
			return 0;
		part->port = bpf_ntohs(in->sin_port);
		__builtin_memcpy(part->address, &in->sin_addr, sizeof(in->sin_addr));
	} else if (family == AF_INET6) {
		if (length < sizeof(any) - 4 /* without a scope, as RFC 2133 had it */ ||
		    bpf_probe_read_user(&any, sizeof(any) - 4, (void *)address))
			return 0;
		part->port = bpf_ntohs(any.sin6_port);
		__builtin_memcpy(part->address, &any.sin6_addr, sizeof(any.sin6_addr));
	}
	return 0;
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
