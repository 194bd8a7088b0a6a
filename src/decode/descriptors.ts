// Which descriptor an event is about: the one it creates or the one it uses, if any.

import { object_flag, object_kind } from '../abi/layout.js';
import { typeNumber } from '../rules/events.js';
import type { CallCursor } from './call.js';
import type { Event } from './event.js';
import { socketType } from './network.js';
import { typesOf } from './types.js';

/** What an event does with its descriptor. */
export interface DescriptorUse {
  /** The call returns it; otherwise it is an argument. */
  creates: boolean;
  /** Index of the argument. */
  arg: number;
  /** `fd.typechar` where the event has no descriptor entry. */
  fallback: string;
}

/** How the event's type uses a descriptor; `undefined` for types that have no `fd.*` at all. */
export function descriptorUse(event: Event): DescriptorUse | undefined {
  return event.call === undefined ? undefined : USES[event.type];
}

/** The same for a type; `undefined` for types that have no `fd.*`. */
export function directUse(type: number): DescriptorUse | undefined {
  return USES[type];
}

/** The event's call when the kernel could resolve its descriptor: then there is an entry. */
export function descriptorEntry(event: Event): CallCursor | undefined {
  const call = event.call;
  if (call === undefined || USES[event.type] === undefined || !call.has_object) return undefined;
  return call;
}

/** The event's call where what it says of the object is what the event is about. */
export function objectOf(event: Event): CallCursor | undefined {
  return event.call?.claim === undefined ? event.call : undefined;
}

/** `fd.num`: -1 when a creating call failed. */
export function descriptorNumber(event: Event): number | undefined {
  const call = event.call;
  const use = descriptorUse(event);
  if (call === undefined || use === undefined) return undefined;
  if (!use.creates) return call.argInt(use.arg);
  if (call.ret === 0 && PAIRS.has(event.type)) return call.object_fd;
  return call.ret < 0 ? -1 : Number(call.ret);
}

/** Name and letter of what the entry is, `fd.type` and `fd.typechar`. */
export function descriptorType(call: CallCursor): readonly [name: string, letter: string] {
  // What was to be opened is a file, whatever lies behind the descriptor now.
  if (call.claim !== undefined) return isOpenedAsDirectory(call.extraLow) ? DIRECTORY : FILE;
  switch (call.object_kind) {
    case object_kind.OBJECT_FILE:
    case object_kind.OBJECT_CHARDEV:
    case object_kind.OBJECT_BLOCKDEV:
      return FILE;
    case object_kind.OBJECT_DIRECTORY:
      return isOpenedAsDirectory(call.open_flags) ? DIRECTORY : FILE;
    case object_kind.OBJECT_PIPE:
      // A fifo that was opened by its path is a file to Falco.
      return call.path === undefined ? PIPE : FILE;
    case object_kind.OBJECT_SOCKET:
      return socketType(call) ?? UNKNOWN;
    case object_kind.OBJECT_MEMFD:
      return MEMFD;
    case object_kind.OBJECT_ANON:
      return anonymousType(call.path ?? '');
    case object_kind.OBJECT_OTHER:
      // Files of namespaces, net:[4026531840], which are opened by a path of /proc.
      return call.path === undefined ? UNKNOWN : FILE;
    default:
      return UNKNOWN;
  }
}

/** Whether the entry is something with a path: Falco's files and directories. */
export function isPathEntry(call: CallCursor): boolean {
  const type = descriptorType(call);
  return type === FILE || type === DIRECTORY;
}

/** Whether the entry was opened with O_DIRECTORY. */
export function isDirectoryEntry(call: CallCursor): boolean {
  return descriptorType(call) === DIRECTORY;
}

/** Which layer of an overlay the object lies in. */
export function isUpperLayer(call: CallCursor): boolean {
  return call.claim === undefined && (call.object_flags & object_flag.OBJECT_UPPER_LAYER) !== 0;
}

export function isLowerLayer(call: CallCursor): boolean {
  return call.claim === undefined && (call.object_flags & object_flag.OBJECT_LOWER_LAYER) !== 0;
}

/** open, openat, openat2 and open_by_handle_at: the calls that `evt.is_open_read` speaks of. */
export function isOpen(type: number): boolean {
  return OPENS.has(type);
}

/** The open family with creat: on failure their path argument still gives `fd.name`. */
export function isOpenOrCreat(type: number): boolean {
  return OPENS.has(type) || type === CREAT;
}

// Falco tells directories by O_DIRECTORY, not by what was opened; O_TMPFILE has its bit.
function isOpenedAsDirectory(flags: number): boolean {
  return (flags & O_DIRECTORY) !== 0 && (flags & O_TMPFILE) !== O_TMPFILE;
}

function anonymousType(name: string): readonly [string, string] {
  const plain = name.replace(/^anon_inode:/, '').replace(/^\[(.*)\]$/, '$1');
  const known = ANONYMOUS.get(plain);
  if (known !== undefined) return known;
  return /^bpf|^btf/.test(plain) ? BPF : UNKNOWN;
}

type TypeName = readonly [name: string, letter: string];
const FILE: TypeName = ['file', 'f'];
const DIRECTORY: TypeName = ['directory', 'd'];
const PIPE: TypeName = ['pipe', 'p'];
const MEMFD: TypeName = ['memfd', 'm'];
const BPF: TypeName = ['bpf', 'b'];
const PIDFD: TypeName = ['pidfd', 'P'];
const UNKNOWN: TypeName = ['<NA>', 'o'];
const ANONYMOUS = new Map<string, TypeName>([
  ['eventfd', ['event', 'e']],
  ['signalfd', ['signalfd', 's']],
  ['eventpoll', ['eventpoll', 'l']],
  ['inotify', ['inotify', 'i']],
  ['timerfd', ['timerfd', 't']],
  ['userfaultfd', ['userfaultfd', 'u']],
  ['io_uring', ['io_uring', 'r']],
  ['pidfd', PIDFD],
]);

// x86_64; arm64 has other values for O_DIRECTORY, see include/uapi/asm-generic/fcntl.h.
const O_DIRECTORY = 0o200000;
const O_TMPFILE = 0o20200000;

const OPENS = typesOf('open openat openat2 open_by_handle_at');
const CREAT = typeNumber('creat');
const PAIRS = typesOf('pipe pipe2 socketpair');

// Which calls create, use or close descriptors: the flags of Falco's event table. A number is the
// index of the descriptor argument, without one it is 0; `=x` is the letter without an entry.
const CREATORS =
  'open=f openat=f openat2=f open_by_handle_at creat=f socket=4 accept=4 accept4=4 pipe=p pipe2=p socketpair eventfd=e eventfd2=e signalfd=s signalfd4=s timerfd_create=t inotify_init=i inotify_init1=i epoll_create epoll_create1 memfd_create pidfd_open pidfd_getfd io_uring_setup userfaultfd bpf dup dup2 dup3';
const USERS =
  'close read write pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 bind connect listen sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown setsockopt getsockopt fstat lseek ioctl fcntl fchdir fchmod fchown getdents getdents64 flock setns finit_module fsconfig io_uring_enter io_uring_register ftruncate fallocate fsync fdatasync sendfile:1 splice fchmodat fchownat unlinkat mkdirat newfstatat mknodat symlinkat:1 copy_file_range';

const USES: (DescriptorUse | undefined)[] = [];
for (const entry of CREATORS.split(' ')) {
  const [name = '', fallback = 'o'] = entry.split('=');
  for (const type of typesOf(name)) USES[type] = { creates: true, arg: 0, fallback };
}
for (const entry of USERS.split(' ')) {
  const [name = '', arg = '0'] = entry.split(':');
  for (const type of typesOf(name))
    USES[type] = { creates: false, arg: Number(arg), fallback: 'o' };
}
