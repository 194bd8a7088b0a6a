/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* What shapes.h says of a call, applied to one. */
#ifndef SAKER_SHAPE_H
#define SAKER_SHAPE_H

#include "object.h"
#include "shapes.h"

#define AT_FDCWD (-100)		/* include/uapi/linux/fcntl.h */
#define NO_DIRECTORY (-2147483647 - 1)	/* no descriptor either */

/* `type` is below SYSCALL_COUNT: the dispatcher has looked. */
static __always_inline const struct shape *shape_of(__u64 type)
{
	type &= SYSCALL_COUNT - 1;
	barrier_var(type);
	return &shapes[type & (SYSCALL_COUNT - 1)];
}

/* The argument at a position of struct shape. */
static __always_inline __u64 argument(const struct call *call, __u64 position)
{
	__u64 index = position - 1;

	barrier_var(index);
	return index < ARGUMENTS ? call->args[index] : 0;
}

static __always_inline int directory(const struct call *call, __u32 position)
{
	if (position == CWD)
		return AT_FDCWD;
	return position == NOWHERE ? NO_DIRECTORY : (int)argument(call, position);
}

/* The descriptor that the record's object describes, negative: none. */
static __always_inline int shape_descriptor(const struct shape *shape, struct call *call)
{
	if (shape->fd == RETURNED)
		return call->ret < 0 ? -1 : call->ret;
	if (shape->fd == PAIR1)
		return call->ret < 0 ? -1 : call_pair(call, call->args[0]);
	return shape->fd && shape->fd <= A6 ? (int)argument(call, shape->fd) : -1;
}

#endif
