/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* What a descriptor is: found in the kernel's table at the end of the call, never in the caller's memory. */
#ifndef SAKER_OBJECT_H
#define SAKER_OBJECT_H

#include "inode.h"
#include "socket.h"
#include "task.h"

#define FMODE_CREATED (1u << 20)	/* include/linux/fs.h */

/* The struct file behind a descriptor of this task, 0 if there is none. */
static __always_inline __u64 file_of(struct task_struct *task, int fd)
{
	struct fdtable *table = task->files->fdt;

	if (UNLIKELY(fd < 0 || (__u32)fd >= table->max_fds))
		return 0;
	return READ_POINTER((__u64)table->fd + (__u64)(__u32)fd * sizeof(void *));
}

static __always_inline __u8 kind_of(__u32 mode, __u64 magic)
{
	if (UNLIKELY(magic == ANON_INODE_MAGIC || magic == PIDFS_MAGIC))
		return OBJECT_ANON;
	if (LIKELY((mode & S_IFMT) == S_IFREG))
		return magic == NSFS_MAGIC ? OBJECT_OTHER : OBJECT_FILE;
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return OBJECT_DIRECTORY;
	case S_IFCHR:
		return OBJECT_CHARDEV;
	case S_IFBLK:
		return OBJECT_BLOCKDEV;
	case S_IFIFO:
		return OBJECT_PIPE;
	case S_IFSOCK:
		return magic == SOCKFS_MAGIC ? OBJECT_SOCKET : OBJECT_FILE;
	default:
		return OBJECT_OTHER;
	}
}

/* Inode, device and mode of the object; returns the filesystem's magic number. */
static __always_inline __u64 object_inode(struct object_part *object, __u64 inode)
{
	__u64 super = (__u64)READ(struct inode, inode, i_sb);

	object->inode = READ(struct inode, inode, i_ino);
	object->mode = READ(struct inode, inode, i_mode);
	object->dev = user_dev(READ(struct super_block, super, s_dev));
	return READ(struct super_block, super, s_magic);
}

static __always_inline void object_layer(struct object_part *object, __u64 inode, __u64 magic)
{
	if (magic == OVERLAYFS_MAGIC)
		object->flags |= overlay_layer(inode) == LAYER_UPPER ? OBJECT_UPPER_LAYER
								     : OBJECT_LOWER_LAYER;
}

/* Namespace files have no path; the kernel shows them as net:[4026531840]. */
static __always_inline void part_namespace(struct call_record *record, __u64 inode)
{
	struct ns_common *space = READ(struct inode, inode, i_private);
	void *to = part_begin(&record->header, NAME_BYTES);
	__u64 values[2] = { (__u64)BPF_CORE_READ(space, ops, name), record->object.inode };
	static const char format[] = "%s:[%u]";
	long length;

	if (!to)
		return;
	length = bpf_snprintf(to, NAME_BYTES, format, values, sizeof(values));
	if (length > 1 && length <= NAME_BYTES)
		part_end(&record->header, &record->path, length - 1, 0);
}

/* Can somebody else change this task's descriptors, or could somebody since its exec? */
static __always_inline bool shares_files(struct task_struct *task)
{
	struct process_state *state;
	__u32 *sharers;

	if (UNLIKELY(task->files->count.counter > 1))
		return true;
	sharers = sharers_at(task->tgid);
	if (LIKELY(sharers && !*(volatile __u32 *)sharers))
		return false;
	state = bpf_task_storage_get(&process, bpf_get_current_task_btf()->group_leader, 0, 0);
	return state && state->shared_files;
}

/* Fills object and path from the descriptor `fd` of the current task. */
SUBPROGRAM int object_fill(struct call_record *record, int fd)
{
	struct task_struct *task = current_task();
	struct object_part *object = &record->object;
	__u64 file = file_of(task, fd), inode, dentry, magic;

	object->fd = fd;
	if (shares_files(task))
		object->flags |= OBJECT_SHARED_TABLE;
	if (!file)
		return 0;
	inode = (__u64)READ(struct file, file, f_inode);
	dentry = (__u64)READ(struct file, file, f_path.dentry);
	magic = object_inode(object, inode);
	object->kind = kind_of(object->mode, magic);
	object->open_flags = READ(struct file, file, f_flags);
	if (READ(struct file, file, f_mode) & FMODE_CREATED)
		object->flags |= OBJECT_CREATED;
	object_layer(object, inode, magic);
	if (object->kind == OBJECT_SOCKET)
		return object_socket(record, (__u64)READ(struct file, file, private_data));
	if (magic == PIPEFS_MAGIC)
		return 0;
	if (magic == PIDFS_MAGIC) {
		part_kernel(&record->header, &record->path, "[pidfd]", sizeof("[pidfd]") - 1, 0);
		return 0;
	}
	if (magic == NSFS_MAGIC) {
		part_namespace(record, inode);
		return 0;
	}
	if (object->kind == OBJECT_ANON) {
		part_kernel_text(&record->header, &record->path,
				 (const char *)READ(struct dentry, dentry, d_name.name), 0);
		return 0;
	}
	if ((magic == TMPFS_MAGIC || magic == HUGETLBFS_MAGIC) && dentry_is_memfd(dentry)) {
		object->kind = OBJECT_MEMFD;
		return part_memfd(&record->header, &record->path, dentry);
	}
	return part_path(&record->header, &record->path, dentry,
			 (__u64)READ(struct file, file, f_path.mnt), task);
}

/* The object is the task's working directory. */
SUBPROGRAM int object_cwd(struct call_record *record)
{
	struct task_struct *task = current_task();
	__u64 dentry = (__u64)task->fs->pwd.dentry, inode = (__u64)READ(struct dentry, dentry, d_inode);

	object_layer(&record->object, inode, object_inode(&record->object, inode));
	record->object.kind = OBJECT_DIRECTORY;
	return part_path(&record->header, &record->path, dentry, (__u64)task->fs->pwd.mnt, task);
}

/* Two descriptors that the call wrote to the caller's memory: both in extra, the first is the object. */
static __always_inline int call_pair(struct call *call, __u64 address)
{
	int pair[2];

	if (!call->has_extra) {
		if (bpf_probe_read_user(pair, sizeof(pair), (void *)address))
			return -1;
		call->extra = (__u32)pair[0] | (__u64)(__u32)pair[1] << 32;
		call->extra2 = 0;
		call->has_extra = 1;
	}
	return (int)call->extra;
}

#endif
