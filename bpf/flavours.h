/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * One accessor per kernel field that moved or changed type between versions, and the way to read
 * kernel memory by its type. Types with a ___ suffix match the kernel's by the name before it.
 */
#ifndef SAKER_FLAVOURS_H
#define SAKER_FLAVOURS_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

/*
 * Kernel 6.2 and later turn an address into a typed pointer, whose loads are plain instructions
 * that survive a fault; earlier ones copy by helper, 20 to 25 ns each. The verifier's own list of
 * kfuncs (kernel/bpf/verifier.c) tells which; the other branch is dead code to it.
 */
enum special_kfunc_type___saker { KF_bpf_rdonly_cast___saker };
extern void *bpf_rdonly_cast(const void *object, __u32 type_id) __ksym __weak;
#define HAS_CAST bpf_core_enum_value_exists(enum special_kfunc_type___saker, KF_bpf_rdonly_cast___saker)
#define CAST(T, address) ((T *)bpf_rdonly_cast((const void *)(address), bpf_core_type_id_kernel(T)))

/*
 * The same pointer, no longer trusted by the verifier: for each pointer that is read of a trusted one, 6.x kernels
 * search the whole BTF by name: 130 ms more of the verifier for seven in the dispatcher. Every load of a loose one is preceded by eight
 * instructions that look whether it would fault, so numbers of a task are read of the trusted pointer.
 */
#define LOOSE(T, pointer) (HAS_CAST ? CAST(T, pointer) : (T *)(pointer))

/* The field of the T at this address, 0 if it cannot be read. Scalars and pointers only. */
#define READ(T, address, field) (HAS_CAST ? CAST(T, address)->field : ({	\
	typeof(({ ((T *)0)->field; })) _value = 0;				\
	bpf_core_read(&_value, sizeof(_value), &((T *)(address))->field);	\
	_value; }))

/* The same by a pointer that is LOOSE: one cast for several fields. */
#define FIELD(pointer, field) (HAS_CAST ? (pointer)->field : ({			\
	typeof(({ (pointer)->field; })) _value = 0;				\
	bpf_core_read(&_value, sizeof(_value), &(pointer)->field);		\
	_value; }))

/* The pointer stored at this address: list_head is a type of every kernel that begins with one. */
#define READ_POINTER(address) ((__u64)READ(struct list_head, address, next))

/* The eight bytes stored there, as a number: struct timespec64 is a type of every kernel that begins so. */
#define READ_WORD(address) ((__u64)READ(struct timespec64, address, tv_sec))

/* The task that runs, for reading. */
static __always_inline struct task_struct *current_task(void)
{
	return LOOSE(struct task_struct, bpf_get_current_task_btf());
}

/* kernel_cap_t was two words of 32 bits until 6.3 */
struct cred___pairs {
	struct { __u32 cap[2]; } cap_inheritable, cap_permitted, cap_effective, cap_ambient;
} __attribute__((preserve_access_index));
struct cred___words {
	struct { __u64 val; } cap_inheritable, cap_permitted, cap_effective, cap_ambient;
} __attribute__((preserve_access_index));
#define CRED_CAPS(cred, set) ({							\
	const struct cred *_cred = (cred);					\
	__u64 _caps;								\
	if (bpf_core_field_exists(((struct cred___words *)0)->set.val))		\
		_caps = ((const struct cred___words *)_cred)->set.val;		\
	else									\
		_caps = ((const struct cred___pairs *)_cred)->set.cap[0] |	\
			(__u64)((const struct cred___pairs *)_cred)->set.cap[1] << 32; \
	_caps; })

/* Audit keeps the login uid in the task; kernels without CONFIG_AUDIT have none. */
struct task_struct___audit {
	kuid_t loginuid;
} __attribute__((preserve_access_index));

static __always_inline __u32 task_loginuid(struct task_struct *task)
{
	if (bpf_core_field_exists(((struct task_struct___audit *)0)->loginuid))
		return ((struct task_struct___audit *)task)->loginuid.val;
	return ~0u;
}

/* Whether the task is in execve(2). Only a security module needs this bit: it may go some day. */
static __always_inline bool task_in_exec(struct task_struct *task)
{
	if (bpf_core_field_exists(task->in_execve))
		return BPF_CORE_READ_BITFIELD(task, in_execve);
	return false;
}

/* kernfs_node.parent became __parent (and RCU) in 6.15 */
struct kernfs_node___before_6_15 {
	struct kernfs_node *parent;
} __attribute__((preserve_access_index));
struct kernfs_node___since_6_15 {
	struct kernfs_node *__parent;
} __attribute__((preserve_access_index));

static __always_inline __u64 kernfs_parent(__u64 node)
{
	if (bpf_core_field_exists(((struct kernfs_node___since_6_15 *)0)->__parent))
		return (__u64)READ(struct kernfs_node___since_6_15, node, __parent);
	return (__u64)READ(struct kernfs_node___before_6_15, node, parent);
}

/* How a socket was bound: four bits until 6.18, then a byte. */
static __always_inline __u32 sock_userlocks(__u64 sock)
{
	return BPF_CORE_READ_BITFIELD_PROBED((struct sock *)sock, sk_userlocks);
}

/*
 * Times of an inode: i_ctime until 6.5, __i_ctime in 6.6 (6.7 for mtime), then split in 6.11.
 * Since 6.13 the highest bit of i_ctime_nsec says that somebody asked (fs/inode.c).
 */
struct inode___plain {
	struct timespec64 i_mtime, i_ctime;
} __attribute__((preserve_access_index));
struct inode___hidden {
	struct timespec64 __i_mtime, __i_ctime;
} __attribute__((preserve_access_index));
struct inode___split {
	__s64 i_mtime_sec, i_ctime_sec;
	__u32 i_mtime_nsec, i_ctime_nsec;
} __attribute__((preserve_access_index));
/* A function of a header that stays one: the verifier walks it at each call, for each state that it has there. */
#define SUBPROGRAM static __attribute__((noinline, unused))
/* The same, walked once for each program, as if nothing were known of its arguments. */
#define WHOLE __attribute__((noinline))

#define NS_PER_S 1000000000ull
#define CTIME_NSEC_MASK 0x7fffffff

/* The inode is a pointer that the verifier knows, so that these are plain loads. */
#define INODE_TIME(which) static __always_inline __u64 inode_##which##_ns(struct inode *inode)	\
{												\
	if (bpf_core_field_exists(((struct inode___split *)0)->i_##which##_sec)) {		\
		struct inode___split *split = (void *)inode;					\
		return split->i_##which##_sec * NS_PER_S +					\
		       (split->i_##which##_nsec & CTIME_NSEC_MASK);				\
	}											\
	if (bpf_core_field_exists(((struct inode___hidden *)0)->__i_##which)) {			\
		struct inode___hidden *hidden = (void *)inode;					\
		return hidden->__i_##which.tv_sec * NS_PER_S + hidden->__i_##which.tv_nsec;	\
	}											\
	struct inode___plain *plain = (void *)inode;						\
	return plain->i_##which.tv_sec * NS_PER_S + plain->i_##which.tv_nsec;			\
}
INODE_TIME(ctime)
INODE_TIME(mtime)

#endif
