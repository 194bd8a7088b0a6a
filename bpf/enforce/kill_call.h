/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * What a call has done, for rules that kill: taken from the record that user space will judge, so that
 * both come to the same. Paths are the texts of the record, arguments and addresses its numbers.
 */
#ifndef SAKER_KILL_CALL_H
#define SAKER_KILL_CALL_H

#include "call.h"
#include "enforce/kill_text.h"
#include "errors.h"

/* What rests on one path of the record. */
static __always_inline bool decide_text(const struct verdict_paths *paths, struct verdict_left *left,
					struct verdict_work *work, __u64 depends, __u64 last)
{
	if (left->maybe & last && !narrow(left, last_bits(paths, work->place)))
		return false;
	return !(left->maybe & depends) || narrow(left, text_bits(paths, work->place, work->walk.start));
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

/* What rests on one argument, or on the result, by their place. */
static __always_inline bool decide_value(const struct verdict_plan *plan, __u32 slot, __u32 event,
					 __u32 place, __u32 value, struct verdict_left *left)
{
	__u64 high = (__u64)(event * ARGUMENT_PLACES + place) << 32;

	return !RESTS(plan, left, VERDICT_BY_ARGUMENT + place) ||
	       narrow(left, id_bits(ARGUMENT_TABLE | slot, high | value,
				    id_bits(OTHER_ARGUMENT_TABLE | slot, high, 0)));
}

/* What rests on arguments and on the result. */
SUBPROGRAM int decide_values(const struct verdict_plan *plan, __u32 slot, __u32 event,
			     const struct call *call, struct verdict_left *left)
{
#pragma unroll
	for (__u32 i = 0; i < ARGUMENTS; i++)
		if (!decide_value(plan, slot, event, i, call->args[i], left))
			return 0;
	return decide_value(plan, slot, event, ARGUMENTS, call->ret, left);
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
	return side->family == AF_INET || word_at(side->address) || word_at(&side->address[8]);
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
	any = decide_texts(plan, record, left, work) && decide_programs(plan, facts, left, work, false);
	work_give(work);
	return any;
}

/* What rests on the process, the object and paths. Not on the stack, which adds up to too much for kernel 6.1. */
SUBPROGRAM int decide_deed(const struct verdict_plan *plan, __u32 number, struct scratch *scratch,
			   struct verdict_left *left)
{
	const struct call_record *record = (const struct call_record *)scratch->record;
	const struct call *call = &scratch->call;
	struct verdict_facts *facts = (struct verdict_facts *)scratch->claimed;	/* the filter is done with it */

	__builtin_memset(facts, 0, sizeof(*facts));
	facts->operation = VERDICT_OPERATIONS;
	facts->kind = record->object.kind;
	facts->flags = call->ret < 0 ? call->extra : record->object.open_flags;	/* of an open that failed */
	if (call->ret < 0 && !call->has_extra)
		unknown(left, plan->depends[VERDICT_BY_MODE]);
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
	__u32 type = call->type;

	if (type >= KILL_FAILED)
		return KILL_EVENTS;
	if (call->ret >= 0)
		return type;
	if (type == __NR_connect && call->ret == -EINPROGRESS)
		return KILL_CONNECT_BEGUN;
	return call->ret >= -MAX_ERRNO ? KILL_FAILED + type : KILL_EVENTS;
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
	if (!left.maybe || !decide_values(plan, number & 1, event, &scratch->call, &left))
		return false;
	if (left.maybe & plan->nets && !decide_socket(plan, number & 1, record, &left))
		return false;
	if (!decide_deed(plan, number, scratch, &left))
		return false;
	return kill_by_left(plan, number, &left, part);
}

#endif
