// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Verdicts on sockets by the hooks of LSM: what those of cgroups do not see, see deny_net. */
#include "enforce/verdict.h"

#define IPPROTO_UDPLITE 136	/* include/uapi/linux/in.h */
#define AF_UNSPEC 0
#define SOCK_TYPE_MASK 0xf	/* include/linux/net.h */

/* The protocol that 0 stands for, as inet_create() chooses it. */
static __always_inline __u16 protocol_of(__u16 family, __u16 type, __u16 protocol)
{
	if (protocol || (family != AF_INET && family != AF_INET6))
		return protocol;
	return type == SOCK_STREAM ? IPPROTO_TCP : type == SOCK_DGRAM ? IPPROTO_UDP : 0;
}

/*
 * A socket is made, of whatever family, also by socketpair.
 * proto:  int socket_create(int family, int type, int protocol, int kern)
 * misses: sockets that the kernel makes for itself, and those of accept
 */
SEC("lsm/socket_create")
int BPF_PROG(deny_socket, int family, int type, int protocol, int kern, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_SOCKET };

	if (ret || kern)
		return ret;
	type &= SOCK_TYPE_MASK;
	facts.number = family;
	facts_socket(&facts, family, type, protocol_of(family, type, protocol));
	return verdict(&facts);
}

static __always_inline bool is_inet(__u16 family)
{
	return family == AF_INET || family == AF_INET6;
}

/* An address of the internet, in the kernel's copy. */
static __always_inline void side_given(struct verdict_side *side, __u64 address, __u16 family)
{
	__u32 words[4];

	if (family == AF_INET) {
		side_v4(side, READ(struct sockaddr_in, address, sin_addr.s_addr),
			bpf_ntohs(READ(struct sockaddr_in, address, sin_port)));
	} else if (!bpf_core_read(words, sizeof(words),
				  &((struct sockaddr_in6 *)address)->sin6_addr)) {
		side_v6(side, words, bpf_ntohs(READ(struct sockaddr_in6, address, sin6_port)));
	}
}

/* An end as the socket has it; one of IPv6 has its address at `address6`. */
static __always_inline void side_socket(struct verdict_side *side, __u16 family, __u32 address4,
					const void *address6, __u16 port)
{
	__u32 words[4];

	if (family == AF_INET)
		side_v4(side, address4, port);
	else if (!bpf_probe_read_kernel(words, sizeof(words), address6))
		side_v6(side, words, port);
}

static __always_inline void side_local(struct verdict_side *side, __u64 sock, __u16 family)
{
	struct sock *at = (struct sock *)sock;

	side_socket(side, family, READ(struct sock, sock, __sk_common.skc_rcv_saddr),
		    __builtin_preserve_access_index(&at->__sk_common.skc_v6_rcv_saddr),
		    READ(struct sock, sock, __sk_common.skc_num));
}

static __always_inline void side_remote(struct verdict_side *side, __u64 sock, __u16 family)
{
	struct sock *at = (struct sock *)sock;

	side_socket(side, family, READ(struct sock, sock, __sk_common.skc_daddr),
		    __builtin_preserve_access_index(&at->__sk_common.skc_v6_daddr),
		    bpf_ntohs(READ(struct sock, sock, __sk_common.skc_dport)));
}

/* `family` is that of the addresses it speaks. */
static __always_inline void lsm_socket(struct verdict_facts *facts, __u64 sock, __u16 family)
{
	facts->sock = sock;
	facts_socket(facts, family, READ(struct sock, sock, sk_type),
		     READ(struct sock, sock, sk_protocol));
}

/*
 * A socket is connected of which the hooks of cgroups are not told: of another family, SCTP, raw.
 * proto:  int socket_connect(struct socket *sock, struct sockaddr *address, int addrlen)
 * misses: the rest, which is theirs
 */
SEC("lsm/socket_connect")
int BPF_PROG(deny_connect, struct socket *socket, struct sockaddr *address, int length, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_CONNECT };
	__u64 sock = (__u64)READ(struct socket, socket, sk), given = (__u64)address;
	__u16 family, asked = READ(struct sockaddr, given, sa_family);

	if (ret || !sock || asked == AF_UNSPEC)	/* that one disconnects */
		return ret;
	family = READ(struct sock, sock, __sk_common.skc_family);
	if (is_inet(family)) {
		__u64 proto = (__u64)READ(struct sock, sock, __sk_common.skc_prot);

		if (READ(struct proto, proto, pre_connect) ||
		    READ(struct sock, sock, sk_protocol) == IPPROTO_MPTCP)
			return 0;
		side_given(&facts.server, given, asked == AF_INET6 ? AF_INET6 : AF_INET);
		facts.remote = facts.server;
		family = facts.server.family;
	}
	lsm_socket(&facts, sock, family);
	return verdict(&facts);
}

/*
 * The same for an address of its own.
 * proto:  int socket_bind(struct socket *sock, struct sockaddr *address, int addrlen)
 * misses: the rest, which is theirs
 */
SEC("lsm/socket_bind")
int BPF_PROG(deny_bind, struct socket *socket, struct sockaddr *address, int length, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_BIND };
	__u64 sock = (__u64)READ(struct socket, socket, sk), given = (__u64)address;
	__u16 family, asked = READ(struct sockaddr, given, sa_family);

	if (ret || !sock)
		return ret;
	family = READ(struct sock, sock, __sk_common.skc_family);
	if (is_inet(family)) {
		__u64 proto = (__u64)READ(struct sock, sock, __sk_common.skc_prot);

		if (!READ(struct proto, proto, bind))
			return 0;
		side_given(&facts.server, given, asked == AF_INET6 ? AF_INET6 : AF_INET);
		family = facts.server.family;
	}
	lsm_socket(&facts, sock, family);
	return verdict(&facts);
}

/*
 * A socket begins to take connections.
 * proto:  int socket_listen(struct socket *sock, int backlog)
 * misses: nothing
 */
SEC("lsm/socket_listen")
int BPF_PROG(deny_listen, struct socket *socket, int backlog, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_LISTEN };
	__u64 sock = (__u64)READ(struct socket, socket, sk);
	__u16 family;

	if (ret || !sock)
		return ret;
	family = READ(struct sock, sock, __sk_common.skc_family);
	if (is_inet(family)) {
		side_local(&facts.server, sock, family);
		family = facts.server.family;
		if (!facts.server.port)
			facts.sides = SIDE_CHOSEN;
	}
	lsm_socket(&facts, sock, family);
	return verdict(&facts);
}

/*
 * Something is sent over a socket, by whatever call: to an address, or to whom it is connected.
 * proto:  int socket_sendmsg(struct socket *sock, struct msghdr *msg, int size)
 * misses: datagrams of UDP with an address, of which the hooks of cgroups are told; splice and sendfile
 *         before 6.5
 */
SEC("lsm/socket_sendmsg")
int BPF_PROG(deny_send, struct socket *socket, struct msghdr *message, int size, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_SEND };
	__u64 sock = (__u64)READ(struct socket, socket, sk);
	__u64 given = (__u64)READ(struct msghdr, message, msg_name);
	__u16 family, protocol;

	if (ret || !sock)
		return ret;
	family = READ(struct sock, sock, __sk_common.skc_family);
	if (is_inet(family)) {
		protocol = READ(struct sock, sock, sk_protocol);
		if (given && (protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE))
			return 0;
		if (given)
			side_given(&facts.remote, given,
				   READ(struct sockaddr, given, sa_family) == AF_INET6 ? AF_INET6 : AF_INET);
		else
			side_remote(&facts.remote, sock, family);
		facts.server = facts.remote;
		if (protocol == IPPROTO_TCP &&
		    tcp_accepted(sock, READ(struct sock, sock, __sk_common.skc_state)))
			side_local(&facts.server, sock, family);
		family = facts.remote.family;
	}
	lsm_socket(&facts, sock, family);
	return verdict(&facts);
}
