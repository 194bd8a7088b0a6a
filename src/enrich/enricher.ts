// The stage itself: a record comes in, state is brought up to date, the event to match comes out.

import { hostname } from 'node:os';
import { event_type, record_kind } from '../abi/layout.js';
import { CallCursor } from '../decode/call.js';
import { DecodeCounters } from '../decode/cursor.js';
import { type Account, Event, type ProcessView, type Surroundings } from '../decode/event.js';
import { claimedPath } from '../decode/fd-fields.js';
import { Group, groupOf } from '../decode/network.js';
import { ExecCursor, ExitCursor, ForkCursor, RenameCursor } from '../decode/process.js';
import type { TaskCursor } from '../decode/task.js';
import { DIRECTORY_CHANGES, EXECVE, EXECVEAT } from '../decode/types.js';
import { VerdictCursor } from '../decode/verdict.js';
import { CgroupPaths } from './cgroup-paths.js';
import { Containers, type MetadataSource } from './container.js';
import { HostNames } from './host-names.js';
import { withSlash } from './kinship.js';
import { LocalAddresses } from './local-addresses.js';
import { Peers } from './peers.js';
import type { Process } from './process.js';
import { ProcessScan } from './process-scan.js';
import { ProcessTree } from './process-tree.js';
import { UserNames } from './user.js';

export interface EnricherOptions {
  /** Added to CLOCK_BOOTTIME gives CLOCK_REALTIME; see `setClock`. */
  boot_epoch_ns: bigint;
  host_name?: string;
  /** False for records of another host or time: nothing is looked up here. */
  is_live?: boolean;
  users?: UserNames;
  addresses?: LocalAddresses;
  metadata?: MetadataSource;
  scan?: ProcessScan;
  tree?: ProcessTree;
}

/**
 * Decodes records, keeps the state of processes, and hands out events.
 *
 * State first, rules second: when `take` returns, the process is what the record made of it.
 */
export class Enricher implements Surroundings {
  readonly counters = new DecodeCounters();
  readonly tree: ProcessTree;
  readonly containers: Containers;
  readonly scan: ProcessScan;
  readonly host_names = new HostNames();
  /** Of the record that was taken last; `undefined` when it made no sense. */
  process_of_record: Process | undefined;
  /** Of the record of a fork: whose copy the process is. */
  cloner_of_record: Process | undefined;
  readonly users: UserNames;
  private readonly addresses: LocalAddresses;
  private readonly peers = new Peers();
  private readonly cgroups: CgroupPaths;
  private readonly is_live: boolean;
  private readonly event = new Event();
  private readonly fork = new ForkCursor(this.counters);
  private readonly exec = new ExecCursor(this.counters);
  private readonly exit = new ExitCursor(this.counters);
  private readonly renamed = new RenameCursor(this.counters);
  private readonly call = new CallCursor(this.counters);
  /** Of the record that was taken last, where that was a verdict. */
  readonly verdict = new VerdictCursor(this.counters);

  constructor(options: EnricherOptions) {
    this.is_live = options.is_live ?? true;
    this.scan = options.scan ?? new ProcessScan();
    const discover = (process: Process) => this.scan.discover(process);
    const cgroupNow = (process: Process) => this.scan.cgroupNow(process);
    this.cgroups = new CgroupPaths(this.is_live ? cgroupNow : undefined);
    this.tree = options.tree ?? new ProcessTree(this.is_live ? { discover } : {});
    this.containers = new Containers(options.metadata);
    this.users = options.users ?? new UserNames();
    this.addresses = options.addresses ?? new LocalAddresses();
    this.event.surroundings = this;
    this.event.boot_epoch_ns = options.boot_epoch_ns;
    this.event.host_name = options.host_name ?? hostname();
  }

  /** The clock was set: times since 1970 follow. */
  setClock(boot_epoch_ns: bigint): void {
    this.event.boot_epoch_ns = boot_epoch_ns;
  }

  /** The next event's number will be one more than this. */
  get event_count(): number {
    return this.event.num;
  }

  /**
   * Takes one record.
   *
   * @param kind `enum record_kind`
   * @param memory holds the record at `offset`; the same object for every record of a ring
   * @returns the event to match, valid until the next call; `undefined` when the record changed
   *   state only, or made no sense (counted)
   */
  take(kind: number, memory: Buffer, offset: number, length: number): Event | undefined {
    this.process_of_record = undefined;
    switch (kind) {
      case record_kind.RECORD_CALL:
        if (!this.call.bind(memory, offset, length)) return undefined;
        return this.takeCall();
      case record_kind.RECORD_VERDICT:
        if (!this.verdict.bind(memory, offset, length)) return undefined;
        return this.takeVerdict();
      case record_kind.RECORD_EXEC:
        if (!this.exec.bind(memory, offset, length)) return undefined;
        return this.takeExec();
      case record_kind.RECORD_FORK:
        if (!this.fork.bind(memory, offset, length)) return undefined;
        this.takeFork();
        return undefined;
      case record_kind.RECORD_TASK:
        if (this.exec.bind(memory, offset, length)) this.begun(this.tree.task(this.exec));
        return undefined;
      case record_kind.RECORD_RENAME:
        if (!this.renamed.bind(memory, offset, length)) return undefined;
        this.settle(this.tree.touch(this.renamed), this.renamed);
        return undefined;
      case record_kind.RECORD_EXIT:
        if (!this.exit.bind(memory, offset, length)) return undefined;
        return this.takeExit();
      default:
        this.counters.malformed_records += 1;
        return undefined;
    }
  }

  /** After the task iterator has run: what its records could not carry comes from /proc. */
  completeFromProc(): void {
    if (!this.is_live) return;
    this.scan.complete(this.tree);
    for (const process of this.tree.living()) this.attach(process);
  }

  /** Without a task iterator: everything comes from /proc. Returns how many processes there were. */
  fillFromProc(uncertain = false): number {
    const count = this.scan.fill(this.tree, uncertain);
    for (const process of this.tree.living()) this.attach(process);
    return count;
  }

  /** After records of processes were lost: ends those that are gone, adds those that are new. */
  rescan(): void {
    if (!this.is_live) return;
    this.tree.sweep((process) => this.scan.refresh(process));
    this.fillFromProc(true);
  }

  user(uid: number, process: ProcessView): Account | undefined {
    return this.users.user(uid, process);
  }

  group(gid: number, process: ProcessView): string | undefined {
    return this.users.group(gid, process);
  }

  process(pid: number): ProcessView | undefined {
    return this.tree.latest(pid);
  }

  isLocalAddress(address: string): boolean {
    return this.addresses.has(address);
  }

  hostNames(address: string): readonly string[] {
    return this.host_names.of(address);
  }

  private takeFork(): void {
    const { fork, tree } = this;
    this.cloner_of_record = tree.find(
      fork.cloner_pid,
      fork.cloner_start_low,
      fork.cloner_start_high,
    );
    this.settle(tree.fork(fork), fork);
  }

  private takeCall(): Event {
    const { call, event } = this;
    const process = this.settle(this.tree.touch(call), call);
    this.begin(call, process, call.type);
    event.call = call;
    event.exec = undefined;
    event.exit = undefined;
    const group = groupOf(call.type);
    event.peer_changed =
      (group === Group.SEND || group === Group.RECEIVE) && this.peers.changed(call);
    if (DIRECTORY_CHANGES.has(call.type) && call.ret === 0) this.changeDirectory(process);
    return event;
  }

  // Nothing was done yet: no state follows from it.
  private takeVerdict(): Event {
    const { verdict, event } = this;
    this.begin(verdict, this.settle(this.tree.touch(verdict), verdict), verdict.type);
    event.call = verdict;
    event.exec = undefined;
    event.exit = undefined;
    event.peer_changed = false;
    return event;
  }

  private takeExec(): Event {
    const { exec, event } = this;
    // The kernel's records do not say which of the two calls it was; those of a scenario may.
    const type = exec.type === EXECVEAT ? exec.type : EXECVE;
    this.begin(exec, this.begun(this.tree.exec(exec)), type);
    event.call = undefined;
    event.exec = exec;
    event.exit = undefined;
    event.peer_changed = false;
    return event;
  }

  private takeExit(): Event {
    const { exit, event } = this;
    this.begin(exit, this.settle(this.tree.exit(exit), exit), event_type.EVENT_EXIT);
    event.call = undefined;
    event.exec = undefined;
    event.exit = exit;
    event.peer_changed = false;
    return event;
  }

  private begin(task: TaskCursor, process: Process, type: number): void {
    const event = this.event;
    const time = task.time;
    event.previous_time = event.num === 0 ? time : event.current_time;
    if (event.num === 0) event.first_time_ns = task.time_ns;
    event.current_time = time;
    event.advance();
    event.type = type;
    event.task = task;
    event.process = process;
  }

  // Its record said both, the number of the cgroup and the path.
  private begun(process: Process): Process {
    const id = this.exec.cgroup_id;
    if (!this.cgroups.knows(id)) this.cgroups.learn(id, this.exec.cgroup);
    return this.settle(process, this.exec);
  }

  // A process may be moved to another cgroup at any time, and so into a container.
  private settle(process: Process, task: TaskCursor): Process {
    this.process_of_record = process;
    if (process.cgroup_id !== task.cgroup_id) this.cgroups.follow(process, task.cgroup_id);
    return this.attach(process);
  }

  /** Sees to it that the process has its container. */
  private attach(process: Process): Process {
    if (process.container_cgroup === process.cgroup) return process;
    if (process.cgroup === '' && this.is_live) process.cgroup = this.scan.cgroupOf(process.pid);
    process.container_cgroup = process.cgroup;
    process.container = this.containers.of(process.cgroup);
    return process;
  }

  // The kernel's path of the new place, where it is there.
  private changeDirectory(process: Process): void {
    const path = this.call.path ?? claimedPath(this.event);
    process.cwd = withSlash(path) ?? process.cwd;
  }
}
