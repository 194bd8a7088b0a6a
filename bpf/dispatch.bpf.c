// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/*
 * The end of every system call: one bitmap test, the filter, then the program that makes the record of that
 * call. What a call nobody asked for costs here is paid by every system call of the host.
 */
#include "filter_order.h"

/*
 * A system call ends.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: calls that do not return (exit, a successful rt_sigreturn), what io_uring does by itself,
 *         kernel threads
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long ret)
{
	__u32 zero = 0, type;
	struct control *said = bpf_map_lookup_elem(&control, &zero);
	struct task_struct *task;
	struct scratch *mine;

	if (!said || !maybe_wanted(said, call_number(regs)))
		return 0;
	mine = bpf_map_lookup_elem(&scratch, &zero);
	if (!mine)
		return 0;	/* cannot be: it has one entry */
	/* asked for once: each call of a helper, and each return, counts where returns are slowed down */
	task = bpf_get_current_task_btf();
	call_read_of(&mine->call, regs, ret, task);
	type = mine->call.type;
	if (!is_wanted(said, type))
		return 0;
	/* a successful exec is on_exec's */
	if (UNLIKELY(!ret) && (type == __NR_execve || type == __NR_execveat))
		return 0;
	if (!filter_event(said, mine, task))
		return 0;
	bpf_tail_call(ctx, &calls, type);
	bpf_tail_call(ctx, &calls, SLOT_GENERIC);
	count(type, FATE_LOST);	/* no program is in either slot */
	return 0;
}
