/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * What is told of a verdict: counts by clause, which nothing limits, and a record of the call that was
 * attempted, unless there are too many.
 */
#ifndef SAKER_VERDICT_RECORD_H
#define SAKER_VERDICT_RECORD_H

#include "call.h"
#include "enforce/journal.h"
#include "errors.h"

#define VERDICT_RECORDS_PER_S 1000	/* for one clause on one CPU: more than anybody reads */

/* What is not known of the ends of a socket. */
enum verdict_sides {
	SIDE_CHOSEN = 1,	/* the kernel is about to choose the server's port */
};

/* An end of a socket. */
struct verdict_side {
	__u8 address[16];	/* IPv4 in the first 4 bytes */
	__u16 port;		/* host byte order */
	__u16 family;		/* AF_INET, AF_INET6, 0: no address */
};

/* What is about to be done, as the hook sees it. What it does not know stays 0. */
struct verdict_facts {
	__u32 operation;	/* enum verdict_operation */
	__u32 kind;		/* enum object_kind */
	__u32 flags;		/* of an open: O_... */
	__u32 other_user;	/* who it is done as is not known yet: the program has set-uid or set-gid */
	__u64 dentry;		/* of the object, or of what will be there */
	__u64 mount;		/* struct vfsmount */
	__u64 dentry2;		/* of the second path: where something is renamed or linked to */
	__u64 mount2;
	union {
		__u64 sock;	/* struct sock */
		__u64 target;	/* struct task_struct: whom a signal or tracing is aimed at */
	};
	__u32 number;		/* family, signal, command */
	__u16 socket;		/* version * SOCKET_TRANSPORTS + transport */
	__u16 sides;		/* enum verdict_sides */
	struct verdict_side server;
	struct verdict_side remote;
};

/* Does the operation have a target? */
static __always_inline bool is_aimed(__u32 operation)
{
	return operation == VERDICT_PTRACE || operation == VERDICT_SIGNAL;
}

/* Clauses that are true, and those that are not known to be false. */
struct verdict_left {
	__u64 must;
	__u64 maybe;
};

static __always_inline struct verdict_scratch *verdict_scratch_take(void)
{
	struct verdict_scratch *scratch;

#pragma unroll
	for (__u32 i = 0; i < VERDICT_RECORDS; i++) {
		__u32 place = i;

		scratch = bpf_map_lookup_elem(&verdict_scratch, &place);
		if (scratch && !__sync_lock_test_and_set(&scratch->busy, 1))
			return scratch;
	}
	return NULL;
}

/*
 * The call that does this; where it is another that leads here (io_uring, the start of a program), the
 * usual one, of which nothing else is known.
 */
static __always_inline void verdict_call(const struct verdict_plan *plan, struct call *call,
					 const struct verdict_facts *facts)
{
	struct pt_regs *regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	__u32 first = facts->operation % VERDICT_PLACES * VERDICT_CALLS;

	call_read(call, regs, -EPERM);
	for (__u32 i = 0; i < VERDICT_CALLS; i++)
		if (plan->calls[first + i] == call->type)
			return;
	__builtin_memset(call, 0, sizeof(*call));
	call->type = plan->calls[first];
	call->number = call->type;
	call->ret = -EPERM;
	if (facts->operation == VERDICT_OPEN)
		call->args[2] = facts->flags;	/* of openat */
}

/* The socket, and the address that it is about to get or to send to. */
static __always_inline void verdict_socket(struct call_record *record,
					   const struct verdict_facts *facts)
{
	const struct verdict_side *side = &facts->remote;

	if (!side->family)
		side = &facts->server;
	record->object.kind = OBJECT_SOCKET;
	if (facts->sock)
		object_sock(record, facts->sock);
	else
		record->object.family = facts->number;
	record->address.family = side->family;
	record->address.port = side->port;
	__builtin_memcpy(record->address.address, side->address, sizeof(side->address));
}

/* Fills in what the operation is about. */
static __always_inline void verdict_object(struct call_record *record, const struct call *call,
					   const struct verdict_facts *facts)
{
	struct record_header *header = &record->header;
	struct task_struct *task = current_task();
	const struct shape *shape = shape_of(call->type);
	__u64 dentry = facts->dentry;
	__u64 inode = dentry ? (__u64)READ(struct dentry, dentry, d_inode) : 0;

	if (facts->operation >= VERDICT_SOCKET && facts->operation <= VERDICT_SEND) {
		verdict_socket(record, facts);
		return;
	}
	if (facts->operation >= VERDICT_PTRACE && facts->operation <= VERDICT_BPF)
		return;	/* about no file */
	if (inode)
		object_layer(&record->object, inode, object_inode(&record->object, inode));
	record->object.kind = facts->kind;
	record->object.open_flags = facts->flags;
	part_path(header, &record->path, dentry, facts->mount, task);
	if (facts->operation != VERDICT_OPEN) {
		/* what the call was given is not looked at again: these are the objects themselves */
		record->claimed = record->path;
		if (facts->dentry2)
			part_path(header, &record->claimed2, facts->dentry2, facts->mount2, task);
	} else if (shape->claimed) {
		part_claimed(header, &record->claimed, &record->base,
			     argument(call, shape->claimed), directory(call, shape->base));
	}
}

/* Sends the record; false where there is no room for it. */
WHOLE int verdict_tell(const struct verdict_plan *plan, const struct verdict_facts *facts,
		       const struct verdict_part *part)
{
	struct verdict_scratch *mine;
	struct verdict_record *record;
	struct scratch *scratch;
	struct call *call;
	__u64 target;
	bool sent;

	if (!plan || !facts || !part)	/* for the verifier */
		return 0;
	target = facts->target;
	mine = verdict_scratch_take();
	if (!mine) {
		count(EVENT_VERDICT, FATE_LOST);
		return 0;
	}
	scratch = &mine->scratch;
	call = &scratch->call;
	record = (struct verdict_record *)scratch->record;
	record_start(&record->call.header, RECORD_VERDICT, EVENT_VERDICT, sizeof(*record));
	task_fill(&record->call.task, current_task());
	verdict_call(plan, call, facts);
	record->verdict = *part;
	record->verdict.type = call->type;
	if (is_aimed(facts->operation))
		record->verdict.target_pid = READ(struct task_struct, target, tgid);
	record->call.call.ret = part->denied ? -EPERM : 0;
	record->call.call.number = call->number;
	record->call.call.abi = call->abi;
	if (call_extra(call)) {
		record->call.call.extra = call->extra;
		record->call.call.extra2 = call->extra2;
	}
#pragma unroll
	for (int i = 0; i < ARGUMENTS; i++)
		record->call.call.args[i] = call->args[i];
	record->call.object.fd = -1;
	verdict_object(&record->call, call, facts);
	if (part->denied)
		journal_keep(&record->call, part->plan, part->denied, part->operation);
	sent = record_submit(&record->call.header, LIFECYCLE);
	*(volatile __u32 *)&mine->busy = 0;
	return sent;
}

#define ADD(field) __sync_fetch_and_add(&(field), 1)

/* Counts what came of a clause; true: a record may be sent for it. */
WHOLE bool count_outcome(const struct verdict_part *part, __u32 clause)
{
	struct verdict_count *count;
	__u64 bit, second;
	__u32 place;

	if (!part)	/* for the verifier */
		return false;
	bit = 1ull << (clause & 63);
	place = (part->plan & 1) * VERDICT_CLAUSES + (clause & 63);
	count = bpf_map_lookup_elem(&verdict_counts, &place);
	if (!count)
		return false;
	if (part->denied & bit) {
		ADD(count->denied);
		journal_count(place);
		if (part->undecided & bit)
			ADD(count->error_denied);
	} else if (part->audited & bit) {
		ADD(count->audited);
		if (part->undecided & bit)
			ADD(count->error_audited);
	} else {	/* undecided, and let pass */
		ADD(count->error_allowed);
		return false;
	}
	second = bpf_ktime_get_boot_ns() >> 30;
	if (count->second != second) {
		count->second = second;
		count->told = 0;
	}
	if (ADD(count->told) < VERDICT_RECORDS_PER_S)
		return true;
	ADD(count->untold);
	return false;
}

/* What is left is counted and told. Is it denied? */
static __always_inline bool conclude(const struct verdict_plan *plan, __u32 number,
				     const struct verdict_facts *facts,
				     const struct verdict_left *left)
{
	__u64 undecided = left->maybe & ~left->must;
	__u64 matching = left->must | (undecided & plan->error_deny);
	__u64 counted = matching | undecided;
	struct verdict_part part = {
		.denied = matching & plan->deny,
		.audited = matching & plan->audit,
		.undecided = undecided & plan->error_deny,
		.operation = facts->operation,
		.plan = number,
	};
	bool tell = false;

	for (__u32 i = 0; i < VERDICT_CLAUSES && counted; i++) {
		tell |= count_outcome(&part, first_clause(counted));
		counted &= counted - 1;
	}
	if (tell)
		verdict_tell(plan, facts, &part);
	return part.denied;
}

#endif
