// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Kills by opens and by the start of programs. */
#include "enforce/kill.h"

static __always_inline __u32 kill_event_of(__u32 type)
{
	switch (type) {
#if defined(__TARGET_ARCH_x86)
	case __NR_open:
		return KILL_OPEN;
	case __NR_creat:
		return KILL_CREAT;
#endif
	case __NR_openat:
		return KILL_OPENAT;
	case __NR_openat2:
		return KILL_OPENAT2;
	case __NR_open_by_handle_at:
		return KILL_OPEN_BY_HANDLE;
	default:
		return KILL_EVENTS;
	}
}

/*
 * A file was opened, by a call whose record is made: its object is judged as the record shows it.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: opens that failed, and objects without a path from the root of the process
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
		killed = kill_by(kill_event_of(call->type), flags << 32 | kind, scratch->walk.of_dentry,
				 scratch->walk.of_mount, &part);
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
		kill_by(KILL_EXEC, OBJECT_NONE, 0, 0, &part);
	kill_note(&record->header, &record->kill, &part);
	record_submit(&record->header, LIFECYCLE);
	return 0;
}
