// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/*
 * Nobody but pid 1 and the agent's own cgroup signals the agent, traces it, or sets its limits. What needs
 * no process to be asked for is missed, and named in docs/enforcement.md: writing to cgroup.kill or
 * cgroup.freeze of its cgroup.
 */
#include "enforce/self.h"

#define PTRACE_MODE_ATTACH 2		/* include/linux/ptrace.h */
#define CLONE_INTO_CGROUP 0x200000000ull	/* include/uapi/linux/sched.h */

/*
 * The calling process becomes the one that is protected. Run by the agent itself, and by nobody else.
 * proto:  int guard_me(struct guarded *agent)
 * misses: nothing
 */
SEC("syscall")
int guard_me(struct guarded *from)
{
	struct guarded *agent = guarded_agent();
	struct task_struct *task = bpf_get_current_task_btf();

	if (!agent)
		return 1;
	agent->pin_inode = from->pin_inode;
	agent->pin_dev = from->pin_dev;
	agent->cgroup_id = from->cgroup_id ? bpf_get_current_cgroup_id() : 0;
	agent->start_ns = task->group_leader->start_boottime;
	agent->pid = task->tgid;
	from->pid = agent->pid;
	from->start_ns = agent->start_ns;
	from->cgroup_id = agent->cgroup_id;
	return 0;
}

/*
 * A signal, before it is sent. Number 0 only asks whether the process is there.
 * proto:  int task_kill(struct task_struct *p, struct kernel_siginfo *info, int sig, const struct cred *cred)
 * misses: signals of the kernel itself (terminal, out of memory, cgroup.kill)
 */
SEC("lsm/task_kill")
int BPF_PROG(self_kill, struct task_struct *target, struct kernel_siginfo *info, int sig,
	     const struct cred *cred, int ret)
{
	struct guarded *agent = guarded_agent();

	if (ret || !agent || !sig || !is_agent(agent, target) || is_trusted(agent))
		return earlier(ret);
	return refuse(TAMPER_SIGNAL, (__u32)sig);
}

/*
 * A signal because of a descriptor: F_SETOWN and F_SETSIG name whom and which, SIGKILL among them. The
 * current process is not the one that asked for it, and the agent asks for none.
 * proto:  int file_send_sigiotask(struct task_struct *tsk, struct fown_struct *fown, int sig)
 * misses: nothing
 */
SEC("lsm/file_send_sigiotask")
int BPF_PROG(self_sigio, struct task_struct *target, struct fown_struct *owner, int sig, int ret)
{
	struct guarded *agent = guarded_agent();

	if (ret || !agent || !is_agent(agent, target))
		return earlier(ret);
	return -EPERM;
}

/*
 * ptrace, /proc/PID/mem, process_vm_readv and process_vm_writev, pidfd_getfd. Who only looks (PTRACE_MODE_READ:
 * /proc/PID/exe, environ, maps) may.
 * proto:  int ptrace_access_check(struct task_struct *child, unsigned int mode)
 * misses: nothing
 */
SEC("lsm/ptrace_access_check")
int BPF_PROG(self_trace, struct task_struct *target, unsigned int mode, int ret)
{
	struct guarded *agent = guarded_agent();

	if (ret || !agent || !(mode & PTRACE_MODE_ATTACH) || !is_agent(agent, target) ||
	    is_trusted(agent))
		return earlier(ret);
	return refuse(TAMPER_TRACE, mode);
}

/*
 * prlimit on another process: RLIMIT_CPU kills, RLIMIT_NOFILE blinds.
 * proto:  int task_setrlimit(struct task_struct *p, unsigned int resource, struct rlimit *new_rlim)
 * misses: nothing
 */
SEC("lsm/task_setrlimit")
int BPF_PROG(self_limit, struct task_struct *target, unsigned int resource, struct rlimit *limit,
	     int ret)
{
	struct guarded *agent = guarded_agent();

	if (ret || !agent || !is_agent(agent, target) || is_trusted(agent))
		return earlier(ret);
	return refuse(TAMPER_LIMIT, resource);
}

/*
 * Policy and processors of another process: SCHED_IDLE blinds it on a busy host.
 * proto:  int task_setscheduler(struct task_struct *p)
 * misses: nice values, see self_nice
 */
SEC("lsm/task_setscheduler")
int BPF_PROG(self_schedule, struct task_struct *target, int ret)
{
	struct guarded *agent = guarded_agent();

	if (ret || !agent || !is_agent(agent, target) || is_trusted(agent))
		return earlier(ret);
	return refuse(TAMPER_SCHEDULE, 0);
}

/*
 * setpriority.
 * proto:  int task_setnice(struct task_struct *p, int nice)
 * misses: cpu.weight and cpu.max of its cgroup
 */
SEC("lsm/task_setnice")
int BPF_PROG(self_nice, struct task_struct *target, int nice, int ret)
{
	struct guarded *agent = guarded_agent();

	if (ret || !agent || !is_agent(agent, target) || is_trusted(agent))
		return earlier(ret);
	return refuse(TAMPER_SCHEDULE, 0);
}

#define SI_USER 0	/* si_code of what a process sent is this or less */
#define SEND_SIG_PRIV 1	/* include/linux/sched/signal.h: the kernel's own */

/*
 * A signal was sent: what no security module refused. SIGKILL is seen, too, but who reads it is dead.
 * proto:  void signal_generate(int sig, struct kernel_siginfo *info, struct task_struct *task, int group, int result)
 * misses: what the kernel sends for somebody's doing (SIGIO)
 */
SEC("tp_btf/signal_generate")
int BPF_PROG(self_signal, int sig, struct kernel_siginfo *info, struct task_struct *target)
{
	struct guarded *agent = guarded_agent();
	__u64 told = (__u64)info;

	if (!agent || !is_agent(agent, target) || told == SEND_SIG_PRIV)
		return 0;
	if (told && READ(struct kernel_siginfo, told, si_code) > SI_USER)
		return 0;
	if (is_trusted(agent))
		return 0;
	tell_tamper(TAMPER_SIGNAL, (__u32)sig, 0);
	return 0;
}

/* Who cannot be marked must not pass for one of the cgroup: then nobody of it is trusted any more. */
static __always_inline void mark_intruder(struct guarded *agent, struct task_struct *leader)
{
	__u32 *marked = bpf_task_storage_get(&intruders, leader, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (marked)
		*marked = 1;
	else
		agent->cgroup_id = 0;
}

/*
 * A process was moved into the agent's cgroup by somebody who is not trusted.
 * proto:  void cgroup_attach_task(struct cgroup *dst_cgrp, const char *path, struct task_struct *task, bool threadgroup)
 * misses: nothing
 */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(self_moved, struct cgroup *to, const char *path, struct task_struct *task)
{
	struct guarded *agent = guarded_agent();
	__u32 mover = bpf_get_current_pid_tgid() >> 32;

	if (!agent || !agent->cgroup_id || LOOSE(struct cgroup, to)->kn->id != agent->cgroup_id)
		return 0;
	/* who has moved itself is there by now: it is as if it had been there always */
	if (mover != 1 && mover != agent->pid && (mover == (__u32)task->tgid || !is_trusted(agent)))
		mark_intruder(agent, task->group_leader);
	return 0;
}

/*
 * A child of an intruder is one, and so is a child that was started right in the agent's cgroup.
 * proto:  void sched_process_fork(struct task_struct *parent, struct task_struct *child)
 * misses: nothing
 */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(self_forked, struct task_struct *parent, struct task_struct *child)
{
	struct guarded *agent = guarded_agent();

	if (!agent || !agent->cgroup_id ||
	    LOOSE(struct task_struct, child)->cgroups->dfl_cgrp->kn->id != agent->cgroup_id)
		return 0;
	if (!is_trusted(agent))
		mark_intruder(agent, child->group_leader);
	return 0;
}
