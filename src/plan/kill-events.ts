// The one list of events by which the kernel kills. They have happened, so that the very call counts, and
// what is known of it is what its record says.

import { kill_event } from '../abi/layout.js';
import { isOpen, isOpenOrCreat } from '../decode/descriptors.js';
import { typesOf } from '../decode/types.js';
import { EVENTS, eventName, typeNumber } from '../rules/events.js';
import {
  DESCRIPTOR,
  type Details,
  described,
  type Operation,
  type PathField,
} from './operations.js';

/** By native number, and by `enum kill_event`; made when the first rule kills in the kernel. */
export function killEvents(): readonly Operation[] {
  made ??= [...thatWorked(), connectBegun(), ...thatFailed()];
  return made;
}

/** The call that an event is told as: its native number. */
export function typeOfEvent(event: number): number {
  types ??= new Map(killEvents().map(({ number, types: [type] }) => [number, type]));
  return types.get(event) ?? event;
}

let made: readonly Operation[] | undefined;
let types: ReadonlyMap<number, number | undefined> | undefined;

// The calls that have a native number, each by its own name.
function everyCall(): { name: string; type: number }[] {
  return EVENTS.flatMap(({ name }) => {
    const type = typeNumber(name);
    if (type === undefined || type >= kill_event.KILL_FAILED || eventName(type) !== name) return [];
    return NEVER_ENDING.has(type) ? [] : { name, type };
  });
}

function thatWorked(): Operation[] {
  return everyCall().flatMap(({ name, type }) => {
    if (NOT_BY.has(type)) return [];
    const opened = OPENS[name];
    if (opened !== undefined) return [described(type, name, name, ['kill_call'], opened)];
    if (name === 'execve') return [described(type, name, name, ['kill_exec'])];
    return [described(type, name, name, ['kill_any'], factsOf(type))];
  });
}

function thatFailed(): Operation[] {
  return everyCall().map(({ name, type }) =>
    described(kill_event.KILL_FAILED + type, name, name, ['kill_any'], {
      result: 'fails',
      hasArguments: true,
      hasMode: isOpen(type),
      paths: isOpenOrCreat(type) ? CLAIMED : absolutePaths(type),
    }),
  );
}

// A connection that is being made: it is told as the call of one that was made.
function connectBegun(): Operation {
  const type = typeNumber('connect') ?? 0;
  return described(kill_event.KILL_CONNECT_BEGUN, 'connect', 'connect', ['kill_any'], {
    ...factsOf(type),
    result: -EINPROGRESS,
  });
}

function factsOf(type: number): Details {
  return {
    hasArguments: true,
    hasKind: USERS.has(type),
    hasSocket: SOCKETS.has(type) || ENDS.has(type),
    ends: ENDS.has(type) ? 'told' : 'none',
    paths: pathsOf(type),
  };
}

function pathsOf(type: number): Readonly<Record<string, PathField>> {
  const paths: Record<string, PathField> = USERS.has(type) ? { ...DESCRIPTOR } : {};
  if (ONE_PATH.has(type)) paths['fs.path.name'] = FIRST;
  if (MOUNTS.has(type)) paths['fs.path.name'] = SECOND;
  if (RENAMES.has(type)) paths['fs.path.source'] = FIRST;
  if (RENAMES.has(type)) paths['fs.path.target'] = SECOND;
  // Falco calls the new path of a link its source.
  if (LINKS.has(type)) paths['fs.path.target'] = FIRST;
  if (LINKS.has(type) || SYMLINKS.has(type)) paths['fs.path.source'] = SECOND;
  return { ...paths, ...absolutePaths(type) };
}

// Paths as the caller wrote them, made absolute.
function absolutePaths(type: number): Readonly<Record<string, PathField>> {
  const paths: Record<string, PathField> = {};
  if (ABSOLUTE.has(type)) paths['evt.abspath'] = FIRST;
  if (RENAMES.has(type) || LINKS.has(type)) paths['evt.abspath.src'] = FIRST;
  if (RENAMES.has(type) || LINKS.has(type) || SYMLINKS.has(type)) paths['evt.abspath.dst'] = SECOND;
  return paths;
}

const FIRST: PathField = { object: 1, part: 'whole' };
const SECOND: PathField = { object: 2, part: 'whole' };

// What was opened is known by its descriptor, not by what the caller wrote.
const OPENED: Details = {
  paths: { ...DESCRIPTOR, 'fs.path.name': FIRST },
  hasMode: true,
  hasKind: true,
};
const OPENS: Readonly<Record<string, Details>> = {
  open: OPENED,
  openat: OPENED,
  openat2: OPENED,
  creat: { paths: DESCRIPTOR, hasKind: true },
  open_by_handle_at: { ...OPENED, paths: DESCRIPTOR },
};

// Where nothing was opened, its name is what the caller wrote.
const CLAIMED: Readonly<Record<string, PathField>> = {
  'fd.name': FIRST,
  'fd.directory': DESCRIPTOR['fd.directory'],
  'evt.abspath': FIRST,
};

const NEVER_ENDING = typesOf('exit exit_group rt_sigreturn');
// A child's first event is told as its own call; an exec that worked is told as execve.
const NOT_BY = typesOf('clone clone3 fork vfork execveat');
// Calls about a descriptor of theirs, and about no path.
const USERS = typesOf(
  'read write pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 fchmod fchown ftruncate fallocate fsync fdatasync flock getdents getdents64 fchdir fstat lseek ioctl fcntl sendfile splice copy_file_range finit_module',
);
const SOCKETS = typesOf('socket socketpair');
const ENDS = typesOf('connect bind listen accept accept4 sendto sendmsg sendmmsg');
const ONE_PATH = typesOf(
  'mkdir mkdirat rmdir unlink unlinkat chmod fchmodat chown lchown fchownat umount2',
);
const ABSOLUTE = typesOf(
  'mkdir mkdirat rmdir unlink unlinkat chmod fchmodat chown lchown fchownat mknod mknodat chdir chroot stat lstat newfstatat access',
);
const MOUNTS = typesOf('mount');
const RENAMES = typesOf('rename renameat renameat2');
const LINKS = typesOf('link linkat');
const SYMLINKS = typesOf('symlink symlinkat');
const EINPROGRESS = 115;
