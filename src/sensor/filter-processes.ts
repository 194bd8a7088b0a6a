// What the kernel filter is told of processes and cgroups, and when: after exec, and when something that
// it was made from has changed. Until then the kernel takes a process for one that may match anything
// that its other facts allow, so that being late costs events that nobody wants, never an alert.
import { abi_limit, record_kind } from '../abi/layout.js';
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
  /** How long a program must have run to be told of; left out: 50. */
  patience_ms?: number;
}

/** How many processes wait at most: behind a storm of forks none of them would be told in time. */
const MAX_WAITING = 4096;
/**
 * Most programs that are started in numbers have ended by then, and what is found out of them was for
 * nothing; their events come through meanwhile. With 20 ms a compiler driver was told of at the end of its
 * life: 0.4 ms of the sensor for each, more than its failed searches along PATH take all together. Until a
 * process is told of, the filter takes 0.2 us longer for each failed open of it.
 */
const PATIENCE_MS = 50;
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
  /** Programs that have begun, by the time at which they begin to wait. */
  readonly #young = new Map<Process, number>();
  readonly #patience_ms: number;
  /** The processes that were there when the plan came, as far as they were not looked at. */
  #rest: Iterator<Process> | undefined;
  readonly #cgroups = new Map<number | bigint, ContainerView>();
  readonly #renewed = new Map<Process, number>();

  constructor(private readonly options: ProcessesOptions) {
    this.#epochs = new Epochs(options.epochNow());
    this.#patience_ms = options.patience_ms ?? PATIENCE_MS;
  }

  /** Processes and cgroups that wait to be told. */
  get waiting(): number {
    return this.#waiting.size + this.#young.size;
  }

  /** Time until there is something to do, at most `limit_ms`. */
  pause_ms(limit_ms: number): number {
    if (this.#plan === undefined) return limit_ms;
    if (this.#waiting.size > 0 || this.#rest !== undefined) return 0;
    for (const due_ms of this.#young.values())
      return Math.min(limit_ms, Math.max(0, Math.ceil(due_ms - performance.now())));
    return limit_ms;
  }

  /** From now on entries are made for this plan; `undefined`: none are wanted. */
  use(plan: ToldPlan | undefined): void {
    this.#plan = plan;
    this.#waiting.clear();
    this.#young.clear();
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
  changed(kind: number, process: Process, epoch: bigint, cloner?: Process): void {
    this.#epochs.take(epoch);
    if (this.#plan === undefined) return;
    switch (kind) {
      case record_kind.RECORD_EXEC:
        process.told = undefined;
        this.#begun(process);
        break;
      case record_kind.RECORD_FORK:
        this.#forked(process, cloner);
        break;
      case record_kind.RECORD_RENAME:
        this.#want(process);
        break;
      case record_kind.RECORD_EXIT:
        this.#waiting.delete(process);
        this.#young.delete(process);
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
    if (this.#holds(process, this.#plan.number)) return;
    if (this.#waiting.has(process) || this.#young.has(process)) return;
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
    if (this.#young.size > 0) this.#grow();
    let left = PER_ROUND;
    for (const process of this.#waiting) {
      if (left === 0) break;
      this.#waiting.delete(process);
      if (this.#tell(process, plan)) left -= 1;
    }
    while (left > 0 && this.#rest !== undefined) {
      const { value: process, done } = this.#rest.next();
      if (done === true) this.#rest = undefined;
      else if (!isToldOf(process, plan.number) && this.#tell(process, plan)) left -= 1;
    }
  }

  #want(process: Process): void {
    if (this.#young.has(process)) return; // it will be told as it is then
    if (this.#waiting.size < MAX_WAITING) this.#waiting.add(process);
  }

  #begun(process: Process): void {
    this.#waiting.delete(process);
    this.#young.delete(process); // to be the last
    if (this.#young.size < MAX_WAITING)
      this.#young.set(process, performance.now() + this.#patience_ms);
  }

  #grow(): void {
    const now_ms = performance.now();
    for (const [process, due_ms] of this.#young) {
      if (due_ms > now_ms) return;
      this.#young.delete(process);
      this.#want(process);
    }
  }

  // A copy uses what the kernel finds at its parent, when that is there; most call exec before.
  #forked(process: Process, cloner: Process | undefined): void {
    const above = cloner?.told;
    const generations = above !== undefined && 'generations' in above ? above.generations + 1 : 1;
    if (cloner === undefined || process.parent !== cloner || generations > abi_limit.MAX_COPIES) {
      this.#want(process);
      return;
    }
    process.told = {
      cloner_pid: cloner.pid,
      cloner_start_low: cloner.start_low,
      cloner_start_high: cloner.start_high,
      generations,
    };
  }

  // Whether the kernel finds an entry for it that holds as a whole, as `process_bits_of` looks for it.
  #holds(process: Process, plan: number): boolean {
    let at = process;
    for (let level = 0; level <= abi_limit.MAX_COPIES; level += 1) {
      const { told, parent } = at;
      // Its entry is about to be written.
      if (told === undefined) return level > 0 && (this.#waiting.has(at) || this.#young.has(at));
      if (!('generations' in told))
        return (
          told.plan === plan &&
          (level === 0 || told.is_written) &&
          told.exec_low === process.exec_low &&
          told.uid === process.uid &&
          told.comm === process.comm &&
          told.cgroup_id === process.cgroup_id &&
          (told.epoch === undefined || told.epoch === this.#epochs.seen)
        );
      if (
        parent === undefined ||
        parent.pid !== told.cloner_pid ||
        parent.start_low !== told.cloner_start_low ||
        parent.start_high !== told.cloner_start_high ||
        parent.exec_low !== process.exec_low ||
        parent.comm !== process.comm
      )
        return false;
      at = parent;
    }
    return false;
  }

  /** False when there was nothing to do. */
  #tell(process: Process, plan: ToldPlan): boolean {
    if (process.ended_ms !== 0) return false;
    const { exec_low, uid, comm, cgroup_id, container } = process;
    if (container !== undefined) this.#tellCgroup(cgroup_id, container, plan);
    // Of what nobody is certain nothing is said: the next scan, or its next exec, makes it so.
    const certain = process.known && !process.uncertain && !process.start_is_rounded;
    const is = { plan: plan.number, exec_low, uid, comm, cgroup_id };
    if (!certain || exec_low < 0) {
      process.told = { ...is, epoch: undefined, is_written: false };
      return false;
    }
    const bits = plan.planner.bits(process);
    const epoch = bits.uses_ancestors ? this.#epochs.seen : undefined;
    const is_written = this.options.entries.write(process.pid, {
      start_ns: process.start_ns,
      exec_id: BigInt(exec_low),
      cgroup_id: BigInt(cgroup_id),
      epoch: epoch ?? NO_EPOCH,
      plan: plan.number,
      uid,
      comm,
      bits,
    });
    process.told = { ...is, epoch, is_written };
    return true;
  }

  #tellCgroup(id: number | bigint, container: ContainerView, plan: ToldPlan): void {
    if (id === 0 || id === V2_ROOT || this.#cgroups.get(id) === container) return;
    if (this.#cgroups.size >= MAX_CGROUPS) return;
    this.#cgroups.set(id, container);
    plan.tellCgroup(BigInt(id), plan.planner.containerBits(container));
  }
}

function isToldOf({ told }: Process, plan: number): boolean {
  return told !== undefined && 'plan' in told && told.plan === plan;
}
