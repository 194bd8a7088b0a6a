/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* What every record of a system call holds: who, the call itself, its paths, its object. */
#ifndef SAKER_CALL_H
#define SAKER_CALL_H

#include "object.h"
#include "path.h"
#include "shapes.h"
#include "syscall.h"
#include "task.h"

#define AT_FDCWD (-100)		/* include/uapi/linux/fcntl.h */
#define NO_DIRECTORY (-2147483647 - 1)	/* no descriptor either */

/* Says in section .rodata.calls which program serves a system call. */
#define SERVES(number_, program_)							\
	static const struct call_slot slot_##number_ __attribute__((used))		\
		SEC(".rodata.calls") = { .number = number_, .program = program_ }

/* A record with task and call filled; NULL if there is no memory for it, which is counted. */
static __always_inline struct call_record *call_begin(const struct call *call)
{
	struct call_record *record = record_begin_in(scratch, RECORD_CALL, call->type, sizeof(*record));

	if (!record)
		return NULL;
	task_fill(&record->task, current_task());
	record->call.ret = call->ret;
	record->call.number = call->number;
	record->call.abi = call->abi;
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

/* The argument at a position of struct shape. */
static __always_inline __u64 argument(const struct call_record *record, __u64 position)
{
	__u64 index = position - 1;

	barrier_var(index);
	return index < ARGUMENTS ? record->call.args[index] : 0;
}

static __always_inline int directory(const struct call_record *record, __u32 position)
{
	if (position == CWD)
		return AT_FDCWD;
	return position == NOWHERE ? NO_DIRECTORY : (int)argument(record, position);
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
SUBPROGRAM int call_shape(struct call_record *record, const struct call *call)
{
	struct record_header *header = &record->header;
	__u64 type = call->type;
	const struct shape *shape;
	int fd = -1;

	barrier_var(type);	/* kernel 6.1 learns no bounds from a comparison of 32 bits */
	if (type >= SYSCALL_COUNT)
		return 0;
	shape = &shapes[type];
	if (shape->claimed)
		part_claimed(header, &record->claimed, &record->base, argument(record, shape->claimed),
			     directory(record, shape->base));
	if (shape->claimed2)
		part_claimed(header, &record->claimed2, &record->base2, argument(record, shape->claimed2),
			     directory(record, shape->base2));
	if (shape->data)
		part_user_text(header, &record->data, argument(record, shape->data));
	if (shape->fd == RETURNED)
		fd = call->ret < 0 ? -1 : call->ret;
	else if (shape->fd == PAIR1 && call->ret >= 0)
		fd = call_pair(record, call->args[0]);
	else if (shape->fd == ROOT_CWD && !call->ret)
		return object_cwd(record);
	else if (shape->fd && shape->fd <= A6)
		fd = argument(record, shape->fd);
	if (fd >= 0)
		object_fill(record, fd);
	return 0;
}

#endif
