// Cursors on the records of a process's life: fork, exec (and what ran before us), rename, exit.

import { exec_record, exit_record, fork_record, rename_record } from '../abi/layout.js';
import type { DecodeCounters } from './cursor.js';
import { TaskCursor } from './task.js';

// In halves, as the process tree keeps times: no bigint per record.
const CLONER_START: number = fork_record.cloner_start_ns;

/** `struct fork_record`; the task part is the child. */
export class ForkCursor extends TaskCursor {
  constructor(counters: DecodeCounters) {
    super(fork_record.size, counters);
  }
  /** CLONE_...; 0 where the hook could not know. */
  get clone_flags(): number | bigint {
    return this.int(fork_record.clone_flags);
  }
  /** Whose copy it is; 0 where nobody said. */
  get cloner_pid(): number {
    return this.u32(fork_record.cloner_pid);
  }
  get cloner_start_low(): number {
    return this.u32(CLONER_START);
  }
  get cloner_start_high(): number {
    return this.u32(CLONER_START + 4);
  }
}

/** `struct exec_record`: a task replaced its program, or a process that was there before us. */
export class ExecCursor extends TaskCursor {
  constructor(counters: DecodeCounters) {
    super(exec_record.size, counters);
  }
  get inode(): bigint {
    return this.u64(exec_record.inode);
  }
  get ctime_ns(): bigint {
    return this.u64(exec_record.ctime_ns);
  }
  get mtime_ns(): bigint {
    return this.u64(exec_record.mtime_ns);
  }
  /** Boot time when the init process of its pid namespace started. */
  get pid_ns_start_ns(): bigint {
    return this.u64(exec_record.pid_ns_start_ns);
  }
  get dev(): number {
    return this.u32(exec_record.dev);
  }
  get mode(): number {
    return this.u32(exec_record.mode);
  }
  get old_tid(): number {
    return this.u32(exec_record.old_tid);
  }
  get exe_flags(): number {
    return this.u32(exec_record.exe_flags);
  }
  get argc(): number {
    return this.u32(exec_record.argc);
  }
  /** `undefined` where the kernel could not tell, as for all texts below. */
  get exe(): string | undefined {
    return this.text(exec_record.exe);
  }
  get filename(): string | undefined {
    return this.text(exec_record.filename);
  }
  get cwd(): string | undefined {
    return this.text(exec_record.cwd);
  }
  /** NUL between the arguments; `splitArguments` takes it apart. */
  get argv(): string | undefined {
    return this.text(exec_record.argv);
  }
  /** NUL between the entries. */
  get env(): string | undefined {
    return this.text(exec_record.env);
  }
  get cgroup(): string | undefined {
    return this.text(exec_record.cgroup);
  }
}

/** `struct exit_record`: the last thread of a process ended. */
export class ExitCursor extends TaskCursor {
  constructor(counters: DecodeCounters) {
    super(exit_record.size, counters);
  }
  get exit_code(): number {
    return this.u32(exit_record.exit_code);
  }
  get exit_signal(): number {
    return this.u32(exit_record.exit_signal);
  }
  get core_dumped(): boolean {
    return this.u32(exit_record.core_dumped) !== 0;
  }
  get reaper_pid(): number {
    return this.u32(exit_record.reaper_pid);
  }
  get reaper_start_ns(): bigint {
    return this.u64(exit_record.reaper_start_ns);
  }
}

/** `struct rename_record`: a process got another name without exec; `comm` is the new one. */
export class RenameCursor extends TaskCursor {
  constructor(counters: DecodeCounters) {
    super(rename_record.size, counters);
  }
}

/**
 * Takes an argument area apart.
 *
 * @param area NUL between the entries, with or without one after the last
 * @param count how many there were, 0 when not known: then one NUL at the end closes the last entry
 */
export function splitArguments(area: string, count: number): string[] {
  if (area === '' && count !== 1) return [];
  const parts = area.split('\0');
  const closed = count > 0 ? parts.length > count : parts.length > 1;
  if (closed && parts[parts.length - 1] === '') parts.pop();
  return parts;
}

/** The entries of an area from one on, joined with blanks: `splitArguments(area, count).slice(from).join(' ')`. */
export function joinArguments(area: string, count: number, from: number): string {
  if (area === '') return '';
  const isClosed = area.endsWith('\0') && countOfNuls(area, count) >= Math.max(count, 1);
  let start = 0;
  for (let left = from; left > 0; left -= 1) {
    start = area.indexOf('\0', start) + 1;
    if (start === 0) return '';
  }
  const end = isClosed ? area.length - 1 : area.length;
  return start > end ? '' : area.slice(start, end).replace(NULS, ' ');
}

// Up to `most`, which is 1 at least.
function countOfNuls(area: string, most: number): number {
  let count = 0;
  for (let at = area.indexOf('\0'); at >= 0; at = area.indexOf('\0', at + 1)) {
    count += 1;
    if (count >= most) break;
  }
  return count;
}

const NULS = /\0/g;
