// What the calls of a scenario do: to the credentials of their thread, its directory and its
// descriptors; and which descriptor their record describes.

import { object_flag } from '../abi/layout.js';
import { AF_INET, AF_INET6, AF_UNIX } from './call.js';
import { directUse } from './descriptors.js';
import { connectWorked } from './network.js';
import type { GivenCall } from './scenario-call.js';
import {
  anonymousDescriptor,
  type Descriptor,
  directoryDescriptor,
  fileDescriptor,
  mark,
  memfdDescriptor,
  pipeDescriptor,
  socketDescriptor,
} from './scenario-descriptor.js';
import { type Thread, UNSET } from './scenario-thread.js';

/** The descriptor that a record describes. */
export interface Found {
  fd: number;
  descriptor: Descriptor;
}

/** What has changed by the time the record is written: the kernel looks at the end of the call. */
export function beforeRecord(call: GivenCall, thread: Thread): void {
  const { process } = thread;
  if (call.ret < 0) return;
  const id = (name: string, before: number) => {
    const value = Number(call.numbers.get(name) ?? UNSET) >>> 0;
    return value === UNSET ? before : value;
  };
  switch (call.name) {
    case 'setuid':
      thread.uid = id('uid', thread.uid);
      break;
    case 'setreuid':
    case 'setresuid':
      thread.uid = id('euid', thread.uid);
      break;
    case 'setgid':
      thread.gid = id('gid', thread.gid);
      break;
    case 'setregid':
    case 'setresgid':
      thread.gid = id('egid', thread.gid);
      break;
    case 'capset':
      for (const set of ['cap_effective', 'cap_permitted', 'cap_inheritable'] as const) {
        thread[set] = BigInt(call.numbers.get(set) ?? thread[set]);
      }
      break;
    case 'setsid':
      process.session = process.pid;
      process.pgid = process.pid;
      process.vpgid = process.vpid;
      process.tty = 0;
      break;
    case 'setpgid':
      process.pgid = Number(call.args[1]) || process.pid;
      break;
    case 'prctl':
      if (Number(call.args[0]) === PR_SET_NAME && call.claimed !== undefined) {
        thread.comm = call.claimed.slice(0, 15);
      }
      break;
    default:
      break;
  }
}

/**
 * The descriptor that the record of a call describes; descriptors that the call makes come to be
 * here.
 *
 * @param path the call's first path, absolute
 */
export function objectFor(
  call: GivenCall,
  thread: Thread,
  path: string | undefined,
): Found | undefined {
  const made = makes(call, path);
  if (made !== undefined) {
    const fd =
      call.name === 'pipe' || call.name === 'pipe2' || call.name === 'socketpair'
        ? Number(BigInt.asIntN(32, call.extra))
        : Number(call.ret);
    thread.process.descriptors.set(fd, made);
    return { fd, descriptor: made };
  }
  if (call.name === 'chdir') {
    return call.ret === 0 && path !== undefined
      ? { fd: -1, descriptor: directoryDescriptor(path) }
      : undefined;
  }
  const use = directUse(call.type);
  // The record of dup describes what was duplicated.
  if (use === undefined || (use.creates && !call.name.startsWith('dup'))) return undefined;
  const fd = Number(call.args[use.arg] ?? -1);
  const known = thread.process.descriptors.get(fd) ?? unknownSocket(call, thread, fd);
  if (known === undefined || call.name === 'close') return undefined;
  changeSocket(call, known);
  return { fd, descriptor: known };
}

/** What is different for the events that follow. */
export function afterCall(
  call: GivenCall,
  thread: Thread,
  descriptor: Descriptor | undefined,
  path: string | undefined,
): void {
  const { process } = thread;
  if (call.ret < 0) return;
  switch (call.name) {
    case 'close':
      process.descriptors.delete(Number(call.args[0]));
      break;
    case 'dup':
    case 'dup2':
    case 'dup3':
      if (descriptor !== undefined) process.descriptors.set(Number(call.ret), descriptor);
      break;
    case 'fcntl':
      if (descriptor !== undefined && DUPLICATES.has(Number(call.args[1]))) {
        process.descriptors.set(Number(call.ret), descriptor);
      }
      break;
    case 'chdir':
      process.cwd = path ?? process.cwd;
      break;
    case 'fchdir':
      process.cwd = descriptor?.path ?? process.cwd;
      break;
    default:
      break;
  }
}

const PR_SET_NAME = 15;
const DUPLICATES = new Set([0, 1030]); // F_DUPFD, F_DUPFD_CLOEXEC

/** Descriptors without a file, by the call that makes them. */
const ANONYMOUS: Readonly<Record<string, string>> = {
  eventfd: '[eventfd]',
  eventfd2: '[eventfd]',
  signalfd: '[signalfd]',
  signalfd4: '[signalfd]',
  timerfd_create: '[timerfd]',
  inotify_init: 'inotify',
  inotify_init1: 'inotify',
  epoll_create: '[eventpoll]',
  epoll_create1: '[eventpoll]',
  userfaultfd: '[userfaultfd]',
  io_uring_setup: '[io_uring]',
  pidfd_open: '[pidfd]',
  perf_event_open: '[perf_event]',
};

// bpf() gives a descriptor for some of its commands.
const BPF_MAP_CREATE = 0;
const BPF_PROG_LOAD = 5;

function makes(call: GivenCall, path: string | undefined): Descriptor | undefined {
  if (call.ret < 0) return undefined;
  switch (call.name) {
    case 'open':
    case 'openat':
    case 'openat2':
    case 'creat':
      return path === undefined ? undefined : opened(call, path);
    case 'open_by_handle_at':
      return call.object_path === undefined ? undefined : opened(call, call.object_path);
    case 'socket':
      return socketDescriptor(
        Number(call.args[0]),
        Number(call.args[1]) & 0xf,
        Number(call.args[2]),
      );
    case 'socketpair':
      return socketDescriptor(AF_UNIX, Number(call.args[1]) & 0xf, 0);
    case 'accept':
    case 'accept4':
      return accepted(call);
    case 'pipe':
    case 'pipe2':
      return pipeDescriptor();
    case 'memfd_create':
      return memfdDescriptor(call.claimed ?? '');
    case 'bpf':
      if (call.args[0] === BPF_PROG_LOAD) return anonymousDescriptor('bpf-prog');
      return call.args[0] === BPF_MAP_CREATE ? anonymousDescriptor('bpf-map') : undefined;
    default: {
      const name = ANONYMOUS[call.name];
      return name === undefined ? undefined : anonymousDescriptor(name);
    }
  }
}

function opened(call: GivenCall, path: string): Descriptor {
  const file = fileDescriptor(path, call.name === 'creat' ? O_CREAT_FLAGS : call.open_flags);
  file.dev = call.dev;
  file.inode = call.inode;
  if (call.created) file.flags |= object_flag.OBJECT_CREATED;
  if (call.layer === 'upper') file.flags |= object_flag.OBJECT_UPPER_LAYER;
  if (call.layer === 'lower') file.flags |= object_flag.OBJECT_LOWER_LAYER;
  return file;
}

const O_CREAT_FLAGS = 0o1101;

// In a tuple the client comes first.
function accepted(call: GivenCall): Descriptor {
  const { family = AF_INET, source, destination, path } = call.tuple ?? {};
  const socket = socketDescriptor(family, 1, 0);
  mark(socket, 'ACCEPTED');
  mark(socket, 'CONNECTED');
  return { ...socket, local: destination, remote: source, path };
}

// Falco takes a descriptor that it does not know for a datagram socket when something is sent.
function unknownSocket(call: GivenCall, thread: Thread, fd: number): Descriptor | undefined {
  const family = call.tuple?.family;
  if (family === undefined || !/^(send|recv|connect)/.test(call.name)) return undefined;
  const stream = call.name === 'connect';
  const socket = socketDescriptor(family, stream ? 1 : 2, 0);
  thread.process.descriptors.set(fd, socket);
  return socket;
}

// Sockets get their ends from what the scenario says of the call.
function changeSocket(call: GivenCall, socket: Descriptor): void {
  const { address, tuple } = call;
  switch (call.name) {
    case 'bind':
      if (call.ret < 0 || address === undefined) break;
      if (address.path !== undefined) socket.path = address.path;
      else if ((address.end?.port ?? 0) !== 0) {
        socket.local = address.end;
        mark(socket, 'BOUND');
      }
      break;
    case 'connect':
      socket.local = tuple?.source ?? socket.local;
      if (!connectWorked(call.ret)) break;
      socket.remote = tuple?.destination ?? address?.end ?? socket.remote;
      socket.path = tuple?.path ?? address?.path ?? socket.path;
      mark(socket, 'CONNECTED');
      break;
    default:
      if (tuple === undefined || call.ret < 0 || !isInternet(socket)) break;
      // The kernel knows the local side by now, even when nobody chose it.
      if (call.name.startsWith('send')) socket.local = tuple.source ?? socket.local;
      if (call.name.startsWith('recv')) socket.local = tuple.destination ?? socket.local;
  }
}

function isInternet(socket: Descriptor): boolean {
  return socket.family === AF_INET || socket.family === AF_INET6;
}
