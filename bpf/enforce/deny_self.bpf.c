// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/*
 * Nobody but pid 1 and the agent's own cgroup signals the agent, traces it, or gets at its BPF objects
 * and pins. What needs no process to be asked for is missed, and named in docs/enforcement.md: writing
 * to cgroup.kill or cgroup.freeze of its cgroup.
 */
#include "enforce/self.h"
#include "object.h"

#define PTRACE_MODE_ATTACH 2		/* include/linux/ptrace.h */
#define CLONE_INTO_CGROUP 0x200000000ull	/* include/uapi/linux/sched.h */

/* include/uapi/linux/bpf.h, enum bpf_cmd */
#define CMD_LINK_UPDATE 29
#define CMD_LINK_GET_FD_BY_ID 30
#define CMD_LINK_DETACH 34

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

/* Is it one of ours, and somebody else's hand? */
static __always_inline bool is_reached_for(__u32 operation, __u32 id)
{
	struct own_object key = { .operation = operation, .id = id };
	struct guarded *agent = guarded_agent();

	return agent && agent->pid && bpf_map_lookup_elem(&own_objects, &key) && !is_trusted(agent);
}

/*
 * A descriptor of a map: by its number, or from a pin.
 * proto:  int bpf_map(struct bpf_map *map, fmode_t fmode)
 * misses: programs that others load may walk all maps (iter/bpf_map), but not change one
 */
SEC("lsm/bpf_map")
int BPF_PROG(self_map, struct bpf_map *map, fmode_t mode, int ret)
{
	__u32 id = map->id;

	if (ret || !is_reached_for(TAMPER_MAP, id))
		return earlier(ret);
	return refuse(TAMPER_MAP, id);
}

/*
 * A descriptor of a program.
 * proto:  int bpf_prog(struct bpf_prog *prog)
 * misses: nothing
 */
SEC("lsm/bpf_prog")
int BPF_PROG(self_program, struct bpf_prog *program, int ret)
{
	__u32 id = program->aux->id;

	if (ret || !is_reached_for(TAMPER_PROGRAM, id))
		return earlier(ret);
	return refuse(TAMPER_PROGRAM, id);
}

/* The number of the link behind a descriptor of the current process; of what is no link, anything. */
static __always_inline __u32 link_of(int fd)
{
	__u64 file = file_of(current_task(), fd), link;

	if (!file)
		return 0;
	link = (__u64)READ(struct file, file, private_data);
	return link ? READ(struct bpf_link, link, id) : 0;
}

/*
 * A descriptor of a link has no hook of its own: the commands by which one is got or used.
 * proto:  int bpf(int cmd, union bpf_attr *attr, unsigned int size)
 * misses: a second thread that puts another descriptor in the place between this look and the kernel's:
 *         that changes network hooks only, links of other kinds can be neither updated nor detached
 */
SEC("lsm/bpf")
int BPF_PROG(self_command, int command, union bpf_attr *attr, unsigned int size, int ret)
{
	__u32 id;

	if (ret)
		return earlier(ret);
	if (command == CMD_LINK_GET_FD_BY_ID)
		id = attr->link_id;
	else if (command == CMD_LINK_UPDATE)
		id = link_of(attr->link_update.link_fd);
	else if (command == CMD_LINK_DETACH)
		id = link_of(attr->link_detach.link_fd);
	else
		return 0;
	if (!is_reached_for(TAMPER_LINK, id))
		return 0;
	return refuse(TAMPER_LINK, id);
}

/* Is it the folder of the pins, and somebody else's hand? */
static __always_inline bool is_pin_folder(struct inode *trusted)
{
	struct guarded *agent = guarded_agent();
	struct inode *inode = LOOSE(struct inode, trusted);

	return agent && agent->pin_inode && inode->i_ino == agent->pin_inode &&
	       inode->i_sb->s_dev == agent->pin_dev && !is_trusted(agent);
}

static __always_inline __u64 inode_number(struct dentry *trusted)
{
	struct dentry *dentry = LOOSE(struct dentry, trusted);

	return dentry->d_inode ? dentry->d_inode->i_ino : 0;
}

/*
 * A pin is removed.
 * proto:  int inode_unlink(struct inode *dir, struct dentry *dentry)
 * misses: nothing
 */
SEC("lsm/inode_unlink")
int BPF_PROG(self_unpin, struct inode *folder, struct dentry *dentry, int ret)
{
	if (ret || !is_pin_folder(folder))
		return earlier(ret);
	return refuse(TAMPER_PIN, inode_number(dentry));
}

/*
 * A pin is moved away or replaced, or their folder is moved.
 * proto:  int inode_rename(struct inode *old_dir, struct dentry *old_dentry, struct inode *new_dir, struct dentry *new_dentry)
 * misses: nothing
 */
SEC("lsm/inode_rename")
int BPF_PROG(self_repin, struct inode *old_folder, struct dentry *old, struct inode *new_folder,
	     struct dentry *new, int ret)
{
	struct inode *moved = old->d_inode;

	if (ret)
		return earlier(ret);
	if (!is_pin_folder(old_folder) && !is_pin_folder(new_folder) &&
	    !(moved && is_pin_folder(moved)))
		return 0;
	return refuse(TAMPER_PIN, inode_number(old));
}

/*
 * A file system goes: with the last mount of a bpf file system go its pins.
 * proto:  int sb_umount(struct vfsmount *mnt, int flags)
 * misses: the end of a mount namespace
 */
SEC("lsm/sb_umount")
int BPF_PROG(self_umount, struct vfsmount *mount, int flags, int ret)
{
	struct guarded *agent = guarded_agent();

	if (ret || !agent || !agent->pin_inode || mount->mnt_sb->s_dev != agent->pin_dev ||
	    is_trusted(agent))
		return earlier(ret);
	return refuse(TAMPER_PIN, agent->pin_inode);
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

static __always_inline void mark_intruder(struct task_struct *leader)
{
	bpf_task_storage_get(&intruders, leader, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
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
		mark_intruder(task->group_leader);
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
		mark_intruder(child->group_leader);
	return 0;
}
