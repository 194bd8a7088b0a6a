// /etc/passwd and /etc/group as tables; for containers the files may hold anything.

import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import type { Account } from '../decode/event.js';

/** Users and groups by number; texts are byte strings. */
export interface AccountTable {
  readonly users: ReadonlyMap<number, Account>;
  readonly groups: ReadonlyMap<number, string>;
}

/** What tells that a file is another one, or was written, since it was read. */
export type FileMark = string;

/** Longer files are not read: no real host comes near. */
const LIMIT_BYTES = 1 << 20;
const LIMIT_ENTRIES = 20_000;
const O_PATH = 0o10000000; // asm-generic/fcntl.h; Node has no name for it

/** Reads the users of a passwd file; the first entry of a number counts, as in getpwuid(3). */
export function parsePasswd(text: string): Map<number, Account> {
  const users = new Map<number, Account>();
  for (const line of text.split('\n')) {
    const [name, , uid, , , home, shell] = line.split(':');
    const number = idOf(uid);
    if (name === undefined || name === '' || number === undefined || users.has(number)) continue;
    users.set(number, { name, home: home ?? '', shell: shell ?? '' });
    if (users.size >= LIMIT_ENTRIES) break;
  }
  return users;
}

/** Reads the groups of a group file. */
export function parseGroup(text: string): Map<number, string> {
  const groups = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name, , gid] = line.split(':');
    const number = idOf(gid);
    if (name === undefined || name === '' || number === undefined || groups.has(number)) continue;
    groups.set(number, name);
    if (groups.size >= LIMIT_ENTRIES) break;
  }
  return groups;
}

/**
 * Opens a file of `etc` below a root, following no symbolic link below the root: in a container an
 * absolute one would lead to the host's files.
 *
 * @returns a descriptor of a regular file of at most 1 MiB with its status, or `undefined`
 */
export function openEtcFile(root: string, name: string): { fd: number; stats: Stats } | undefined {
  let root_fd = -1;
  let etc_fd = -1;
  let fd = -1;
  try {
    root_fd = openSync(`${root}/`, O_PATH | constants.O_DIRECTORY);
    etc_fd = openSync(`/proc/self/fd/${root_fd}/etc`, O_PATH | NO_LINK_DIRECTORY);
    // O_NONBLOCK: a fifo in the place of the file must not let us wait.
    fd = openSync(`/proc/self/fd/${etc_fd}/${name}`, READ_NO_LINK);
    const stats = fstatSync(fd);
    if (stats.isFile() && stats.size <= LIMIT_BYTES) {
      const opened = { fd, stats };
      fd = -1;
      return opened;
    }
    return undefined;
  } catch {
    return undefined; // no such file, or a link in the way
  } finally {
    for (const open of [root_fd, etc_fd, fd]) if (open >= 0) closeSync(open);
  }
}

/** Reads a file that `openEtcFile` opened, and closes it. */
export function readAndClose(fd: number): string {
  const buffer = Buffer.alloc(LIMIT_BYTES);
  try {
    let length = 0;
    while (length < buffer.length) {
      const count = readSync(fd, buffer, length, buffer.length - length, null);
      if (count === 0) break;
      length += count;
    }
    return buffer.latin1Slice(0, length);
  } catch {
    return ''; // unreadable: as if it were empty
  } finally {
    closeSync(fd);
  }
}

/** The mark of a file: changes when it is replaced or written. */
export function markOf(stats: Stats): FileMark {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
}

/**
 * Whether reading below a root can never wait for a program of somebody: none of the file systems
 * that its `etc` may lie on is a network or user-space one.
 *
 * @param mountinfo text of /proc/PID/mountinfo
 */
export function isLocalEtc(mountinfo: string): boolean {
  for (const line of mountinfo.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const point = left.split(' ')[4] ?? '';
    if (point !== '/' && point !== '/etc' && !/^\/etc\/(passwd|group)$/.test(point)) continue;
    if (REMOTE.test(right.split(' ')[0] ?? '')) return false;
  }
  return true;
}

const NO_LINK_DIRECTORY = constants.O_DIRECTORY | constants.O_NOFOLLOW;
const READ_NO_LINK = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const REMOTE = /^(fuse|nfs|cifs|smb|ceph|afs|coda|gfs|glusterfs|lustre|beegfs)/;

function idOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
