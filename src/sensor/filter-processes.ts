// What the kernel filter is told of processes and cgroups, and when: after exec, and when something that
// it was made from has changed. Until then the kernel takes a process for one that may match anything
// that its other facts allow, so that being late costs events that nobody wants, never an alert.
import { record_kind } from '../abi/layout.js';
import type { ContainerView } from '../decode/event.js';
import type { Process } from '../enrich/process.js';
import { Epochs } from '../plan/epochs.js';
import type { ClauseBits } from '../plan/kernel-plan.js';
import type { ProcessPlanner } from '../plan/process.js';
import { NO_EPOCH, type ProcessEntries } from '../plan/process-entry.js';

/** What is told of one plan. */
export interface ToldPlan {
  readonly number: number;
  readonly planner: Pick<ProcessPlanner, 'bits' | 'containerBits'>;
  /** Writes the bits of a cgroup. */
  tellCgroup(id: bigint, bits: ClauseBits): void;
}

/** What the life cycle needs of its surroundings. */
export interface ProcessesOptions {
  readonly entries: Pick<ProcessEntries, 'write' | 'counts'>;
  /** All processes that live. */
  living(): Iterable<Process>;
  /** `control.epoch`, as it is in the kernel now. */
  epochNow(): bigint;
  /** Boot time. */
  now_ns(): bigint;
}

/** How many processes wait at most: behind a storm of forks none of them would be told in time. */
const MAX_WAITING = 4096;
/** Processes looked at between two looks at the ring: some 2 ms. */
const PER_ROUND = 64;
/** Cgroups told of; more than hosts have at a time. */
const MAX_CGROUPS = 4096;
/** Who changes its name or user all the time is told so often at most. */
const RENEW_MS = 100;
/** The root of the v2 hierarchy: on hybrid hosts processes of all containers are in it. */
const V2_ROOT = 1;

/** Keeps the entries of processes and cgroups up to date. */
export class FilterProcesses {
  #plan: ToldPlan | undefined;
  readonly #epochs: Epochs;
  readonly #waiting = new Set<Process>();
  /** The processes that were there when the plan came, as far as they were not looked at. */
  #rest: Iterator<Process> | undefined;
  readonly #cgroups = new Map<number | bigint, ContainerView>();
  readonly #renewed = new Map<Process, number>();
  /** Told in this round: from its end on, children have copies. */
  readonly #justTold: Process[] = [];

  constructor(private readonly options: ProcessesOptions) {
    this.#epochs = new Epochs(options.epochNow());
  }

  /** Processes and cgroups that wait to be told. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** There is something to do at once. */
  get busy(): boolean {
    return this.#plan !== undefined && (this.#waiting.size > 0 || this.#rest !== undefined);
  }

  /** From now on entries are made for this plan; `undefined`: none are wanted. */
  use(plan: ToldPlan | undefined): void {
    this.#plan = plan;
    this.#waiting.clear();
    this.#renewed.clear();
    this.#cgroups.clear();
    this.#rest = plan === undefined ? undefined : this.options.living()[Symbol.iterator]();
  }

  /**
   * After a record of the life of a process was taken.
   *
   * @param epoch that the record carries
   * @param cloner of a new process: whose copy it is
   */
  changed(kind: number, process: Process, epoch: bigint, time_ns: bigint, cloner?: Process): void {
    this.#epochs.take(epoch);
    if (this.#plan === undefined) return;
    switch (kind) {
      case record_kind.RECORD_EXEC:
        process.told = undefined;
        this.#want(process);
        break;
      case record_kind.RECORD_FORK:
        this.#forked(process, cloner, time_ns);
        break;
      case record_kind.RECORD_RENAME:
        this.#want(process);
        break;
      case record_kind.RECORD_EXIT:
        this.#waiting.delete(process);
        this.#renewed.delete(process);
        break;
      default:
        break;
    }
  }

  /** Looks whether what was told of the process of an event still holds. */
  note(process: Process, tid: number, uid: number): void {
    if (this.#plan === undefined) return;
    if (uid !== process.uid && tid === process.pid) process.uid = uid;
    const { told } = process;
    if (
      told !== undefined &&
      told.plan === this.#plan.number &&
      told.exec_low === process.exec_low &&
      told.uid === process.uid &&
      told.comm === process.comm &&
      told.cgroup_id === process.cgroup_id &&
      (told.epoch === undefined || told.epoch === this.#epochs.seen)
    )
      return;
    if (this.#waiting.has(process)) return;
    const now_ms = performance.now();
    if (now_ms - (this.#renewed.get(process) ?? Number.NEGATIVE_INFINITY) < RENEW_MS) return;
    if (this.#renewed.size > MAX_WAITING) this.#renewed.clear();
    this.#renewed.set(process, now_ms);
    this.#want(process);
  }

  /** Something was learnt of a container. */
  learnt(full_id: string): void {
    if (this.#plan === undefined) return;
    for (const [id, container] of this.#cgroups)
      if (container.full_id === full_id) this.#cgroups.delete(id);
    for (const process of this.options.living())
      if (process.container?.full_id === full_id) {
        process.told = undefined;
        this.#waiting.add(process);
      }
  }

  /** All processes were read anew after records were lost; `epoch` is from before that. */
  rescanned(epoch: bigint): void {
    this.#epochs.restart(epoch);
    for (const process of this.options.living()) process.told = undefined;
    this.use(this.#plan);
  }

  /** Tells of some of those that wait; to be called when the ring was looked at. */
  work(): void {
    const plan = this.#plan;
    if (plan === undefined) return;
    let left = PER_ROUND;
    for (const process of this.#waiting) {
      if (left === 0) break;
      this.#waiting.delete(process);
      if (this.#tell(process, plan)) left -= 1;
    }
    while (left > 0 && this.#rest !== undefined) {
      const { value: process, done } = this.#rest.next();
      if (done === true) this.#rest = undefined;
      else if (process.told?.plan !== plan.number && this.#tell(process, plan)) left -= 1;
    }
    if (this.#justTold.length === 0) return;
    const now_ns = this.options.now_ns();
    for (const process of this.#justTold)
      if (process.told !== undefined) process.told.told_ns = now_ns;
    this.#justTold.length = 0;
  }

  #want(process: Process): void {
    if (this.#waiting.size < MAX_WAITING) this.#waiting.add(process);
  }

  // The kernel gives a copy what the parent keeps for its children, if that was there in time.
  #forked(process: Process, cloner: Process | undefined, time_ns: bigint): void {
    const told = cloner?.told;
    if (told === undefined || told.plan !== this.#plan?.number || process.parent !== cloner) {
      this.#want(process);
      return;
    }
    if (time_ns > told.told_ns && told.exec_low === process.exec_low) process.told = { ...told };
    else this.#want(process);
  }

  /** False when there was nothing to do. */
  #tell(process: Process, plan: ToldPlan): boolean {
    if (process.ended_ms !== 0) return false;
    const { exec_low, uid, comm, cgroup_id, container } = process;
    if (container !== undefined) this.#tellCgroup(cgroup_id, container, plan);
    // Of what nobody is certain nothing is said: the next scan, or its next exec, makes it so.
    const certain = process.known && !process.uncertain && !process.start_is_rounded;
    if (!certain || exec_low < 0) {
      const epoch = undefined;
      process.told = { plan: plan.number, exec_low, uid, comm, cgroup_id, epoch, told_ns: NEVER };
      return false;
    }
    const bits = plan.planner.bits(process);
    const epoch = bits.uses_ancestors ? this.#epochs.seen : undefined;
    process.told = { plan: plan.number, exec_low, uid, comm, cgroup_id, epoch, told_ns: NEVER };
    const written = this.options.entries.write(process.pid, {
      start_ns: process.start_ns,
      exec_id: BigInt(exec_low),
      cgroup_id: BigInt(cgroup_id),
      epoch: epoch ?? NO_EPOCH,
      plan: plan.number,
      uid,
      comm,
      bits,
    });
    if (written) this.#justTold.push(process);
    return true;
  }

  #tellCgroup(id: number | bigint, container: ContainerView, plan: ToldPlan): void {
    if (id === 0 || id === V2_ROOT || this.#cgroups.get(id) === container) return;
    if (this.#cgroups.size >= MAX_CGROUPS) return;
    this.#cgroups.set(id, container);
    plan.tellCgroup(BigInt(id), plan.planner.containerBits(container));
  }
}

// After every fork: its children are no copies with bits.
const NEVER = 0xffff_ffff_ffff_ffffn;
