/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * The filter's dearer dimensions: what the descriptor of a call is, and which of its paths is looked at.
 * Only what the type asks for is found out. The dispatcher does it: a jump to another program and the task
 * asked for again were a third of what the filter cost.
 */
#ifndef SAKER_FILTER_OBJECT_H
#define SAKER_FILTER_OBJECT_H

#include "filter_claimed.h"
#include "filter_ends.h"
#include "filter_path.h"
#include "shape.h"

#define TESTS_LATE (~(TESTS_KINDS - 1))	/* whatever is not the dispatcher's */
#define TESTS_ENDS (TESTS_LATE_INTEGER | TESTS_REMOTE | TESTS_LOCAL)	/* facts of the object besides its kind */

/* What the filter of the type needs of the object behind a descriptor of this task; `fd` may be none. */
static __always_inline void find_object(const struct type_filter *filter, struct scratch *scratch,
					struct task_struct *task, int fd)
{
	struct judgement *judgement = &scratch->judgement;
	struct object_part *object = &scratch->object;
	__u64 address = fd < 0 ? 0 : file_of(task, fd), super, magic;
	struct inode *inode;
	struct file *file;

	if (filter->flags & TESTS_ENDS)
		__builtin_memset(object, 0, sizeof(*object));
	object->kind = OBJECT_NONE;
	judgement->dentry = 0;
	if (UNLIKELY(!address))
		return;
	file = LOOSE(struct file, address);
	judgement->dentry = (__u64)FIELD(file, f_path.dentry);
	judgement->mount = (__u64)FIELD(file, f_path.mnt);
	inode = LOOSE(struct inode, FIELD(file, f_inode));
	super = (__u64)FIELD(inode, i_sb);
	magic = READ(struct super_block, super, s_magic);
	object->kind = kind_of(FIELD(inode, i_mode), magic);
	if (UNLIKELY(object->kind == OBJECT_SOCKET && filter->flags & TESTS_ENDS))
		socket_facts(object, (__u64)FIELD(file, private_data));
	else if (UNLIKELY(magic == TMPFS_MAGIC || magic == HUGETLBFS_MAGIC) &&
		 dentry_is_memfd(judgement->dentry))
		object->kind = OBJECT_MEMFD;
}

/* The object is the working directory that chdir has set. */
static __always_inline void find_cwd(struct scratch *scratch, struct task_struct *task)
{
	__builtin_memset(&scratch->object, 0, sizeof(scratch->object));
	scratch->object.kind = OBJECT_DIRECTORY;
	scratch->judgement.dentry = (__u64)task->fs->pwd.dentry;
	scratch->judgement.mount = (__u64)task->fs->pwd.mnt;
}

/* Kind, integers and ends of the object in scratch. */
static __always_inline int judge_object(const struct type_filter *filter, struct scratch *scratch)
{
	struct judgement *judgement = &scratch->judgement;

	if (filter->flags & TESTS_KINDS && scratch->object.kind < OBJECT_KINDS &&
	    !keep(judgement, set_at(filter->kinds + scratch->object.kind)))
		return FILTERED_BY_KIND;
	return filter->flags & TESTS_ENDS ? judge_ends() : PASSED;
}

/* What is known of the object's path. */
enum path_knowledge {
	PATH_NONE,		/* it has none: a socket, a pipe, no object at all */
	PATH_UNTOLD,		/* it has one that the kernel cannot tell */
	PATH_TOLD,		/* it is the walk's text */
};

static __always_inline bool kind_has_path(__u8 kind)
{
	return kind == OBJECT_FILE || kind == OBJECT_DIRECTORY || kind == OBJECT_CHARDEV ||
	       kind == OBJECT_BLOCKDEV;
}

static __always_inline enum path_knowledge object_path(const struct type_filter *filter, struct scratch *scratch,
						       struct task_struct *task, __u64 claimed,
						       const bool first)
{
	struct judgement *judgement = &scratch->judgement;

	if (UNLIKELY(!judgement->dentry || !kind_has_path(scratch->object.kind)))
		return PATH_NONE;
	scratch->walk.rare = filter->path.rare;
	scratch->walk.rare_byte = (__u8)filter->path.rare * ONES;
	walk(&scratch->walk, judgement->dentry, judgement->mount, task, first);
	if (UNLIKELY(scratch->walk.flags))
		return PATH_UNTOLD;
	/* somebody may have put it there after the call: then the caller's own word must agree */
	if (LIKELY(!shares_files(task)))
		return PATH_TOLD;
	return claimed && claimed_agrees(claimed) ? PATH_TOLD : PATH_UNTOLD;
}

/* What the path as written leaves that holds no "..". */
static __always_inline bool keep_dots(const struct type_filter *filter, struct scratch *scratch,
				      __u64 claimed)
{
	struct judgement *judgement = &scratch->judgement;

	if (!(filter->flags & TESTS_NO_DOTS) || !claimed || !claimed_read(scratch, claimed) ||
	    judgement->claimed_marks & CLAIMED_DOTS)
		return true;
	return keep(judgement, set_at(filter->no_dots));
}

/*
 * Paths: the object's, or where it has none the claimed one, which is at the address `claimed`, 0: there
 * is none.
 */
static __always_inline int judge_paths(const struct type_filter *filter, struct scratch *scratch,
				       enum path_knowledge path, __u64 claimed)
{
	bool told = false, by_caller = false;
	int at = PASSED;

	if (filter->flags & TESTS_PATH && path != PATH_NONE) {
		told = path == PATH_TOLD;
	} else if (filter->flags & TESTS_CLAIMED && claimed &&
		   (scratch->call.ret < 0 || !(filter->flags & TESTS_PATH))) {
		/* the text is read anyway, and dots are cheaper to look for than the path is to look up */
		if (!keep_dots(filter, scratch, claimed))
			return FILTERED_BY_PATH;
		by_caller = true;
		told = claimed_tells(claimed);
	}
	if (told)
		at = judge_path(filter, scratch, by_caller);
	if (at != PASSED || by_caller)
		return at;
	return keep_dots(filter, scratch, claimed) ? PASSED : FILTERED_BY_PATH;
}

/* After find_object or find_cwd: where the call was filtered, or PASSED. */
static __always_inline int judge_found(const struct type_filter *filter, struct scratch *scratch,
				       struct task_struct *task, __u64 claimed, const bool first)
{
	int at = judge_object(filter, scratch);

	if (at != PASSED)
		return at;
	return judge_paths(filter, scratch,
			   filter->flags & TESTS_PATH ? object_path(filter, scratch, task, claimed, first) : PATH_NONE,
			   claimed);
}

#endif
