/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* What the system call programs and the filter keep while they look at one event: too much for a stack. */
#ifndef SAKER_SCRATCH_H
#define SAKER_SCRATCH_H

#include "vmlinux.h"
#include "abi.h"

/* Room to build a record: the largest fixed part (exec_record) and six texts of MAX_PATH_BYTES. */
#define RECORD_BYTES 25600
#define NAME_BYTES 256		/* NAME_MAX and its NUL, include/uapi/linux/limits.h */
#define LAST_UNTOLD (~0u)	/* path_walk.last */
#define SEEN_UNTOLD (~0ull)	/* path_walk.seen */
#define HEAD_UNTOLD (~0ull)	/* path_walk.head */

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
	__u32 rare;		/* as path_filter.rare: are the byte and one that needles have behind it in a name? */
	__u64 rare_byte;	/* eight times */
	__u64 seen;		/* 0: in none */
	__u64 head;		/* first component, filled up with zeros; HEAD_UNTOLD: it is longer, or somebody has to look */
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

/* Where a call has or gets its address, and the buffers of a message: in the caller's memory. */
struct given {
	__u64 address;
	__u64 length;
	__u64 buffers;
	__u64 buffer_count;
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
	__s32 fd;		/* the descriptor that it is about, negative: none */
	__u32 pad0;
	__s64 ret;
	__u64 args[ARGUMENTS];
	__u64 extra;
	__u64 extra2;
};

/* What the filter has found out about the call so far. */
struct judgement {
	struct clause_set open;	/* of its words only the first NARROW_WORDS where it is not wide */
	__u64 task;		/* who calls */
	__u32 plan;		/* chosen once for each event */
	__u32 wide;		/* type_filter.wide */
	__s32 claimed_length;	/* CLAIMED_UNREAD, CLAIMED_UNKNOWN or bytes in scratch.claimed */
	__u32 claimed_marks;	/* enum claimed_mark */
	__u64 dentry;		/* of the object, 0: it has none */
	__u64 mount;		/* struct vfsmount */
	__u32 search_start;	/* in scratch.walk.text */
	__u32 needles;		/* place in array needles */
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
	struct given given;
	struct address_part address;	/* what lies there */
	union {
		struct gather gather;
		struct thread_walk threads;
	};
	struct path_walk walk;
	char claimed[MAX_CLAIMED_BYTES + 64];	/* read past the end of the text, eight bytes at a time */
};

#endif
