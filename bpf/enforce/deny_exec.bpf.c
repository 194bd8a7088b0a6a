// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Verdicts on programs that are started, and what verdicts know of those that run. */
#include "enforce/verdict.h"

/*
 * A program is about to be started: a script, then the program that it names.
 * proto:  int bprm_check_security(struct linux_binprm *bprm)
 * misses: code that comes to run without exec: ld.so with a file as its argument opens that file
 */
SEC("lsm/bprm_check_security")
int BPF_PROG(deny_exec, struct linux_binprm *bprm, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_EXEC };
	__u64 file;

	if (ret)
		return ret;
	file = (__u64)bprm->file;
	facts.dentry = (__u64)READ(struct file, file, f_path.dentry);
	facts.mount = (__u64)READ(struct file, file, f_path.mnt);
	file = (__u64)READ(struct file, file, f_inode);
	facts.kind = verdict_kind(file);
	facts.other_user = READ(struct inode, file, i_mode) & (S_ISUID | S_ISGID);
	return verdict(&facts);
}

/*
 * A process has another program: verdicts know it by the path that it had then.
 * proto:  void sched_process_exec(struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm)
 * misses: nothing
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(verdict_exec, struct task_struct *task, pid_t old_tid, struct linux_binprm *bprm)
{
	__u32 zero = 0, slot;
	struct control *said = bpf_map_lookup_elem(&control, &zero);
	const struct verdict_plan *plan;
	struct verdict_work *work;
	__u64 bits;

	if (!said || !said->verdicts)
		return 0;
	slot = said->verdicts & 1;
	plan = bpf_map_lookup_elem(&verdict_plans, &slot);
	work = plan ? work_take() : NULL;
	if (!work)
		return 0;	/* it is looked up when somebody asks */
	work->number = said->verdicts;
	work->slot = slot;
	work->kill = plan->kill;
	own_program(plan, work, &bits, false);
	work_give(work);
	return 0;
}

/*
 * A new process has the program of the one that made it.
 * proto:  void sched_process_fork(struct task_struct *parent, struct task_struct *child)
 * misses: nothing
 */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(verdict_fork, struct task_struct *parent, struct task_struct *child)
{
	struct verdict_program *from, *to;

	if (child->pid != child->tgid)
		return 0;
	from = bpf_task_storage_get(&verdict_program, parent->group_leader, 0, 0);
	if (!from)
		return 0;
	to = bpf_task_storage_get(&verdict_program, child, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (to)
		*to = *from;
	return 0;
}
