/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Which argument of a system call is what: one line per call that has a path, a text or a
 * descriptor among its arguments, so that one program serves them all.
 */
#ifndef SAKER_SHAPES_H
#define SAKER_SHAPES_H

#include "abi.h"
#include "numbers.h"

/* Positions count arguments from 1; 0: there is none. */
enum {
	A1 = 1, A2, A3, A4, A5, A6,
	CWD,		/* directory: relative to the working directory */
	NOWHERE,	/* directory: a text that is not relative to anything */
	RETURNED,		/* descriptor: the one returned */
	PAIR1,		/* descriptor: the first of the two ints that argument 1 points to */
	ROOT_CWD,	/* descriptor: none, but the object is the new working directory */
};

struct shape {
	__u8 fd;	/* object */
	__u8 base;	/* of claimed */
	__u8 claimed;
	__u8 base2;
	__u8 claimed2;
	__u8 data;	/* a further text */
};

#define FD(fd_) { .fd = fd_ }
#define PATH(base_, path_) { .base = base_, .claimed = path_ }
#define FD_PATH(fd_, base_, path_) { .fd = fd_, .base = base_, .claimed = path_ }
#define PATHS(base_, path_, base2_, path2_) \
	{ .base = base_, .claimed = path_, .base2 = base2_, .claimed2 = path2_ }

static const struct shape shapes[SYSCALL_COUNT] = {
#if defined(__TARGET_ARCH_x86)	/* calls that newer architectures do not have */
	[__NR_open] = FD_PATH(RETURNED, CWD, A1),
	[__NR_creat] = FD_PATH(RETURNED, CWD, A1),
	[__NR_stat] = PATH(CWD, A1),
	[__NR_lstat] = PATH(CWD, A1),
	[__NR_access] = PATH(CWD, A1),
	[__NR_rename] = PATHS(CWD, A1, CWD, A2),
	[__NR_unlink] = PATH(CWD, A1),
	[__NR_rmdir] = PATH(CWD, A1),
	[__NR_mkdir] = PATH(CWD, A1),
	[__NR_mknod] = PATH(CWD, A1),
	[__NR_link] = PATHS(CWD, A1, CWD, A2),
	[__NR_symlink] = PATHS(NOWHERE, A1, CWD, A2),
	[__NR_readlink] = PATH(CWD, A1),
	[__NR_chmod] = PATH(CWD, A1),
	[__NR_chown] = PATH(CWD, A1),
	[__NR_lchown] = PATH(CWD, A1),
	[__NR_utime] = PATH(CWD, A1),
	[__NR_utimes] = PATH(CWD, A1),
	[__NR_futimesat] = PATH(A1, A2),
	[__NR_uselib] = PATH(CWD, A1),
	[__NR_pipe] = FD(PAIR1),
	[__NR_dup2] = FD(A1),
	[__NR_eventfd] = FD(RETURNED),
	[__NR_signalfd] = FD(RETURNED),
	[__NR_inotify_init] = FD(RETURNED),
	[__NR_epoll_create] = FD(RETURNED),
	[__NR_epoll_wait] = FD(A1),
	[__NR_getdents] = FD(A1),
#endif
	/* files by path */
	[__NR_openat] = FD_PATH(RETURNED, A1, A2),
	[__NR_openat2] = FD_PATH(RETURNED, A1, A2),
	[__NR_open_by_handle_at] = FD(RETURNED),
	[__NR_name_to_handle_at] = PATH(A1, A2),
	[__NR_renameat] = PATHS(A1, A2, A3, A4),
	[__NR_renameat2] = PATHS(A1, A2, A3, A4),
	[__NR_unlinkat] = FD_PATH(A1, A1, A2),
	[__NR_mkdirat] = FD_PATH(A1, A1, A2),
	[__NR_mknodat] = FD_PATH(A1, A1, A2),
	[__NR_linkat] = PATHS(A1, A2, A3, A4),
	[__NR_symlinkat] = { .fd = A2, .base = NOWHERE, .claimed = A1, .base2 = A2, .claimed2 = A3 },
	[__NR_readlinkat] = PATH(A1, A2),
	[__NR_fchmodat] = FD_PATH(A1, A1, A2),
	[__NR_fchmodat2] = FD_PATH(A1, A1, A2),
	[__NR_fchownat] = FD_PATH(A1, A1, A2),
	[__NR_newfstatat] = FD_PATH(A1, A1, A2),
	[__NR_statx] = PATH(A1, A2),
	[__NR_faccessat] = PATH(A1, A2),
	[__NR_faccessat2] = PATH(A1, A2),
	[__NR_utimensat] = PATH(A1, A2),
	[__NR_truncate] = PATH(CWD, A1),
	[__NR_statfs] = PATH(CWD, A1),
	[__NR_chdir] = FD_PATH(ROOT_CWD, CWD, A1),
	[__NR_chroot] = PATH(CWD, A1),
	[__NR_setxattr] = PATHS(CWD, A1, NOWHERE, A2),
	[__NR_lsetxattr] = PATHS(CWD, A1, NOWHERE, A2),
	[__NR_getxattr] = PATHS(CWD, A1, NOWHERE, A2),
	[__NR_lgetxattr] = PATHS(CWD, A1, NOWHERE, A2),
	[__NR_listxattr] = PATH(CWD, A1),
	[__NR_llistxattr] = PATH(CWD, A1),
	[__NR_removexattr] = PATHS(CWD, A1, NOWHERE, A2),
	[__NR_lremovexattr] = PATHS(CWD, A1, NOWHERE, A2),
	[__NR_setxattrat] = PATHS(A1, A2, NOWHERE, A4),
	[__NR_getxattrat] = PATHS(A1, A2, NOWHERE, A4),
	[__NR_listxattrat] = PATH(A1, A2),
	[__NR_removexattrat] = PATHS(A1, A2, NOWHERE, A4),
	[__NR_file_getattr] = PATH(A1, A2),
	[__NR_file_setattr] = PATH(A1, A2),
	[__NR_execve] = PATH(CWD, A1),
	[__NR_execveat] = PATH(A1, A2),
	[__NR_acct] = PATH(CWD, A1),
	[__NR_swapon] = PATH(CWD, A1),
	[__NR_swapoff] = PATH(CWD, A1),
	[__NR_quotactl] = PATH(CWD, A2),
	[__NR_inotify_add_watch] = FD_PATH(A1, CWD, A2),
	[__NR_fanotify_mark] = FD_PATH(A1, A4, A5),
	/* mounts */
	[__NR_mount] = { .base = NOWHERE, .claimed = A1, .base2 = CWD, .claimed2 = A2, .data = A3 },
	[__NR_umount2] = PATH(CWD, A1),
	[__NR_pivot_root] = PATHS(CWD, A1, CWD, A2),
	[__NR_move_mount] = PATHS(A1, A2, A3, A4),
	[__NR_open_tree] = FD_PATH(RETURNED, A1, A2),
	[__NR_open_tree_attr] = FD_PATH(RETURNED, A1, A2),
	[__NR_mount_setattr] = PATH(A1, A2),
	[__NR_fspick] = FD_PATH(RETURNED, A1, A2),
	[__NR_fsopen] = FD_PATH(RETURNED, NOWHERE, A1),
	[__NR_fsmount] = FD(RETURNED),
	[__NR_fsconfig] = FD_PATH(A1, NOWHERE, A3),
	/* files by descriptor; close is not here: at its end there is nothing left to describe */
	[__NR_fchdir] = FD(A1),
	[__NR_fchmod] = FD(A1),
	[__NR_fchown] = FD(A1),
	[__NR_ftruncate] = FD(A1),
	[__NR_fallocate] = FD(A1),
	[__NR_fstat] = FD(A1),
	[__NR_fstatfs] = FD(A1),
	[__NR_fsync] = FD(A1),
	[__NR_fdatasync] = FD(A1),
	[__NR_flock] = FD(A1),
	[__NR_getdents64] = FD(A1),
	[__NR_ioctl] = FD(A1),
	[__NR_lseek] = FD(A1),
	[__NR_fadvise64] = FD(A1),
	[__NR_readahead] = FD(A1),
	[__NR_fsetxattr] = FD_PATH(A1, NOWHERE, A2),
	[__NR_fgetxattr] = FD_PATH(A1, NOWHERE, A2),
	[__NR_flistxattr] = FD(A1),
	[__NR_fremovexattr] = FD_PATH(A1, NOWHERE, A2),
	[__NR_read] = FD(A1),
	[__NR_write] = FD(A1),
	[__NR_pread64] = FD(A1),
	[__NR_pwrite64] = FD(A1),
	[__NR_readv] = FD(A1),
	[__NR_writev] = FD(A1),
	[__NR_preadv] = FD(A1),
	[__NR_pwritev] = FD(A1),
	[__NR_preadv2] = FD(A1),
	[__NR_pwritev2] = FD(A1),
	[__NR_sendfile] = FD(A2),
	[__NR_splice] = FD(A1),
	[__NR_tee] = FD(A1),
	[__NR_vmsplice] = FD(A1),
	[__NR_copy_file_range] = FD(A1),
	[__NR_dup] = FD(A1),
	[__NR_dup3] = FD(A1),
	[__NR_fcntl] = FD(A1),
	/* descriptors of other things */
	[__NR_pipe2] = FD(PAIR1),
	[__NR_eventfd2] = FD(RETURNED),
	[__NR_signalfd4] = FD(RETURNED),
	[__NR_timerfd_create] = FD(RETURNED),
	[__NR_timerfd_settime] = FD(A1),
	[__NR_inotify_init1] = FD(RETURNED),
	[__NR_inotify_rm_watch] = FD(A1),
	[__NR_fanotify_init] = FD(RETURNED),
	[__NR_epoll_create1] = FD(RETURNED),
	[__NR_epoll_ctl] = FD(A3),
	[__NR_epoll_pwait] = FD(A1),
	[__NR_epoll_pwait2] = FD(A1),
	[__NR_memfd_create] = FD_PATH(RETURNED, NOWHERE, A1),
	[__NR_memfd_secret] = FD(RETURNED),
	[__NR_pidfd_open] = FD(RETURNED),
	[__NR_pidfd_getfd] = FD(RETURNED),
	[__NR_pidfd_send_signal] = FD(A1),
	[__NR_setns] = FD(A1),
	[__NR_io_uring_setup] = FD(RETURNED),
	[__NR_io_uring_enter] = FD(A1),
	[__NR_io_uring_register] = FD(A1),
	[__NR_userfaultfd] = FD(RETURNED),
	[__NR_perf_event_open] = FD(RETURNED),
	[__NR_landlock_create_ruleset] = FD(RETURNED),
	[__NR_landlock_add_rule] = FD(A1),
	[__NR_landlock_restrict_self] = FD(A1),
	[__NR_mq_open] = FD_PATH(RETURNED, NOWHERE, A1),
	[__NR_mq_unlink] = PATH(NOWHERE, A1),
	/* sockets */
	[__NR_socket] = FD(RETURNED),
	[__NR_accept] = FD(RETURNED),
	[__NR_accept4] = FD(RETURNED),
	[__NR_connect] = FD(A1),
	[__NR_bind] = FD(A1),
	[__NR_listen] = FD(A1),
	[__NR_shutdown] = FD(A1),
	[__NR_getsockname] = FD(A1),
	[__NR_getpeername] = FD(A1),
	[__NR_setsockopt] = FD(A1),
	[__NR_getsockopt] = FD(A1),
	[__NR_sendto] = FD(A1),
	[__NR_recvfrom] = FD(A1),
	[__NR_sendmsg] = FD(A1),
	[__NR_recvmsg] = FD(A1),
	[__NR_sendmmsg] = FD(A1),
	[__NR_recvmmsg] = FD(A1),
	/* kernel integrity */
	[__NR_init_module] = { .data = A3 },
	[__NR_finit_module] = { .fd = A1, .data = A2 },
	[__NR_delete_module] = PATH(NOWHERE, A1),
	[__NR_add_key] = PATHS(NOWHERE, A1, NOWHERE, A2),
	[__NR_request_key] = PATHS(NOWHERE, A1, NOWHERE, A2),
	[__NR_sethostname] = PATH(NOWHERE, A1),
	[__NR_setdomainname] = PATH(NOWHERE, A1),
};

#endif
