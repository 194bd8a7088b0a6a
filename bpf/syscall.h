/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Number and arguments of 64-bit, 32-bit and x32 calls, at their end. All have one number space
 * afterwards: the native one. A call is known by the low 32 bits of its register, as to the kernel.
 */
#ifndef SAKER_SYSCALL_H
#define SAKER_SYSCALL_H

#include "filter.h"
#include "flavours.h"
#include "numbers.h"

#if defined(__TARGET_ARCH_x86)

#define TS_COMPAT 2		/* arch/x86/include/asm/thread_info.h */
#define X32_FIRST 512
#define IA32_SOCKETCALL 102
#define IA32_IPC 117
#define IA32_OLD_MMAP 90

/* 512..547, arch/x86/entry/syscalls/syscall_64.tbl */
static const __u16 x32_native[] = {
	__NR_rt_sigaction, __NR_rt_sigreturn, __NR_ioctl, __NR_readv, __NR_writev, __NR_recvfrom,
	__NR_sendmsg, __NR_recvmsg, __NR_execve, __NR_ptrace, __NR_rt_sigpending,
	__NR_rt_sigtimedwait, __NR_rt_sigqueueinfo, __NR_sigaltstack, __NR_timer_create,
	__NR_mq_notify, __NR_kexec_load, __NR_waitid, __NR_set_robust_list, __NR_get_robust_list,
	__NR_vmsplice, __NR_move_pages, __NR_preadv, __NR_pwritev, __NR_rt_tgsigqueueinfo,
	__NR_recvmmsg, __NR_sendmmsg, __NR_process_vm_readv, __NR_process_vm_writev,
	__NR_setsockopt, __NR_getsockopt, __NR_io_setup, __NR_io_submit, __NR_execveat,
	__NR_preadv2, __NR_pwritev2,
};

/* By first argument of socketcall, include/uapi/linux/net.h. send and recv are the longer form. */
static const __u16 socketcall_native[] = {
	0, __NR_socket, __NR_bind, __NR_connect, __NR_listen, __NR_accept, __NR_getsockname,
	__NR_getpeername, __NR_socketpair, __NR_sendto, __NR_recvfrom, __NR_sendto, __NR_recvfrom,
	__NR_shutdown, __NR_setsockopt, __NR_getsockopt, __NR_sendmsg, __NR_recvmsg, __NR_accept4,
	__NR_recvmmsg, __NR_sendmmsg,
};
#define SOCKETCALL_SEND 9
#define SOCKETCALL_RECV 10

/* How many arguments socketcall reads for each: what lies behind them is the caller's stack. */
static const __u8 socketcall_arguments[] = {
	0, 3, 3, 3, 2, 3, 3, 3, 4, 4, 4, 6, 6, 2, 5, 5, 3, 3, 4, 5, 4,
};

/* By first argument of ipc, include/uapi/linux/ipc.h; 0: none */
static const __u16 ipc_native[] = {
	0, __NR_semop, __NR_semget, __NR_semctl, __NR_semtimedop, 0, 0, 0, 0, 0, 0,
	__NR_msgsnd, __NR_msgrcv, __NR_msgget, __NR_msgctl, 0, 0, 0, 0, 0, 0,
	__NR_shmat, __NR_shmdt, __NR_shmget, __NR_shmctl,
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* orig_ax keeps what the caller wrote above the 32 bits that choose the call */
static __always_inline __u32 call_number(struct pt_regs *regs)
{
	return (__u32)regs->orig_ax;
}

/* The arguments that lie in memory behind one that is in a register. */
static __always_inline void unpack(struct call *call, __u64 from, __u32 count)
{
	__u32 words[ARGUMENTS] = {};

	if (bpf_probe_read_user(words, sizeof(words), (void *)from) &&
	    bpf_probe_read_user(words, 3 * sizeof(*words), (void *)from))
		return;
#pragma unroll
	for (__u32 i = 0; i < ARGUMENTS; i++)
		call->args[i] = i < count ? words[i] : 0;
}

SUBPROGRAM int read_ia32(struct call *call, struct pt_regs *regs)
{
	__u32 number = call->number, which, *native;

	call->abi = ABI_IA32;
	call->args[0] = (__u32)regs->bx;
	call->args[1] = (__u32)regs->cx;
	call->args[2] = (__u32)regs->dx;
	call->args[3] = (__u32)regs->si;
	call->args[4] = (__u32)regs->di;
	call->args[5] = (__u32)regs->bp;
	which = call->args[0];
	if (number == IA32_SOCKETCALL) {
		if (which >= COUNT(socketcall_native))
			return 0;
		call->type = socketcall_native[which];
		unpack(call, call->args[1], socketcall_arguments[which]);
		return 0;
	}
	if (number == IA32_IPC) {
		which &= 0xffff;
		if (which >= COUNT(ipc_native) || !ipc_native[which])
			return 0;
		call->type = ipc_native[which];
#pragma unroll
		for (__u32 i = 0; i < ARGUMENTS - 1; i++)
			call->args[i] = call->args[i + 1];
		call->args[ARGUMENTS - 1] = 0;
		return 0;
	}
	native = bpf_map_lookup_elem(&ia32_native, &number);
	if (!native || *native >= SYSCALL_COUNT)
		return 0;
	call->type = *native;
	if (number == IA32_OLD_MMAP)
		unpack(call, call->args[0], ARGUMENTS);
	return 0;
}

/* Fills the call; its type is NO_CALL if we do not know what it was. */
static __always_inline int call_read_of(struct call *call, struct pt_regs *regs, long ret,
					struct task_struct *trusted)
{
	__u32 number = call_number(regs);

	call->number = number;
	call->type = NO_CALL;
	call->has_extra = 0;
	call->ret = ret;
	if (UNLIKELY(trusted->thread_info.status & TS_COMPAT)) {
		call->ret = (int)ret;
		return read_ia32(call, regs);
	}
	call->args[0] = regs->di;
	call->args[1] = regs->si;
	call->args[2] = regs->dx;
	call->args[3] = regs->r10;
	call->args[4] = regs->r8;
	call->args[5] = regs->r9;
	call->abi = ABI_NATIVE;
	if (UNLIKELY(number & X32_BIT)) {
		call->abi = ABI_X32;
		number &= ~X32_BIT;
		if (number >= X32_FIRST) {
			number -= X32_FIRST;
			if (number >= COUNT(x32_native))
				return 0;
			number = x32_native[number];
		}
	}
	if (number < SYSCALL_COUNT)
		call->type = number;
	return 0;
}

#elif defined(__TARGET_ARCH_arm64)

#define TIF_32BIT 22		/* arch/arm64/include/asm/thread_info.h */

static __always_inline __u32 call_number(struct pt_regs *regs)
{
	return (__u32)regs->syscallno;
}

static __always_inline int call_read_of(struct call *call, struct pt_regs *regs, long ret,
					struct task_struct *trusted)
{
	struct task_struct *task = LOOSE(struct task_struct, trusted);
	bool compat = task->thread_info.flags >> TIF_32BIT & 1;
	__u32 number = call_number(regs), *native;

	call->number = number;
	call->type = NO_CALL;
	call->has_extra = 0;
	call->ret = compat ? (int)ret : ret;
	call->abi = compat ? ABI_IA32 : ABI_NATIVE;
	call->args[0] = regs->orig_x0;
	call->args[1] = regs->regs[1];
	call->args[2] = regs->regs[2];
	call->args[3] = regs->regs[3];
	call->args[4] = regs->regs[4];
	call->args[5] = regs->regs[5];
	if (!compat) {
		if (number < SYSCALL_COUNT)
			call->type = number;
		return 0;
	}
	native = bpf_map_lookup_elem(&ia32_native, &number);	/* there: numbers of 32-bit ARM */
	if (native && *native < SYSCALL_COUNT)
		call->type = *native;
	return 0;
}

#endif

/* The same for the task that runs. */
SUBPROGRAM int call_read(struct call *call, struct pt_regs *regs, long ret)
{
	return call_read_of(call, regs, ret, bpf_get_current_task_btf());
}

/* Are pointers in structs of this caller 32 bits wide? */
static __always_inline bool is_compat(const struct call *call)
{
	return call->abi != ABI_NATIVE;
}

#endif
