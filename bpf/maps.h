/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Every map.
 */
#ifndef SAKER_MAPS_H
#define SAKER_MAPS_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "abi.h"

/* Room to build a record: the largest fixed part (exec_record) and six texts of MAX_PATH_BYTES. */
#define RECORD_BYTES 25600
#define NAME_BYTES 256		/* NAME_MAX and its NUL, include/uapi/linux/limits.h */
#define NEEDLE_SETS 32		/* of one plan */
#define HEAD_TABLES 32		/* the same */
#define LAST_UNTOLD (~0u)	/* path_walk.last */

/* A path on its way from the last component to the root; the text ends at MAX_PATH_BYTES. */
struct path_walk {
	__u64 dentry;
	__u64 mount;		/* struct vfsmount */
	__u64 root_dentry;
	__u64 root_mount;
	__u64 of_dentry;	/* the text is the path of these, 0: of nothing that is known */
	__u64 of_mount;
	__u32 start;		/* of the text so far */
	__u32 flags;		/* enum span_flag */
	__u32 last;		/* bytes of the last component, LAST_UNTOLD: somebody has to look */
	__u32 pad0;
	char text[MAX_PATH_BYTES + NAME_BYTES];
};

/* Buffers of a message on their way into one. */
struct gather {
	__u64 list;		/* of struct iovec, in the caller's memory */
	__u64 count;
	__u64 wanted;		/* bytes */
	__u64 done;
	__u32 compat;		/* 32-bit pointers */
	__u32 pad0;
};

/* The threads of a process, one after the other; see process/epoch.h. */
struct thread_walk {
	__u64 node;
	__u64 head;
	__u32 left;		/* some were not looked at, or one has children */
	__u32 pad0;
};

#define ARGUMENTS 6

/* A system call at its end, as its caller made it. */
struct call {
	__u32 type;		/* native number, NO_CALL: none that we know */
	__u32 number;		/* the caller's */
	__u32 abi;		/* enum call_abi */
	__u32 has_extra;	/* extra and extra2 are filled, see extra.h */
	__s64 ret;
	__u64 args[ARGUMENTS];
	__u64 extra;
	__u64 extra2;
};

/* What the filter has found out about the call so far. */
struct judgement {
	struct clause_set open;
	__u64 task;		/* who calls */
	__u32 plan;		/* chosen once for each event */
	__u32 flags;		/* enum filter_flag of the type, 0: nothing is tested */
	__u32 wide;		/* type_filter.wide */
	__s32 claimed_length;	/* CLAIMED_UNREAD, CLAIMED_UNKNOWN or bytes in scratch.claimed */
	__u32 claimed_marks;	/* enum claimed_mark */
	__u64 dentry;		/* of the object, 0: it has none */
	__u64 mount;		/* struct vfsmount */
	__u32 search_start;	/* in scratch.walk.text */
	__u32 needles;		/* place in map needles */
	__u32 needle_found;
	__u32 wanted_needles;	/* those that an open clause asks for, a bit each */
	__u32 needle;		/* one of them */
	struct last_key last;
};

/* The entry of the process that asked for its own last; see process_bits.h. */
struct recent {
	__u64 leader;		/* struct task_struct */
	__u64 written;		/* control.entries */
	struct process_entry entry;
};

/*
 * Where a record is built before it is copied into the ring: its length is known only at the end.
 * What loops keep from step to step lies here too, not on the stack: before 6.7 the verifier walked
 * the body of bpf_loop() once and believed what it had seen there of the stack.
 * The dispatcher leaves the call and its judgement here for the program that it jumps to.
 */
struct scratch {
	__u8 record[RECORD_BYTES];
	struct call call;
	struct judgement judgement;
	struct recent recent;
	struct object_part object;	/* what the filter needs of it */
	struct address_part address;
	union {
		struct gather gather;
		struct thread_walk threads;
	};
	struct path_walk walk;
	char claimed[MAX_CLAIMED_BYTES + 64];	/* read past the end of the text, eight bytes at a time */
};

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

/* Tables of the filter, see abi.h. What is in nobody's way is made as entries come. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2 * SYSCALL_COUNT);
	__type(key, __u32);
	__type(value, struct type_filter);
} types SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct clause_set);
} sets SEC(".maps");

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

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2 * NEEDLE_SETS);
	__type(key, __u32);
	__type(value, struct needle_set);
} needles SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2 * HEAD_TABLES);
	__type(key, __u32);
	__type(value, struct head_table);
} heads SEC(".maps");

/* What program classify found. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct classify_answer);
} answer SEC(".maps");

/* Verdicts, see enforce/verdict.h. */
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
	__u32 pad0;
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

/* i386 number to native number, ~0: none. Filled by user space, which has the tables of names. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SYSCALL_COUNT);
	__type(key, __u32);
	__type(value, __u32);
} ia32_native SEC(".maps");

#endif
