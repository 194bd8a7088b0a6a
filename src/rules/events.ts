// The events that rules can name: their numbers, categories and parameters. Names and types are
// Falco's, so that `evt.type`, `evt.arg` and `evt.rawarg` of its rule files mean the same here.

import { type FlagTable, flagTable } from './flags.js';
import { IA32_CALLS, NATIVE_CALLS } from './syscalls.js';

export { IA32_CALLS, NATIVE_CALLS } from './syscalls.js';

/** The type of a field or parameter, which decides what operators and values it takes. */
export type ValueType = (typeof VALUE_TYPES)[number];

export interface ParamSpec {
  name: string;
  type: ValueType;
  /** How the bare number is printed where there is no name for it. */
  print: 'dec' | 'hex' | 'oct';
  /** Names of the values of flag, enumeration and mode types. */
  flags?: FlagTable;
}

export interface EventSpec {
  name: string;
  category: EventCategory;
  /** In the order in which `evt.args` prints them and `evt.arg[N]` counts them. */
  params: readonly ParamSpec[];
}

/** What `evt.category` is made of; the io categories print what the descriptor is. */
export type EventCategory =
  | 'file'
  | 'internal'
  | 'io_other'
  | 'io_read'
  | 'io_write'
  | 'ipc'
  | 'memory'
  | 'net'
  | 'other'
  | 'process'
  | 'signal'
  | 'sleep'
  | 'system'
  | 'time'
  | 'user'
  | 'wait';

/** Event type numbers above the system calls; enum event_type in bpf/abi.h. */
export const EVENT_FORK = 512;
export const EVENT_EXIT = 514;

export const VALUE_TYPES = [
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'CHARBUF',
  'BYTEBUF',
  'ERRNO',
  'SOCKADDR',
  'SOCKTUPLE',
  'FD',
  'PID',
  'FDLIST',
  'FSPATH',
  'FSRELPATH',
  'SYSCALLID',
  'SIGTYPE',
  'RELTIME',
  'ABSTIME',
  'PORT',
  'BOOL',
  'IPADDR',
  'IPNET',
  'UID',
  'GID',
  'SIGSET',
  'DOUBLE',
  'DYNAMIC',
  'MODE',
  'FLAGS8',
  'FLAGS16',
  'FLAGS32',
  'ENUMFLAGS8',
  'ENUMFLAGS16',
  'ENUMFLAGS32',
  'CHARBUFARRAY',
  'CHARBUF_PAIR_ARRAY',
] as const;

/** The event of that name; `undefined` when there is none. */
export function eventNamed(name: string): EventSpec | undefined {
  return BY_NAME.get(name);
}

/**
 * The event type number behind a name: a native system call number, `EVENT_EXIT` for `procexit`.
 * `undefined` for unknown names and for events that this host never makes (other architectures,
 * calls of 32-bit programs that have no 64-bit counterpart, meta events).
 */
export function typeNumber(name: string): number | undefined {
  return NUMBERS.get(name);
}

/** The name that rules use for an event type number; `syscall` for an unknown number. */
export function eventName(type: number): string {
  return NAMES.get(type) ?? 'syscall';
}

/**
 * The first parameter of that name in the order of the event table, whatever the event: it gives
 * `evt.rawarg.NAME` its type. `undefined` when no event has such a parameter.
 */
export function paramNamed(name: string): ParamSpec | undefined {
  return PARAMS.get(name);
}

/**
 * The native number of a call that a 32-bit program makes by its own number; `undefined` when there
 * is no such call among the 64-bit ones.
 */
export function nativeOfIa32(number: number): number | undefined {
  const name = IA32_CALLS.get(number);
  return name === undefined ? undefined : NUMBERS.get(IA32_NAMES.get(name) ?? name);
}

// Where Falco's name of an event differs from the kernel's name of the call.
const RENAMED = new Map([
  ['pread64', 'pread'],
  ['pwrite64', 'pwrite'],
  ['prlimit64', 'prlimit'],
  ['sendfile64', 'sendfile'],
  ['_newselect', 'select'],
  ['ugetrlimit', 'getrlimit'],
  ['_llseek', 'llseek'],
  ['fcntl64', 'fcntl'],
  ['setuid32', 'setuid'],
  ['setgid32', 'setgid'],
  ['setresuid32', 'setresuid'],
  ['setresgid32', 'setresgid'],
  ['setreuid32', 'setreuid'],
  ['setregid32', 'setregid'],
  ['getuid32', 'getuid'],
  ['geteuid32', 'geteuid'],
  ['getgid32', 'getgid'],
  ['getegid32', 'getegid'],
  ['getresuid32', 'getresuid'],
  ['getresgid32', 'getresgid'],
  ['chown32', 'chown'],
  ['fchown32', 'fchown'],
  ['lchown32', 'lchown'],
]);

// 32-bit calls that do what a differently named native call does, with the arguments in the same
// places; calls that split a 64-bit argument over two registers keep it in another place and are
// here all the same, because what rules look at (descriptor, path) comes first.
const IA32_NAMES = new Map([
  ...RENAMED,
  ['stat64', 'stat'],
  ['lstat64', 'lstat'],
  ['fstat64', 'fstat'],
  ['fstatat64', 'newfstatat'],
  ['statfs64', 'statfs'],
  ['fstatfs64', 'fstatfs'],
  ['truncate64', 'truncate'],
  ['ftruncate64', 'ftruncate'],
  ['fadvise64_64', 'fadvise64'],
  ['mmap2', 'mmap'],
  ['umount', 'umount2'],
  ['setgroups32', 'setgroups'],
  ['getgroups32', 'getgroups'],
  ['setfsuid32', 'setfsuid'],
  ['setfsgid32', 'setfsgid'],
  ['sigaltstack', 'sigaltstack'],
  ['clock_gettime64', 'clock_gettime'],
  ['clock_settime64', 'clock_settime'],
  ['clock_adjtime64', 'clock_adjtime'],
  ['clock_getres_time64', 'clock_getres'],
  ['clock_nanosleep_time64', 'clock_nanosleep'],
  ['timer_gettime64', 'timer_gettime'],
  ['timer_settime64', 'timer_settime'],
  ['timerfd_gettime64', 'timerfd_gettime'],
  ['timerfd_settime64', 'timerfd_settime'],
  ['utimensat_time64', 'utimensat'],
  ['pselect6_time64', 'pselect6'],
  ['ppoll_time64', 'ppoll'],
  ['io_pgetevents_time64', 'io_pgetevents'],
  ['recvmmsg_time64', 'recvmmsg'],
  ['mq_timedsend_time64', 'mq_timedsend'],
  ['mq_timedreceive_time64', 'mq_timedreceive'],
  ['semtimedop_time64', 'semtimedop'],
  ['rt_sigtimedwait_time64', 'rt_sigtimedwait'],
  ['futex_time64', 'futex'],
  ['sched_rr_get_interval_time64', 'sched_rr_get_interval'],
]);

const PROCESS_START =
  'exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:LIMIT pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF';
const CLONE = `res:PID ${PROCESS_START.replace('LIMIT', 'INT64')} flags:FLAGS32/clone_flags uid:UINT32 gid:UINT32 vtid:PID vpid:PID pidns_init_start_ts:UINT64`;
const EXEC = `res:ERRNO ${PROCESS_START.replace('LIMIT', 'UINT64')} env:BYTEBUF tty:UINT32 vpgid:PID loginuid:UID flags:FLAGS32/execve_flags cap_inheritable:UINT64/hex cap_permitted:UINT64/hex cap_effective:UINT64/hex exe_ino:UINT64 exe_ino_ctime:ABSTIME exe_ino_mtime:ABSTIME uid:UID trusted_exepath:FSPATH pgid:PID gid:GID`;
const MEMORY = 'vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32';

// One event a line: name, category, parameters as NAME:TYPE with the key of a flag table, `hex` or
// `oct` behind a slash. The order is that of Falco's table: `paramNamed` depends on it.
const TABLE = `
syscall other ID:SYSCALLID nativeID:UINT16
open file fd:FD name:FSPATH flags:FLAGS32/file_flags mode:UINT32/oct dev:UINT32/hex ino:UINT64
close io_other res:ERRNO fd:FD
read io_read res:ERRNO data:BYTEBUF fd:FD size:UINT32
write io_write res:ERRNO data:BYTEBUF fd:FD size:UINT32
socket net fd:FD domain:ENUMFLAGS32/socket_families type:UINT32 proto:UINT32 flags:FLAGS32/file_flags
bind net res:ERRNO addr:SOCKADDR fd:FD
connect net res:ERRNO tuple:SOCKTUPLE fd:FD addr:SOCKADDR
listen net res:ERRNO fd:FD backlog:INT32
send io_write res:ERRNO data:BYTEBUF fd:FD size:UINT32 tuple:SOCKTUPLE
sendto io_write res:ERRNO data:BYTEBUF fd:FD size:UINT32 tuple:SOCKTUPLE
recv io_read res:ERRNO data:BYTEBUF fd:FD size:UINT32 tuple:SOCKTUPLE
recvfrom io_read res:ERRNO data:BYTEBUF tuple:SOCKTUPLE fd:FD size:UINT32
shutdown net res:ERRNO fd:FD how:ENUMFLAGS8/shutdown_how
getsockname net
getpeername net
socketpair ipc res:ERRNO fd1:FD fd2:FD source:UINT64/hex peer:UINT64/hex domain:ENUMFLAGS32/socket_families type:UINT32 proto:UINT32
setsockopt net res:ERRNO fd:FD level:ENUMFLAGS8/sockopt_levels optname:ENUMFLAGS8/sockopt_options val:DYNAMIC optlen:UINT32
getsockopt net res:ERRNO fd:FD level:ENUMFLAGS8/sockopt_levels optname:ENUMFLAGS8/sockopt_options val:DYNAMIC optlen:UINT32
sendmsg io_write res:ERRNO data:BYTEBUF fd:FD size:UINT32 tuple:SOCKTUPLE
sendmmsg io_write res:ERRNO fd:FD size:UINT32 data:BYTEBUF tuple:SOCKTUPLE
recvmsg io_read res:ERRNO size:UINT32 data:BYTEBUF tuple:SOCKTUPLE msgcontrol:BYTEBUF fd:FD
recvmmsg io_read res:ERRNO fd:FD size:UINT32 data:BYTEBUF tuple:SOCKTUPLE msgcontrol:BYTEBUF
creat file fd:FD name:FSPATH mode:UINT32/oct dev:UINT32/hex ino:UINT64 creat_flags:FLAGS16/creat_flags
pipe ipc res:ERRNO fd1:FD fd2:FD ino:UINT64
eventfd ipc res:FD initval:UINT64 flags:FLAGS32/file_flags
futex ipc res:ERRNO addr:UINT64/hex op:ENUMFLAGS16/futex_operations val:UINT64
stat file res:ERRNO path:FSPATH
lstat file res:ERRNO path:FSPATH
fstat file res:ERRNO fd:FD
stat64 file res:ERRNO path:FSPATH
lstat64 file res:ERRNO path:FSPATH
fstat64 file res:ERRNO fd:FD
epoll_wait wait res:ERRNO maxevents:ERRNO
poll wait res:ERRNO fds:FDLIST timeout:INT64
select wait res:ERRNO
lseek file res:ERRNO fd:FD offset:UINT64 whence:ENUMFLAGS8/lseek_whence
llseek file res:ERRNO fd:FD offset:UINT64 whence:ENUMFLAGS8/lseek_whence
getcwd file res:ERRNO path:CHARBUF
chdir file res:ERRNO path:CHARBUF
fchdir file res:ERRNO fd:FD
pread io_read res:ERRNO data:BYTEBUF fd:FD size:UINT32 pos:UINT64
pwrite io_write res:ERRNO data:BYTEBUF fd:FD size:UINT32 pos:UINT64
readv io_read res:ERRNO size:UINT32 data:BYTEBUF fd:FD
writev io_write res:ERRNO data:BYTEBUF fd:FD size:UINT32
preadv io_read res:ERRNO size:UINT32 data:BYTEBUF fd:FD pos:UINT64
pwritev io_write res:ERRNO data:BYTEBUF fd:FD size:UINT32 pos:UINT64
signalfd signal res:FD fd:FD mask:UINT32/hex flags:FLAGS8/file_flags
kill signal res:ERRNO pid:PID sig:SIGTYPE
tkill signal res:ERRNO tid:PID sig:SIGTYPE
tgkill signal res:ERRNO pid:PID tid:PID sig:SIGTYPE
nanosleep sleep res:ERRNO interval:RELTIME
timerfd_create time res:FD clockid:UINT8 flags:FLAGS8/file_flags
inotify_init ipc res:FD flags:FLAGS8/file_flags
getrlimit process res:ERRNO cur:INT64 max:INT64 resource:ENUMFLAGS8/rlimit_resources
setrlimit process res:ERRNO cur:INT64 max:INT64 resource:ENUMFLAGS8/rlimit_resources
prlimit process res:ERRNO newcur:INT64 newmax:INT64 oldcur:INT64 oldmax:INT64 pid:PID resource:ENUMFLAGS8/rlimit_resources
switch internal next:PID pgft_maj:UINT64 pgft_min:UINT64 ${MEMORY}
drop internal ratio:UINT32
fcntl io_other res:FD fd:FD cmd:ENUMFLAGS8/fcntl_commands
brk memory res:UINT64/hex ${MEMORY} addr:UINT64/hex
mmap memory res:ERRNO/hex ${MEMORY} addr:UINT64/hex length:UINT64 prot:FLAGS32/prot_flags flags:FLAGS32/mmap_flags fd:FD offset:UINT64
mmap2 memory res:ERRNO/hex ${MEMORY} addr:UINT64/hex length:UINT64 prot:FLAGS32/prot_flags flags:FLAGS32/mmap_flags fd:FD pgoffset:UINT64
munmap memory res:ERRNO/hex ${MEMORY} addr:UINT64/hex length:UINT64
splice io_other res:ERRNO fd_in:FD fd_out:FD size:UINT64 flags:FLAGS32/splice_flags
ptrace process res:ERRNO addr:DYNAMIC data:DYNAMIC request:ENUMFLAGS16/ptrace_requests pid:PID
ioctl io_other res:ERRNO fd:FD request:UINT64/hex argument:UINT64/hex
rename file res:ERRNO oldpath:FSPATH newpath:FSPATH
renameat file res:ERRNO olddirfd:FD oldpath:FSRELPATH newdirfd:FD newpath:FSRELPATH
symlink file res:ERRNO target:CHARBUF linkpath:FSPATH
symlinkat file res:ERRNO target:CHARBUF linkdirfd:FD linkpath:FSRELPATH
procexit process status:ERRNO ret:ERRNO sig:SIGTYPE core:UINT8 reaper_tid:PID
sendfile io_write res:ERRNO offset:UINT64 out_fd:FD in_fd:FD size:UINT64
quotactl user res:ERRNO special:CHARBUF quotafilepath:CHARBUF dqb_bhardlimit:UINT64 dqb_bsoftlimit:UINT64 dqb_curspace:UINT64 dqb_ihardlimit:UINT64 dqb_isoftlimit:UINT64 dqb_btime:RELTIME dqb_itime:RELTIME dqi_bgrace:RELTIME dqi_igrace:RELTIME dqi_flags:FLAGS8/quotactl_dqi_flags quota_fmt_out:FLAGS8/quotactl_quota_fmts cmd:FLAGS16/quotactl_cmds type:FLAGS8/quotactl_types id:UINT32 quota_fmt:FLAGS8/quotactl_quota_fmts
setresuid user res:ERRNO ruid:UID euid:UID suid:UID
setresgid user res:ERRNO rgid:GID egid:GID sgid:GID
scapevent internal event_type:UINT32 event_data:UINT64
setuid user res:ERRNO uid:UID
setgid user res:ERRNO gid:GID
getuid user uid:UID
geteuid user euid:UID
getgid user gid:GID
getegid user egid:GID
getresuid user res:ERRNO ruid:UID euid:UID suid:UID
getresgid user res:ERRNO rgid:GID egid:GID sgid:GID
clone process ${CLONE}
fork process ${CLONE}
vfork process ${CLONE}
signaldeliver signal spid:PID dpid:PID sig:SIGTYPE
procinfo internal cpu_usr:UINT64 cpu_sys:UINT64
getdents file res:ERRNO fd:FD
getdents64 file res:ERRNO fd:FD
setns process res:ERRNO fd:FD nstype:FLAGS32/clone_flags
flock file res:ERRNO fd:FD operation:FLAGS32/flock_flags
cpu_hotplug system cpu:UINT32 action:UINT32
accept net fd:FD tuple:SOCKTUPLE queuepct:UINT8 queuelen:UINT32 queuemax:UINT32
semop process res:ERRNO nsops:UINT32 sem_num_0:UINT16 sem_op_0:INT16 sem_flg_0:FLAGS16/semop_flags sem_num_1:UINT16 sem_op_1:INT16 sem_flg_1:FLAGS16/semop_flags semid:INT32
semctl process res:ERRNO semid:INT32 semnum:INT32 cmd:FLAGS16/semctl_commands val:INT32
ppoll wait res:ERRNO fds:FDLIST timeout:RELTIME sigmask:SIGSET
mount file res:ERRNO dev:CHARBUF dir:FSPATH type:CHARBUF flags:FLAGS32/mount_flags
semget process res:ERRNO key:INT32/hex nsems:INT32 semflg:FLAGS32/semget_flags
access file res:ERRNO name:FSPATH mode:FLAGS32/access_flags
chroot process res:ERRNO path:FSPATH
setsid process res:PID
mkdir file res:ERRNO path:FSPATH mode:UINT32/hex
rmdir file res:ERRNO path:FSPATH
notification internal id:CHARBUF desc:CHARBUF
unshare process res:ERRNO flags:FLAGS32/clone_flags
infra internal source:CHARBUF name:CHARBUF description:CHARBUF scope:CHARBUF
page_fault other addr:UINT64/hex ip:UINT64/hex error:FLAGS32/pf_flags
execve process ${EXEC} filename:FSPATH
setpgid process res:PID pid:PID pgid:PID
seccomp other res:ERRNO op:UINT64 flags:UINT64/hex
unlink file res:ERRNO path:FSPATH
unlinkat file res:ERRNO dirfd:FD name:FSRELPATH flags:FLAGS32/unlinkat_flags
mkdirat file res:ERRNO dirfd:FD path:FSRELPATH mode:UINT32/hex
openat file fd:FD dirfd:FD name:FSRELPATH flags:FLAGS32/file_flags mode:UINT32/oct dev:UINT32/hex ino:UINT64
link file res:ERRNO oldpath:FSPATH newpath:FSPATH
linkat file res:ERRNO olddir:FD oldpath:FSRELPATH newdir:FD newpath:FSRELPATH flags:FLAGS32/linkat_flags
fchmodat file res:ERRNO dirfd:FD filename:FSRELPATH mode:MODE/chmod_mode
chmod file res:ERRNO filename:FSPATH mode:MODE/chmod_mode
fchmod file res:ERRNO fd:FD mode:MODE/chmod_mode
renameat2 file res:ERRNO olddirfd:FD oldpath:FSRELPATH newdirfd:FD newpath:FSRELPATH flags:FLAGS32/renameat2_flags
userfaultfd file res:ERRNO flags:FLAGS32/file_flags
pluginevent other plugin_id:UINT32 event_data:BYTEBUF
container process json:CHARBUF
openat2 file fd:FD dirfd:FD name:FSRELPATH flags:FLAGS32/file_flags mode:UINT32/oct resolve:FLAGS32/openat2_flags dev:UINT32/hex ino:UINT64
mprotect memory res:ERRNO addr:UINT64/hex length:UINT64 prot:FLAGS32/prot_flags
execveat process ${EXEC}
copy_file_range file res:ERRNO fdout:FD offout:UINT64 fdin:FD offin:UINT64 len:UINT64
clone3 process ${CLONE}
open_by_handle_at file fd:FD mountfd:FD flags:FLAGS32/file_flags path:FSPATH dev:UINT32/hex ino:UINT64
io_uring_setup io_other res:ERRNO entries:UINT32 sq_entries:UINT32 cq_entries:UINT32 flags:FLAGS32/io_uring_setup_flags sq_thread_cpu:UINT32 sq_thread_idle:UINT32 features:FLAGS32/io_uring_setup_feats
io_uring_enter io_other res:ERRNO fd:FD to_submit:UINT32 min_complete:UINT32 flags:FLAGS32/io_uring_enter_flags sig:SIGSET
io_uring_register io_other res:ERRNO fd:FD opcode:ENUMFLAGS16/io_uring_register_opcodes arg:UINT64/hex nr_args:UINT32
mlock memory res:ERRNO addr:UINT64/hex len:UINT64
munlock memory res:ERRNO addr:UINT64/hex len:UINT64
mlockall memory res:ERRNO flags:FLAGS32/mlockall_flags
munlockall memory res:ERRNO
capset process res:ERRNO cap_inheritable:UINT64/hex cap_permitted:UINT64/hex cap_effective:UINT64/hex
useradded process uid:UINT32 gid:UINT32 name:CHARBUF home:CHARBUF shell:CHARBUF container_id:CHARBUF
userdeleted process uid:UINT32 gid:UINT32 name:CHARBUF home:CHARBUF shell:CHARBUF container_id:CHARBUF
groupadded process gid:UINT32 name:CHARBUF container_id:CHARBUF
groupdeleted process gid:UINT32 name:CHARBUF container_id:CHARBUF
dup2 io_other res:FD oldfd:FD newfd:FD
dup3 io_other res:FD oldfd:FD newfd:FD flags:FLAGS32/file_flags
dup io_other res:FD oldfd:FD
bpf other fd:FD cmd:ENUMFLAGS32/bpf_commands
mlock2 memory res:ERRNO addr:UINT64/hex len:UINT64 flags:UINT32/mlock2_flags
fsconfig system res:ERRNO fd:FD cmd:ENUMFLAGS32/fsconfig_cmds key:CHARBUF value_bytebuf:BYTEBUF value_charbuf:CHARBUF aux:INT32
epoll_create wait res:ERRNO size:INT32
epoll_create1 wait res:ERRNO flags:FLAGS32/epoll_create1_flags
chown file res:ERRNO path:FSPATH uid:UINT32 gid:UINT32
lchown file res:ERRNO path:FSPATH uid:UINT32 gid:UINT32
fchown file res:ERRNO fd:FD uid:UINT32 gid:UINT32
fchownat file res:ERRNO dirfd:FD pathname:FSRELPATH uid:UINT32 gid:UINT32 flags:FLAGS32/fchownat_flags
umount file res:ERRNO name:FSPATH
accept4 net fd:FD tuple:SOCKTUPLE queuepct:UINT8 queuelen:UINT32 queuemax:UINT32 flags:INT32/hex
umount2 file res:ERRNO name:FSPATH flags:FLAGS32/umount_flags
pipe2 ipc res:ERRNO fd1:FD fd2:FD ino:UINT64 flags:FLAGS32/file_flags
inotify_init1 ipc res:FD flags:FLAGS16/file_flags
eventfd2 ipc res:FD flags:FLAGS16/file_flags initval:UINT64
signalfd4 signal res:FD flags:FLAGS16/file_flags fd:FD mask:UINT32/hex
prctl process res:ERRNO option:ENUMFLAGS32/prctl_options arg2_str:CHARBUF arg2_int:INT64
asyncevent other plugin_id:UINT32 name:CHARBUF data:BYTEBUF
memfd_create memory fd:FD name:CHARBUF flags:FLAGS32/memfd_create_flags
pidfd_getfd process fd:FD pid_fd:FD target_fd:FD flags:FLAGS32
pidfd_open process fd:FD pid:PID flags:FLAGS32/pidfd_open_flags
init_module other res:ERRNO img:BYTEBUF length:UINT64 uargs:CHARBUF
finit_module other res:ERRNO fd:FD uargs:CHARBUF flags:FLAGS32/finit_module_flags
mknod other res:ERRNO path:FSPATH mode:MODE/mknod_mode dev:UINT32
mknodat other res:ERRNO dirfd:FD path:FSRELPATH mode:MODE/mknod_mode dev:UINT32
newfstatat file res:ERRNO dirfd:FD path:FSRELPATH flags:FLAGS32/newfstatat_flags
process_vm_readv process res:ERRNO pid:PID data:BYTEBUF
process_vm_writev process res:ERRNO pid:PID data:BYTEBUF
delete_module other res:ERRNO name:CHARBUF flags:FLAGS32/delete_module_flags
setreuid user res:ERRNO ruid:UID euid:UID
setregid user res:ERRNO rgid:GID egid:GID
`;

/** Every event that a rule can name, in the order of Falco's table, then calls without parameters of their own. */
export const EVENTS: readonly EventSpec[] = parseTable();

const BY_NAME = new Map(EVENTS.map((event) => [event.name, event]));
const NUMBERS = new Map<string, number>([['procexit', EVENT_EXIT]]);
const NAMES = new Map<number, string>([[EVENT_EXIT, 'procexit']]);
const PARAMS = new Map<string, ParamSpec>();

for (const [number, kernelName] of NATIVE_CALLS) {
  const name = RENAMED.get(kernelName) ?? kernelName;
  NAMES.set(number, name);
  NUMBERS.set(name, number);
  NUMBERS.set(kernelName, number);
}
for (const [other, name] of RENAMED) {
  const number = NUMBERS.get(name);
  if (number !== undefined && !NUMBERS.has(other)) NUMBERS.set(other, number);
}
for (const event of EVENTS)
  for (const param of event.params) if (!PARAMS.has(param.name)) PARAMS.set(param.name, param);

function parseTable(): EventSpec[] {
  const events = new Map<string, EventSpec>();
  for (const line of TABLE.trim().split('\n')) {
    const [name = '', category = '', ...params] = line.split(' ');
    events.set(name, { name, category: asCategory(category), params: params.map(parseParam) });
  }
  const generic = events.get('syscall')?.params ?? [];
  for (const calls of [NATIVE_CALLS, IA32_CALLS])
    for (const kernelName of calls.values()) {
      const same = events.get(RENAMED.get(kernelName) ?? kernelName);
      if (!events.has(kernelName))
        events.set(kernelName, {
          name: kernelName,
          category: same?.category ?? 'other',
          params: same?.params ?? generic,
        });
    }
  return [...events.values()];
}

function parseParam(text: string): ParamSpec {
  const [name = '', rest = ''] = text.split(':');
  const [typeName = '', detail = ''] = rest.split('/');
  const type = VALUE_TYPES.find((known) => known === typeName);
  if (type === undefined) throw new TypeError(`event table: no type ${typeName}`);
  const print = detail === 'hex' || detail === 'oct' ? detail : 'dec';
  const flags = flagTable(detail);
  return flags === undefined ? { name, type, print } : { name, type, print, flags };
}

function asCategory(text: string): EventCategory {
  switch (text) {
    case 'file':
    case 'internal':
    case 'io_other':
    case 'io_read':
    case 'io_write':
    case 'ipc':
    case 'memory':
    case 'net':
    case 'other':
    case 'process':
    case 'signal':
    case 'sleep':
    case 'system':
    case 'time':
    case 'user':
    case 'wait':
      return text;
    default:
      throw new TypeError(`event table: no category ${text}`);
  }
}
