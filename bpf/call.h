/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* What every record of a system call holds: who, the call itself, its paths, its object. */
#ifndef SAKER_CALL_H
#define SAKER_CALL_H

#include "path.h"
#include "shape.h"
#include "task.h"

/* Says in section .rodata.calls which program serves a system call. */
#define SERVES(number_, program_)							\
	static const struct call_slot slot_##number_ __attribute__((used))		\
		SEC(".rodata.calls") = { .number = number_, .program = program_ }

/* A record with task, call and what the filter left open. */
static __always_inline struct call_record *call_begin(struct scratch *scratch)
{
	struct call_record *record = (struct call_record *)scratch->record;
	const struct call *call = &scratch->call;

	record_start(&record->header, RECORD_CALL, call->type, sizeof(*record));
	record->header.plan = scratch->judgement.plan;
	judgement_tell(&scratch->judgement, record->header.clauses);
	task_fill(&record->task, current_task());
	record->call.ret = call->ret;
	record->call.number = call->number;
	record->call.abi = call->abi;
	if (call->has_extra) {
		record->call.extra = call->extra;
		record->call.extra2 = call->extra2;
	}
#pragma unroll
	for (int i = 0; i < ARGUMENTS; i++)
		record->call.args[i] = call->args[i];
	record->object.fd = -1;
	return record;
}

/* The path of a directory that a claimed path is relative to: a descriptor's or the working directory. */
SUBPROGRAM int part_directory(struct record_header *header, struct span *span, int fd)
{
	struct task_struct *task = current_task();
	__u64 file;

	if (fd == AT_FDCWD)
		return part_path(header, span, (__u64)task->fs->pwd.dentry, (__u64)task->fs->pwd.mnt, task);
	file = file_of(task, fd);
	if (!file)
		return 0;
	return part_path(header, span, (__u64)READ(struct file, file, f_path.dentry),
			 (__u64)READ(struct file, file, f_path.mnt), task);
}

/* Adds a path as the caller wrote it, and where it starts if it is relative. */
SUBPROGRAM int part_claimed(struct record_header *header, struct span *span, struct span *base_span,
			    __u64 address, int directory)
{
	__u64 at = header->length;

	part_user_text(header, span, address);
	if (!span->offset || directory == NO_DIRECTORY)
		return 0;
	barrier_var(at);
	if (at >= RECORD_BYTES || *((char *)header + at) == '/')
		return 0;
	return part_directory(header, base_span, directory);
}

/* Fills what the call's shape says: paths, texts and the object. */
SUBPROGRAM int call_shape(struct call_record *record, struct call *call)
{
	struct record_header *header = &record->header;
	const struct shape *shape = shape_of(call->type);
	int fd;

	if (shape->claimed)
		part_claimed(header, &record->claimed, &record->base, argument(call, shape->claimed),
			     directory(call, shape->base));
	if (shape->claimed2)
		part_claimed(header, &record->claimed2, &record->base2, argument(call, shape->claimed2),
			     directory(call, shape->base2));
	if (shape->data)
		part_user_text(header, &record->data, argument(call, shape->data));
	if (shape->fd == ROOT_CWD)
		return call->ret ? 0 : object_cwd(record);
	fd = shape_descriptor(shape, call);
	if (shape->fd == PAIR1 && call->has_extra)
		record->call.extra = call->extra;
	if (fd >= 0)
		object_fill(record, fd);
	return 0;
}

#endif
