// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Kills by calls that were done, and by the start of programs. */
#include "enforce/kill_call.h"

/*
 * A file was opened, by a call whose record is made: its object is judged as the record shows it.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: opens that failed, which are kill_any's, and objects without a path from the root of the process
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(kill_call, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct kill_part part = {};
	struct call_record *record;
	struct call *call;
	__u64 kind, flags;
	bool killed = false;

	if (!scratch)
		return 0;
	call = &scratch->call;
	record = (struct call_record *)scratch->record;
	kind = record->object.kind;
	/* how it was asked for, and how it was opened */
	flags = (call->extra & (OPEN_MODES - 1)) | (record->object.open_flags & ~(OPEN_MODES - 1));
	/* "/" has no last component to the process, whatever it is called outside */
	if (call->ret >= 0 && call->has_extra && scratch->walk.of_dentry && kind_has_path(kind) &&
	    record->path.length > 1 && !record->path.flags)
		killed = kill_by(call->type, flags << 32 | kind, scratch->walk.of_dentry,
				 scratch->walk.of_mount, &part);
	kill_note(&record->header, &record->kill, &part);
	record_submit(&record->header, killed ? LIFECYCLE : ORDINARY);
	return 0;
}

/*
 * Any other call has ended, or an open has failed, whose record is made.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: nothing
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(kill_any, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct kill_part part = {};
	struct call_record *record;
	bool killed;

	if (!scratch)
		return 0;
	record = (struct call_record *)scratch->record;
	killed = kill_by_call(&part);
	kill_note(&record->header, &record->kill, &part);
	record_submit(&record->header, killed ? LIFECYCLE : ORDINARY);
	return 0;
}

/*
 * A task has replaced its program, of which the record is made.
 * proto:  void sched_process_exec(struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm)
 * misses: nothing
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(kill_exec, struct task_struct *task, pid_t old_tid, struct linux_binprm *bprm)
{
	struct kill_part part = {};
	struct exec_record *record;
	struct scratch *scratch;
	__u32 zero = 0;

	scratch = bpf_map_lookup_elem(&life_scratch, &zero);
	if (!scratch)
		return 0;
	record = (struct exec_record *)scratch->record;
	if (record->exe.offset && !record->exe.flags && !(record->exe_flags & EXE_MEMFD))
		kill_by(__NR_execve, OBJECT_NONE, 0, 0, &part);
	kill_note(&record->header, &record->kill, &part);
	record_submit(&record->header, LIFECYCLE);
	return 0;
}
