// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Verdicts on files. */
#include "enforce/verdict.h"

#define FMODE_NOACCOUNT 0x20000000	/* f_mode: of a filesystem for itself, include/linux/fs.h */
#define FMODE_EXEC 040		/* in f_flags: opened to be executed, include/linux/fs.h */

/*
 * A file is opened, by whatever way: its struct file is made, and nobody has it yet.
 * proto:  int file_open(struct file *file)
 * misses: O_PATH, which gives access to nothing: the file is opened later, by /proc/self/fd. The start
 *         of a program is deny_exec's. What an overlay opens below itself is no other open
 */
SEC("lsm/file_open")
int BPF_PROG(deny_open, struct file *file, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_OPEN };

	if (ret || file->f_flags & FMODE_EXEC || file->f_mode & FMODE_NOACCOUNT)
		return ret;
	facts.flags = file->f_flags;
	facts.dentry = (__u64)file->f_path.dentry;
	facts.mount = (__u64)file->f_path.mnt;
	facts.kind = verdict_kind((__u64)file->f_inode);
	return verdict(&facts);
}

/* An entry of a directory. */
static __always_inline int verdict_entry(__u32 operation, const struct path *dir,
					 struct dentry *dentry)
{
	struct verdict_facts facts = { .operation = operation };

	facts.dentry = (__u64)dentry;
	facts.mount = (__u64)dir->mnt;
	facts.kind = verdict_kind((__u64)dentry->d_inode);
	return verdict(&facts);
}

/* Something that is there. */
static __always_inline int verdict_there(__u32 operation, const struct path *path)
{
	return verdict_entry(operation, path, path->dentry);
}

/*
 * A name is removed.
 * proto:  int path_unlink(const struct path *dir, struct dentry *dentry)
 * misses: what a filesystem of the network removes at its server
 */
SEC("lsm/path_unlink")
int BPF_PROG(deny_unlink, const struct path *dir, struct dentry *dentry, int ret)
{
	return ret ? ret : verdict_entry(VERDICT_UNLINK, dir, dentry);
}

/*
 * A directory is removed.
 * proto:  int path_rmdir(const struct path *dir, struct dentry *dentry)
 * misses: as deny_unlink
 */
SEC("lsm/path_rmdir")
int BPF_PROG(deny_rmdir, const struct path *dir, struct dentry *dentry, int ret)
{
	return ret ? ret : verdict_entry(VERDICT_RMDIR, dir, dentry);
}

/*
 * A directory is made.
 * proto:  int path_mkdir(const struct path *dir, struct dentry *dentry, umode_t mode)
 * misses: as deny_unlink
 */
SEC("lsm/path_mkdir")
int BPF_PROG(deny_mkdir, const struct path *dir, struct dentry *dentry, umode_t mode, int ret)
{
	return ret ? ret : verdict_entry(VERDICT_MKDIR, dir, dentry);
}

/*
 * A device or a fifo is made.
 * proto:  int path_mknod(const struct path *dir, struct dentry *dentry, umode_t mode, unsigned int dev)
 * misses: regular files, which open makes as well: that is deny_open's. Sockets: bind makes them
 */
SEC("lsm/path_mknod")
int BPF_PROG(deny_mknod, const struct path *dir, struct dentry *dentry, umode_t mode,
	     unsigned int dev, int ret)
{
	__u32 type = mode & S_IFMT;

	if (ret || (type != S_IFCHR && type != S_IFBLK && type != S_IFIFO))
		return ret;
	return verdict_entry(VERDICT_MKNOD, dir, dentry);
}

/*
 * A symbolic link is made. What it says is not looked at.
 * proto:  int path_symlink(const struct path *dir, struct dentry *dentry, const char *old_name)
 * misses: as deny_unlink
 */
SEC("lsm/path_symlink")
int BPF_PROG(deny_symlink, const struct path *dir, struct dentry *dentry, const char *old_name, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_SYMLINK };

	if (ret)
		return ret;
	facts.dentry2 = (__u64)dentry;	/* the second path of the call */
	facts.mount2 = (__u64)dir->mnt;
	return verdict(&facts);
}

/*
 * A file gets another name.
 * proto:  int path_link(struct dentry *old_dentry, const struct path *new_dir, struct dentry *new_dentry)
 * misses: as deny_unlink
 */
SEC("lsm/path_link")
int BPF_PROG(deny_link, struct dentry *old_dentry, const struct path *new_dir,
	     struct dentry *new_dentry, int ret)
{
	struct verdict_facts facts = { .operation = VERDICT_LINK };

	if (ret)
		return ret;
	facts.dentry = (__u64)old_dentry;
	facts.mount = (__u64)new_dir->mnt;	/* links stay within a mount */
	facts.dentry2 = (__u64)new_dentry;
	facts.mount2 = facts.mount;
	return verdict(&facts);
}

#define RENAME_EXCHANGE 2	/* include/uapi/linux/fs.h */

static __always_inline int verdict_rename(const struct path *old_dir, struct dentry *old_dentry,
					  const struct path *new_dir, struct dentry *new_dentry)
{
	struct verdict_facts facts = { .operation = VERDICT_RENAME };

	facts.dentry = (__u64)old_dentry;
	facts.mount = (__u64)old_dir->mnt;
	facts.dentry2 = (__u64)new_dentry;
	facts.mount2 = (__u64)new_dir->mnt;
	return verdict(&facts);
}

/*
 * A name is replaced by another.
 * proto:  int path_rename(const struct path *old_dir, struct dentry *old_dentry, const struct path *new_dir, struct dentry *new_dentry, unsigned int flags)
 * misses: as deny_unlink
 */
SEC("lsm/path_rename")
int BPF_PROG(deny_rename, const struct path *old_dir, struct dentry *old_dentry,
	     const struct path *new_dir, struct dentry *new_dentry, unsigned int flags, int ret)
{
	return ret ? ret : verdict_rename(old_dir, old_dentry, new_dir, new_dentry);
}

/*
 * Two names are exchanged: the second is replaced by the first as well.
 * proto:  int path_rename(const struct path *old_dir, struct dentry *old_dentry, const struct path *new_dir, struct dentry *new_dentry, unsigned int flags)
 * misses: as deny_unlink
 */
SEC("lsm/path_rename")
int BPF_PROG(deny_exchange, const struct path *old_dir, struct dentry *old_dentry,
	     const struct path *new_dir, struct dentry *new_dentry, unsigned int flags, int ret)
{
	if (ret || !(flags & RENAME_EXCHANGE))
		return ret;
	return verdict_rename(new_dir, new_dentry, old_dir, old_dentry);
}

/*
 * The mode of a file changes.
 * proto:  int path_chmod(const struct path *path, umode_t mode)
 * misses: ACLs, which are extended attributes
 */
SEC("lsm/path_chmod")
int BPF_PROG(deny_chmod, const struct path *path, umode_t mode, int ret)
{
	return ret ? ret : verdict_there(VERDICT_CHMOD, path);
}

/*
 * The owner of a file changes.
 * proto:  int path_chown(const struct path *path, kuid_t uid, kgid_t gid)
 * misses: as deny_unlink
 */
SEC("lsm/path_chown")
int BPF_PROG(deny_chown, const struct path *path, __u64 uid, __u64 gid, int ret)
{
	return ret ? ret : verdict_there(VERDICT_CHOWN, path);
}

/*
 * A file is cut by its path, or (before 6.2) by a descriptor, or when it is opened.
 * proto:  int path_truncate(const struct path *path)
 * misses: what is cut within by fallocate
 */
SEC("lsm/path_truncate")
int BPF_PROG(deny_truncate, const struct path *path, int ret)
{
	return ret ? ret : verdict_there(VERDICT_TRUNCATE, path);
}

/*
 * A file is cut by a descriptor, or when it is opened.
 * proto:  int file_truncate(struct file *file)
 * misses: as deny_truncate, which sees this on older kernels
 */
SEC("lsm/file_truncate")
int BPF_PROG(deny_ftruncate, struct file *file, int ret)
{
	return ret ? ret : verdict_there(VERDICT_TRUNCATE, &file->f_path);
}
