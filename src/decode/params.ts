// Where each event parameter comes from: an argument, the return value, a path, a part of the task.

import { EVENTS, type EventSpec, eventName, type ParamSpec, typeNumber } from '../rules/events.js';
import { openFlags } from '../rules/flags.js';
import type { CallCursor } from './call.js';
import { isLowerLayer, isUpperLayer, objectOf } from './descriptors.js';
import type { Event, Value } from './event.js';
import { claimedPath, claimedPath2 } from './fd-fields.js';
import { TRANSLATIONS } from './kernel-values.js';
import { endpointText, socketEnds, socketName } from './network.js';
import { openArguments } from './open.js';
import { EXEC_SOURCES, EXIT_SOURCES } from './process-params.js';

/** Reads one parameter of an event; `undefined` when it was not captured. */
export type Source = (event: Event) => Value;

/** One parameter of an event type: what the event table says and where the value comes from. */
export interface Param extends ParamSpec {
  readonly read: Source;
  /** Index of the argument it is, for descriptors; -1 for the return value. */
  readonly arg: number;
}

/** The parameters of an event type, in the order of the event table. */
export function paramsOf(type: number): readonly Param[] {
  return PARAMS[type] ?? NONE;
}

/** The parameter's path before it was made absolute; `undefined` for what is no path. */
export function rawPath(event: Event, param: Param): string | undefined {
  if (param.read === claimedPath) return event.call?.claimed;
  if (param.read === claimedPath2) return event.call?.claimed2;
  return undefined;
}

/**
 * Where the parameters of an event come from, by their names and in the words of the table below;
 * for whoever makes records from parameters.
 */
export function sourcesOf(event: string): ReadonlyMap<string, string> {
  return SOURCES.get(event) ?? new Map();
}

const NONE: readonly Param[] = [];

// One call a line: parameter = source. `ret`, `aN` (an argument, read by the parameter's type) with
// the numbering that rules see behind a dot, or a name of NAMED. What is not listed was not
// captured. Arguments are those of the native calls.
const TABLE = `
open fd=ret name=path flags=open mode=a2 dev=dev ino=ino
openat fd=ret dirfd=a0 name=path flags=open mode=a3 dev=dev ino=ino
openat2 fd=ret dirfd=a0 name=path flags=open mode=open_mode resolve=resolve dev=dev ino=ino
open_by_handle_at fd=ret mountfd=a0 flags=open path=object_path dev=dev ino=ino
creat fd=ret name=path mode=a1 dev=dev ino=ino creat_flags=layers
close res=ret fd=a0
read res=ret data=data fd=a0 size=a2
write res=ret data=data fd=a0 size=a2
pread res=ret data=data fd=a0 size=a2 pos=a3
pwrite res=ret data=data fd=a0 size=a2 pos=a3
readv res=ret size=ret data=data fd=a0
writev res=ret data=data fd=a0 size=ret
preadv res=ret size=ret data=data fd=a0 pos=a3
pwritev res=ret data=data fd=a0 size=ret pos=a3
socket fd=ret domain=a0 type=a1.socktype proto=a2 flags=a1.fdflags
socketpair res=ret fd1=fd1 fd2=fd2 domain=a0 type=a1.socktype proto=a2
bind res=ret addr=addr fd=a0
connect res=ret tuple=tuple fd=a0 addr=addr
listen res=ret fd=a0 backlog=a1
accept fd=ret tuple=tuple
accept4 fd=ret tuple=tuple flags=a3
sendto res=ret data=data fd=a0 size=a2 tuple=tuple
sendmsg res=ret data=data fd=a0 size=ret tuple=tuple
sendmmsg res=ret fd=a0 data=data tuple=tuple
recvfrom res=ret data=data tuple=tuple fd=a0 size=a2
recvmsg res=ret size=ret data=data tuple=tuple fd=a0
recvmmsg res=ret fd=a0 data=data tuple=tuple
shutdown res=ret fd=a0 how=a1
setsockopt res=ret fd=a0 optlen=a4
getsockopt res=ret fd=a0
pipe res=ret fd1=fd1 fd2=fd2 ino=ino
pipe2 res=ret fd1=fd1 fd2=fd2 ino=ino flags=a1.fdflags
eventfd res=ret initval=a0
eventfd2 res=ret initval=a0 flags=a1.fdflags
signalfd res=ret fd=a0
signalfd4 res=ret fd=a0 flags=a3.fdflags
timerfd_create res=ret clockid=a0 flags=a1.fdflags
inotify_init res=ret
inotify_init1 res=ret flags=a0.fdflags
epoll_create res=ret size=a0
epoll_create1 res=ret flags=a0
epoll_wait res=ret maxevents=a2
futex res=ret addr=a0 op=a1 val=a2
stat res=ret path=path
lstat res=ret path=path
fstat res=ret fd=a0
newfstatat res=ret dirfd=a0 path=path flags=a3
access res=ret name=path mode=a1
lseek res=ret fd=a0 offset=a1 whence=a2
getcwd res=ret
chdir res=ret path=claimed
fchdir res=ret fd=a0
chroot res=ret path=path
mkdir res=ret path=path mode=a1
mkdirat res=ret dirfd=a0 path=path mode=a2
rmdir res=ret path=path
mknod res=ret path=path mode=a1 dev=a2
mknodat res=ret dirfd=a0 path=path mode=a2 dev=a3
unlink res=ret path=path
unlinkat res=ret dirfd=a0 name=path flags=a2
rename res=ret oldpath=path newpath=path2
renameat res=ret olddirfd=a0 oldpath=path newdirfd=a2 newpath=path2
renameat2 res=ret olddirfd=a0 oldpath=path newdirfd=a2 newpath=path2 flags=a4
link res=ret oldpath=path newpath=path2
linkat res=ret olddir=a0 oldpath=path newdir=a2 newpath=path2 flags=a4
symlink res=ret target=claimed linkpath=path2
symlinkat res=ret target=claimed linkdirfd=a1 linkpath=path2
chmod res=ret filename=path mode=a1
fchmod res=ret fd=a0 mode=a1
fchmodat res=ret dirfd=a0 filename=path mode=a2
chown res=ret path=path uid=a1 gid=a2
lchown res=ret path=path uid=a1 gid=a2
fchown res=ret fd=a0 uid=a1 gid=a2
fchownat res=ret dirfd=a0 pathname=path uid=a2 gid=a3 flags=a4
mount res=ret dev=claimed dir=path2 type=data flags=a3
umount res=ret name=path
umount2 res=ret name=path flags=a1
fsconfig res=ret fd=a0 cmd=a1 key=claimed aux=a4
kill res=ret pid=a0 sig=a1
tkill res=ret tid=a0 sig=a1
tgkill res=ret pid=a0 tid=a1 sig=a2
fcntl res=ret fd=a0 cmd=a1.fcntl
ioctl res=ret fd=a0 request=a1 argument=a2
getdents res=ret fd=a0
getdents64 res=ret fd=a0
flock res=ret fd=a0 operation=a1.flock
splice res=ret fd_in=a0 fd_out=a2 size=a4 flags=a5
sendfile res=ret out_fd=a0 in_fd=a1 size=a3
copy_file_range res=ret fdin=a0 fdout=a2 len=a4
brk res=ret addr=a0
mmap res=ret addr=a0 length=a1 prot=a2.prot flags=a3.mmap fd=a4 offset=a5
munmap res=ret addr=a0 length=a1
mprotect res=ret addr=a0 length=a1 prot=a2.prot
mlock res=ret addr=a0 len=a1
munlock res=ret addr=a0 len=a1
mlockall res=ret flags=a0
munlockall res=ret
mlock2 res=ret addr=a0 len=a1 flags=a2
memfd_create fd=ret name=claimed flags=a1
ptrace res=ret addr=a2 data=a3 request=a0.ptrace pid=a1
process_vm_readv res=ret pid=a0 data=data
process_vm_writev res=ret pid=a0 data=data
setns res=ret fd=a0 nstype=a1.clone
unshare res=ret flags=a0.clone
setsid res=ret
setpgid res=ret pid=a0 pgid=a1
setuid res=ret uid=a0
setgid res=ret gid=a0
setreuid res=ret ruid=a0 euid=a1
setregid res=ret rgid=a0 egid=a1
setresuid res=ret ruid=a0 euid=a1 suid=a2
setresgid res=ret rgid=a0 egid=a1 sgid=a2
getuid uid=ret
geteuid euid=ret
getgid gid=ret
getegid egid=ret
getresuid res=ret
getresgid res=ret
capset res=ret cap_inheritable=cap_inheritable cap_permitted=cap_permitted cap_effective=cap_effective
prctl res=ret option=a0 arg2_str=claimed arg2_int=a1
seccomp res=ret op=a0 flags=a1
setrlimit res=ret resource=a0
getrlimit res=ret resource=a0
prlimit res=ret pid=a0 resource=a1
semget res=ret key=a0 nsems=a1 semflg=a2.semget
semop res=ret semid=a0 nsops=a2
semctl res=ret semid=a0 semnum=a1 val=a3
quotactl res=ret id=a2
bpf fd=ret cmd=a0
init_module res=ret length=a1 uargs=data
finit_module res=ret fd=a0 uargs=data flags=a2
delete_module res=ret name=claimed flags=a1
userfaultfd res=ret flags=a0.open
io_uring_setup res=ret entries=a0
io_uring_enter res=ret fd=a0 to_submit=a1 min_complete=a2 flags=a3
io_uring_register res=ret fd=a0 opcode=a1 arg=a2 nr_args=a3
dup res=ret oldfd=a0
dup2 res=ret oldfd=a0 newfd=a1
dup3 res=ret oldfd=a0 newfd=a1 flags=a2.fdflags
pidfd_open fd=ret pid=a0 flags=a1
pidfd_getfd fd=ret pid_fd=a0 target_fd=a1 flags=a2
clone res=ret flags=extra.clone
clone3 res=ret flags=extra.clone
fork res=ret
vfork res=ret flags=extra.clone
poll res=ret timeout=a2
ppoll res=ret
select res=ret
nanosleep res=ret`;

const NAMED: Readonly<Record<string, Source>> = {
  ret: (event) => event.ret,
  path: claimedPath,
  path2: claimedPath2,
  claimed: (event) => event.call?.claimed,
  object_path: (event) => event.call?.path,
  data: (event) => event.call?.data,
  dev: (event) => objectOf(event)?.object_dev,
  ino: (event) => objectOf(event)?.object_inode,
  open: (event) => {
    const found = openArguments(event);
    return found === undefined ? undefined : openFlagsOf(found.flags) | openedExtras(event);
  },
  open_mode: (event) => openArguments(event)?.mode,
  resolve: (event) => event.call?.extra2High,
  fd1: (event) => pairOf(event)?.extraLow,
  fd2: (event) => pairOf(event)?.extraHigh,
  layers: (event) => (event.call === undefined ? undefined : layerBits(event.call)),
  tuple: tupleText,
  addr: addressOf,
  cap_inheritable: (event) => event.task.cap_inheritable,
  cap_permitted: (event) => event.task.cap_permitted,
  cap_effective: (event) => event.task.cap_effective,
};

const SOURCES: ReadonlyMap<string, ReadonlyMap<string, string>> = parseTable();
const PARAMS: (readonly Param[])[] = buildAll();

function parseTable(): Map<string, Map<string, string>> {
  const sources = new Map<string, Map<string, string>>();
  for (const line of TABLE.trim().split('\n')) {
    const [name = '', ...pairs] = line.split(' ');
    sources.set(name, new Map(pairs.map((pair) => pairOfText(pair))));
  }
  return sources;
}

function pairOfText(pair: string): [string, string] {
  const [param = '', source = ''] = pair.split('=');
  return [param, source];
}

function buildAll(): (readonly Param[])[] {
  const all: (readonly Param[])[] = [];
  for (const spec of EVENTS) {
    const type = typeNumber(spec.name);
    // Some events go by a second name (setuid32); the parameters are listed under the first.
    if (type !== undefined && eventName(type) === spec.name)
      all[type] = spec.params.map((param) => build(spec, param));
  }
  return all;
}

function build(spec: EventSpec, param: ParamSpec): Param {
  const source = SOURCES.get(spec.name)?.get(param.name);
  const read = specialSource(spec.name, param.name) ?? sourceOf(source, param);
  const arg = source?.startsWith('a') && /^a\d/.test(source) ? Number(source[1]) : -1;
  return { ...param, read, arg };
}

function specialSource(event: string, param: string): Source | undefined {
  if (param === 'ID') return (at) => at.type;
  if (param === 'nativeID') return (at) => at.call?.number;
  if (event === 'procexit') return EXIT_SOURCES[param];
  if (event === 'execve' || event === 'execveat') return EXEC_SOURCES[param];
  if (/^(clone3?|v?fork)$/.test(event) && param !== 'res' && param !== 'flags') {
    return EXEC_SOURCES[param];
  }
  return undefined;
}

function sourceOf(source: string | undefined, param: ParamSpec): Source {
  if (source === undefined) return NOT_CAPTURED;
  const named = NAMED[source];
  if (named !== undefined) return named;
  const [place = '', translation] = source.split('.');
  const translate = translation === undefined ? undefined : TRANSLATIONS[translation]?.toRule;
  if (translation !== undefined && translate === undefined) {
    throw new TypeError(`parameter table: no translation ${translation}`);
  }
  if (place === 'extra') {
    return (event) => event.call && (translate ?? same)(event.call.extraLow);
  }
  const index = Number(place.slice(1));
  if (!/^a[0-5]$/.test(place)) throw new TypeError(`parameter table: no source ${source}`);
  if (translate !== undefined) {
    return (event) => event.call && translate(event.call.argInt(index));
  }
  return (event) => event.call && argumentOf(event.call, index, param.type);
}

function argumentOf(call: CallCursor, index: number, type: ParamSpec['type']): Value {
  switch (type) {
    case 'FD':
    case 'INT32':
    case 'PID':
    case 'ERRNO':
    case 'SIGTYPE':
      return call.argInt(index);
    case 'INT64':
      return call.argLong(index);
    case 'UINT64':
    case 'DYNAMIC':
    case 'CHARBUF':
      return call.arg(index);
    case 'UINT8':
    case 'FLAGS8':
    case 'ENUMFLAGS8':
      return call.argU32(index) & 0xff;
    case 'UINT16':
    case 'FLAGS16':
    case 'ENUMFLAGS16':
      return call.argU32(index) & 0xffff;
    default:
      return call.argU32(index);
  }
}

function NOT_CAPTURED(): undefined {
  return undefined;
}

function same(value: number): number {
  return value;
}

// The same few combinations come again and again; kept, bounded.
const OPEN_FLAGS = new Map<number, number>();

function openFlagsOf(kernel: number): number {
  const known = OPEN_FLAGS.get(kernel);
  if (known !== undefined) return known;
  const value = openFlags(kernel);
  if (OPEN_FLAGS.size < 1024) OPEN_FLAGS.set(kernel, value);
  return value;
}

// What Falco's own flags add to those of the caller: created, and the layer of an overlay.
function openedExtras(event: Event): number {
  const call = event.call;
  if (call === undefined || call.ret < 0) return 0;
  const created = openArguments(event)?.created === true ? 0x4000 : 0;
  return created | (isUpperLayer(call) ? 0x8000 : 0) | (isLowerLayer(call) ? 0x1_0000 : 0);
}

// Calls that make two descriptors have both in extra, once they worked.
function pairOf(event: Event): CallCursor | undefined {
  return event.call?.ret === 0 ? event.call : undefined;
}

function layerBits(call: CallCursor): number {
  return (isUpperLayer(call) ? 1 : 0) | (isLowerLayer(call) ? 2 : 0);
}

function tupleText(event: Event): string | undefined {
  const text = socketName(event);
  return text === '' ? undefined : text;
}

// The address a call was given, else the bound one.
function addressOf(event: Event): string | undefined {
  const call = event.call;
  if (call === undefined) return undefined;
  if (call.given_family !== 0 && call.claimed === undefined) {
    return endpointText({ address: call.given_address, port: call.given_port });
  }
  if (call.claimed !== undefined) return call.claimed;
  const server = socketEnds(event)?.server;
  return server === undefined ? undefined : endpointText(server);
}
