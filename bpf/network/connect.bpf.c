// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Sockets that get an address: connect and bind. */
#include "network/address.h"

/*
 * connect, bind. object: the socket as the call left it; address, or claimed for a unix socket: what
 * the caller asked for.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: connections by sendto with MSG_FASTOPEN (their sendto has the address), by io_uring
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_connect, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct call_record *record;
	struct call *call;

	if (!scratch)
		return 0;
	call = &scratch->call;
	address_read(&scratch->address, call->args[1], call->args[2]);
	if (!filter_descriptor(scratch, call->args[0]))
		return 0;
	record = call_begin(scratch);
	address_fill(record, &scratch->address, call->args[1], call->args[2]);
	object_fill(record, call->args[0]);
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(__NR_connect, "call_connect");
SERVES(__NR_bind, "call_connect");

/*
 * socketpair. extra: the two descriptors, the first in the low half; object: the first.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: nothing
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_socketpair, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct call_record *record;
	int fd = -1;

	if (!scratch)
		return 0;
	if (!scratch->call.ret)
		fd = call_pair(&scratch->call, scratch->call.args[3]);
	if (!filter_object(scratch, fd))
		return 0;
	record = call_begin(scratch);
	if (fd >= 0)
		object_fill(record, fd);
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(__NR_socketpair, "call_socketpair");
