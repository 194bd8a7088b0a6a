/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Which events somebody still wants, and the count of those that nobody does. An event is dropped
 * here or it becomes a record: count() says which, once for each.
 */
#ifndef SAKER_FILTER_H
#define SAKER_FILTER_H

#include "maps.h"

#define NO_CALL (~0u)
#define X32_BIT 0x40000000	/* __X32_SYSCALL_BIT, arch/x86/include/uapi/asm/unistd.h */

enum fate { FATE_FILTERED, FATE_SENT, FATE_LOST };

static __always_inline void count(__u32 type, enum fate fate)
{
	struct counter *counter = bpf_map_lookup_elem(&counters, &type);

	if (!counter)
		return;		/* type is below EVENT_TYPE_COUNT everywhere */
	counter->seen++;
	if (fate == FATE_FILTERED) {
		counter->filtered++;
		counter->filtered_at[FILTERED_BY_HOOK]++;
	} else if (fate == FATE_SENT) {
		counter->sent++;
	} else {
		counter->lost++;
	}
}

/* Is the call with this native number wanted? */
static __always_inline bool is_wanted(const struct control *said, __u32 type)
{
	return type < SYSCALL_COUNT && said->wanted[type / 64] >> (type % 64) & 1;
}

/*
 * Could a call with this number, in whatever ABI, be wanted? Needs nothing but the number: this is
 * what every system call of the host pays. X32 calls are few and looked at closer.
 */
static __always_inline bool maybe_wanted(const struct control *said, __u32 number)
{
	__u32 word = number / 64;

	if (number >= SYSCALL_COUNT)
		return number & X32_BIT && number != NO_CALL;
	return (said->wanted[word] | said->wanted_ia32[word]) >> (number % 64) & 1;
}

#endif
