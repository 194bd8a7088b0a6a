/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Every struct, enum and limit that both sides of the ring see. The compiler computes the layout,
 * BTF carries it to src/abi/layout.ts; nothing here is written down a second time.
 * Padding is spelled out: -Wpadded is an error for this file.
 */
#ifndef SAKER_ABI_H
#define SAKER_ABI_H

enum abi_limit {
	MAX_PATH_BYTES = 4096,	/* PATH_MAX, include/uapi/linux/limits.h */
	MAX_ARGV_BYTES = 4096,	/* of argv, NUL between the arguments */
	MAX_ENV_BYTES = 4096,
	MAX_DATA_BYTES = 256,	/* payload or text argument that a call handed over */
	MAX_PAYLOAD_BYTES = 80,	/* of what went through a socket: Falco's snap length */
	COMM_BYTES = 16,	/* TASK_COMM_LEN */
	SYSCALL_COUNT = 512,	/* native numbers; 512..547 are x32 and are mapped to native ones */
	SYSCALL_WORDS = 8,	/* a bitmap of them */
	SLOT_GENERIC = 512,	/* of map calls: for a number that has no program of its own */
	SLOT_COUNT = 513,
	PROGRAM_NAME_BYTES = 16,	/* BPF_OBJ_NAME_LEN */
	EVENT_TYPE_COUNT = 520,	/* native system call numbers, then enum event_type */
	CLAUSE_WORDS = 8,	/* 512 clauses */
};

/* What a record is, and so which struct it begins with. */
enum record_kind {
	RECORD_NONE,
	RECORD_FORK,		/* struct fork_record */
	RECORD_EXEC,		/* struct exec_record: a task replaced its program */
	RECORD_TASK,		/* struct exec_record: a process that was there before us */
	RECORD_EXIT,		/* struct exit_record */
	RECORD_CALL,		/* struct call_record: the end of a system call */
	RECORD_RENAME,		/* struct rename_record: a process got another name without exec */
};

/* record_header.type: below SYSCALL_COUNT the native number of a system call, else one of these. */
enum event_type {
	EVENT_FORK = 512,
	EVENT_EXEC = 513,
	EVENT_EXIT = 514,
	EVENT_TASK = 515,
	EVENT_RENAME = 516,	/* comm was set, by whatever means */
};

/* How the call was made; call_part.abi */
enum call_abi {
	ABI_NATIVE,		/* 64-bit */
	ABI_IA32,		/* int 0x80, sysenter, 32-bit syscall */
	ABI_X32,
};

enum span_flag {
	SPAN_CUT = 1,		/* longer in the kernel: only the first bytes are here */
	SPAN_CLAIMED = 2,	/* read from the caller's memory, not from a kernel object */
	SPAN_DELETED = 4,	/* the dentry is unhashed */
	SPAN_UNREACHABLE = 8,	/* outside of the process's root: shown from the mount's root */
	SPAN_FRONT_CUT = 16,	/* longer in the kernel: only the last bytes are here */
};

/* A variable part: bytes from the start of the record. offset 0: absent. */
struct span {
	__u16 offset;
	__u16 length;
	__u16 flags;		/* enum span_flag */
	__u16 pad0;
};

struct record_header {
	__u64 time_ns;		/* CLOCK_BOOTTIME, at the hook */
	__u32 length;		/* of the whole record, a multiple of 8 */
	__u16 kind;		/* enum record_kind */
	__u16 type;		/* native system call number or enum event_type */
	__u32 plan;		/* number of the set of rules that judged it */
	__u32 cpu;
};

/* Who did it, at the moment of the event, as the host sees it unless named v... */
struct task_part {
	__u64 start_ns;		/* boot time when the process (group leader) started */
	__u64 exec_id;		/* task->self_exec_id: one more with every exec */
	__u64 parent_start_ns;
	__u64 cgroup_id;	/* of the default (v2) hierarchy */
	__u64 cap_effective;
	__u64 cap_permitted;
	__u64 cap_inheritable;
	__u32 pid;
	__u32 tid;
	__u32 parent_pid;	/* real parent */
	__u32 uid;		/* effective */
	__u32 gid;		/* effective */
	__u32 loginuid;		/* 0xffffffff: unset */
	__u32 session;		/* pid of the session leader */
	__u32 pgid;
	__u32 vpid;		/* the v... numbers are those of the task's own pid namespace */
	__u32 vtid;
	__u32 vpgid;
	__u32 tty;		/* device number of the controlling terminal, as in /proc/PID/stat; 0: none */
	__u32 pid_ns;		/* inode numbers of the namespaces; 0: the task has left it already */
	__u32 mnt_ns;
	__u32 user_ns;
	__u32 net_ns;
	char comm[COMM_BYTES];	/* of the thread */
};

/* A new process. New threads are counted as filtered: their calls carry their process. */
struct fork_record {
	struct record_header header;
	struct task_part task;	/* the child */
	__u64 clone_flags;	/* CLONE_{VM,FS,FILES,PARENT,NEW*}: what the two tasks show of them */
	__u64 cloner_start_ns;
	__u32 cloner_pid;	/* whose copy it is; with CLONE_PARENT that is not its parent */
	__u32 pad0;
};

enum exe_flag {
	EXE_MEMFD = 1,
	EXE_UPPER_LAYER = 2,	/* upper layer of an overlay */
	EXE_LOWER_LAYER = 4,
	EXE_WRITABLE = 8,	/* by the credentials of the new program */
	EXE_SETUID = 16,
	EXE_SETGID = 32,
	EXE_FILECAPS = 64,	/* capabilities came from the file; cannot be told for uid 0 */
	EXE_KERNEL_THREAD = 128,	/* RECORD_TASK only */
};

struct exec_record {
	struct record_header header;
	struct task_part task;
	__u64 inode;		/* of the program; unique per device only */
	__u64 ctime_ns;		/* of that inode, since 1970 */
	__u64 mtime_ns;
	__u64 pid_ns_start_ns;	/* boot time when the init process of its pid namespace started */
	__u32 dev;		/* as user space writes it: new_encode_dev(), include/linux/kdev_t.h */
	__u32 mode;		/* i_mode */
	__u32 old_tid;		/* the thread that called execve, before it became the leader */
	__u32 exe_flags;	/* enum exe_flag */
	__u32 argc;		/* RECORD_EXEC only */
	__u32 pad0;
	struct span exe;	/* path of the program (/memfd:NAME for a memfd), seen from the task's root */
	struct span filename;	/* what the caller wrote; RECORD_EXEC only */
	struct span cwd;
	struct span argv;	/* NUL between the arguments and after the last */
	struct span env;
	struct span cgroup;	/* cgroup path: v2, or on v1 and hybrid hosts that of the first hierarchy that is not "/" */
};

struct exit_record {
	struct record_header header;
	struct task_part task;	/* of the last thread; comm is that thread's */
	__u32 exit_code;	/* as given to _exit() */
	__u32 exit_signal;	/* that killed it, 0: none */
	__u32 core_dumped;
	__u32 reaper_pid;	/* who inherits its children: subreaper or init of the namespace */
	__u64 reaper_start_ns;
};

/* Another name for a process; those that exec gives and those of other threads are filtered. */
struct rename_record {
	struct record_header header;
	struct task_part task;	/* the renamed; comm is the new one */
};

/* What the descriptor of a call is. */
enum object_kind {
	OBJECT_NONE,		/* no descriptor, or none that could be resolved */
	OBJECT_FILE,		/* regular */
	OBJECT_DIRECTORY,
	OBJECT_CHARDEV,
	OBJECT_BLOCKDEV,
	OBJECT_PIPE,		/* pipe (path absent) or fifo */
	OBJECT_SOCKET,
	OBJECT_MEMFD,
	OBJECT_ANON,		/* anon_inode: span path holds its name, [eventfd] for example */
	OBJECT_OTHER,
};

enum object_flag {
	OBJECT_UPPER_LAYER = 1,
	OBJECT_LOWER_LAYER = 2,
	OBJECT_CREATED = 4,	/* FMODE_CREATED: this open created the file */
	OBJECT_SHARED_TABLE = 8,	/* the descriptor table is shared, or was at some time since exec */
	OBJECT_ACCEPTED = 16,	/* socket that came from accept */
	OBJECT_CONNECTED = 32,	/* socket that has a peer */
	OBJECT_BOUND = 64,	/* socket that was bound by its owner */
};

struct object_part {
	__u64 inode;
	__u32 dev;		/* as in exec_record */
	__u32 mode;		/* i_mode */
	__u32 open_flags;	/* file->f_flags, the kernel's O_... */
	__s32 fd;		/* the descriptor this part describes, -1: none */
	__u8 kind;		/* enum object_kind */
	__u8 flags;		/* enum object_flag */
	__u16 family;		/* AF_..., sockets only, as all below */
	__u8 socket_type;	/* SOCK_... */
	__u8 socket_state;	/* TCP_... state of the sock */
	__u16 protocol;		/* IPPROTO_... */
	__u16 local_port;	/* host byte order */
	__u16 remote_port;
	__u32 pad0;
	__u64 sock;		/* a number for the sock, as Falco shows unix sockets; its kernel address */
	__u64 peer_sock;	/* unix sockets: the other end */
	__u8 local_address[16];	/* network byte order; IPv4 in the first 4 bytes */
	__u8 remote_address[16];
};

/* The address that a call was given (connect, bind, sendto, sendmsg): sockaddr, decoded. */
struct address_part {
	__u16 family;		/* 0: none; the path of AF_UNIX is span claimed */
	__u16 port;		/* host byte order */
	__u32 pad0;
	__u8 address[16];
};

struct call_part {
	__s64 ret;
	__u64 args[6];		/* as the caller passed them; zero-extended for 32-bit callers */
	__u64 extra;		/* facts of their own per type: see the program that fills them */
	__u64 extra2;
	__u32 number;		/* as the caller passed it, in its own ABI */
	__u32 abi;		/* enum call_abi */
};

struct call_record {
	struct record_header header;
	struct task_part task;
	struct call_part call;
	struct object_part object;
	struct address_part address;
	struct span path;	/* the object's path (file, directory, unix socket, memfd, anon inode's name) */
	struct span claimed;	/* first path argument as the caller wrote it, or the text argument of the call */
	struct span base;	/* absolute path that claimed is relative to (cwd or dirfd); absent if claimed is absolute */
	struct span claimed2;	/* second path argument */
	struct span base2;
	struct span data;	/* bytes handed over: payload, uargs of finit_module ... */
};

/* Value of map counters, by event type: seen = filtered + suppressed + sent + lost. */
struct counter {
	__u64 seen;
	__u64 filtered;
	__u64 suppressed;	/* throttled or sampled */
	__u64 sent;
	__u64 lost;
};

/*
 * Value of map control, which user space maps and writes without a system call.
 *
 * How to sleep: set reader_asleep, full barrier, look at the ring once more, then wait. A hook that
 * adds a record which should be seen at once clears the flag and forces the wake-up. A reader that
 * stopped at a record still marked busy must not wait long: its owner need not wake it.
 */
struct control {
	__u64 wanted[SYSCALL_WORDS];	/* bitmap of native numbers */
	__u64 wanted_ia32[SYSCALL_WORDS];	/* the same calls in i386 numbers, with 102 (socketcall) and
						 * 117 (ipc) if one of theirs is among them */
	__u32 reader_asleep;	/* a cache line of its own: wanted is read at every system call */
	__u32 plan;		/* goes into every record */
	__u64 pad0[7];
};

/* Section .rodata.calls is an array of these: which program serves which system call. */
struct call_slot {
	__u32 number;		/* native, or SLOT_GENERIC */
	char program[PROGRAM_NAME_BYTES];
};

#endif
