/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* The two ends of a socket in the filter: addresses, and integers of what the program of a call has found. */
#ifndef SAKER_FILTER_ENDS_H
#define SAKER_FILTER_ENDS_H

#include "errors.h"
#include "filter_call.h"
#include "socket.h"

#define IPV4_BYTES 4
#define IPV6_BYTES 16

/* An integer of what the program of the call has found out. */
static __always_inline __u64 late_integer(const struct scratch *scratch, __u32 source)
{
	const struct object_part *object = &scratch->object;
	const struct address_part *address = &scratch->address;

	switch (source) {
	case INTEGER_ADDRESS_FAMILY:
		return address->family;
	case INTEGER_ADDRESS_PORT:
		return address->port;
	case INTEGER_OBJECT_FAMILY:
		return object->family;
	case INTEGER_OBJECT_TYPE:
		return object->socket_type;
	case INTEGER_OBJECT_PROTOCOL:
		return object->protocol;
	case INTEGER_OBJECT_LOCAL_PORT:
		return object->local_port;
	default:
		return object->remote_port;
	}
}

static __always_inline bool is_internet(__u16 family)
{
	return family == AF_INET || family == AF_INET6;
}

static __always_inline bool is_mapped(const __u8 *address)
{
	const __u32 *words = (const __u32 *)address;

	return !words[0] && !words[1] && words[2] == bpf_htonl(0xffff);
}

/* The set of an address of AF_INET or AF_INET6. */
static __always_inline const struct clause_set *address_set(const struct address_filter *filter,
							    __u16 family, const __u8 *address)
{
	struct address_key key = { .table = filter->table };
	bool mapped = family == AF_INET6 && is_mapped(address), v4 = mapped || family == AF_INET;
	const __u32 *from = (const __u32 *)(mapped ? address + 12 : address);
	__u32 *to = (__u32 *)key.address;
	const struct clause_set *set = NULL;

	to[0] = from[0];
	if (!v4) {
		to[1] = from[1];
		to[2] = from[2];
		to[3] = from[3];
	}
	key.family = v4 ? AF_INET : AF_INET6;
	key.prefix_bits = TABLE_BITS + 8 * (v4 ? IPV4_BYTES : IPV6_BYTES);
	if (filter->table)
		set = bpf_map_lookup_elem(&addresses, &key);
	return set ? set : set_at(v4 ? filter->other_v4 : filter->other_v6);
}

/* Does the call leave the object an AF_INET or AF_INET6 socket whose ends are known? */
static __always_inline bool has_ends(const struct scratch *scratch)
{
	const struct call *call = &scratch->call;

	return is_internet(scratch->object.family) &&
	       (call->type != __NR_connect || !call->ret || call->ret == -EINPROGRESS);
}

/* Who is at the other end; all stays where that cannot be told. */
static __always_inline const struct clause_set *remote_set(const struct address_filter *filter,
							   const struct scratch *scratch)
{
	const struct object_part *object = &scratch->object;
	const struct address_part *given = &scratch->address;
	bool is_given;

	if (!has_ends(scratch))
		return NULL;
	switch (scratch->call.type) {
	case __NR_connect:
		is_given = !object->remote_port && given->family;
		break;
	case __NR_accept:
	case __NR_accept4:
		is_given = false;
		break;
	default:
		is_given = !(object->flags & (OBJECT_ACCEPTED | OBJECT_CONNECTED));
		if (is_given && !given->family)
			return set_at(filter->none);
	}
	if (!is_given)
		return address_set(filter, object->family, object->remote_address);
	return is_internet(given->family) ? address_set(filter, given->family, given->address) : NULL;
}

/* This end. Beside an IPv4 peer a wildcard address is IPv4 too: that one is nobody's. */
static __always_inline const struct clause_set *local_set(const struct address_filter *filter,
							  const struct scratch *scratch)
{
	const struct object_part *object = &scratch->object;
	const __u64 *words = (const __u64 *)object->local_address;

	if (!has_ends(scratch) || (object->family == AF_INET6 && !words[0] && !words[1]))
		return NULL;
	return address_set(filter, object->family, object->local_address);
}

/* Integers and ends of the object in scratch. */
WHOLE int judge_ends(void)
{
	struct scratch *scratch = call_scratch();
	const struct type_filter *filter;
	struct judgement *judgement;

	if (!scratch)
		return PASSED;	/* cannot be: it has one entry */
	judgement = &scratch->judgement;
	filter = type_filter_of(judgement->plan, scratch->call.type);
	if (!filter)
		return PASSED;
	if (filter->flags & TESTS_LATE_INTEGER)
		for (__u32 i = 0; i < MAX_INTEGERS && i < filter->integer_count; i++)
			if (filter->integers[i].source >= INTEGER_ADDRESS_FAMILY &&
			    !keep_integer(judgement, &filter->integers[i],
					  late_integer(scratch, filter->integers[i].source)))
				return FILTERED_BY_INTEGER;
	if (filter->flags & TESTS_REMOTE &&
	    !keep(judgement, remote_set(&filter->remote, scratch)))
		return FILTERED_BY_ADDRESS;
	if (filter->flags & TESTS_LOCAL &&
	    !keep(judgement, local_set(&filter->local, scratch)))
		return FILTERED_BY_ADDRESS;
	return PASSED;
}

#endif
