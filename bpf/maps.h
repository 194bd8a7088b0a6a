/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Every map: those that hooks share, the tables of the filter, and what verdicts need. */
#ifndef SAKER_MAPS_H
#define SAKER_MAPS_H

#include "enforce/verdict_maps.h"
#include "filter_tables.h"
#include "scratch.h"

/* Records, in order of their hooks. User space sets the size before load. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

/* By event type. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, EVENT_TYPE_COUNT);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

/* What user space says, through shared memory. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct control);
} control SEC(".maps");

/* Of the system call programs: they run with preemption off, one at a time on a CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

/* Of the lifecycle programs. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} life_scratch SEC(".maps");

/* Of the task iterator, which may sleep and runs once at a time. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} task_scratch SEC(".maps");

/* What the kernel side remembers of a process, kept at its group leader. */
struct process_state {
	__u32 exited;		/* its exit record was sent */
	__u32 shared_files;	/* its descriptor table was shared at some time since exec */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct process_state);
} process SEC(".maps");

#define SHARER_PLACES 16384	/* a power of two */

/*
 * How many processes with this pid, modulo SHARER_PLACES, have shared_files set: where there is none,
 * nobody has to look into storage. Never too few; too many where a thread that was not the leader
 * called exec.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SHARER_PLACES);
	__type(key, __u32);
	__type(value, __u32);
} sharers SEC(".maps");

/*
 * What user space knows of a process, kept at its group leader and written there through a pidfd.
 * Storage cannot be full or evicted while there is memory.
 */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct process_entry);
} process_bits SEC(".maps");

#define COPY_PLACES 16384	/* a power of two */

/* Who made a process; see process_bits.h. */
struct copy {
	__u64 start_ns;		/* of the process that has the place, COPY_BUSY: being written */
	__u64 parent_start_ns;
};

/* By pid modulo COPY_PLACES: a later process takes the place of an earlier one. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, COPY_PLACES);
	__type(key, __u32);
	__type(value, struct copy);
} copies SEC(".maps");

/* The program of a system call, by native number; section .rodata.calls says what belongs here. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, SLOT_COUNT);
	__type(key, __u32);
	__type(value, __u32);
} calls SEC(".maps");

/* The program that ends processes at exec, at place 0, where rules ask for it; see enforce/kill.h. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} exec_kill SEC(".maps");

/* What program classify found. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct classify_answer);
} answer SEC(".maps");

/* i386 number to native number, ~0: none. Filled by user space, which has the tables of names. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SYSCALL_COUNT);
	__type(key, __u32);
	__type(value, __u32);
} ia32_native SEC(".maps");

#endif
