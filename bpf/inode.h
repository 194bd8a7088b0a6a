/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* What an inode is: its filesystem, the layer of an overlay, a memfd. */
#ifndef SAKER_INODE_H
#define SAKER_INODE_H

#include "path.h"

/* include/uapi/linux/magic.h; pidfs has its own since 6.9 */
#define OVERLAYFS_MAGIC 0x794c7630
#define TMPFS_MAGIC 0x01021994
#define HUGETLBFS_MAGIC 0x958458f6
#define ANON_INODE_MAGIC 0x09041934
#define SOCKFS_MAGIC 0x534f434b
#define PIPEFS_MAGIC 0x50495045
#define PIDFS_MAGIC 0x50494446
#define NSFS_MAGIC 0x6e736673

/* include/uapi/linux/stat.h */
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFDIR 0040000
#define S_IFCHR 0020000
#define S_IFIFO 0010000
#define S_ISUID 04000
#define S_ISGID 02000
#define S_IXGRP 0010

enum layer { LAYER_NONE, LAYER_UPPER, LAYER_LOWER };

static __always_inline __u32 inode_magic(__u64 inode)
{
	__u64 super = (__u64)READ(struct inode, inode, i_sb);

	return READ(struct super_block, super, s_magic);
}

/*
 * Which layer of an overlay the inode is in now. struct ovl_inode belongs to a module, so its BTF
 * may be out of reach; the upper dentry has followed the inode in it since 4.14 (fs/overlayfs/ovl_entry.h).
 */
static __always_inline enum layer overlay_layer(__u64 inode)
{
	__u64 upper = READ_POINTER(inode + bpf_core_type_size(struct inode));

	return upper && READ(struct dentry, upper, d_inode) ? LAYER_UPPER : LAYER_LOWER;
}

static __always_inline enum layer inode_layer(struct inode *inode)
{
	if (inode->i_sb->s_magic != OVERLAYFS_MAGIC)
		return LAYER_NONE;
	return overlay_layer((__u64)inode);
}

/* A memfd is a file of the kernel's own tmpfs or hugetlbfs mount, named memfd:NAME, its own parent. */
SUBPROGRAM bool dentry_is_memfd(__u64 dentry)
{
	char name[6];

	if (dentry != (__u64)READ(struct dentry, dentry, d_parent) ||
	    bpf_probe_read_kernel(name, sizeof(name), (void *)READ(struct dentry, dentry, d_name.name)))
		return false;
	return name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' && name[4] == 'd' &&
	       name[5] == ':';
}

static __always_inline bool inode_is_memfd(struct inode *inode, __u64 dentry)
{
	__u64 magic = inode->i_sb->s_magic;

	return (magic == TMPFS_MAGIC || magic == HUGETLBFS_MAGIC) && dentry_is_memfd(dentry);
}

/* Adds /memfd:NAME, as the kernel itself writes it. */
SUBPROGRAM int part_memfd(struct record_header *header, struct span *span, __u64 dentry)
{
	struct path_walk *walk = &((struct scratch *)header)->walk;

	walk->of_dentry = 0;
	walk->start = MAX_PATH_BYTES;
	walk->flags = 0;
	path_prepend(walk, (__u64)READ(struct dentry, dentry, d_name.name),
		     READ(struct dentry, dentry, d_name.len));
	part_walk(header, span, walk, SPAN_DELETED);
	return 0;
}

#endif
