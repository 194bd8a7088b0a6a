// Processes by pid and start time, who is whose child, and the dead for a while.

import type { ExecCursor, ExitCursor, ForkCursor } from '../decode/process.js';
import type { TaskCursor } from '../decode/task.js';
import { Dead } from './dead.js';
import { inherit, living, makeExact, setParent, unlink, withSlash } from './kinship.js';
import { Process, Program, programOf, takeTask } from './process.js';

/** Fills in what is known of a process that no record told about; false: nobody knows. */
export type Discover = (process: Process) => boolean;

export interface ProcessTreeOptions {
  /** Asked for a process seen for the first time, outside of fork and exec. */
  discover?: Discover;
  /** How many dead processes are kept that had children when they ended; 1024 are some 2 MB. */
  dead_limit?: number;
  /** How many others: nothing can name them as a parent any more. */
  childless_limit?: number;
  /** How long they are kept. */
  dead_ms?: number;
  now_ms?: () => number;
}

/**
 * The processes of the host.
 *
 * A process is found by pid and start time, so a pid that was used again never gives the data of
 * its earlier owner. A dead process has no children: they go to the reaper that the kernel named,
 * as in the kernel. So the dead are needed for late events only, and are kept for a bounded time
 * and number; the living are bounded by the kernel. Those without children are most, and kept so briefly
 * that what is known of them dies young: it would fill the old generation of the heap otherwise.
 */
export class ProcessTree {
  private readonly byPid = new Map<number, Process>();
  private readonly discover: Discover;
  private readonly dead_ms: number;
  private readonly now_ms: () => number;
  private readonly deadParents: Dead;
  private readonly deadChildless: Dead;

  constructor(options: ProcessTreeOptions = {}) {
    this.discover = options.discover ?? (() => false);
    this.deadParents = new Dead(options.dead_limit ?? 1024);
    this.deadChildless = new Dead(options.childless_limit ?? 64);
    this.dead_ms = options.dead_ms ?? 30_000;
    this.now_ms = options.now_ms ?? Date.now;
  }

  /** How many processes are held, dead ones included. */
  get size(): number {
    let count = this.byPid.size;
    for (const process of this.byPid.values()) {
      for (let older = process.older; older !== undefined; older = older.older) count += 1;
    }
    return count;
  }

  /** The process that has the pid now, or had it last. */
  latest(pid: number): Process | undefined {
    return this.byPid.get(pid);
  }

  /** The process with that pid that started at that time, given in halves. */
  find(pid: number, start_low: number, start_high: number): Process | undefined {
    let process = this.byPid.get(pid);
    while (process !== undefined && !process.startedAt(start_low, start_high)) {
      process = process.older;
    }
    if (process?.start_is_rounded) makeExact(process, start_low, start_high);
    return process;
  }

  /** A new process: it runs what its parent runs. */
  fork(task: ForkCursor): Process {
    const process =
      this.find(task.pid, task.start_low, task.start_high) ?? this.add(task, undefined);
    const parent = this.parentOf(task);
    // With CLONE_PARENT a process is the copy of another than its parent: runc makes containers so.
    const cloner =
      this.find(task.cloner_pid, task.cloner_start_low, task.cloner_start_high) ?? parent;
    if (cloner !== undefined) {
      inherit(process, cloner);
      process.uncertain = cloner.uncertain;
    }
    process.comm = task.comm;
    takeTask(process, task);
    if (process.vpid === 1) process.pid_ns_start_ns = process.start_ns;
    setParent(process, parent);
    return process;
  }

  /**
   * A process that was there before us (`RECORD_TASK`); one that we know already stays as it is. These come
   * by pid, so where pids have wrapped a child comes before its parent: that one is entered with nothing
   * known of it, and has all from its own record.
   */
  task(exec: ExecCursor): Process {
    const found = this.find(exec.pid, exec.start_low, exec.start_high);
    if (found?.program.argv_area !== undefined) return found;
    return this.ran(exec, (parent) => {
      parent.known = false;
      return true;
    });
  }

  /** A process replaced its program. */
  exec(exec: ExecCursor): Process {
    return this.ran(exec, this.discover);
  }

  private ran(exec: ExecCursor, discover: Discover): Process {
    const found = this.find(exec.pid, exec.start_low, exec.start_high);
    const process = found ?? this.add(exec, undefined);
    process.known = true;
    process.uncertain = false;
    process.program = programOf(exec);
    process.comm = exec.comm;
    process.cwd = withSlash(exec.cwd) ?? process.cwd;
    const cgroup = exec.cgroup;
    if (cgroup !== undefined) {
      // The text stays the object that its container was found by: two objects would be compared byte
      // by byte for every event.
      if (process.cgroup !== cgroup) process.cgroup = cgroup;
      process.cgroup_id = exec.cgroup_id;
    }
    process.pid_ns_start_ns = exec.pid_ns_start_ns;
    takeTask(process, exec);
    setParent(process, this.parentOf(exec, discover));
    return process;
  }

  /** A process ended; its children go to the reaper. */
  exit(task: ExitCursor): Process {
    const process = this.touch(task);
    if (process.ended_ms !== 0) return process;
    const reaper = this.byPid.get(task.reaper_pid);
    const heir = reaper?.start_ns === task.reaper_start_ns ? reaper : undefined;
    this.bury(process, heir);
    return process;
  }

  /**
   * The process of an event; brings what can change without a record up to date: parent, comm,
   * session and groups.
   */
  touch(task: TaskCursor): Process {
    const pid = task.pid;
    const found = this.find(pid, task.start_low, task.start_high);
    const process = found ?? this.add(task, this.discover);
    if (process.exec_low !== task.exec_low) this.missedExec(process, task);
    if (task.tid === pid && !task.commIs(process.comm)) process.comm = task.comm;
    process.session = task.session;
    process.pgid = task.pgid;
    process.vpgid = task.vpgid;
    const parent_pid = task.parent_pid;
    const parent = process.parent;
    const isSame =
      parent === undefined
        ? parent_pid === 0
        : parent.pid === parent_pid &&
          parent.startedAt(task.parent_start_low, task.parent_start_high);
    // A dead process keeps the parent it had: nobody took it over.
    if (!isSame && process.ended_ms === 0) setParent(process, this.parentOf(task));
    return process;
  }

  /** Adds a process that a look at /proc found, unless it is there already. */
  adopt(process: Process, parent_pid: number): Process {
    const present = this.byPid.get(process.pid);
    if (present?.startedAt(process.start_low, process.start_high)) return present;
    this.insert(process);
    const parent = this.byPid.get(parent_pid);
    if (parent !== process) setParent(process, parent);
    return process;
  }

  /** Links a process to its parent once both are there; for a scan, which finds them in any order. */
  link(pid: number, parent_pid: number): void {
    const process = this.byPid.get(pid);
    const parent = this.byPid.get(parent_pid);
    if (process !== undefined && process !== parent) setParent(process, parent);
  }

  /**
   * Ends every process that is not alive any more: after records were lost.
   *
   * @returns how many there were
   */
  sweep(isAlive: (process: Process) => boolean): number {
    let count = 0;
    for (const process of [...this.byPid.values()]) {
      if (process.ended_ms !== 0 || isAlive(process)) continue;
      this.bury(process, undefined);
      count += 1;
    }
    return count;
  }

  /** All processes that live. */
  *living(): Generator<Process> {
    for (const process of this.byPid.values()) if (process.ended_ms === 0) yield process;
  }

  private parentOf(task: TaskCursor, discover = this.discover): Process | undefined {
    const pid = task.parent_pid;
    if (pid === 0 || pid === task.pid) return undefined;
    const low = task.parent_start_low;
    const high = task.parent_start_high;
    const found = this.find(pid, low, high);
    if (found !== undefined) return found;
    const parent = new Process(pid, low, high, new Program());
    if (!discover(parent)) return undefined;
    this.insert(parent);
    return parent;
  }

  private add(task: TaskCursor, discover: Discover | undefined): Process {
    const process = new Process(task.pid, task.start_low, task.start_high, new Program());
    process.known = discover?.(process) ?? true;
    // Seen for the first time in the middle of its life: the record of its fork was lost.
    process.uncertain = discover !== undefined;
    process.comm = task.comm;
    takeTask(process, task);
    this.insert(process);
    return process;
  }

  // Records are in order, so a number that is not the last we know of means a lost record of an exec.
  private missedExec(process: Process, task: TaskCursor): void {
    if (process.exec_low !== -1) {
      process.uncertain = true;
      this.discover(process);
    }
    process.exec_low = task.exec_low;
  }

  private insert(process: Process): void {
    const before = this.byPid.get(process.pid);
    if (before !== undefined) {
      // Its exit was lost: nobody can have its pid while it lives.
      if (before.ended_ms === 0) this.bury(before, undefined);
      if (this.byPid.get(process.pid) === before) process.older = before;
    }
    this.byPid.set(process.pid, process);
  }

  private bury(process: Process, heir: Process | undefined): void {
    const named = living(heir) ?? living(this.byPid.get(INIT));
    const fallback = named === process ? undefined : named;
    const hasChildren = process.first_child !== undefined;
    for (let child = process.first_child; child !== undefined; child = process.first_child) {
      const before = process.first_child;
      setParent(child, fallback === child ? undefined : fallback);
      // A heir below the child cannot take it: then nobody is its parent.
      if (process.first_child === before) setParent(child, undefined);
    }
    unlink(process);
    if (hasChildren) process.program = process.program.withoutEnv();
    process.heir = fallback;
    process.ended_ms = this.now_ms();
    const gone = (hasChildren ? this.deadParents : this.deadChildless).add(process);
    if (gone !== undefined) this.forget(gone);
    this.forgetOld(process.ended_ms - this.dead_ms);
  }

  private forgetOld(until_ms: number): void {
    for (const dead of [this.deadParents, this.deadChildless]) {
      for (let old = dead.takeUntil(until_ms); old !== undefined; old = dead.takeUntil(until_ms))
        this.forget(old);
    }
  }

  private forget(process: Process): void {
    const latest = this.byPid.get(process.pid);
    if (latest === process) {
      this.byPid.delete(process.pid);
      return;
    }
    for (let newer = latest; newer !== undefined; newer = newer.older) {
      if (newer.older === process) newer.older = undefined;
    }
  }
}

const INIT = 1;
