// What /proc knows about processes: fills the tree at start, and completes what records lack.

import { abi_limit, exe_flag } from '../abi/layout.js';
import { withSlash } from './kinship.js';
import {
  listPids,
  type ProcStat,
  parseCgroup,
  parseStat,
  parseStatus,
  readNamespace,
  readProc,
  readProcLink,
} from './proc-files.js';
import { firstArgument, Process, Program } from './process.js';
import type { ProcessTree } from './process-tree.js';

/** Look-ups of single processes in a second that a flood of unknown ones cannot exceed. */
const LOOKUPS_PER_S = 200;
const TICK_NS = 10_000_000n; // USER_HZ is 100

/** Reads processes from /proc. */
export class ProcessScan {
  /** Look-ups that were refused because there were too many. */
  refused = 0;
  private readonly root: string;
  private readonly discoveries: Allowance;
  // Of its own: whoever moves processes about must not keep us from knowing others.
  private readonly moves: Allowance;

  /** @param root where proc is mounted */
  constructor(root = '/proc', now_ms: () => number = Date.now) {
    this.root = root;
    this.discoveries = new Allowance(now_ms);
    this.moves = new Allowance(now_ms);
  }

  /**
   * Adds every process that is there and not in the tree, for hosts whose kernel refuses the task
   * iterator.
   *
   * @param uncertain there should have been a record of each
   * @returns how many were added
   */
  fill(tree: ProcessTree, uncertain = false): number {
    const parents: [number, number][] = [];
    for (const pid of listPids(this.root)) {
      const found = this.read(pid);
      if (found === undefined) continue;
      found.process.uncertain = uncertain;
      tree.adopt(found.process, found.parent_pid);
      parents.push([pid, found.parent_pid]);
    }
    // A parent may come after its child when pids have wrapped.
    for (const [pid, parent_pid] of parents) tree.link(pid, parent_pid);
    return parents.length;
  }

  /**
   * Completes the processes whose records came without arguments, environment or directory, and those that
   * are only known as somebody's parent.
   */
  complete(tree: ProcessTree): void {
    for (const process of tree.living()) {
      if (!process.known) this.identify(process, tree);
      else if (process.program.argv_area === undefined) this.completeOne(process);
    }
  }

  /**
   * Fills in a process that was seen for the first time in the middle of its life. Bounded: at most
   * 200 in a second.
   *
   * @returns false when it is gone, is another one by now, or there were too many
   */
  discover(process: Process): boolean {
    if (!this.discoveries.take()) {
      this.refused += 1;
      return false;
    }
    return this.readInto(process) !== undefined;
  }

  /** Whether a process is still there. */
  isAlive(process: Process): boolean {
    return this.statOf(process) !== undefined;
  }

  /**
   * Whether a process is still there, for sweeping after a loss of records; brings its name up to
   * date, which may have changed in a record that was lost.
   */
  refresh(process: Process): boolean {
    const stat = this.statOf(process);
    if (stat === undefined) return false;
    // Names of kernel threads are longer there than comm is.
    if (!stat.is_kernel_thread) process.comm = stat.comm;
    return true;
  }

  private statOf(process: Process): ProcStat | undefined {
    const stat = parseStat(readProc(`${this.root}/${process.pid}/stat`) ?? '');
    if (stat === undefined) return undefined;
    const start = BigInt(stat.start_ticks) * TICK_NS;
    return process.start_ns / TICK_NS === start / TICK_NS ? stat : undefined;
  }

  private identify(process: Process, tree: ProcessTree): void {
    const parent_pid = this.readInto(process);
    if (parent_pid === undefined) return; // it has ended: the record of that is on its way
    process.known = true;
    tree.link(process.pid, parent_pid);
  }

  // The pid of its parent; `undefined` when it is gone, or another one by now.
  private readInto(process: Process): number | undefined {
    const found = this.read(process.pid);
    if (found === undefined || !found.process.startedAt(process.start_low, process.start_high)) {
      return undefined;
    }
    copyInto(process, found.process);
    return found.parent_pid;
  }

  private completeOne(process: Process): void {
    const dir = `${this.root}/${process.pid}`;
    const stat = parseStat(readProc(`${dir}/stat`) ?? '');
    if (stat === undefined) return;
    const program = process.program;
    program.argv_area = readProc(`${dir}/cmdline`, abi_limit.MAX_ARGV_BYTES) ?? '';
    program.argc = 0;
    program.exe = firstArgument(program.argv_area) ?? program.exe;
    if (program.env_area === '') {
      program.env_area = readProc(`${dir}/environ`, abi_limit.MAX_ENV_BYTES) ?? '';
    }
    process.cwd ??= withSlash(readProcLink(`${dir}/cwd`));
    if (process.cgroup === '') process.cgroup = this.cgroupOf(process.pid);
  }

  /** The cgroup path of a process as /proc shows it; `/` where it is gone. */
  cgroupOf(pid: number): string {
    return parseCgroup(readProc(`${this.root}/${pid}/cgroup`) ?? '');
  }

  /**
   * The cgroup path of a process that was moved. Bounded: at most 200 in a second.
   *
   * @returns `undefined` when it is gone, is another one by now, or there were too many
   */
  cgroupNow(process: Process): string | undefined {
    if (!this.moves.take()) {
      this.refused += 1;
      return undefined;
    }
    const text = readProc(`${this.root}/${process.pid}/cgroup`);
    return text === undefined || !this.isAlive(process) ? undefined : parseCgroup(text);
  }

  private read(pid: number): { process: Process; parent_pid: number } | undefined {
    const dir = `${this.root}/${pid}`;
    const stat = parseStat(readProc(`${dir}/stat`) ?? '');
    const status_text = readProc(`${dir}/status`);
    if (stat === undefined || status_text === undefined) return undefined;
    const status = parseStatus(status_text);
    const start_ns = BigInt(stat.start_ticks) * TICK_NS;
    const program = this.readProgram(dir, stat.is_kernel_thread);
    const process = new Process(
      pid,
      Number(start_ns & 0xffff_ffffn),
      Number(start_ns >> 32n),
      program,
    );
    process.start_is_rounded = true;
    process.comm = stat.comm;
    process.pgid = stat.pgid;
    process.session = stat.session;
    process.tty = stat.tty;
    Object.assign(process, status);
    process.vpid ||= pid;
    process.vpgid ||= stat.pgid;
    process.loginuid = Number(readProc(`${dir}/loginuid`) ?? '4294967295');
    process.cwd = withSlash(readProcLink(`${dir}/cwd`));
    process.cgroup = this.cgroupOf(pid);
    process.pid_ns = readNamespace(pid, 'pid', this.root);
    process.mnt_ns = readNamespace(pid, 'mnt', this.root);
    if (process.vpid === 1) process.pid_ns_start_ns = start_ns;
    return { process, parent_pid: stat.parent_pid };
  }

  private readProgram(dir: string, is_kernel_thread: boolean): Program {
    const program = new Program();
    program.argv_area = '';
    if (is_kernel_thread) {
      program.flags = exe_flag.EXE_KERNEL_THREAD;
      program.exe = '';
      program.exepath = '';
      return program;
    }
    program.exepath = readProcLink(`${dir}/exe`) ?? program.exepath;
    program.argv_area = readProc(`${dir}/cmdline`, abi_limit.MAX_ARGV_BYTES) ?? '';
    program.exe = firstArgument(program.argv_area) ?? program.exepath;
    program.env_area = readProc(`${dir}/environ`, abi_limit.MAX_ENV_BYTES) ?? '';
    if (program.exepath.startsWith('/memfd:')) program.flags |= exe_flag.EXE_MEMFD;
    // No stat of the program: a file system that answers from user space could let us wait for
    // ever. So the facts of the inode are those of BPF records only.
    return program;
  }
}

function copyInto(process: Process, found: Process): void {
  process.program = found.program;
  process.comm = found.comm;
  process.cwd = found.cwd;
  process.uid = found.uid;
  process.gid = found.gid;
  process.loginuid = found.loginuid;
  process.tty = found.tty;
  process.session = found.session;
  process.pgid = found.pgid;
  process.vpid = found.vpid;
  process.vpgid = found.vpgid;
  process.pid_ns = found.pid_ns;
  process.pid_ns_start_ns = found.pid_ns_start_ns;
  process.mnt_ns = found.mnt_ns;
  process.cgroup = found.cgroup;
  process.cap_effective = found.cap_effective;
  process.cap_permitted = found.cap_permitted;
  process.cap_inheritable = found.cap_inheritable;
}

// Look-ups by the second.
class Allowance {
  private left = LOOKUPS_PER_S;
  private refilled_ms: number;

  constructor(private readonly now_ms: () => number) {
    this.refilled_ms = now_ms();
  }

  take(): boolean {
    const now_ms = this.now_ms();
    const earned = ((now_ms - this.refilled_ms) * LOOKUPS_PER_S) / 1000;
    if (earned >= 1) {
      this.left = Math.min(LOOKUPS_PER_S, this.left + earned);
      this.refilled_ms = now_ms;
    }
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
