/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Paths for verdicts. A path is looked at twice: as the process sees it, from its own root, and from the
 * root of the mount namespace; either may make a clause true. So who may change his root (chroot /etc,
 * then /shadow) gains nothing by it.
 */
#ifndef SAKER_VERDICT_PATH_H
#define SAKER_VERDICT_PATH_H

#include "path.h"

#define VERDICT_LEAD 8		/* of struct path_key before the text */
#define VERDICT_TABLE_BITS 32	/* the number of the table is part of the key */

/* The memory of a hook, NULL: all places of this CPU are taken. Give it back on every way out. */
static __always_inline struct verdict_work *work_take(void)
{
	struct verdict_work *work;

#pragma unroll
	for (__u32 i = 0; i < VERDICT_WORKS; i++) {
		__u32 place = i;

		work = bpf_map_lookup_elem(&verdict_works, &place);
		if (work && !__sync_lock_test_and_set(&work->busy, 1)) {
			work->place = i;
			return work;
		}
	}
	return NULL;
}

/* The same, for the sets of a plan. */
static __always_inline struct verdict_work *work_begin(const struct verdict_plan *plan, __u32 number)
{
	struct verdict_work *work = work_take();

	if (!work)
		return NULL;
	work->slot = number & 1;
	work->number = number;
	work->kill = plan->kill;
	return work;
}

static __always_inline void work_give(struct verdict_work *work)
{
	*(volatile __u32 *)&work->busy = 0;
}

/* The same memory once more: before 6.2 nothing that a global function was handed may be the key of a map. */
static __always_inline struct verdict_work *work_at(__u32 place)
{
	return bpf_map_lookup_elem(&verdict_works, &place);
}

/* One step to the root of the mount namespace, past that of the process. */
static long verdict_step(__u32 index, struct verdict_work **context)
{
	struct verdict_work *work = *context;
	struct path_walk *walk = &work->walk;
	__u64 dentry = walk->dentry, mount = walk->mount, parent, inner, outer;
	__u32 length;

	if (dentry == walk->root_dentry && mount == walk->root_mount)
		work->inner = walk->start;
	if (dentry == (__u64)READ(struct vfsmount, mount, mnt_root)) {
		inner = mount - mount_offset();
		outer = (__u64)READ(struct mount, inner, mnt_parent);
		if (outer == inner || !outer)
			return 1;
		walk->dentry = (__u64)READ(struct mount, inner, mnt_mountpoint);
		walk->mount = outer + mount_offset();
		return 0;
	}
	parent = (__u64)READ(struct dentry, dentry, d_parent);
	if (parent == dentry || !parent)
		return 1;
	walk->dentry = parent;
	length = READ(struct dentry, dentry, d_name.len);
	if (walk->start == MAX_PATH_BYTES)
		work->last_bytes = length;
	return !path_prepend(walk, (__u64)READ(struct dentry, dentry, d_name.name), length);
}

/* Goes to the root of the mount namespace. */
WHOLE int verdict_climb(struct verdict_work *work)
{
	if (!work)	/* for the verifier */
		return 0;
	bpf_loop(MAX_PATH_STEPS, verdict_step, &work, 0);
	put_word(&work->walk.text[MAX_PATH_BYTES], 0);
	return 0;
}

/* The path of a dentry becomes the walk's text. */
static __always_inline void verdict_walk(struct verdict_work *work, __u64 dentry, __u64 mount, __u64 task)
{
	struct path_walk *walk = &work->walk;
	__u64 fs = (__u64)READ(struct task_struct, task, fs);

	walk->dentry = dentry;
	walk->mount = mount;
	walk->root_dentry = (__u64)READ(struct fs_struct, fs, root.dentry);
	walk->root_mount = (__u64)READ(struct fs_struct, fs, root.mnt);
	walk->start = MAX_PATH_BYTES;
	walk->flags = 0;
	work->inner = 0;
	work->last_bytes = 0;
	verdict_climb(work);
}

/*
 * Sets of the text from `start` on. The key lies in place before it, so what is there is gone: the
 * longer of two texts comes first.
 */
WHOLE __u64 text_bits(const struct verdict_paths *paths, __u32 place, __u64 start)
{
	struct verdict_work *work = work_at(place);
	struct verdict_class *class = NULL;
	struct path_walk *walk;
	struct path_key *key;
	__u32 bytes;
	__u64 set;

	if (!paths || !work)	/* for the verifier */
		return 0;
	walk = &work->walk;
	if (start == MAX_PATH_BYTES) {
		walk->text[MAX_PATH_BYTES - 1] = '/';
		start = MAX_PATH_BYTES - 1;
	}
	barrier_var(start);
	if (start < VERDICT_LEAD || start >= MAX_PATH_BYTES)
		return 0;
	key = (struct path_key *)&walk->text[start - VERDICT_LEAD];
	bytes = MAX_PATH_BYTES + 1 - start;	/* with the NUL */
	if (paths->table) {
		key->prefix_bits = VERDICT_TABLE_BITS +
				   8 * (bytes < MAX_PREFIX_BYTES ? bytes : MAX_PREFIX_BYTES);
		key->table = paths->table;
		class = bpf_map_lookup_elem(&verdict_paths, key);
	}
	set = class ? class->bits : paths->other;
	class = NULL;
	bytes = MAX_PATH_BYTES - start - work->last_bytes;	/* with the slash at its end */
	if (paths->directory_table && bytes <= MAX_PREFIX_BYTES) {
		key->prefix_bits = VERDICT_TABLE_BITS + 8 * bytes;
		key->table = paths->directory_table;
		class = bpf_map_lookup_elem(&verdict_paths, key);
	}
	return set & (class && class->length == bytes ? class->bits : paths->directory_other);
}

/*
 * Sets of the whole path, in either reading. Who is killed is so by what he himself sees, as in user
 * space: by nothing, where he has no path to it.
 */
static __always_inline __u64 path_bits(const struct verdict_paths *paths, struct verdict_work *work)
{
	__u32 outer = work->walk.start, inner = work->inner;
	__u64 set = text_bits(paths, work->place, outer);

	if (inner == outer)
		return set;
	set &= ~work->kill;
	return inner ? set | text_bits(paths, work->place, inner) : set;
}

/* Sets of the last component. */
WHOLE __u64 last_bits(const struct verdict_paths *paths, __u32 place)
{
	struct verdict_work *work = work_at(place);
	struct verdict_class *class = NULL;
	__u32 bytes;
	__u64 *to;

	if (!paths || !work)	/* for the verifier */
		return 0;
	to = (__u64 *)work->last.reversed;
	bytes = work->last_bytes;
#pragma unroll
	for (__u32 i = 0; i < MAX_LAST_BYTES / 8; i++)
		to[i] = __builtin_bswap64(word_at(&work->walk.text[MAX_PATH_BYTES - 8 * (i + 1)]));
	if (paths->last_table) {
		work->last.prefix_bits = VERDICT_TABLE_BITS +
					 8 * (bytes < MAX_LAST_BYTES ? bytes + 1 : MAX_LAST_BYTES);
		work->last.table = paths->last_table;
		class = bpf_map_lookup_elem(&verdict_lasts, &work->last);
	}
	return class ? class->bits : paths->last_other;
}

#endif
