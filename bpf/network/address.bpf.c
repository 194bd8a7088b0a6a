// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Sockets that get an address, and messages through them. */
#include "network/address.h"
#include "payload.h"

/* struct user_msghdr of 64-bit callers, include/linux/socket.h */
struct message {
	__u64 name;
	__u32 name_length;
	__u32 pad0;
	__u64 buffers;
	__u64 buffer_count;
	__u64 control;
	__u64 control_length;
	__u32 flags;
	__u32 pad1;
};

/* struct compat_msghdr, include/net/compat.h */
struct compat_message {
	__u32 name;
	__u32 name_length;
	__u32 buffers;
	__u32 buffer_count;
	__u32 control;
	__u32 control_length;
	__u32 flags;
};

static __always_inline bool read_message(struct message *message, __u64 address, bool compat)
{
	struct compat_message narrow;

	if (!compat)
		return !bpf_probe_read_user(message, sizeof(*message), (void *)address);
	if (bpf_probe_read_user(&narrow, sizeof(narrow), (void *)address))
		return false;
	message->name = narrow.name;
	message->name_length = narrow.name_length;
	message->buffers = narrow.buffers;
	message->buffer_count = narrow.buffer_count;
	return true;
}

/* Of sendmmsg and recvmmsg, which return how many messages: the bytes of the first. */
static __always_inline __u64 first_length(__u64 address, bool compat)
{
	__u32 length = 0;

	address += compat ? sizeof(struct compat_message) : sizeof(struct message);
	if (bpf_probe_read_user(&length, sizeof(length), (void *)address))
		return 0;
	return length;
}

/* Where a call has or gets its address. */
struct given {
	__u64 address;
	__u64 length;
};

/* sendto; recvfrom, which is told the length. */
static __always_inline void datagram_address(struct given *given, const struct call *call)
{
	given->address = call->args[4];
	given->length = call->args[5];
	if (call->type == __NR_recvfrom &&
	    (call->ret < 0 || !given->length ||
	     bpf_probe_read_user(&given->length, sizeof(__u32), (void *)given->length)))
		given->length = 0;
}

static __always_inline bool sends(const struct call *call)
{
	return call->type == __NR_sendto || call->type == __NR_sendmsg ||
	       call->type == __NR_sendmmsg;
}

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
	struct message message = {};
	struct call_record *record;
	struct given given = {};
	struct call *call;
	__u64 total;
	bool compat;

	if (!scratch)
		return 0;
	call = &scratch->call;
	compat = is_compat(call);
	switch (call->type) {
	case __NR_connect:
	case __NR_bind:
		given.address = call->args[1];
		given.length = call->args[2];
		break;
	case __NR_sendto:
	case __NR_recvfrom:
		datagram_address(&given, call);
		break;
	default:
		if (!read_message(&message, call->args[1], compat))
			break;
		if (call->ret >= 0 || sends(call)) {
			given.address = message.name;
			given.length = message.name_length;
		}
	}
	address_read(&scratch->address, given.address, given.length);
	if (!filter_descriptor(scratch, call->args[0]))
		return 0;
	record = call_begin(scratch);
	address_fill(record, &scratch->address, given.address, given.length);
	total = message_length(call, compat);
	if (call->type == __NR_sendto || call->type == __NR_recvfrom)
		part_buffer(record, call->args[1], total);
	else if (call->type != __NR_connect && call->type != __NR_bind)
		part_buffers(record, message.buffers, message.buffer_count, total, compat);
	object_fill(record, call->args[0]);
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
