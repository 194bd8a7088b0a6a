/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Who did it: pid, tid, credentials, namespaces, cgroup, terminal. */
#ifndef SAKER_TASK_H
#define SAKER_TASK_H

#include "record.h"

/* enum pid_type, include/linux/pid_types.h */
#define TYPE_PGID 2
#define TYPE_SID 3
#define MINOR_BITS 20		/* include/linux/kdev_t.h */
#define MINOR_MASK ((1u << MINOR_BITS) - 1)

/* A device number as stat(2) and /proc show it. */
static __always_inline __u32 user_dev(__u32 dev)
{
	__u32 major = dev >> MINOR_BITS, minor = dev & MINOR_MASK;

	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

/* Kernel 6.1 adds only a number with bounds to a pointer that it trusts; MAX_PID_NS_LEVEL is 32. */
static __always_inline __u64 upid_at(struct pid *pid, __u32 level)
{
	return (__u64)&pid->numbers[0] + (((__u64)level * bpf_core_type_size(struct upid)) & 0xfff);
}

/* The number of this pid in the pid namespace at that level; 0 if it is not seen there. */
static __always_inline __u32 pid_at_level(struct pid *pid, __u32 level)
{
	return pid->level < level ? 0 : READ(struct upid, upid_at(pid, level), nr);
}

static __always_inline __u64 task_pid_ns(struct task_struct *task)
{
	struct pid *pid = task->thread_pid;

	return (__u64)READ(struct upid, upid_at(pid, pid->level), ns);
}

static __always_inline __u32 task_tty(struct task_struct *task)
{
	struct tty_struct *tty = task->signal->tty;

	if (!tty)
		return 0;
	return user_dev((__u32)tty->driver->major << MINOR_BITS |
			((tty->driver->minor_start + tty->index) & MINOR_MASK));
}

static __always_inline __u32 *sharers_at(__u32 pid)
{
	__u32 place = pid & (SHARER_PLACES - 1);

	return bpf_map_lookup_elem(&sharers, &place);
}

/* Remembers that the descriptor table of this process is shared: whoever it is shared with may be gone. */
static __always_inline void remember_shared_files(struct task_struct *leader)
{
	struct process_state *state =
		bpf_task_storage_get(&process, leader, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u32 *sharers = sharers_at(LOOSE(struct task_struct, leader)->pid);

	if (!state || !sharers)
		return;
	/* counted first: another thread that finds the flag set goes on at once */
	__sync_fetch_and_add(sharers, 1);
	if (__sync_lock_test_and_set(&state->shared_files, 1))
		__sync_fetch_and_add(sharers, -1);
}

/* Its program was replaced, which gave it a table of its own, or it has ended. */
static __always_inline void forget_shared_files(struct process_state *state, __u32 pid)
{
	__u32 *sharers;

	if (!__sync_lock_test_and_set(&state->shared_files, 0))
		return;
	sharers = sharers_at(pid);
	if (sharers)
		__sync_fetch_and_add(sharers, -1);
}

/* The last thread of a process ends. */
static __always_inline void sharer_ends(struct task_struct *leader, __u32 pid)
{
	__u32 *sharers = sharers_at(pid);
	struct process_state *state;

	if (!sharers || !*(volatile __u32 *)sharers)
		return;
	state = bpf_task_storage_get(&process, leader, 0, 0);
	if (state)
		forget_shared_files(state, pid);
}

SUBPROGRAM int task_fill(struct task_part *part, struct task_struct *of)
{
	struct task_struct *task = LOOSE(struct task_struct, of);
	struct task_struct *leader = task->group_leader, *parent = leader->real_parent->group_leader;
	const struct cred *cred = task->cred;
	struct pid *group = task->signal->pids[TYPE_PGID];
	struct nsproxy *spaces = task->nsproxy;
	__u64 pid_ns = task_pid_ns(task);
	__u32 level = task->thread_pid->level;

	part->start_ns = leader->start_boottime;
	part->exec_id = task->self_exec_id;
	part->parent_start_ns = parent->start_boottime;
	part->cgroup_id = task->cgroups->dfl_cgrp->kn->id;
	part->cap_effective = CRED_CAPS(cred, cap_effective);
	part->cap_permitted = CRED_CAPS(cred, cap_permitted);
	part->cap_inheritable = CRED_CAPS(cred, cap_inheritable);
	part->pid = task->tgid;
	part->tid = task->pid;
	part->parent_pid = parent->tgid;
	part->uid = cred->euid.val;
	part->gid = cred->egid.val;
	part->loginuid = task_loginuid(task);
	part->session = task->signal->pids[TYPE_SID]->numbers[0].nr;
	part->pgid = group->numbers[0].nr;
	if (level) {
		part->vpid = pid_at_level(leader->thread_pid, level);
		part->vtid = pid_at_level(task->thread_pid, level);
		part->vpgid = pid_at_level(group, level);
	} else {
		part->vpid = part->pid;
		part->vtid = part->tid;
		part->vpgid = part->pgid;
	}
	part->tty = task_tty(task);
	part->pid_ns = READ(struct pid_namespace, pid_ns, ns.inum);
	part->user_ns = cred->user_ns->ns.inum;
	if (spaces) {
		part->mnt_ns = spaces->mnt_ns->ns.inum;
		part->net_ns = spaces->net_ns->ns.inum;
	}
	bpf_probe_read_kernel_str(part->comm, sizeof(part->comm), task->comm);
	return 0;
}

#endif
