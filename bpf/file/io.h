/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Bytes that are read and written, through files, pipes and sockets, or into another process. */
#ifndef SAKER_IO_H
#define SAKER_IO_H

#include "payload.h"

/* How many bytes moved: the result, or for a write that failed what it was asked to move. */
static __always_inline __u64 moved(const struct call *call, __u64 asked, bool writes)
{
	return call->ret >= 0 ? (__u64)call->ret : writes ? asked : 0;
}

/* The first bytes of read, write, pread64, pwrite64. */
static __always_inline void io_parts(struct call_record *record, const struct call *call)
{
	bool writes = call->type == __NR_write || call->type == __NR_pwrite64;

	part_buffer(record, call->args[1], moved(call, call->args[2], writes));
}

/* The same of their vector forms, process_vm_readv and process_vm_writev. */
static __always_inline void vector_parts(struct call_record *record, const struct call *call)
{
	part_buffers(record, call->args[1], call->args[2], moved(call, 0, false), is_compat(call));
}

#endif
