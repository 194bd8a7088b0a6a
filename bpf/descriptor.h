/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Which descriptor a call is about, where its line in shapes.h does not say it. */
#ifndef SAKER_DESCRIPTOR_H
#define SAKER_DESCRIPTOR_H

#include "shape.h"

#define MAP_ANONYMOUS 0x20	/* include/uapi/asm-generic/mman-common.h */
#define PROT_EXEC 4

/* include/uapi/linux/bpf.h, enum bpf_cmd */
#define CMD_MAP_CREATE 0
#define CMD_PROG_LOAD 5
#define CMD_OBJ_PIN 6
#define CMD_OBJ_GET 7
#define CMD_PROG_ATTACH 8
#define CMD_RAW_TRACEPOINT_OPEN 17
#define CMD_LINK_CREATE 28

/* Those that return a descriptor: also 13, 14, 19, 30: ..._GET_FD_BY_ID, 18 BTF_LOAD, 32, 33, 36 */
#define GIVES_DESCRIPTOR (1ull << CMD_MAP_CREATE | 1ull << CMD_PROG_LOAD | 1ull << CMD_OBJ_GET |	\
	1ull << 13 | 1ull << 14 | 1ull << CMD_RAW_TRACEPOINT_OPEN | 1ull << 18 | 1ull << 19 |		\
	1ull << CMD_LINK_CREATE | 1ull << 30 | 1ull << 32 | 1ull << 33 | 1ull << 36)

/* mmap: the file that it maps. */
static __always_inline int mapped_descriptor(const struct call *call)
{
	return call->args[3] & MAP_ANONYMOUS ? -1 : (int)call->args[4];
}

/* bpf: the map, program or link that it made or found. */
static __always_inline int bpf_descriptor(const struct call *call)
{
	__u32 command = call->args[0];

	return call->ret >= 0 && command < 64 && GIVES_DESCRIPTOR >> command & 1 ? (int)call->ret : -1;
}

/* mmap, mprotect, pkey_mprotect of memory that is not to be executed: of no interest, and most of them. */
static __always_inline bool is_plain_memory(const struct call *call)
{
	return (call->type == __NR_mmap || call->type == __NR_mprotect ||
		call->type == __NR_pkey_mprotect) && !(call->args[2] & PROT_EXEC);
}

static __always_inline bool takes_address(const struct call *call)
{
	switch (call->type) {
	case __NR_connect:
	case __NR_bind:
	case __NR_sendto:
	case __NR_recvfrom:
	case __NR_sendmsg:
	case __NR_recvmsg:
	case __NR_sendmmsg:
	case __NR_recvmmsg:
		return true;
	default:
		return false;
	}
}

/* The descriptor that a call is about, negative: none. */
static __always_inline int descriptor_of(struct call *call)
{
	switch (call->type) {
	case __NR_mmap:
		return mapped_descriptor(call);
	case __NR_bpf:
		return bpf_descriptor(call);
	case __NR_socketpair:
		return call->ret ? -1 : call_pair(call, call->args[3]);
	default:
		return shape_descriptor(shape_of(call->type), call);
	}
}

#endif
