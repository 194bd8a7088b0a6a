// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Verdicts on files. */
#include "enforce/verdict.h"

#define FMODE_NOACCOUNT 0x20000000	/* f_mode: of a filesystem for itself, include/linux/fs.h */
#define FMODE_EXEC 040		/* in f_flags: opened to be executed, include/linux/fs.h */

/* What an inode is, without its layer and its path. */
static __always_inline __u32 verdict_kind(__u64 inode)
{
	return inode ? kind_of(READ(struct inode, inode, i_mode), inode_magic(inode)) : OBJECT_NONE;
}

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
