/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * The epoch of ancestors: one more with each change by which a process that goes on living gets other
 * ancestors, or its ancestors another name or program. Bits that were made from ancestors before hold
 * no longer (process_bits.h). The hook raises it before its record is sent, and says so in the record.
 */
#ifndef SAKER_EPOCH_H
#define SAKER_EPOCH_H

#include "record.h"

#define MAX_THREADS 4096	/* looked at for children; with more it is raised for nothing at worst */

static __always_inline __u64 epoch_raise(void)
{
	__u32 zero = 0;
	struct control *said = bpf_map_lookup_elem(&control, &zero);

	return said ? __sync_fetch_and_add(&said->epoch, 1) + 1 : 0;
}

/* Children hang at the thread that made them, or that inherited them. */
static __always_inline bool thread_has_children(__u64 task)
{
	__u64 list = task + bpf_core_field_offset(struct task_struct, children);
	__u64 first = READ_POINTER(list);

	return first != list;
}

static long thread_step(__u32 index, struct thread_walk **context)
{
	struct thread_walk *walk = *context;
	__u64 node = walk->node;

	if (node == walk->head || !node) {
		walk->left = 0;
		return 1;
	}
	if (thread_has_children(node - bpf_core_field_offset(struct task_struct, thread_node)))
		return 1;
	walk->node = READ_POINTER(node);
	return 0;
}

/*
 * Has the process of this task children? Other threads that end with it may not have given theirs away
 * yet. Zombies count, too. `walk`: memory for the loop.
 */
static __always_inline bool has_children(struct task_struct *task, struct thread_walk *walk)
{
	struct signal_struct *signal = task->signal;
	__u64 head = (__u64)signal + bpf_core_field_offset(struct signal_struct, thread_head);

	if (thread_has_children((__u64)task))
		return true;
	if (signal->nr_threads == 1)
		return false;
	walk->head = head;
	walk->node = READ_POINTER(head);
	walk->left = 1;
	bpf_loop(MAX_THREADS, thread_step, &walk, 0);
	return walk->left;
}

#endif
