// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/*
 * Verdicts on sockets by the hooks of cgroups, which every kernel has: TCP, UDP and ping. What they do not see
 * is deny_socket's.
 */
#include "enforce/verdict.h"

/* The socket of a cgroup's hook, which speaks addresses of this family. */
static __always_inline void cgroup_socket(struct verdict_facts *facts, struct bpf_sock *sock,
					  __u16 family)
{
	if (!sock)
		return;
	facts->sock = number_of(sock);
	facts_socket(facts, family, sock->type, sock->protocol);
}

/* An address that was given, the server's: where to, or of the socket itself. */
static __always_inline int given(struct bpf_sock_addr *context, struct verdict_facts *facts)
{
	if (facts->operation != VERDICT_BIND)
		facts->remote = facts->server;
	else if (!facts->server.port)
		facts->sides = SIDE_CHOSEN;
	cgroup_socket(facts, context->sk, facts->server.family);
	return verdict_in_cgroup(facts);
}

static __always_inline int given_v4(struct bpf_sock_addr *context, __u32 operation)
{
	struct verdict_facts facts = { .operation = operation };

	side_v4(&facts.server, context->user_ip4, bpf_ntohs(context->user_port));
	return given(context, &facts);
}

static __always_inline int given_v6(struct bpf_sock_addr *context, __u32 operation)
{
	struct verdict_facts facts = { .operation = operation };
	__u32 words[4];

	words[0] = context->user_ip6[0];
	words[1] = context->user_ip6[1];
	words[2] = context->user_ip6[2];
	words[3] = context->user_ip6[3];
	side_v6(&facts.server, words, bpf_ntohs(context->user_port));
	return given(context, &facts);
}

/*
 * A socket of TCP, UDP or ping is connected, by whatever way: MSG_FASTOPEN and io_uring come here too.
 * proto:  enum cgroup_bpf_attach_type CGROUP_INET4_CONNECT, include/linux/bpf-cgroup.h
 * misses: SCTP, DCCP and raw sockets, which LSM sees
 */
SEC("cgroup/connect4")
int deny_connect4(struct bpf_sock_addr *context)
{
	return given_v4(context, VERDICT_CONNECT);
}

/*
 * The same for a socket of IPv6, with addresses of IPv4 in it.
 * proto:  enum cgroup_bpf_attach_type CGROUP_INET6_CONNECT
 * misses: as above
 */
SEC("cgroup/connect6")
int deny_connect6(struct bpf_sock_addr *context)
{
	return given_v6(context, VERDICT_CONNECT);
}

/*
 * A datagram of UDP goes to an address of its own.
 * proto:  enum cgroup_bpf_attach_type CGROUP_UDP4_SENDMSG
 * misses: what is sent over a connected socket
 */
SEC("cgroup/sendmsg4")
int deny_sendmsg4(struct bpf_sock_addr *context)
{
	return given_v4(context, VERDICT_SEND);
}

/*
 * The same from a socket of IPv6; to an address of IPv4 the program above is called.
 * proto:  enum cgroup_bpf_attach_type CGROUP_UDP6_SENDMSG
 * misses: as above
 */
SEC("cgroup/sendmsg6")
int deny_sendmsg6(struct bpf_sock_addr *context)
{
	return given_v6(context, VERDICT_SEND);
}

/*
 * A socket gets an address of its own.
 * proto:  enum cgroup_bpf_attach_type CGROUP_INET4_BIND
 * misses: raw sockets and SCTP
 */
SEC("cgroup/bind4")
int deny_bind4(struct bpf_sock_addr *context)
{
	return given_v4(context, VERDICT_BIND);
}

/*
 * The same for IPv6.
 * proto:  enum cgroup_bpf_attach_type CGROUP_INET6_BIND
 * misses: as above
 */
SEC("cgroup/bind6")
int deny_bind6(struct bpf_sock_addr *context)
{
	return given_v6(context, VERDICT_BIND);
}

/*
 * A socket is made, of the internet; where LSM is this is not used.
 * proto:  enum cgroup_bpf_attach_type CGROUP_INET_SOCK_CREATE
 * misses: sockets of other families
 */
SEC("cgroup/sock_create")
int deny_sock(struct bpf_sock *socket)
{
	struct verdict_facts facts = { .operation = VERDICT_SOCKET };

	facts.number = socket->family;
	facts_socket(&facts, facts.number, socket->type, socket->protocol);
	return verdict_in_cgroup(&facts);
}
