// Files of /proc/PID, read whole and bounded. What they hold was written by the process.

import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';

/** What /proc/PID/stat says, the parts we need. */
export interface ProcStat {
  comm: string;
  parent_pid: number;
  pgid: number;
  session: number;
  tty: number;
  /** Boot time, in hundredths of a second rounded down. */
  start_ticks: number;
  is_kernel_thread: boolean;
  /** Its first thread has ended. */
  is_dead: boolean;
  /** The first among them, until the process has been waited for. */
  threads: number;
}

/** What /proc/PID/status says, the parts we need. */
export interface ProcStatus {
  uid: number;
  gid: number;
  vpid: number;
  vpgid: number;
  cap_inheritable: bigint;
  cap_permitted: bigint;
  cap_effective: bigint;
}

/** The pids of all processes that are there now. */
export function listPids(root = '/proc'): number[] {
  const pids: number[] = [];
  for (const name of readdirSync(root)) {
    const first = name.charCodeAt(0);
    if (first >= 48 && first <= 57) pids.push(Number(name));
  }
  return pids;
}

/**
 * A file of /proc as a byte string.
 *
 * @returns `undefined` when the process is gone or the file is refused
 */
export function readProc(path: string, limit_bytes = 4096): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined; // gone, or not ours to read
  }
  try {
    let length = 0;
    while (length < limit_bytes) {
      const count = readSync(
        fd,
        scratch,
        length,
        Math.min(limit_bytes, scratch.length) - length,
        null,
      );
      if (count === 0) break;
      length += count;
    }
    return scratch.latin1Slice(0, length);
  } catch {
    return undefined; // it ended while we read
  } finally {
    closeSync(fd);
  }
}

/** The target of a link of /proc as a byte string, without ` (deleted)`. */
export function readProcLink(path: string): string | undefined {
  try {
    const target = readlinkSync(path, 'latin1');
    return target.endsWith(DELETED) ? target.slice(0, -DELETED.length) : target;
  } catch {
    return undefined; // gone, or a kernel thread
  }
}

/** Number of a namespace, `4026531836` of `pid:[4026531836]`; 0 where it cannot be read. */
export function readNamespace(pid: number, kind: 'pid' | 'mnt', root = '/proc'): number {
  const link = readProcLink(`${root}/${pid}/ns/${kind}`);
  return link === undefined ? 0 : Number(link.slice(kind.length + 2, -1)) || 0;
}

/** Takes /proc/PID/stat apart: comm may hold blanks and brackets, so from the last bracket on. */
export function parseStat(text: string): ProcStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const rest = text.slice(close + 2).split(' ');
  const number = (field: number) => Number(rest[field - 3]) || 0;
  return {
    comm: text.slice(open + 1, close),
    parent_pid: number(4),
    pgid: number(5),
    session: number(6),
    tty: number(7) >>> 0,
    start_ticks: number(22),
    is_kernel_thread: (number(9) & PF_KTHREAD) !== 0,
    is_dead: rest[0] === 'Z' || rest[0] === 'X',
    threads: number(20),
  };
}

/** Takes /proc/PID/status apart. */
export function parseStatus(text: string): ProcStatus {
  return {
    uid: second(line(text, 'Uid')),
    gid: second(line(text, 'Gid')),
    vpid: last(line(text, 'NSpid')),
    vpgid: last(line(text, 'NSpgid')),
    cap_inheritable: hex(line(text, 'CapInh')),
    cap_permitted: hex(line(text, 'CapPrm')),
    cap_effective: hex(line(text, 'CapEff')),
  };
}

/**
 * The cgroup path that says most: of the v2 hierarchy, or the first that is not `/`; without any,
 * `/`.
 */
export function parseCgroup(text: string): string {
  let best = '/';
  for (const entry of text.split('\n')) {
    const shown = entry.slice(entry.indexOf(':', entry.indexOf(':') + 1) + 1);
    // Of a process that has ended, whose cgroup was removed.
    const path = shown.endsWith(DELETED) ? shown.slice(0, -DELETED.length) : shown;
    if (path === '' || path === '/') continue;
    if (entry.startsWith('0::')) return path;
    if (best === '/') best = path;
  }
  return best;
}

const scratch = Buffer.alloc(64 * 1024);
const DELETED = ' (deleted)';
const PF_KTHREAD = 0x0020_0000; // include/linux/sched.h

function line(text: string, name: string): string {
  const from = text.indexOf(`\n${name}:\t`);
  if (from < 0) return '';
  const end = text.indexOf('\n', from + 1);
  return text.slice(from + name.length + 3, end < 0 ? undefined : end);
}

// Real, effective, saved, file system: the second is the effective one.
function second(values: string): number {
  return Number(values.split('\t')[1] ?? '') || 0;
}

// One number for each pid namespace, the innermost last.
function last(values: string): number {
  return Number(values.slice(values.lastIndexOf('\t') + 1)) || 0;
}

function hex(digits: string): bigint {
  return /^[0-9a-f]{1,16}$/.test(digits) ? BigInt(`0x${digits}`) : 0n;
}
