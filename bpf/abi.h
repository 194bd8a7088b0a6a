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
	SLOT_KILL = 513,	/* the program that ends processes by opens, where rules ask for it; see enforce/kill.h */
	SLOT_KILL_ANY = 514,	/* the same for all other calls */
	SLOT_COUNT = 515,
	PROGRAM_NAME_BYTES = 16,	/* BPF_OBJ_NAME_LEN */
	EVENT_TYPE_COUNT = 520,	/* native system call numbers, then enum event_type */
	CLAUSE_WORDS = 8,	/* 512 clauses */
	NARROW_WORDS = 2,	/* of a set, that hold all clauses of most types: more are looked at only where needed */
	MAX_INTEGERS = 4,	/* that the filter looks at, of one type */
	MAX_PREFIX_BYTES = 248,	/* of a path: with the table's number a key of 256, the most that a trie takes */
	MAX_LAST_BYTES = 64,	/* of a path's last component */
	MAX_COPIES = 3,		/* generations without exec between a process and the entry that it uses */
	MAX_CLAIMED_BYTES = 1024,	/* of a path as the caller wrote it, that the filter looks at */
	HEAD_BITS = 8,
	HEAD_PLACES = 256,	/* two to the power of HEAD_BITS: of first components that one table tells apart */
	MAX_NEEDLES = 16,	/* a power of two: texts that are looked for in the paths of one table */
	MAX_NEEDLE_BYTES = 8,
	MAX_SEARCHED_BYTES = 256,	/* of a path in which they are looked for */
	OBJECT_KINDS = 10,	/* enum object_kind */
	VERDICT_CLAUSES = 64,	/* of one plan: a set of them is one word */
	VERDICT_CALLS = 8,	/* system calls that do the same to an object */
	KILL_LIMITS = 128,	/* rules of two plans */
	VERDICT_PLACES = 32,	/* enum verdict_operation, and more to come */
	SOCKET_CLASSES = 32,	/* enum socket_version times enum socket_transport */
	ARGUMENT_PLACES = 8,	/* of the arguments of one call and its result, in keys */
	OPEN_MODES = 4,		/* O_RDONLY, O_WRONLY, O_RDWR and the mode that asks for nothing */
	JOURNAL_RULES = 128,	/* of two plans */
	JOURNAL_ENTRIES = 256,
	JOURNAL_NAME_BYTES = 112,
	JOURNAL_PATH_BYTES = 184,
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
	RECORD_VERDICT,		/* struct verdict_record: an operation was denied, or would have been */
	RECORD_TAMPER,		/* struct tamper_record: somebody reached for the agent */
};

/* record_header.type: below SYSCALL_COUNT the native number of a system call, else one of these. */
enum event_type {
	EVENT_FORK = 512,
	EVENT_EXEC = 513,
	EVENT_EXIT = 514,
	EVENT_TASK = 515,
	EVENT_RENAME = 516,	/* comm was set, by whatever means */
	EVENT_VERDICT = 517,	/* verdict_part.type says of which call */
	EVENT_TAMPER = 519,
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
	__u32 plan;		/* number of the set of rules that judged it, 0: none did */
	__u32 cpu;
	__u64 clauses[CLAUSE_WORDS];	/* of that plan, that may still match; all ones without a plan */
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
	__u64 epoch;		/* of ancestors (struct control): to what this raised it, 0: it did not */
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
	struct span kill;	/* struct kill_part; absent: the kernel did nothing about it */
	struct span cgroup;	/* cgroup path: v2, or on v1 and hybrid hosts that of the first hierarchy that is not "/" */
};

struct exit_record {
	struct record_header header;
	struct task_part task;	/* of the last thread; comm is that thread's */
	__u64 epoch;		/* as in exec_record */
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
	__u64 epoch;		/* as in exec_record */
};

/* What somebody did to the agent, or wanted to. */
enum tamper_operation {
	TAMPER_SIGNAL = 1,	/* detail: number of the signal */
	TAMPER_TRACE,		/* ptrace, its memory, its descriptors; detail: PTRACE_MODE_... */
	TAMPER_LIMIT,		/* detail: RLIMIT_... */
	TAMPER_SCHEDULE,
	TAMPER_MAP,		/* detail: number of the object, as of the next two */
	TAMPER_PROGRAM,
	TAMPER_LINK,
	TAMPER_PIN,		/* detail: inode in the folder of the pins */
};

struct tamper_record {
	struct record_header header;
	struct task_part task;	/* who did it */
	__u64 detail;
	__u32 operation;	/* enum tamper_operation */
	__u32 denied;
};

/* Value of map guarded: the agent, as the programs that protect it know it. */
struct guarded {
	__u64 start_ns;		/* boot time when it started */
	__u64 cgroup_id;	/* whose processes may do as they like with it, 0: of no cgroup but itself */
	__u64 pin_inode;	/* folder of the pins, 0: nothing is pinned */
	__u32 pin_dev;		/* as the kernel writes it, MKDEV */
	__u32 pid;
};

/* Value of map self_tests. */
struct self_test {
	__u64 fired;		/* so often the hook has refused it */
	__u32 operation;	/* enum verdict_operation: what is tried */
	__u32 tid;		/* by this thread */
	__u32 pid;		/* or by a child of this process; 0: nothing is tried */
	__u32 pad0;
};

/* Value of map journal_head: what the next agent reads first. */
struct journal_state {
	__u64 layout;		/* ABI_HASH of the agent that made it: of another, nothing else is read */
	__u64 next;		/* so many entries were written */
	__u64 told;		/* so many of them were told by that agent */
	__u64 agent_start_ns;
	__u32 agent_pid;
	__u32 on;		/* entries are wanted */
};

/* Value of map journal_rules. */
struct journal_rule {
	__u64 denied;
	__u64 told;		/* so many of these by that agent */
	char rule[JOURNAL_NAME_BYTES];	/* its name, UTF-8; all zero: none has the place */
};

/* Value of map journal_last, by number modulo JOURNAL_ENTRIES. */
struct journal_entry {
	__u64 number;		/* from 1 on, 0: being written */
	__u64 time_ns;
	__u64 start_ns;		/* of the process */
	__u32 pid;
	__u32 uid;
	__u32 place;		/* of a rule in journal_rules */
	__u32 operation;	/* enum verdict_operation */
	__u32 path_length;
	__u32 pad0;
	char comm[COMM_BYTES];
	char path[JOURNAL_PATH_BYTES];	/* its end, if it is longer */
};

/* Key of map own_objects. */
struct own_object {
	__u32 operation;	/* TAMPER_MAP, TAMPER_PROGRAM or TAMPER_LINK */
	__u32 id;
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
	struct span kill;	/* as in exec_record */
};

/* At what an event was filtered: the first that no clause's bit came through. */
enum filter_dimension {
	FILTERED_BY_HOOK,	/* the hook itself sends only some */
	FILTERED_BY_TYPE,
	FILTERED_BY_RESULT,
	FILTERED_BY_INTEGER,
	FILTERED_BY_KIND,
	FILTERED_BY_PROCESS,
	FILTERED_BY_COMM,
	FILTERED_BY_UID,
	FILTERED_BY_CGROUP,
	FILTERED_BY_ADDRESS,
	FILTERED_BY_PATH,	/* whole path or prefix */
	FILTERED_BY_LAST,	/* last component */
	FILTER_DIMENSIONS,
};

/* Value of map counters, by event type: seen = filtered + suppressed + sent + lost. */
struct counter {
	__u64 seen;
	__u64 filtered;		/* the sum of filtered_at */
	__u64 suppressed;	/* throttled or sampled */
	__u64 sent;
	__u64 lost;
	__u64 filtered_at[FILTER_DIMENSIONS];
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
	__u64 unfiltered[SYSCALL_WORDS];	/* native numbers that somebody wants to see whole */
	__u32 plan;		/* the plan in force, 0: none. Its tables are those of slot plan & 1 */
	__u32 verdicts;		/* the same for struct verdict_plan */
	__u64 entries;		/* one more with each change of map process_bits, after it */
	__u64 pad1[6];
	__u32 reader_asleep;	/* a cache line of its own: wanted is read at every system call */
	__u32 pad2;
	__u64 pad3[7];
	__u64 epoch;		/* raised by hooks: a process with children ended, was renamed, or its program replaced */
	__u64 pad4[7];
};

/*
 * The kernel filter. The tables of two plans lie in the same maps, told apart by their slot: number of
 * the plan & 1. Classes are sets of clauses: those that the facts of the class do not make false.
 */
struct clause_set {
	__u64 words[CLAUSE_WORDS];
};

/* Which dimensions a type has; type_filter.flags */
enum filter_flag {
	TESTS_TYPE = 1,		/* there is an entry: without it all clauses stay */
	TESTS_RESULT = 2,
	TESTS_ERRORS = 4,	/* some error numbers have classes of their own */
	TESTS_PROCESS = 8,
	TESTS_COMM = 16,
	TESTS_UID = 32,
	TESTS_CGROUP = 64,
	TESTS_KINDS = 128,	/* from here on: what the program of the call decides */
	TESTS_REMOTE = 256,
	TESTS_LOCAL = 512,
	TESTS_PATH = 1024,
	TESTS_CLAIMED = 2048,
	TESTS_NO_DOTS = 4096,
	TESTS_LATE_INTEGER = 8192,
};

/* Where an integer comes from; below INTEGER_EXTRA an argument of the call. */
enum integer_source {
	INTEGER_EXTRA = 6,	/* call_part.extra */
	INTEGER_ABI,
	INTEGER_RET,
	INTEGER_ADDRESS_FAMILY,	/* from here on: what the program of the call finds out */
	INTEGER_ADDRESS_PORT,
	INTEGER_OBJECT_FAMILY,
	INTEGER_OBJECT_TYPE,
	INTEGER_OBJECT_PROTOCOL,
	INTEGER_OBJECT_LOCAL_PORT,
	INTEGER_OBJECT_REMOTE_PORT,
};

/* (value >> shift) & mask: below `dense` its set is base + value in sets, else in map integers. */
struct integer_filter {
	__u64 mask;
	__u32 source;		/* enum integer_source */
	__u32 shift;
	__u32 dense;
	__u32 base;
	__u32 table;		/* in map integers, 0: none */
	__u32 other;		/* in sets: of a value that is nowhere */
};

/* Numbers of tables are part of the keys of maps, 0: none. Sets are places in array sets. */
struct path_filter {
	__u32 head;		/* place in array heads, and one: the first component, eight bytes of it */
	__u32 head_other;
	__u32 head_matters;	/* clauses that some first component makes false: for others none is looked up */
	__u32 table;
	__u32 other;
	__u32 matters;		/* the same for whole paths and prefixes */
	__u32 last_table;
	__u32 last_other;
	__u32 last_matters;	/* the same for last components */
	__u32 needles;		/* place in array needles, and one */
	__u32 absent;		/* set of paths with none of them */
	/*
	 * From the lowest byte on: one that few paths hold and some needles do, 0: none; two that needles have
	 * behind it, or twice what all have in common; the bits of these two that say something.
	 */
	__u32 rare;
	__u32 others;		/* clauses that ask for needles without it */
};

struct address_filter {
	__u32 table;
	__u32 other_v4;
	__u32 other_v6;
	__u32 none;
};

/* Entry of array types, by slot * SYSCALL_COUNT + native number. */
struct type_filter {
	struct clause_set bits;
	struct clause_set success;
	struct clause_set other_error;
	__u32 flags;		/* enum filter_flag */
	__u32 errors;		/* table in map integers */
	__u32 kinds;		/* OBJECT_KINDS places in sets from here */
	__u32 early;		/* so many of the integers need no more than the call: they come first */
	__u32 integer_count;
	__u32 uids;		/* table in map integers */
	__u32 uid_other;
	__u32 comm_other;
	__u32 cgroup_other;
	__u32 no_dots;
	__u32 wide;		/* some of its clauses are not in the first NARROW_WORDS words of a set */
	__u32 pad0;
	struct address_filter remote;
	struct address_filter local;
	struct path_filter path;
	struct path_filter claimed;
	struct integer_filter integers[MAX_INTEGERS];
};

/* Keys of maps; the number of a table holds its slot. */
struct integer_key {
	__u64 value;
	__u32 table;
	__u32 pad0;
};

struct comm_key {
	char comm[COMM_BYTES];
	__u32 slot;
	__u32 pad0;
};

struct cgroup_key {
	__u64 cgroup_id;
	__u32 slot;
	__u32 pad0;
};

/* Keys of tries: prefix_bits counts from the number of the table on. */
struct path_key {
	__u32 prefix_bits;
	__u32 table;
	char path[MAX_PREFIX_BYTES];	/* an exact path ends with its NUL */
};

struct last_key {
	__u32 prefix_bits;
	__u32 table;
	char reversed[MAX_LAST_BYTES];	/* an exact component ends with the slash before it */
};

struct address_key {
	__u32 prefix_bits;
	__u16 table;
	__u16 family;		/* AF_INET or AF_INET6 */
	__u8 address[16];
};

/* Value of map paths. */
struct path_class {
	struct clause_set bits;
	__u32 slash;		/* for a prefix that ends in a slash: where that is; else 0 */
	__u32 deeper;		/* set in place of bits when a further slash follows it */
};

/* Classes by the first component: a word of it, at the place that its product with the multiplier begins with. */
struct head_class {
	__u64 word;
	__u32 set;		/* in sets, 0: nobody has the place */
	__u32 pad0;
};

/* Entry of array heads. */
struct head_table {
	__u64 multiplier;
	struct head_class places[HEAD_PLACES];
};

/* Entry of array needles: a text as it lies in memory, and ones over its bytes. */
struct needle {
	__u64 text;		/* two bytes or more */
	__u64 mask;		/* 0: no needle */
	struct clause_set matters;	/* clauses that ask for it; it is not looked for without them */
};

struct needle_set {
	struct needle needles[MAX_NEEDLES];
};

/*
 * Value of map process_bits, at the group leader, and what makes it hold. Bits of a process that have
 * another start, exec or plan hold nothing.
 */
struct process_entry {
	__u64 start_ns;
	__u64 exec_id;
	__u64 cgroup_id;
	__u64 epoch;		/* up to which changes of ancestors were seen; all ones: they do not matter */
	__u32 plan;
	__u32 uid;		/* effective */
	char comm[COMM_BYTES];	/* of the leader */
	struct clause_set bits;	/* while cgroup, epoch, uid and comm are these */
	struct clause_set fixed_bits;	/* until the next exec */
	struct clause_set child_bits;	/* what is `bits` in a child that has not called exec */
	struct clause_set kinless_bits;	/* `bits` without what rests on ancestors: in any epoch, of children too */
};

/* What the process dimension knows in a classify_request. */
enum process_standing {
	PROCESS_UNKNOWN,
	PROCESS_FIXED,		/* what exec alone changes */
	PROCESS_WHOLE,
};

/* An event made up for program classify: the filter's own functions run on it. Not a record. */
struct classify_request {
	__u32 plan;
	__u32 type;
	struct call_part call;
	struct object_part object;
	struct address_part address;
	__u64 cgroup_id;
	__u32 uid;
	__u32 standing;		/* enum process_standing */
	char comm[COMM_BYTES];
	struct clause_set process;
	__u32 path_length;	/* 0: the object has no path that the kernel can tell */
	__u32 claimed_length;	/* 0: there is none */
	char path[MAX_PATH_BYTES];	/* ends at its end */
	char claimed[MAX_PATH_BYTES];
};

/* Value of map answer. */
struct classify_answer {
	struct clause_set open;
	__u32 filtered_at;	/* enum filter_dimension, FILTER_DIMENSIONS: not filtered */
	__u32 pad0;
};

/*
 * Verdicts: what is denied. Sets are words, in which a bit says that the part of the clause that rests
 * on this fact is true (the filter's sets say "not false"). A clause without such a part has its bit
 * in each set of it.
 */

/* What is about to be done. One operation may be had by several system calls, and by io_uring. */
enum verdict_operation {
	VERDICT_OPEN,
	VERDICT_EXEC,
	VERDICT_UNLINK,
	VERDICT_RMDIR,
	VERDICT_RENAME,
	VERDICT_LINK,
	VERDICT_SYMLINK,
	VERDICT_MKDIR,
	VERDICT_MKNOD,
	VERDICT_CHMOD,
	VERDICT_CHOWN,
	VERDICT_TRUNCATE,
	VERDICT_MOUNT,
	VERDICT_PTRACE,
	VERDICT_SIGNAL,
	VERDICT_MODULE,
	VERDICT_BPF,
	VERDICT_SOCKET,
	VERDICT_CONNECT,
	VERDICT_BIND,
	VERDICT_LISTEN,
	VERDICT_SEND,
	VERDICT_UMOUNT,
	VERDICT_OPERATIONS,
};

/*
 * Events at which the kernel itself ends a process: calls that worked, by the native number of the very
 * call, and what is none of these.
 */
enum kill_event {
	KILL_FAILED = 512,	/* and the native number: calls that failed */
	KILL_CONNECT_BEGUN = 1024,	/* connect that goes on: EINPROGRESS */
	KILL_EVENTS,
};

/* On what the part of a clause rests. */
enum verdict_dimension {
	VERDICT_BY_MODE,	/* how a file is opened: its O_ACCMODE */
	VERDICT_BY_KIND,	/* enum object_kind */
	VERDICT_BY_COMM,
	VERDICT_BY_UID,
	VERDICT_BY_GID,
	VERDICT_BY_CONTAINER,	/* host or not */
	VERDICT_BY_LAST,	/* last component of the path */
	VERDICT_BY_PATH,	/* whole path, prefix, directory */
	VERDICT_BY_LAST2,	/* of the second path */
	VERDICT_BY_PATH2,
	VERDICT_BY_EXE,		/* path of the program */
	VERDICT_BY_PARENT,	/* path of the parent's program */
	VERDICT_BY_PARENT_COMM,
	VERDICT_BY_ANCESTOR,	/* path of some ancestor's program */
	VERDICT_BY_ANCESTOR_COMM,
	VERDICT_BY_NUMBER,	/* the number that the operation has: family, signal, command */
	VERDICT_BY_SOCKET,	/* enum socket_version and socket_transport */
	VERDICT_BY_SERVER,	/* address of the server's end */
	VERDICT_BY_SERVER_PORT,
	VERDICT_BY_REMOTE,	/* of the other end */
	VERDICT_BY_REMOTE_PORT,
	VERDICT_BY_TARGET,	/* path of the program of whom a signal or tracing is aimed at */
	VERDICT_BY_TARGET_COMM,
	VERDICT_BY_TARGET_PID,
	VERDICT_BY_ARGUMENT,	/* the first argument of a call that was done; the others follow */
	VERDICT_BY_RESULT = VERDICT_BY_ARGUMENT + 6,	/* of a call that failed */
	VERDICT_DIMENSIONS,
};

/* Tables of maps verdict_comms and verdict_ids: with the slot the number that is part of the key. */
enum verdict_table {
	COMM_TABLE = 0,
	PARENT_COMM_TABLE = 2,
	ANCESTOR_COMM_TABLE = 4,
	TARGET_COMM_TABLE = 6,
	UID_TABLE = 0,
	GID_TABLE = 2,
	SERVER_PORT_TABLE = 4,
	REMOTE_PORT_TABLE = 6,
	NUMBER_TABLE = 8,	/* the operation is the high half of the value */
	ARGUMENT_TABLE = 10,	/* event * ARGUMENT_PLACES + argument, or 6 for the result, is the high half of the value */
	OTHER_ARGUMENT_TABLE = 12,	/* for values that are not listed; the low half is 0 */
	TARGET_PID_TABLE = 14,
};

/* What addresses a socket speaks, as rules tell it: IPv4 in IPv6 is IPv4. */
enum socket_version {
	SOCKET_OTHER,
	SOCKET_V4,
	SOCKET_V6,
	SOCKET_UNIX,
	SOCKET_NETLINK,
	SOCKET_VERSIONS,
};

enum socket_transport {
	TRANSPORT_OTHER,
	TRANSPORT_TCP,		/* MPTCP too */
	TRANSPORT_UDP,
	TRANSPORT_ICMP,
	TRANSPORT_RAW,
	SOCKET_TRANSPORTS,
};

/* Numbers of tables are part of the keys of maps, 0: none. */
struct verdict_paths {
	__u64 other;		/* whole path neither listed nor below a listed prefix */
	__u64 directory_other;
	__u64 last_other;
	__u32 table;
	__u32 directory_table;
	__u32 last_table;
	__u32 pad0;
};

/* One end of a socket: sets of its address and its port. */
struct verdict_end {
	__u64 other_v4;
	__u64 other_v6;
	__u64 no_address;	/* it is no socket of the internet */
	__u64 other_port;
	__u64 no_port;
	__u16 table;		/* of addresses, 0: none */
	__u16 pad0;
	__u32 pad1;
};

/* Value of map verdict_plans, by slot. */
struct verdict_plan {
	__u64 operations[VERDICT_OPERATIONS];	/* the clauses that each can match */
	__u64 depends[VERDICT_DIMENSIONS];	/* the clauses that have a part there */
	__u64 walks;		/* the clauses for which a path must be looked at */
	__u64 deny;		/* what matches is denied */
	__u64 audit;		/* is told only */
	__u64 error_deny;	/* what cannot be decided counts as a match */
	__u64 modes[OPEN_MODES];
	__u64 kinds[OBJECT_KINDS];
	__u64 directories;	/* a directory that is opened as one (O_DIRECTORY), in the place of its kind's */
	__u64 comm_other;
	__u64 uid_other;
	__u64 gid_other;
	__u64 host;		/* of a process of the host */
	__u64 container;	/* of any other */
	struct verdict_paths path;
	struct verdict_paths path2;
	struct verdict_paths exe;
	struct verdict_paths parent;
	struct verdict_paths ancestor;
	__u64 parent_comm_other;
	__u64 ancestor_comm_other;
	__u64 no_ancestor;	/* clauses that ask for none with such a program */
	__u64 no_ancestor_comm;
	__u64 targets;		/* the clauses for which the target must be looked at */
	struct verdict_paths target;
	__u64 target_comm_other;
	__u64 target_pid_other;
	__u64 nets;		/* the clauses for which a socket must be looked at */
	__u64 sockets[SOCKET_CLASSES];	/* by version * SOCKET_TRANSPORTS + transport */
	__u64 numbers_other[VERDICT_OPERATIONS];
	struct verdict_end server;
	struct verdict_end remote;
	__u16 calls[VERDICT_PLACES * VERDICT_CALLS];	/* native numbers, the usual one first; 0xffff: none */
	__u32 agent;		/* pid, is never denied anything */
	__u32 agent_start_cs;	/* when it started: hundredths of a second after boot, as /proc tells it */
	__u32 parent_pid;	/* of the agent's parent, which is never killed, 0: unknown */
	__u32 parent_start_cs;
	__u64 kill;		/* the clauses that kill; no operation above has them */
	__u64 parts;		/* clauses that kill by a directory or by an end of a path */
	__u64 kills[KILL_EVENTS];	/* by native number, then enum kill_event */
	__u8 limits[VERDICT_CLAUSES];	/* by clause: the place of its rule in map kill_limits */
};

/* Value of map kill_limits: how often a rule may kill. User space spends of it as well. */
struct kill_limit {
	__u64 start_ns;		/* boot time: of the minute that runs */
	__u64 suspended_ns;	/* until then the rule kills nobody */
	__u64 count;		/* kills of that minute, and what came after the last of them */
	__u64 per_minute;
	__u64 suspend_ns;	/* for so long, when that is not enough */
};

/* What the kernel did about an event. */
struct kill_part {
	__u64 killed;		/* clauses by which it has sent SIGKILL */
	__u64 suspended;	/* clauses whose rules kill too often: nothing was sent for them */
	__u64 tripped;		/* of these: since this event */
	__u32 plan;
	__u32 after_us;		/* from the event to the signal, or to the decision not to send it */
};

/* Value of maps verdict_paths and verdict_lasts. */
struct verdict_class {
	__u64 bits;
	__u32 length;		/* of the listed text */
	__u32 pad0;
};

/* Value of map verdict_cgroups, by the id of a cgroup: what its processes are. */
enum verdict_place {
	PLACE_UNKNOWN,
	PLACE_HOST,
	PLACE_CONTAINER,
};

/* Value of map verdict_counts, by slot * VERDICT_CLAUSES + clause. */
struct verdict_count {
	__u64 denied;
	__u64 audited;
	__u64 error_denied;	/* could not be decided, of denied */
	__u64 error_audited;
	__u64 error_allowed;
	__u64 untold;		/* of all these: no record, too many at a time */
	__u64 lost;		/* no record: no room in the ring */
	__u64 killed;
	__u64 second;		/* in which `told` were told */
	__u64 told;
};

struct verdict_part {
	__u64 denied;		/* clauses; one of them suffices */
	__u64 audited;
	__u64 undecided;	/* of these: by on_error */
	__u32 operation;	/* enum verdict_operation */
	__u32 type;		/* the system call, or the one that usually does it */
	__u32 plan;
	__u32 target_pid;	/* whom a signal or tracing is aimed at, 0: the operation has no such */
};

/* Reads as the end of the call that was attempted. */
struct verdict_record {
	struct call_record call;
	struct verdict_part verdict;
};

/* Section .rodata.calls is an array of these: which program serves which system call. */
struct call_slot {
	__u32 number;		/* native, or SLOT_GENERIC */
	char program[PROGRAM_NAME_BYTES];
};

#endif
