/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Tables of the filter, see abi.h. What is in nobody's way is made as entries come. */
#ifndef SAKER_FILTER_TABLES_H
#define SAKER_FILTER_TABLES_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "abi.h"

#define TABLE_BITS 32		/* of a trie's key: the number of the table is part of it */
#define NEEDLE_SETS 32		/* of one plan, a power of two */
#define HEAD_TABLES 32		/* the same */
#define SET_PLACES 8192		/* of two plans; a power of two */

/*
 * Tables that are indexed with numbers of our own: variables (section .bss), which user space writes through shared
 * memory. Their addresses are constants in what the kernel's compiler makes, where a lookup in a map of type array is
 * 55 bytes and a branch, a dozen times for an open.
 */
struct type_filter types[2 * SYSCALL_COUNT];	/* by slot * SYSCALL_COUNT + native number */
struct clause_set sets[SET_PLACES];
struct head_table heads[2 * HEAD_TABLES];	/* the number of a table holds its slot */
struct needle_set needles[2 * NEEDLE_SETS];	/* the same */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct integer_key);
	__type(value, struct clause_set);
} integers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct comm_key);
	__type(value, struct clause_set);
} comms SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct cgroup_key);
	__type(value, struct clause_set);
} cgroups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 32768);
	__type(key, struct path_key);
	__type(value, struct path_class);
} paths SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 32768);
	__type(key, struct last_key);
	__type(value, struct clause_set);
} lasts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 32768);
	__type(key, struct address_key);
	__type(value, struct clause_set);
} addresses SEC(".maps");

#endif
