// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Sockets that get an address, and messages through them. */
#include "network/address.h"
#include "payload.h"

/* How many bytes went, or would have gone. */
static __always_inline __u64 message_length(const struct call *call, bool compat)
{
	if (call->ret > 0 && (call->type == __NR_sendmmsg || call->type == __NR_recvmmsg))
		return first_length(call->args[1], compat);
	if (call->ret >= 0)
		return call->ret;
	if (call->type == __NR_sendto)
		return call->args[2];
	return sends(call) ? MAX_PAYLOAD_BYTES : 0;
}

/*
 * connect, bind, sendto, recvfrom, sendmsg, recvmsg; sendmmsg, recvmmsg: the first message. object: the
 * socket as the call left it; address, or claimed for a unix socket: the one that the call was given
 * or received; data: the first bytes of a message.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: the further messages of sendmmsg and recvmmsg; what io_uring does. A connection by sendto with
 *         MSG_FASTOPEN has its address in the record of sendto
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_address, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct call_record *record;
	const struct given *given;
	const struct call *call;
	__u64 total;
	bool compat;

	if (!scratch)
		return 0;
	call = &scratch->call;
	given = &scratch->given;
	compat = is_compat(call);
	record = call_begin(scratch);
	address_fill(record, &scratch->address, given->address, given->length);
	total = message_length(call, compat);
	if (call->type == __NR_sendto || call->type == __NR_recvfrom)
		part_buffer(record, call->args[1], total);
	else if (call->type != __NR_connect && call->type != __NR_bind)
		part_buffers(record, given->buffers, given->buffer_count, total, compat);
	object_fill(record, call->fd);
	bpf_tail_call(ctx, &calls, SLOT_KILL_ANY);	/* where rules kill: sends the record as well */
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(__NR_connect, "call_address");
SERVES(__NR_bind, "call_address");
SERVES(__NR_sendto, "call_address");
SERVES(__NR_recvfrom, "call_address");
SERVES(__NR_sendmsg, "call_address");
SERVES(__NR_recvmsg, "call_address");
SERVES(__NR_sendmmsg, "call_address");
SERVES(__NR_recvmmsg, "call_address");
