/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* The socket address that a call was given, or received, and where its message is: from the caller's memory. */
#ifndef SAKER_GIVEN_H
#define SAKER_GIVEN_H

#include "socket.h"
#include "syscall.h"

/* struct user_msghdr of 64-bit callers, include/linux/socket.h */
struct message {
	__u64 name;
	__u32 name_length;
	__u32 pad0;
	__u64 buffers;
	__u64 buffer_count;
	__u64 control;
	__u64 control_length;
	__u32 flags;
	__u32 pad1;
};

/* struct compat_msghdr, include/net/compat.h */
struct compat_message {
	__u32 name;
	__u32 name_length;
	__u32 buffers;
	__u32 buffer_count;
	__u32 control;
	__u32 control_length;
	__u32 flags;
};

static __always_inline bool read_message(struct message *message, __u64 address, bool compat)
{
	struct compat_message narrow;

	if (!compat)
		return !bpf_probe_read_user(message, sizeof(*message), (void *)address);
	if (bpf_probe_read_user(&narrow, sizeof(narrow), (void *)address))
		return false;
	message->name = narrow.name;
	message->name_length = narrow.name_length;
	message->buffers = narrow.buffers;
	message->buffer_count = narrow.buffer_count;
	return true;
}

/* Of sendmmsg and recvmmsg, which return how many messages: the bytes of the first. */
static __always_inline __u64 first_length(__u64 address, bool compat)
{
	__u32 length = 0;

	address += compat ? sizeof(struct compat_message) : sizeof(struct message);
	if (bpf_probe_read_user(&length, sizeof(length), (void *)address))
		return 0;
	return length;
}

/* sendto; recvfrom, which is told the length. */
static __always_inline void datagram_address(struct given *given, const struct call *call)
{
	given->address = call->args[4];
	given->length = call->args[5];
	if (call->type == __NR_recvfrom &&
	    (call->ret < 0 || !given->length ||
	     bpf_probe_read_user(&given->length, sizeof(__u32), (void *)given->length)))
		given->length = 0;
}

static __always_inline bool sends(const struct call *call)
{
	return call->type == __NR_sendto || call->type == __NR_sendmsg ||
	       call->type == __NR_sendmmsg;
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

/* Fills given and address of a call that takes_address(). */
WHOLE int find_given(void)
{
	struct scratch *scratch = call_scratch();
	struct message message = {};
	struct given *given;
	struct call *call;

	if (!scratch)
		return 0;	/* cannot be: it has one entry */
	call = &scratch->call;
	given = &scratch->given;
	__builtin_memset(given, 0, sizeof(*given));
	switch (call->type) {
	case __NR_connect:
	case __NR_bind:
		given->address = call->args[1];
		given->length = call->args[2];
		break;
	case __NR_sendto:
	case __NR_recvfrom:
		datagram_address(given, call);
		break;
	default:
		if (!read_message(&message, call->args[1], is_compat(call)))
			break;
		given->buffers = message.buffers;
		given->buffer_count = message.buffer_count;
		if (call->ret >= 0 || sends(call)) {
			given->address = message.name;
			given->length = message.name_length;
		}
	}
	return address_read(&scratch->address, given->address, given->length);
}

#endif
