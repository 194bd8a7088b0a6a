/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * struct path to text: from the last component to the root of the process, across mounts, as
 * d_path() does (fs/d_path.c), which is closed to these program types. Never the caller's memory.
 */
#ifndef SAKER_PATH_H
#define SAKER_PATH_H

#include "record.h"
#include "words.h"

/* Components and mounts between a name and the root: a path of MAX_PATH_BYTES holds half as many. */
#define MAX_PATH_STEPS (MAX_PATH_BYTES / 2 + 64)
#define MAX_CGROUP_STEPS 64
#define QUICK_NAME_BYTES 32	/* longer names are copied by helper, which costs some 20 ns */

static __always_inline __u64 mount_offset(void)
{
	return bpf_core_field_offset(struct mount, mnt);
}

static __always_inline __u64 word_before(struct path_walk *walk, __u64 from, __u64 to, __u32 bytes)
{
	__u64 word = READ_WORD(from - bytes), rare = same_bytes(word, walk->rare_byte);

	if (UNLIKELY(rare)) {
		__u32 told = walk->rare;
		/* each byte's follower in its place */
		__u64 behind = READ_WORD(from - bytes + 1) & (__u8)(told >> 24) * ONES;

		walk->seen |= rare & (bytes_equal(behind, told >> 8) | bytes_equal(behind, told >> 16));
	}
	to -= bytes;
	barrier_var(to);
	put_word(&walk->text[to & (MAX_PATH_BYTES - 1)], word);
	return word;
}

/*
 * A name of at most QUICK_NAME_BYTES by whole words, from its end: what the first word to be read has
 * before the name comes to lie before the text. That is memory of the dentry, or of the name's header.
 */
static __always_inline void quick_prepend(struct path_walk *walk, __u64 name, __u32 start, __u32 length)
{
	__u64 from = name + length;

	/* no loop: kernel 6.1 refuses what clang 14 makes of it, even unrolled ("back-edge") */
	walk->head = word_before(walk, from, start, 8) >> (8 * (8 - length) & 63);
	if (LIKELY(length <= 8))
		return;
	walk->head = HEAD_UNTOLD;
	word_before(walk, from, start, 16);
	if (LIKELY(length <= 16))
		return;
	word_before(walk, from, start, 24);
	if (length <= 24)
		return;
	word_before(walk, from, start, 32);
}

/* Puts a name and a slash before the text so far. */
static __always_inline bool prepend(struct path_walk *walk, __u64 name, __u32 length, bool of_dentry)
{
	__u32 start = walk->start;
	__u64 bytes = length;

	if (UNLIKELY(length - 1 >= NAME_BYTES - 1 || start > MAX_PATH_BYTES || start < length + 1)) {
		walk->flags |= SPAN_FRONT_CUT;
		return false;
	}
	if (start == MAX_PATH_BYTES)
		walk->last = length;
	if (LIKELY(of_dentry && HAS_CAST && length <= QUICK_NAME_BYTES && start > 2 * QUICK_NAME_BYTES)) {
		quick_prepend(walk, name, start, length);
	} else {
		walk->seen = SEEN_UNTOLD;
		walk->head = HEAD_UNTOLD;
		barrier_var(bytes);	/* kernel 6.1 forgets what it knew of the length when it is put aside */
		bpf_probe_read_kernel(&walk->text[(start - length) & (MAX_PATH_BYTES - 1)],
				      bytes & (NAME_BYTES - 1), (const void *)name);
	}
	start -= length + 1;
	walk->text[start & (MAX_PATH_BYTES - 1)] = '/';
	walk->start = start;
	return true;
}

/* The same for the name of a dentry. */
static __always_inline bool path_prepend(struct path_walk *walk, __u64 name, __u32 length)
{
	return prepend(walk, name, length, true);
}

/*
 * Components and mounts that the filter takes without a call for each. A loop, not one behind the other: an open runs
 * less code. The verifier walks it link by link, some 5 ms for each.
 */
#define FIRST_LINKS 8

/* A few links towards the root, with what it stands at in registers; true when the walk has ended. */
static __always_inline bool path_links(struct path_walk *walk, const int links)
{
	__u64 dentry = walk->dentry, mount = walk->mount, parent, inner, outer;
	__u64 top = (__u64)READ(struct vfsmount, mount, mnt_root);
	struct dentry *at;

#pragma clang loop unroll(disable)
	for (int i = 0; i < links; i++) {
		if (dentry == walk->root_dentry && mount == walk->root_mount)
			return true;
		if (UNLIKELY(dentry == top)) {
			inner = mount - mount_offset();
			outer = (__u64)READ(struct mount, inner, mnt_parent);
			if (outer == inner || !outer) {
				walk->flags |= SPAN_UNREACHABLE;
				return true;
			}
			dentry = (__u64)READ(struct mount, inner, mnt_mountpoint);
			mount = outer + mount_offset();
			top = (__u64)READ(struct vfsmount, mount, mnt_root);
			continue;
		}
		at = LOOSE(struct dentry, dentry);
		parent = (__u64)FIELD(at, d_parent);
		if (UNLIKELY(parent == dentry || !parent)) {
			walk->flags |= SPAN_UNREACHABLE;
			return true;
		}
		if (!path_prepend(walk, (__u64)FIELD(at, d_name.name), FIELD(at, d_name.len)))
			return true;
		dentry = parent;
	}
	walk->dentry = dentry;
	walk->mount = mount;
	return false;
}

static long path_step(__u32 index, struct path_walk **context)
{
	return path_links(*context, 1);
}

/* The walk's text becomes a part of the record. */
static __always_inline void part_walk(struct record_header *header, struct span *span,
				      struct path_walk *walk, __u32 flags)
{
	__u64 start = walk->start, length;

	barrier_var(start);
	if (start > MAX_PATH_BYTES)
		return;
	length = MAX_PATH_BYTES - start;
	if (!length) {
		walk->text[MAX_PATH_BYTES - 1] = '/';
		start = MAX_PATH_BYTES - 1;
		length = 1;
	}
	part_kernel(header, span, &walk->text[start], length, walk->flags | flags);
}

/* Goes on to the root. */
WHOLE int walk_on(struct path_walk *walk)
{
	if (walk)
		bpf_loop(MAX_PATH_STEPS, path_step, &walk, 0);
	return 0;
}

/* The path as this task sees it becomes the walk's text. `first`: the first links without a call. */
static __always_inline void walk(struct path_walk *walk, __u64 dentry, __u64 mount,
				 struct task_struct *task, const bool first)
{
	struct fs_struct *fs = task->fs;

	walk->of_dentry = dentry;
	walk->of_mount = mount;
	walk->dentry = dentry;
	walk->mount = mount;
	walk->root_dentry = (__u64)fs->root.dentry;
	walk->root_mount = (__u64)fs->root.mnt;
	walk->start = MAX_PATH_BYTES;
	walk->flags = 0;
	walk->last = 0;
	walk->seen = 0;
	walk->head = 0;
	if (!first || !path_links(walk, FIRST_LINKS))
		walk_on(walk);
}

/*
 * Adds a path as this task sees it: the one that the filter has made already, or a new one. Header
 * must lie at the start of a struct scratch.
 */
SUBPROGRAM int part_path(struct record_header *header, struct span *span, __u64 dentry,
				__u64 mount, struct task_struct *task)
{
	struct path_walk *told = &((struct scratch *)header)->walk;
	__u32 flags = 0;

	if (!dentry || !mount)
		return 0;
	if (header->kind != RECORD_CALL || told->of_dentry != dentry || told->of_mount != mount)
		walk(told, dentry, mount, task, false);
	if (!READ(struct dentry, dentry, d_hash.pprev) &&
	    dentry != (__u64)READ(struct dentry, dentry, d_parent))
		flags = SPAN_DELETED;
	part_walk(header, span, told, flags);
	return 0;
}

static long cgroup_step(__u32 index, struct path_walk **context)
{
	struct path_walk *walk = *context;
	__u64 node = walk->dentry, parent = kernfs_parent(node), name;
	struct path_walk *to = walk;
	__u32 length = 0;
	long read;

	if (!parent)
		return 1;	/* the root has no name */
	walk->dentry = parent;
	name = (__u64)READ(struct kernfs_node, node, name);
	/* the length is not kept: read it past the end of the text, then where it belongs */
	read = bpf_probe_read_kernel_str(&to->text[MAX_PATH_BYTES], NAME_BYTES, (const void *)name);
	if (read <= 1)
		return 1;
	length = read - 1;
	return !prepend(walk, name, length, false);
}

static __always_inline void cgroup_walk(struct path_walk *walk, __u64 node)
{
	walk->dentry = node;
	walk->of_dentry = 0;
	walk->start = MAX_PATH_BYTES;
	walk->flags = 0;
	bpf_loop(MAX_CGROUP_STEPS, cgroup_step, &walk, 0);
}

/*
 * Adds the cgroup path of the task: that of the v2 hierarchy, or if that is the root, the first of
 * the v1 hierarchies where it is not.
 */
SUBPROGRAM int part_cgroup(struct record_header *header, struct span *span,
				  struct task_struct *task)
{
	struct path_walk *walk = &((struct scratch *)header)->walk;
	struct css_set *set = task->cgroups;
	__u32 hierarchies = bpf_core_field_size(set->subsys) / sizeof(void *);
	__u64 subsys = (__u64)&set->subsys[0], css, cgroup;

	cgroup_walk(walk, (__u64)set->dfl_cgrp->kn);
	for (__u32 i = 0; i < 16 && i < hierarchies && walk->start == MAX_PATH_BYTES; i++) {
		css = READ_POINTER(subsys + i * sizeof(void *));
		if (!css)
			continue;
		cgroup = (__u64)READ(struct cgroup_subsys_state, css, cgroup);
		cgroup_walk(walk, (__u64)READ(struct cgroup, cgroup, kn));
	}
	part_walk(header, span, walk, 0);
	return 0;
}

#endif
