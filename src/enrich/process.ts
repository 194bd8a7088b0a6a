// One process of the tree: what it is, what it runs, whose child it is.

import type { ContainerView, ProcessView } from '../decode/event.js';
import { NOT_AVAILABLE } from '../decode/event.js';
import type { ExecCursor } from '../decode/process.js';
import { joinArguments, splitArguments } from '../decode/process.js';
import type { TaskCursor } from '../decode/task.js';

/**
 * What a process runs: replaced as a whole by exec, shared by the children of a fork until they
 * exec themselves, so a fork costs no text.
 */
export class Program {
  exe = NOT_AVAILABLE;
  exepath = NOT_AVAILABLE;
  /** NUL between the arguments, argv[0] first; or `undefined` when nobody knows. */
  argv_area: string | undefined;
  argc = 0;
  env_area = '';
  inode = 0n;
  dev = 0;
  ctime_ns = 0n;
  mtime_ns = 0n;
  flags = 0;
  private joined: string | undefined;

  /** The same without the environment, for a dead process that is kept for long: nobody asks it for that. */
  withoutEnv(): Program {
    const program = new Program();
    Object.assign(program, this);
    program.env_area = '';
    return program;
  }

  /** argv[1..] joined with one blank. */
  get args(): string {
    this.joined ??= joinArguments(this.argv_area ?? '', this.argc, 1);
    return this.joined;
  }
  get argv(): readonly string[] {
    return splitArguments(this.argv_area ?? '', this.argc);
  }
  get env(): readonly string[] {
    return splitArguments(this.env_area, 0);
  }
}

/** The facts of a process that the bits in the kernel were made from. */
export interface ToldProcess {
  /** Number of the plan. */
  readonly plan: number;
  readonly exec_low: number;
  readonly uid: number;
  readonly comm: string;
  readonly cgroup_id: number | bigint;
  /** Facts of ancestors as of this epoch; `undefined`: they do not matter. */
  readonly epoch: bigint | undefined;
  /** The kernel has it: it may serve children as well. */
  readonly is_written: boolean;
}

/** A process of which nothing was told, because it can use what its parent's entry has for children. */
export interface CopiedProcess {
  /** Who made it: that one has to be its parent still. */
  readonly cloner_pid: number;
  readonly cloner_start_low: number;
  readonly cloner_start_high: number;
  /** How many generations up there may be an entry. */
  readonly generations: number;
}

/** A process, alive or dead. */
export class Process implements ProcessView {
  readonly pid: number;
  /** Both halves of `start_ns`. */
  start_low: number;
  start_high: number;
  known = true;
  uncertain = false;
  /** Low half of the number of its last exec that we know of; -1: none. */
  exec_low = -1;
  /** Start time came from /proc, which has it in hundredths of a second only. */
  start_is_rounded = false;
  parent: Process | undefined;
  /** Living children, as a list that runs through them. */
  first_child: Process | undefined;
  next_sibling: Process | undefined;
  previous_sibling: Process | undefined;
  child_count = 0;
  /** The dead process that had the pid before, while it is kept. */
  older: Process | undefined;
  /** When it ended by the clock of the tree, 0 while it lives. */
  ended_ms = 0;
  /** Who took over its children when it ended. */
  heir: Process | undefined;
  comm = NOT_AVAILABLE;
  program: Program;
  cwd: string | undefined;
  uid = 0xffff_ffff;
  gid = 0xffff_ffff;
  loginuid = 0xffff_ffff;
  tty = 0;
  session = 0;
  pgid = 0;
  vpid = 0;
  vpgid = 0;
  pid_ns = 0;
  pid_ns_start_ns = 0n;
  mnt_ns = 0;
  cgroup = '';
  /** Number of the v2 cgroup that `cgroup` was found for; 0: not known. */
  cgroup_id: number | bigint = 0;
  container: ContainerView | undefined;
  /** The cgroup that `container` was found by; `undefined`: not looked for yet. */
  container_cgroup: string | undefined;
  /** What the kernel filter was told of it last; kept by whoever tells. */
  told: ToldProcess | CopiedProcess | undefined;
  cap_effective = 0n;
  cap_permitted = 0n;
  cap_inheritable = 0n;

  constructor(pid: number, start_low: number, start_high: number, program: Program) {
    this.pid = pid;
    this.start_low = start_low;
    this.start_high = start_high;
    this.program = program;
  }

  get start_ns(): bigint {
    return (BigInt(this.start_high) << 32n) | BigInt(this.start_low);
  }
  get exe(): string {
    return this.program.exe;
  }
  get exepath(): string {
    return this.program.exepath;
  }
  get args(): string {
    return this.program.args;
  }
  get cmdline(): string {
    const args = this.program.args;
    return args === '' ? this.comm : `${this.comm} ${args}`;
  }
  get argv(): readonly string[] {
    return this.program.argv;
  }
  get env(): readonly string[] {
    return this.program.env;
  }
  get env_area(): string {
    return this.program.env_area;
  }
  get exe_inode(): bigint {
    return this.program.inode;
  }
  get exe_dev(): number {
    return this.program.dev;
  }
  get exe_ctime_ns(): bigint {
    return this.program.ctime_ns;
  }
  get exe_mtime_ns(): bigint {
    return this.program.mtime_ns;
  }
  get exe_flags(): number {
    return this.program.flags;
  }

  /** Whether it is the process that started at that time. */
  startedAt(low: number, high: number): boolean {
    if (this.start_low === low && this.start_high === high) return true;
    return this.start_is_rounded && isSameTick(this, low, high);
  }
}

/** Puts the identity that a record carries into the process. */
export function takeTask(process: Process, task: TaskCursor): void {
  process.exec_low = task.exec_low;
  process.uid = task.uid;
  process.gid = task.gid;
  process.loginuid = task.loginuid;
  process.tty = task.tty;
  process.session = task.session;
  process.pgid = task.pgid;
  process.vpid = task.vpid;
  process.vpgid = task.vpgid;
  process.pid_ns = task.pid_ns || process.pid_ns;
  process.mnt_ns = task.mnt_ns || process.mnt_ns;
  process.cap_effective = task.cap_effective;
  process.cap_permitted = task.cap_permitted;
  process.cap_inheritable = task.cap_inheritable;
}

/** The program of an exec record. */
export function programOf(exec: ExecCursor): Program {
  const program = new Program();
  program.exepath = exec.exe ?? NOT_AVAILABLE;
  program.argv_area = exec.argv;
  program.argc = exec.argc;
  program.exe = firstArgument(program.argv_area) ?? program.exepath;
  program.env_area = exec.env ?? '';
  program.inode = exec.inode;
  program.dev = exec.dev;
  program.ctime_ns = exec.ctime_ns;
  program.mtime_ns = exec.mtime_ns;
  program.flags = exec.exe_flags;
  return program;
}

/** argv[0] of an argument area. */
export function firstArgument(area: string | undefined): string | undefined {
  if (area === undefined || area === '') return undefined;
  const end = area.indexOf('\0');
  return end < 0 ? area : area.slice(0, end);
}

// USER_HZ is 100 on every Linux that Node runs on: /proc rounds to 10 ms.
const TICK_NS = 10_000_000n;

function isSameTick(process: Process, low: number, high: number): boolean {
  const other = (BigInt(high) << 32n) | BigInt(low);
  return process.start_ns / TICK_NS === other / TICK_NS;
}
