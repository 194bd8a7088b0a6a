/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Verdicts on sockets: what kind of socket, and who is at its ends. */
#ifndef SAKER_VERDICT_NET_H
#define SAKER_VERDICT_NET_H

#include "enforce/verdict_sets.h"

#define AF_NETLINK 16		/* include/linux/socket.h */
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define IPPROTO_ICMP 1		/* include/uapi/linux/in.h */
#define IPPROTO_UDP 17
#define IPPROTO_ICMPV6 58
#define IPPROTO_RAW 255

/* A pointer as a number: the verifier does no arithmetic on those of sockets. */
static __always_inline __u64 number_of(const void *pointer)
{
	const void *from = pointer;
	__u64 to = 0;

	bpf_probe_read_kernel(&to, sizeof(to), &from);
	return to;
}

static __always_inline __u16 socket_version(__u16 family)
{
	switch (family) {
	case AF_INET:
		return SOCKET_V4;
	case AF_INET6:
		return SOCKET_V6;
	case AF_UNIX:
		return SOCKET_UNIX;
	case AF_NETLINK:
		return SOCKET_NETLINK;
	default:
		return SOCKET_OTHER;
	}
}

static __always_inline __u16 socket_transport(__u16 type, __u16 protocol)
{
	if (type == SOCK_RAW)
		return TRANSPORT_RAW;
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_MPTCP:
		return TRANSPORT_TCP;
	case IPPROTO_UDP:
		return TRANSPORT_UDP;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return TRANSPORT_ICMP;
	case IPPROTO_RAW:
		return TRANSPORT_RAW;
	default:
		return TRANSPORT_OTHER;
	}
}

/*
 * The verifier forgets what it knows of these facts. There are so many ways to find those of a socket that it
 * walked what follows eight times.
 */
WHOLE int forget_facts(struct verdict_facts *facts)
{
	barrier_var(facts);
	return 0;
}

/* `family` is that of the addresses it speaks. The last to be filled in. */
static __always_inline void facts_socket(struct verdict_facts *facts, __u16 family, __u16 type,
					 __u16 protocol)
{
	__u16 version = socket_version(family);

	facts->kind = OBJECT_SOCKET;
	facts->socket = version * SOCKET_TRANSPORTS + socket_transport(type, protocol);
	forget_facts(facts);
}

static __always_inline void side_v4(struct verdict_side *side, __u32 address, __u16 port)
{
	side->family = AF_INET;
	side->port = port;
	__builtin_memcpy(side->address, &address, sizeof(address));
}

/* IPv4 in IPv6 is IPv4. */
static __always_inline void side_v6(struct verdict_side *side, const __u32 *words, __u16 port)
{
	if (!words[0] && !words[1] && words[2] == bpf_htonl(0xffff)) {
		side_v4(side, words[3], port);
		return;
	}
	side->family = AF_INET6;
	side->port = port;
	__builtin_memcpy(side->address, words, sizeof(side->address));
}

static __always_inline __u64 address_bits(const struct verdict_end *end,
					  const struct verdict_side *side)
{
	bool v4 = side->family == AF_INET;
	struct address_key key = { .table = end->table, .family = side->family };
	const __u64 *set = NULL;

	if (!side->family)
		return end->no_address;
	__builtin_memcpy(key.address, side->address, sizeof(key.address));
	key.prefix_bits = TABLE_BITS + 8 * (v4 ? IPV4_BYTES : IPV6_BYTES);
	if (end->table)
		set = bpf_map_lookup_elem(&verdict_nets, &key);
	return set ? *set : v4 ? end->other_v4 : end->other_v6;
}

static __always_inline __u64 port_bits(const struct verdict_end *end,
				       const struct verdict_side *side, __u32 table)
{
	return side->family ? id_bits(table, side->port, end->other_port) : end->no_port;
}

/* What rests on the number of the operation, or on a socket; false: no clause is left. */
SUBPROGRAM int decide_net(const struct verdict_plan *plan, __u32 slot,
			  const struct verdict_facts *facts, struct verdict_left *left)
{
	__u64 operation = facts->operation, socket = facts->socket;

	if (RESTS(plan, left, VERDICT_BY_NUMBER) && operation < VERDICT_OPERATIONS &&
	    !narrow(left, id_bits(NUMBER_TABLE | slot, operation << 32 | facts->number,
				  plan->numbers_other[operation])))
		return 0;
	barrier_var(socket);
	if (RESTS(plan, left, VERDICT_BY_SOCKET) && socket < SOCKET_CLASSES &&
	    !narrow(left, plan->sockets[socket]))
		return 0;
	if (RESTS(plan, left, VERDICT_BY_SERVER_PORT)) {
		if (facts->sides & SIDE_CHOSEN)
			unknown(left, plan->depends[VERDICT_BY_SERVER_PORT]);
		else if (!narrow(left, port_bits(&plan->server, &facts->server,
						 SERVER_PORT_TABLE | slot)))
			return 0;
	}
	if (RESTS(plan, left, VERDICT_BY_REMOTE_PORT) &&
	    !narrow(left, port_bits(&plan->remote, &facts->remote, REMOTE_PORT_TABLE | slot)))
		return 0;
	if (RESTS(plan, left, VERDICT_BY_SERVER) &&
	    !narrow(left, address_bits(&plan->server, &facts->server)))
		return 0;
	if (RESTS(plan, left, VERDICT_BY_REMOTE) &&
	    !narrow(left, address_bits(&plan->remote, &facts->remote)))
		return 0;
	return 1;
}

#endif
