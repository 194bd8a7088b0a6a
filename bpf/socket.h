/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* What a socket is: family, state, both ends, and which of them this one is. */
#ifndef SAKER_SOCKET_H
#define SAKER_SOCKET_H

#include "path.h"

#define AF_UNIX 1		/* include/linux/socket.h */
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define IPPROTO_TCP 6
#define IPPROTO_MPTCP 262
#define TCP_ESTABLISHED 1	/* include/net/tcp_states.h */
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define BIND_ADDRESS_LOCK 4	/* SOCK_BINDADDR_LOCK, include/net/sock.h */
#define BIND_PORT_LOCK 8	/* SOCK_BINDPORT_LOCK */
#define FAST_REUSE_CONNECT (-1)	/* inet_bind_bucket.fastreuse of a port that connect() chose */
#define UNIX_PATH_BYTES 108	/* UNIX_PATH_MAX, include/uapi/linux/un.h */

/*
 * Did this TCP socket come from accept()? The kernel keeps no such flag, but leaves traces: a child
 * is a copy of its listener, so it has the listener's backlog limit, which nothing else sets; the
 * copy drops the mark of an explicit port (sk_clone); and a port that connect() chose is in a bucket
 * marked so (__inet_hash_connect). A client that called listen() on the socket before is told apart
 * by the latter two. Missed: children of listen(fd, 0).
 */
static __always_inline bool tcp_accepted(__u64 sock, __u32 state)
{
	struct inet_bind_bucket *bucket;

	if (state == TCP_LISTEN || state == TCP_CLOSE || !READ(struct sock, sock, sk_max_ack_backlog) ||
	    sock_userlocks(sock) & BIND_PORT_LOCK)
		return false;
	bucket = READ(struct inet_connection_sock, sock, icsk_bind_hash);
	return !bucket || READ(struct inet_bind_bucket, bucket, fastreuse) != FAST_REUSE_CONNECT;
}

static __always_inline void inet_ends(struct object_part *object, __u64 sock)
{
	__u32 word;

	object->local_port = READ(struct sock, sock, __sk_common.skc_num);
	object->remote_port = bpf_ntohs(READ(struct sock, sock, __sk_common.skc_dport));
	if (object->family == AF_INET) {
		word = READ(struct sock, sock, __sk_common.skc_rcv_saddr);
		__builtin_memcpy(object->local_address, &word, sizeof(word));
		word = READ(struct sock, sock, __sk_common.skc_daddr);
		__builtin_memcpy(object->remote_address, &word, sizeof(word));
		return;
	}
	bpf_core_read(object->local_address, sizeof(object->local_address),
		      &((struct sock *)sock)->__sk_common.skc_v6_rcv_saddr);
	bpf_core_read(object->remote_address, sizeof(object->remote_address),
		      &((struct sock *)sock)->__sk_common.skc_v6_daddr);
}

static __always_inline void inet_flags(struct object_part *object, __u64 sock)
{
	bool stream = object->socket_type == SOCK_STREAM &&
		      (object->protocol == IPPROTO_TCP || object->protocol == IPPROTO_MPTCP);

	if (stream && tcp_accepted(sock, object->socket_state))
		object->flags |= OBJECT_ACCEPTED;
	else if (sock_userlocks(sock) & (BIND_ADDRESS_LOCK | BIND_PORT_LOCK))
		object->flags |= OBJECT_BOUND;
	if (object->remote_port && object->socket_state != TCP_CLOSE)
		object->flags |= OBJECT_CONNECTED;
}

/* The name a unix socket is bound to: a path by its dentry, an abstract name with @ for its NUL. */
static __always_inline bool part_unix(struct call_record *record, __u64 sock)
{
	struct unix_address *address = READ(struct unix_sock, sock, addr);
	__u64 dentry = (__u64)READ(struct unix_sock, sock, path.dentry), length;
	char *to;

	if (!address)
		return false;
	if (dentry) {
		part_path(&record->header, &record->path, dentry,
			  (__u64)READ(struct unix_sock, sock, path.mnt), current_task());
		return true;
	}
	length = READ(struct unix_address, address, len) - sizeof(__u16);
	to = part_begin(&record->header, UNIX_PATH_BYTES);
	barrier_var(length);
	if (!to || length < 1 || length > UNIX_PATH_BYTES ||
	    bpf_probe_read_kernel(to, length, &address->name[0].sun_path))
		return true;
	*to = '@';
	part_end(&record->header, &record->path, length, 0);
	return true;
}

static __always_inline void unix_ends(struct call_record *record, __u64 sock)
{
	struct object_part *object = &record->object;
	__u64 peer = (__u64)READ(struct unix_sock, sock, peer);
	__u64 address = (__u64)READ(struct unix_sock, sock, addr);

	object->peer_sock = peer;
	if (peer)
		object->flags |= OBJECT_CONNECTED;
	if (address) {
		/* accept() gives the new socket the listener's address, and nobody else's */
		bool stream = object->socket_type != 2 /* SOCK_DGRAM */;
		bool named_peer = peer && READ(struct unix_sock, peer, addr);

		object->flags |= stream && peer && !named_peer ? OBJECT_ACCEPTED : OBJECT_BOUND;
	}
	if (!part_unix(record, sock) && peer)
		part_unix(record, peer);
}

/* What a struct sock says of itself, the names of unix sockets aside. */
static __always_inline void sock_facts(struct object_part *object, __u64 sock)
{
	object->sock = sock;
	object->family = READ(struct sock, sock, __sk_common.skc_family);
	object->socket_state = READ(struct sock, sock, __sk_common.skc_state);
	object->protocol = READ(struct sock, sock, sk_protocol);
	if (object->family == AF_INET || object->family == AF_INET6) {
		inet_ends(object, sock);
		inet_flags(object, sock);
	}
}

/* The same of a struct socket; returns its struct sock. */
static __always_inline __u64 socket_facts(struct object_part *object, __u64 socket)
{
	__u64 sock = (__u64)READ(struct socket, socket, sk);

	object->socket_type = READ(struct socket, socket, type);
	if (sock)
		sock_facts(object, sock);
	return sock;
}

/* Fills the socket's part of the object; `socket` is a struct socket. */
SUBPROGRAM int object_socket(struct call_record *record, __u64 socket)
{
	__u64 sock = socket_facts(&record->object, socket);

	if (sock && record->object.family == AF_UNIX)
		unix_ends(record, sock);
	return 0;
}

/* The same of a struct sock. */
SUBPROGRAM int object_sock(struct call_record *record, __u64 sock)
{
	record->object.socket_type = READ(struct sock, sock, sk_type);
	sock_facts(&record->object, sock);
	if (record->object.family == AF_UNIX)
		unix_ends(record, sock);
	return 0;
}

#endif
