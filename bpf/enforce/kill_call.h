/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * What a call has done, for rules that kill: taken from the record that user space will judge, so that
 * both come to the same. Paths are the texts of the record, arguments and addresses its numbers.
 */
#ifndef SAKER_KILL_CALL_H
#define SAKER_KILL_CALL_H

#include "call.h"
#include "enforce/kill.h"

#define SCAN_BYTES 8		/* of a text, that one step looks at */

/* Looks at eight bytes: does a component begin there that makes the text not its own resolution? */
static long plain_step(__u32 index, struct verdict_work **context)
{
	struct verdict_work *work = *context;
	__u64 at = work->walk.start + (__u64)index * SCAN_BYTES, words[4], dot, dots;

	barrier_var(at);
	if (at > MAX_PATH_BYTES)
		return 1;
#pragma unroll
	for (int i = 0; i < 4; i++)
		words[i] = *(__u64 *)&work->walk.text[at + i];
	dot = bytes_equal(words[1], '.');
	dots = dot & bytes_equal(words[2], '.');
	if (!(bytes_equal(words[0], '/') &
	      (bytes_equal(words[1], '/') | bytes_equal(words[1], 0) |
	       (dot & (bytes_equal(words[2], '/') | bytes_equal(words[2], 0))) |
	       (dots & (bytes_equal(words[3], '/') | bytes_equal(words[3], 0))))))
		return 0;
	work->done = 0;
	return 1;
}

/* Is the text at the end of the walk what making it absolute would give? */
static __always_inline bool text_is_plain(struct verdict_work *work)
{
	work->done = 1;
	bpf_loop((MAX_PATH_BYTES - work->walk.start + SCAN_BYTES - 1) / SCAN_BYTES, plain_step, &work, 0);
	return work->done;
}

/* Bytes of the last component of the walk's text, 0: they cannot be told. */
static __always_inline __u32 text_last(const struct verdict_work *work)
{
	__u64 marks;

	for (__u32 i = 0; i < NAME_BYTES / SCAN_BYTES; i++) {
		marks = bytes_equal(__builtin_bswap64(*(__u64 *)&work->walk.text[MAX_PATH_BYTES -
										 SCAN_BYTES * (i + 1)]),
				    '/');
		if (marks)
			return SCAN_BYTES * i + first_marked(marks);
	}
	return 0;
}

/* Puts a text of the record before the walk's text. */
static __always_inline bool text_prepend(struct verdict_work *work, const struct call_record *record,
					 const struct span *span)
{
	__u64 length = span->length, start = work->walk.start, offset = span->offset;

	barrier_var(length);
	barrier_var(offset);
	if (length < 1 || length > MAX_CLAIMED_BYTES || offset > RECORD_BYTES - MAX_CLAIMED_BYTES)
		return false;
	start -= length;
	barrier_var(start);
	if (start > MAX_PATH_BYTES - 1)
		return false;
	work->walk.start = start;
	return !bpf_probe_read_kernel(&work->walk.text[start], length, (const void *)record + offset);
}

/*
 * A path of the record as user space makes it absolute becomes the walk's text. False: that is left to
 * it. `base` is what the path is relative to; NULL: the path is an object's.
 */
SUBPROGRAM bool text_take(struct verdict_work *work, const struct call_record *record,
			  const struct span *span, const struct span *base)
{
	struct path_walk *walk = &work->walk;
	__u64 start;

	walk->start = MAX_PATH_BYTES;
	walk->flags = 0;
	*(__u64 *)&walk->text[MAX_PATH_BYTES] = 0;
	*(__u64 *)&walk->text[MAX_PATH_BYTES + SCAN_BYTES] = 0;
	if (!span->offset || span->flags & ~SPAN_CLAIMED || !text_prepend(work, record, span))
		return false;
	start = walk->start;
	barrier_var(start);
	if (start >= MAX_PATH_BYTES)
		return false;
	if (walk->text[start] != '/') {
		start--;
		barrier_var(start);	/* kernel 6.1 does not see that 0 was left out before */
		if (!base || !base->offset || base->flags || start >= MAX_PATH_BYTES)
			return false;
		walk->text[start] = '/';
		walk->start = start;
		if (base->length > 1 && !text_prepend(work, record, base))
			return false;	/* with a length of 1 it is the root */
	}
	/* what is longer is shown as something else; see resolvePath in src/decode/file.ts */
	if (walk->start < MAX_PATH_BYTES - MAX_CLAIMED_BYTES || (base && !text_is_plain(work)))
		return false;
	work->last_bytes = text_last(work);
	return work->last_bytes;
}

/* What rests on one path of the record. */
static __always_inline bool decide_text(const struct verdict_paths *paths, struct verdict_left *left,
					struct verdict_work *work, __u64 depends, __u64 last)
{
	if (left->maybe & last && !narrow(left, last_bits(paths, work)))
		return false;
	return !(left->maybe & depends) || narrow(left, text_bits(paths, work, work->walk.start));
}

/* What rests on the paths that the call names; a call that names none is about its descriptor. */
SUBPROGRAM int decide_texts(const struct verdict_plan *plan, const struct call_record *record,
			    struct verdict_left *left, struct verdict_work *work)
{
	__u64 depends = plan->depends[VERDICT_BY_PATH], last = plan->depends[VERDICT_BY_LAST];
	bool names = shape_of(record->header.type)->claimed;

	if (left->maybe & (depends | last)) {
		if (!(names ? text_take(work, record, &record->claimed, &record->base)
			    : kind_has_path(record->object.kind) &&
				      text_take(work, record, &record->path, NULL)))
			unknown(left, depends | last);
		else if (!decide_text(&plan->path, left, work, depends, last))
			return 0;
	}
	depends = plan->depends[VERDICT_BY_PATH2];
	last = plan->depends[VERDICT_BY_LAST2];
	if (left->maybe & (depends | last)) {
		if (!text_take(work, record, &record->claimed2, &record->base2))
			unknown(left, depends | last);
		else if (!decide_text(&plan->path2, left, work, depends, last))
			return 0;
	}
	return 1;
}

/* What rests on arguments. */
SUBPROGRAM int decide_arguments(const struct verdict_plan *plan, __u32 slot, __u32 event,
				const struct call *call, struct verdict_left *left)
{
#pragma unroll
	for (__u32 i = 0; i < ARGUMENTS; i++) {
		__u64 high = (__u64)(event * ARGUMENT_PLACES + i) << 32;

		if (!RESTS(plan, left, VERDICT_BY_ARGUMENT + i))
			continue;
		if (!narrow(left, id_bits(ARGUMENT_TABLE | slot, high | (__u32)call->args[i],
					  id_bits(OTHER_ARGUMENT_TABLE | slot, high, 0))))
			return 0;
	}
	return 1;
}

static __always_inline void side_of(struct verdict_side *side, __u16 family, const __u8 *address,
				    __u16 port)
{
	const __u32 *words = (const __u32 *)address;

	if (family == AF_INET)
		side_v4(side, words[0], port);
	else
		side_v6(side, words, port);
}

/* Who is the server: as socketEnds in src/decode/network.ts. False: that is left to it. */
static __always_inline bool server_told(struct verdict_side *side, const struct call_record *record)
{
	const struct object_part *object = &record->object;
	const struct address_part *given = &record->address;
	__u16 type = record->header.type, family = object->family;
	bool accepted = object->flags & OBJECT_ACCEPTED || type == __NR_accept || type == __NR_accept4;
	bool connected = object->flags & OBJECT_CONNECTED;
	bool sends = type == __NR_sendto || type == __NR_sendmsg || type == __NR_sendmmsg;
	bool is_given = sends && !accepted && !connected && given->family;

	if (type == __NR_connect) {
		if (!object->remote_port)
			return false;
		side_of(side, family, object->remote_address, object->remote_port);
	} else if (accepted) {
		side_of(side, family, object->local_address, object->local_port);
	} else if (connected) {
		side_of(side, family, object->remote_address, object->remote_port);
	} else if (is_given && !(object->flags & OBJECT_BOUND)) {
		if (!is_internet(given->family))
			return false;
		side_of(side, given->family, given->address, given->port);
	} else if (object->flags & OBJECT_BOUND) {
		side_of(side, family, object->local_address, object->local_port);
	} else {
		return false;
	}
	/* beside an IPv4 peer a wildcard address of IPv6 is that of IPv4 */
	return side->family == AF_INET || *(__u64 *)side->address || *(__u64 *)&side->address[8];
}

/* What is known of the socket. False: whatever rests on it is not. */
static __always_inline bool socket_told(struct verdict_facts *facts, const struct call_record *record)
{
	const struct object_part *object = &record->object;
	const struct address_part *given = &record->address;
	__u16 family = object->family;
	bool ends = is_internet(family) && record->header.type != __NR_socket &&
		    record->header.type != __NR_socketpair;

	if (object->kind != OBJECT_SOCKET || object->protocol == IPPROTO_MPTCP)
		return false;
	if (family == AF_INET6 && (is_mapped(object->remote_address) ||
				   (given->family == AF_INET6 && is_mapped(given->address))))
		family = AF_INET;
	facts_socket(facts, family, object->socket_type, object->protocol);
	return !ends || server_told(&facts->server, record);
}

/* What rests on the socket. */
SUBPROGRAM int decide_socket(const struct verdict_plan *plan, __u32 slot,
			     const struct call_record *record, struct verdict_left *left)
{
	struct verdict_facts facts = { .operation = VERDICT_OPERATIONS };

	if (!socket_told(&facts, record)) {
		unknown(left, plan->nets);
		return 1;
	}
	return decide_net(plan, slot, &facts, left);
}

/* What takes the memory of a hook. */
static __always_inline bool decide_call_walks(const struct verdict_plan *plan, __u32 number,
					      const struct verdict_facts *facts,
					      const struct call_record *record,
					      struct verdict_left *left)
{
	struct verdict_work *work = work_take();
	bool any;

	if (!work)
		return false;
	work->slot = number & 1;
	work->number = number;
	work->kill = plan->kill;
	any = decide_texts(plan, record, left, work) && decide_programs(plan, facts, left, work);
	work_give(work);
	return any;
}

/* What rests on the process, the object and paths. Not on the stack, which adds up to too much for kernel 6.1. */
SUBPROGRAM int decide_deed(const struct verdict_plan *plan, __u32 number, struct scratch *scratch,
			   struct verdict_left *left)
{
	const struct call_record *record = (const struct call_record *)scratch->record;
	struct verdict_facts *facts = (struct verdict_facts *)scratch->claimed;	/* the filter is done with it */

	__builtin_memset(facts, 0, sizeof(*facts));
	facts->operation = VERDICT_OPERATIONS;
	facts->kind = record->object.kind;
	facts->flags = record->object.open_flags;
	if (!kind_has_path(facts->kind))
		unknown(left, plan->depends[VERDICT_BY_KIND]);
	if (!decide_cheap(plan, number & 1, facts, left))
		return 0;
	if (left->maybe & plan->walks && !decide_call_walks(plan, number, facts, record, left))
		return 0;
	if (!shape_of(record->header.type)->claimed)	/* else it is about a path, not about the descriptor */
		forget_parts(plan, left, facts->kind, facts->flags);
	return 1;
}

/* The event of a call by which rules may kill, KILL_EVENTS: none. */
static __always_inline __u32 kill_event_of(const struct call *call)
{
	if (call->type == __NR_connect && call->ret == -EINPROGRESS)
		return KILL_CONNECT_BEGUN;
	return call->ret < 0 ? KILL_EVENTS : call->type;
}

/* Ends the process that runs if a rule holds for certain by the call whose record is in scratch. */
WHOLE bool kill_by_call(struct kill_part *part)
{
	const struct verdict_plan *plan;
	const struct call_record *record;
	struct verdict_left left;
	struct scratch *scratch = call_scratch();
	__u32 number, event;

	plan = plan_in_force(&number);
	if (!part || !plan || !scratch)
		return false;
	part->plan = number;
	record = (const struct call_record *)scratch->record;
	event = kill_event_of(&scratch->call);
	left.maybe = kill_clauses(plan, event);
	left.must = left.maybe;
	if (!left.maybe || !decide_arguments(plan, number & 1, event, &scratch->call, &left))
		return false;
	if (left.maybe & plan->nets && !decide_socket(plan, number & 1, record, &left))
		return false;
	if (!decide_deed(plan, number, scratch, &left))
		return false;
	return kill_by_left(plan, number, &left, part);
}

#endif
