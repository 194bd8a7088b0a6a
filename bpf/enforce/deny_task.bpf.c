// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Verdicts on what a process does to others and to the host: signals, tracing, mounts, modules, BPF. */
#include "enforce/verdict.h"

#define PTRACE_MODE_ATTACH 2	/* include/linux/ptrace.h */
#define NO_REQUEST (~0u)	/* not by ptrace */

/*
 * What is asked of ptrace by the call that runs: from its registers, which no other thread can change. On a stack
 * of its own, for below the verdict it adds up to too much for kernel 6.1.
 */
SUBPROGRAM __u32 ptrace_request(void)
{
	struct pt_regs *regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	struct call call = {};

	call_read(&call, regs, 0);
	return call.type == __NR_ptrace ? call.args[0] : NO_REQUEST;
}

/*
 * A process reaches into another: ptrace, process_vm_readv, pidfd_getfd, an open of /proc/PID/mem.
 * proto:  int ptrace_access_check(struct task_struct *child, unsigned int mode)
 * misses: what only reads what ps shows (PTRACE_MODE_READ); a process that has ended, whose memory is gone
 */
SEC("lsm/ptrace_access_check")
int BPF_PROG(deny_ptrace, struct task_struct *child, unsigned int mode, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_PTRACE };

	if (ret || !(mode & PTRACE_MODE_ATTACH))
		return ret;
	facts.number = ptrace_request();
	return verdict_at(&facts, child);
}

/*
 * A process asks to be traced by its parent: it is the one that will be, and so the target.
 * proto:  int ptrace_traceme(struct task_struct *parent)
 * misses: nothing
 */
SEC("lsm/ptrace_traceme")
int BPF_PROG(deny_traceme, struct task_struct *parent, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_PTRACE };

	if (ret)
		return ret;
	facts.number = ptrace_request();
	return verdict_at(&facts, bpf_get_current_task_btf());
}

/*
 * A signal is about to be sent, in whatever way.
 * proto:  int task_kill(struct task_struct *p, struct kernel_siginfo *info, int sig, const struct cred *cred)
 * misses: signals that the kernel sends by itself, and those of owners of descriptors (F_SETSIG)
 */
SEC("lsm/task_kill")
int BPF_PROG(deny_signal, struct task_struct *target, struct kernel_siginfo *how, int signal,
	     const struct cred *cred, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_SIGNAL };

	if (ret)
		return ret;
	facts.number = signal;
	return verdict_at(&facts, target);
}

static __always_inline int verdict_mount(__u64 path, __u32 operation)
{
	struct verdict_facts facts = { .operation = operation };

	facts.dentry = (__u64)READ(struct path, path, dentry);
	facts.mount = (__u64)READ(struct path, path, mnt);
	facts.kind = OBJECT_DIRECTORY;
	return verdict(&facts);
}

/*
 * Something is mounted, bound, moved or remounted at a path.
 * proto:  int sb_mount(const char *dev_name, const struct path *path, const char *type,
 *                      unsigned long flags, void *data)
 * misses: fsmount, whose result is nowhere until move_mount
 */
SEC("lsm/sb_mount")
int BPF_PROG(deny_mount, const char *device, const struct path *path, const char *type,
	     unsigned long flags, void *data, int ret)
{
	return ret ? ret : verdict_mount((__u64)path, VERDICT_MOUNT);
}

/*
 * The same by the calls of 2019.
 * proto:  int move_mount(const struct path *from_path, const struct path *to_path)
 * misses: nothing
 */
SEC("lsm/move_mount")
int BPF_PROG(deny_move_mount, const struct path *from, const struct path *to, int ret)
{
	return ret ? ret : verdict_mount((__u64)to, VERDICT_MOUNT);
}

/*
 * A mount is taken away.
 * proto:  int sb_umount(struct vfsmount *mnt, int flags)
 * misses: mounts that end with their namespace
 */
SEC("lsm/sb_umount")
int BPF_PROG(deny_umount, struct vfsmount *mount, int flags, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_UMOUNT, .kind = OBJECT_DIRECTORY };
	__u64 at = (__u64)mount;

	if (ret)
		return ret;
	facts.mount = at;
	facts.dentry = (__u64)READ(struct vfsmount, at, mnt_root);
	return verdict(&facts);
}

/*
 * A module is read from a file: finit_module.
 * proto:  int kernel_read_file(struct file *file, enum kernel_read_file_id id, bool contents)
 * misses: nothing
 */
SEC("lsm/kernel_read_file")
int BPF_PROG(deny_module, struct file *file, enum kernel_read_file_id what, bool contents, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_MODULE };

	if (ret || what != READING_MODULE)
		return ret;
	return verdict(&facts);
}

/*
 * A module comes from memory: init_module.
 * proto:  int kernel_load_data(enum kernel_load_data_id id, bool contents)
 * misses: nothing
 */
SEC("lsm/kernel_load_data")
int BPF_PROG(deny_module_data, enum kernel_load_data_id what, bool contents, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_MODULE };

	if (ret || what != LOADING_MODULE)
		return ret;
	return verdict(&facts);
}

/*
 * A call of bpf(2).
 * proto:  int bpf(int cmd, union bpf_attr *attr, unsigned int size)
 * misses: nothing
 */
SEC("lsm/bpf")
int BPF_PROG(deny_bpf, int command, union bpf_attr *attributes, unsigned int size)
{
	struct verdict_facts facts = { .operation = VERDICT_BPF };

	facts.number = command;
	return verdict(&facts);
}
