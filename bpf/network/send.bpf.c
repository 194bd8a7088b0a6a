// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Messages through sockets. */
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

/*
 * sendto, recvfrom. object: the socket; address, or claimed for a unix socket: the one given or
 * received; data: the first bytes.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: messages by io_uring
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_sendto, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct call_record *record;
	__u64 total, length;
	struct call *call;

	if (!scratch)
		return 0;
	call = &scratch->call;
	length = call->args[5];
	if (call->type == __NR_recvfrom) {
		total = call->ret > 0 ? call->ret : 0;
		if (call->ret < 0 || !length ||
		    bpf_probe_read_user(&length, sizeof(__u32), (void *)length))
			length = 0;
	} else {
		total = call->ret >= 0 ? (__u64)call->ret : call->args[2];
	}
	address_read(&scratch->address, call->args[4], length);
	if (!filter_descriptor(scratch, call->args[0]))
		return 0;
	record = call_begin(scratch);
	address_fill(record, &scratch->address, call->args[4], length);
	part_buffer(record, call->args[1], total);
	object_fill(record, call->args[0]);
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(__NR_sendto, "call_sendto");
SERVES(__NR_recvfrom, "call_sendto");

/*
 * sendmsg, recvmsg; sendmmsg, recvmmsg: the first message. As call_sendto.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: the further messages of sendmmsg and recvmmsg; messages by io_uring
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_sendmsg, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct message message = {};
	struct call_record *record;
	__u64 total = 0;
	struct call *call;
	bool compat, sends, many, readable;

	if (!scratch)
		return 0;
	call = &scratch->call;
	compat = is_compat(call);
	sends = call->type == __NR_sendmsg || call->type == __NR_sendmmsg;
	many = call->type == __NR_sendmmsg || call->type == __NR_recvmmsg;
	readable = read_message(&message, call->args[1], compat);
	if (!readable || (call->ret < 0 && !sends))
		message.name = 0;
	address_read(&scratch->address, message.name, message.name_length);
	if (!filter_descriptor(scratch, call->args[0]))
		return 0;
	record = call_begin(scratch);
	if (call->ret > 0)
		total = many ? first_length(call->args[1], compat) : (__u64)call->ret;
	else if (sends)
		total = MAX_PAYLOAD_BYTES;	/* what it would have sent */
	address_fill(record, &scratch->address, message.name, message.name_length);
	if (readable)
		part_buffers(record, message.buffers, message.buffer_count, total, compat);
	object_fill(record, call->args[0]);
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(__NR_sendmsg, "call_sendmsg");
SERVES(__NR_recvmsg, "call_sendmsg");
SERVES(__NR_sendmmsg, "call_sendmsg");
SERVES(__NR_recvmmsg, "call_sendmsg");
