// Readers of evt.* and syscall.* that are not about parameters.

import { eventName, eventNamed } from '../rules/events.js';
import { descriptorEntry, descriptorType, isOpen, isOpenOrCreat } from './descriptors.js';
import { errnoName } from './errno.js';
import type { Event, Reader, Value } from './event.js';
import { Group, groupOf } from './network.js';
import { openArguments } from './open.js';
import { dateText, secondsOf, timeText } from './time.js';
import { typesOf } from './types.js';

/** Readers by field name. */
export const EVENT_READERS: Readonly<Record<string, Reader>> = {
  'evt.num': (event) => event.num,
  'evt.type': typeName,
  'syscall.type': (event) =>
    event.call === undefined && event.exec === undefined ? undefined : typeName(event),
  'evt.dir': () => '<',
  'evt.source': () => 'syscall',
  'evt.is_async': () => false,
  'evt.hostname': (event) => event.host_name,
  'evt.cpu': (event) => event.task.cpu,
  'evt.category': category,
  'evt.count': () => 1,
  'evt.count.exit': () => 1,
  'evt.count.error': (event) => (failed(event) ? 1 : undefined),
  'evt.count.error.file': (event) => failedOn(event, 'file'),
  'evt.count.error.net': (event) => failedOn(event, 'net'),
  'evt.count.error.memory': (event) => failedOn(event, 'memory'),
  'evt.count.error.other': (event) => failedOn(event, 'other'),

  'evt.time': (event) => timeText(event.time_ns, 'ns'),
  'evt.time.s': (event) => timeText(event.time_ns, 's'),
  'evt.time.iso8601': (event) => dateText(event.time_ns, 'iso'),
  'evt.datetime': (event) => dateText(event.time_ns, 'ns'),
  'evt.datetime.s': (event) => dateText(event.time_ns, 's'),
  'evt.outputtime': (event) => timeText(event.time_ns, 'ns'),
  'evt.rawtime': (event) => event.time_ns,
  'evt.rawtime.s': (event) => secondsOf(event.time_ns),
  'evt.rawtime.ns': (event) => Number(event.time_ns % 1_000_000_000n),

  'evt.reltime': (event) => event.task.time_ns - event.first_time_ns,
  'evt.reltime.s': (event) => secondsOf(event.task.time_ns - event.first_time_ns),
  'evt.reltime.ns': (event) => Number((event.task.time_ns - event.first_time_ns) % 1_000_000_000n),
  'evt.deltatime': (event) => event.task.time_ns - BigInt(event.previous_time),
  'evt.deltatime.s': (event) => secondsOf(event.task.time_ns - BigInt(event.previous_time)),
  'evt.deltatime.ns': (event) =>
    Number((event.task.time_ns - BigInt(event.previous_time)) % 1_000_000_000n),

  'evt.rawres': (event) => event.ret,
  'evt.res': (event) => {
    const ret = event.ret;
    if (ret === undefined) return undefined;
    return ret >= 0 ? 'SUCCESS' : (errnoName(ret) ?? String(ret));
  },
  'evt.failed': (event) => failed(event),

  'evt.is_open_read': (event) => isOpen(event.type) && (openedFor(event) & READ) !== 0,
  'evt.is_open_write': (event) => isOpen(event.type) && (openedFor(event) & WRITE) !== 0,
  'evt.is_open_exec': isOpenExec,
  'evt.is_open_create': isOpenCreate,

  'evt.is_io': (event) => transfer(event) !== undefined,
  'evt.is_io_read': (event) => transfer(event) === Group.RECEIVE,
  'evt.is_io_write': (event) => transfer(event) === Group.SEND,
  'evt.io_dir': (event) => {
    const group = transfer(event);
    if (group === Group.RECEIVE) return 'read';
    return group === Group.SEND ? 'write' : undefined;
  },
  'evt.is_wait': (event) => WAITS.has(event.type),
  'evt.is_syslog': (event) =>
    transfer(event) === Group.SEND && (event.call?.path ?? '').endsWith('/dev/log'),
  'evt.buffer': (event) => (hasBuffer(event) ? (event.call?.data ?? '') : undefined),
  'evt.buflen': (event) => {
    const ret = event.call?.ret;
    if (ret === undefined || ret < 0 || descriptorEntry(event) === undefined) return undefined;
    return hasBuffer(event) ? ret : undefined;
  },
};

/** `evt.type`: the name that rules use. */
export function typeName(event: Event): string {
  return eventName(event.type);
}

function failed(event: Event): boolean {
  const ret = event.ret;
  return ret !== undefined && ret < 0;
}

type ErrorKind = 'file' | 'net' | 'memory' | 'other';

function failedOn(event: Event, kind: ErrorKind): Value {
  return failed(event) && errorKind(event) === kind ? 1 : undefined;
}

// By what the descriptor is; without one, opens are about files, connects and accepts about the network.
function errorKind(event: Event): ErrorKind {
  if (eventNamed(typeName(event))?.category === 'memory') return 'memory';
  const call = descriptorEntry(event);
  if (call === undefined) {
    if (isOpenOrCreat(event.type)) return 'file';
    const group = groupOf(event.type);
    return group === Group.CONNECT || group === Group.ACCEPT ? 'net' : 'other';
  }
  switch (descriptorType(call)[0]) {
    case 'file':
    case 'directory':
      return 'file';
    case 'ipv4':
    case 'ipv6':
    case 'unix':
      return 'net';
    default:
      return 'other';
  }
}

const READ = 1;
const WRITE = 2;
// By the kernel's access mode: O_RDONLY, O_WRONLY, O_RDWR, and 3, which is neither to Falco.
const ACCESS = [READ, WRITE, READ | WRITE, 0];

function openedFor(event: Event): number {
  const found = openArguments(event);
  return found === undefined ? 0 : (ACCESS[found.flags & 3] ?? 0);
}

function isOpenExec(event: Event): boolean {
  if (!isOpenOrCreat(event.type)) return false;
  const found = openArguments(event);
  if (found === undefined || (found.mode & ANY_EXECUTE) === 0) return false;
  return !isOpen(event.type) || (found.flags & O_CREAT) !== 0 || isTemporary(found.flags);
}

// A file without a name is made by every open of that kind that works.
function isOpenCreate(event: Event): boolean {
  if (!isOpenOrCreat(event.type) || failed(event)) return false;
  const found = openArguments(event);
  return found !== undefined && (found.created || isTemporary(found.flags));
}

function isTemporary(flags: number): boolean {
  return (flags & O_TMPFILE) === O_TMPFILE;
}

// The io categories are printed by what the descriptor is, and IPC by itself in capitals, as Falco does.
function category(event: Event): string {
  const found = eventNamed(typeName(event))?.category ?? 'other';
  if (found === 'ipc') return 'IPC';
  if (!found.startsWith('io_')) return found;
  const call = descriptorEntry(event);
  switch (call && descriptorType(call)[0]) {
    case 'file':
    case 'directory':
      return 'file';
    case 'ipv4':
    case 'ipv6':
      return 'net';
    case 'pipe':
    case 'unix':
    case 'event':
    case 'signalfd':
    case 'inotify':
    case 'userfaultfd':
      return 'ipc';
    default:
      return 'unknown';
  }
}

function transfer(event: Event): Group | undefined {
  const group = groupOf(event.type);
  return group === Group.SEND || group === Group.RECEIVE ? group : undefined;
}

function hasBuffer(event: Event): boolean {
  return event.call?.data !== undefined && transfer(event) !== undefined;
}

const WAITS = typesOf('select poll ppoll epoll_wait nanosleep');
const ANY_EXECUTE = 0o111;
const O_CREAT = 0o100;
const O_TMPFILE = 0o20200000;
