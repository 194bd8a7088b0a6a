/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * A hook that attaches may still never run. So the agent does what each hook is there for, once, by itself:
 * exactly that act of exactly that thread is refused and counted.
 */
#ifndef SAKER_SELF_TEST_H
#define SAKER_SELF_TEST_H

#include "flavours.h"
#include "maps.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct self_test);
} self_tests SEC(".maps");

/* Is this the agent's own try of the operation? Then it is refused, whatever the rules say. */
static __always_inline bool is_self_test(__u32 operation)
{
	__u32 zero = 0, tid = bpf_get_current_pid_tgid();
	struct self_test *test = bpf_map_lookup_elem(&self_tests, &zero);

	if (!test || !test->pid || test->operation != operation)
		return false;
	/* the start of a program is tried by a child */
	if (tid != test->tid && (__u32)current_task()->real_parent->tgid != test->pid)
		return false;
	__sync_fetch_and_add(&test->fired, 1);
	return true;
}

#endif
