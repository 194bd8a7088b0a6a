/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* The program that a task runs: what exec and the task iterator both tell of it. */
#ifndef SAKER_EXEC_H
#define SAKER_EXEC_H

#include "inode.h"
#include "path.h"
#include "task.h"

#define CAP_DAC_OVERRIDE 1	/* include/uapi/linux/capability.h */
#define MAX_GROUPS 32		/* supplementary groups looked at for EXE_WRITABLE */

static __always_inline bool in_group(const struct cred *cred, __u32 gid)
{
	struct group_info *groups = cred->group_info;
	__u32 count = groups->ngroups, member;

	if (cred->egid.val == gid)
		return true;
	for (__u32 i = 0; i < MAX_GROUPS && i < count; i++) {
		if (bpf_probe_read_kernel(&member, sizeof(member), &groups->gid[i]))
			return false;
		if (member == gid)
			return true;
	}
	return false;
}

/* May these credentials write to the file, by mode and capability? ACLs and LSMs are not asked. */
static __always_inline bool writable_by(const struct cred *cred, struct inode *inode)
{
	__u32 mode = inode->i_mode;

	if (CRED_CAPS(cred, cap_effective) >> CAP_DAC_OVERRIDE & 1)
		return true;
	if (cred->euid.val == inode->i_uid.val)
		return mode & 0200;
	if (in_group(cred, inode->i_gid.val))
		return mode & 0020;
	return mode & 0002;
}

static __always_inline __u32 exe_flags(const struct cred *cred, struct file *file)
{
	struct inode *inode = file->f_inode;
	/* first: the verifier walks the loop over groups once for each value that flags may have by then */
	__u32 flags = writable_by(cred, inode) ? EXE_WRITABLE : 0;
	__u32 layer = inode_layer(inode), mode = inode->i_mode;

	if (layer == LAYER_UPPER)
		flags |= EXE_UPPER_LAYER;
	else if (layer == LAYER_LOWER)
		flags |= EXE_LOWER_LAYER;
	if (inode_is_memfd(inode, (__u64)file->f_path.dentry))
		flags |= EXE_MEMFD;
	if (mode & S_ISUID)
		flags |= EXE_SETUID;
	if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		flags |= EXE_SETGID;
	if (cred->uid.val && cred->euid.val &&
	    CRED_CAPS(cred, cap_permitted) & ~CRED_CAPS(cred, cap_ambient))
		flags |= EXE_FILECAPS;
	return flags;
}

/* All but the caller's texts. */
static __always_inline void exec_fill(struct exec_record *record, struct task_struct *of)
{
	struct task_struct *task = LOOSE(struct task_struct, of);
	struct file *file = task->mm->exe_file;
	__u64 init = (__u64)READ(struct pid_namespace, task_pid_ns(task), child_reaper);

	task_fill(&record->task, task);
	record->pid_ns_start_ns = READ(struct task_struct, init, start_boottime);
	if (file) {
		struct inode *inode = file->f_inode;

		record->inode = inode->i_ino;
		record->ctime_ns = inode_ctime_ns(inode);
		record->mtime_ns = inode_mtime_ns(inode);
		record->dev = user_dev(inode->i_sb->s_dev);
		record->mode = inode->i_mode;
		record->exe_flags = exe_flags(task->cred, file);
		if (record->exe_flags & EXE_MEMFD)
			part_memfd(&record->header, &record->exe, (__u64)file->f_path.dentry);
		else
			part_path(&record->header, &record->exe, (__u64)file->f_path.dentry,
				  (__u64)file->f_path.mnt, task);
	}
	part_path(&record->header, &record->cwd, (__u64)task->fs->pwd.dentry,
		  (__u64)task->fs->pwd.mnt, task);
	part_cgroup(&record->header, &record->cgroup, task);
}

#endif
