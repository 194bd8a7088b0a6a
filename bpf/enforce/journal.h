/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * What was denied, kept for the next agent: counts by clause with the names of their rules, and the
 * last denials. The maps are pinned where enforcement.persist says so, and written to all the time:
 * a hook cannot tell whether an agent still reads. The agent marks what it has told.
 */
#ifndef SAKER_JOURNAL_H
#define SAKER_JOURNAL_H

#include "maps.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct journal_state);
} journal_head SEC(".maps");

/* By slot * VERDICT_CLAUSES + clause. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, JOURNAL_RULES);
	__type(key, __u32);
	__type(value, struct journal_rule);
} journal_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, JOURNAL_ENTRIES);
	__type(key, __u32);
	__type(value, struct journal_entry);
} journal_last SEC(".maps");

/* Counts a denial by the clause at this place. */
static __always_inline void journal_count(__u32 place)
{
	struct journal_rule *rule = bpf_map_lookup_elem(&journal_rules, &place);

	if (rule)
		__sync_fetch_and_add(&rule->denied, 1);
}

/*
 * The lowest of a set that is not empty: how many bits are below it. Without a branch, of which the verifier
 * would follow each way; clang 14 has no instruction for it and crashes on __builtin_ctzll().
 */
static __always_inline __u32 first_clause(__u64 clauses)
{
	__u64 bits = ~clauses & (clauses - 1);

	bits -= bits >> 1 & 0x5555555555555555ull;
	bits = (bits & 0x3333333333333333ull) + (bits >> 2 & 0x3333333333333333ull);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return bits * 0x0101010101010101ull >> 56;
}

/* Keeps one denial: who, and on which path, if there is one. `record` is RECORD_BYTES long. */
static __always_inline void journal_keep(const struct call_record *record, __u32 plan,
					 __u64 clauses, __u32 operation)
{
	__u64 at = record->path.offset, length = record->path.length, number;
	struct journal_entry *entry;
	struct journal_state *head;
	__u32 key = 0;

	head = bpf_map_lookup_elem(&journal_head, &key);
	if (!head || !head->on)
		return;
	number = __sync_fetch_and_add(&head->next, 1);
	key = number % JOURNAL_ENTRIES;
	entry = bpf_map_lookup_elem(&journal_last, &key);
	if (!entry)
		return;
	entry->number = 0;	/* being written */
	entry->time_ns = record->header.time_ns;
	entry->start_ns = record->task.start_ns;
	entry->pid = record->task.pid;
	entry->uid = record->task.uid;
	entry->place = (plan & 1) * VERDICT_CLAUSES + first_clause(clauses);
	entry->operation = operation;
	__builtin_memcpy(entry->comm, record->task.comm, COMM_BYTES);
	if (length > JOURNAL_PATH_BYTES) {	/* the end says more than the beginning */
		at += length - JOURNAL_PATH_BYTES;
		length = JOURNAL_PATH_BYTES;
	}
	barrier_var(at);
	barrier_var(length);
	entry->path_length = 0;
	if (at && at <= RECORD_BYTES - JOURNAL_PATH_BYTES && length <= JOURNAL_PATH_BYTES &&
	    !bpf_probe_read_kernel(entry->path, length, (void *)record + at))
		entry->path_length = length;
	barrier();
	entry->number = number + 1;
}

#endif
