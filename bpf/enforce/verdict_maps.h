/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* What verdicts need: their tables, and the memory of the hooks that give them; see enforce/verdict.h. */
#ifndef SAKER_VERDICT_MAPS_H
#define SAKER_VERDICT_MAPS_H

#include "scratch.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct verdict_plan);
} verdict_plans SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct path_key);
	__type(value, struct verdict_class);
} verdict_paths SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct last_key);
	__type(value, struct verdict_class);
} verdict_lasts SEC(".maps");

/* Sets by name: of the thread, its parent or its ancestors; the slot is the number of the table. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct comm_key);
	__type(value, __u64);
} verdict_comms SEC(".maps");

/* Sets by uid, gid, port or another number, told apart by the number of the table. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 32768);
	__type(key, struct integer_key);
	__type(value, __u64);
} verdict_ids SEC(".maps");

/* enum verdict_place by cgroup id. A cgroup that is not here is unknown. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, __u32);
} verdict_cgroups SEC(".maps");

/* What the program of a process makes true, at its group leader: as it was when the program was started. */
struct verdict_program {
	__u64 exec_id;
	__u64 bits;
	__u32 plan;
	__u32 pad0;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct verdict_program);
} verdict_program SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct address_key);
	__type(value, __u64);
} verdict_nets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2 * VERDICT_CLAUSES);
	__type(key, __u32);
	__type(value, struct verdict_count);
} verdict_counts SEC(".maps");

/* By verdict_plan.limits. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, KILL_LIMITS);
	__type(key, __u32);
	__type(value, struct kill_limit);
} kill_limits SEC(".maps");

/*
 * Memory of hooks that may be preempted, on preemptible kernels by others of their kind: who finds a
 * place free takes it until it is done.
 */
#define VERDICT_WORKS 8	/* hooks that stand still on one CPU at a time */
#define VERDICT_RECORDS 2	/* of them those that have something to tell */

struct verdict_work {
	/* of the walk to the ancestors */
	__u64 task;
	__u64 programs;		/* clauses that some ancestor's program makes true */
	__u64 comms;
	__u64 wanted;		/* clauses that ask for programs */
	__u32 slot;
	__u32 number;		/* of the plan */
	__u32 done;		/* the first process was reached */
	__u32 place;		/* of this in the map */
	__u32 busy;
	__u32 inner;		/* where in the walk's text the path from the process's root begins, 0: nowhere */
	__u32 last_bytes;	/* of the last component */
	__u64 kill;		/* verdict_plan.kill */
	struct last_key last;
	struct path_walk walk;
	char spare[MAX_CLAIMED_BYTES];	/* never written: the verifier thinks that a text could be */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VERDICT_WORKS);
	__type(key, __u32);
	__type(value, struct verdict_work);
} verdict_works SEC(".maps");

struct verdict_scratch {
	struct scratch scratch;
	__u32 busy;
	__u32 pad0;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VERDICT_RECORDS);
	__type(key, __u32);
	__type(value, struct verdict_scratch);
} verdict_scratch SEC(".maps");

#endif
