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

/* Remembers that the descriptor table of this process is shared: whoever it is shared with may be gone. */
static __always_inline void remember_shared_files(struct task_struct *leader)
{
	struct process_state *state =
		bpf_task_storage_get(&process, leader, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (state)
		state->shared_files = 1;
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
