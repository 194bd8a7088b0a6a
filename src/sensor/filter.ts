// The kernel filter as the sensor keeps it: which plan is in force, what the kernel is told of processes,
// and when it must not filter.
import { abi_limit, exit_record, record_header, record_kind } from '../abi/layout.js';
import type { SensorObject } from '../bpf/sensor-object.js';
import type { Event } from '../decode/event.js';
import type { Enricher } from '../enrich/enricher.js';
import { Process } from '../enrich/process.js';
import type { OpenClauses } from '../match/clauses.js';
import type { ClauseBits } from '../plan/kernel-plan.js';
import { ProcessPlanner } from '../plan/process.js';
import { ProcessEntries } from '../plan/process-entry.js';
import { FilterTables } from '../plan/push.js';
import { FilterProcesses } from './filter-processes.js';
import type { FilterStats, PreparedPlan } from './protocol.js';
import { calls } from './types.js';

/** The part of the sensor that keeps the kernel from sending what nobody wants. */
export class SensorFilter {
  readonly #tables: FilterTables;
  readonly #processes: FilterProcesses;
  readonly #entries: ProcessEntries;
  /** Of the last plan that the kernel took. */
  #number = 0;
  #plan: PreparedPlan | undefined;
  /** That the rules name. */
  #types: ReadonlySet<number> = new Set();
  #tapped: ReadonlySet<number> = new Set();
  readonly #open: OpenClauses = new Uint32Array(2 * abi_limit.CLAUSE_WORDS);

  constructor(
    private readonly object: SensorObject,
    private readonly enricher: Enricher,
    /** Asks for a plan that fits what has changed. */
    private readonly replan: (reason: string) => void,
  ) {
    this.#tables = new FilterTables(object);
    this.#entries = new ProcessEntries(object.object.map('process_bits'), object.control);
    this.#processes = new FilterProcesses({
      entries: this.#entries,
      living: () => enricher.tree.living(),
      epochNow: () => object.control.epoch,
    });
  }

  /** The number of the plan in force, 0 without one: records of another were judged by other rules. */
  get plan(): number {
    return this.#plan === undefined ? 0 : this.#number;
  }

  /** Time until something is to be told to the kernel, at most `limit_ms`. */
  pause_ms(limit_ms: number): number {
    return this.#processes.pause_ms(limit_ms);
  }

  /**
   * Has the kernel send what rules want: by their plan, or whatever is of their types without one.
   *
   * @throws BpfError when the kernel refuses; then everything is as before
   */
  use(plan: PreparedPlan | undefined, types: ReadonlySet<number>): void {
    if (plan === undefined) this.#useNone(types);
    else this.#usePlan(plan);
    this.#types = types;
  }

  /**
   * Has the kernel send all events of these types besides.
   *
   * @throws BpfError when the kernel refuses a program
   */
  tap(types: ReadonlySet<number>): void {
    const tapped = new Set(calls(types));
    const wanted = this.#plan === undefined ? calls(this.#types) : this.#plan.kernel.types.keys();
    // What is not tapped any more is filtered before it is not sent any more.
    this.object.want([...wanted, ...tapped]);
    this.object.control.unfiltered = tapped;
    this.#tapped = tapped;
  }

  /** After a record was taken by the enricher. */
  take(kind: number, memory: Buffer, offset: number, event: Event | undefined): void {
    if (kind === record_kind.RECORD_CALL) {
      if (event?.process instanceof Process) {
        const { process, task } = event;
        this.#processes.note(process, task.tid, task.uid);
      }
      return;
    }
    const process = this.enricher.process_of_record;
    if (process === undefined || kind === record_kind.RECORD_TASK) return;
    const epoch = memory.readBigUInt64LE(offset + exit_record.epoch);
    this.#processes.changed(kind, process, epoch, this.enricher.cloner_of_record);
  }

  /**
   * The clauses that the record of an event left open; `undefined`: all, because it is of another
   * plan or of none. The next call overwrites it.
   */
  openOf(event: Event, memory: Buffer, offset: number): OpenClauses | undefined {
    if (event.call === undefined || this.#plan === undefined) return undefined;
    if (event.task.plan !== this.#number) return undefined;
    const first = offset + record_header.clauses.at;
    for (let word = 0; word < this.#open.length; word++)
      this.#open[word] = memory.readUInt32LE(first + 4 * word);
    return this.#open;
  }

  /** Tells the kernel of processes that changed; to be called after each look at the ring. */
  work(): void {
    this.#processes.work();
  }

  /** To be called from time to time: plans that the host has outlived are not used. */
  check(): void {
    if (this.#plan === undefined || this.#plan.accounts === this.enricher.users.hostMark()) return;
    this.use(undefined, this.#types);
    this.replan('the accounts of the host changed');
  }

  /** A container's metadata came or changed. */
  learnt(full_id: string): void {
    this.#processes.learnt(full_id);
  }

  /** Records of processes were lost: nothing that rests on ancestors holds until all is read anew. */
  rescan(): void {
    const epoch = this.object.control.raiseEpoch();
    this.enricher.rescan();
    this.#processes.rescanned(epoch);
  }

  stats(): FilterStats {
    return {
      plan: this.plan,
      clauses: this.#plan?.kernel.clause_count ?? 0,
      types: this.#plan?.kernel.types.size ?? this.#types.size,
      omitted: [...this.#tables.omitted],
      processes: { ...this.#entries.counts, waiting: this.#processes.waiting },
    };
  }

  #usePlan(plan: PreparedPlan): void {
    const planner = new ProcessPlanner(plan.clauses, this.enricher);
    // One more each time, also when there was none in between: records of all of them may be in the ring.
    const number = this.#number >= LAST_NUMBER ? 2 : this.#number + 1;
    this.#tables.push(number, plan.kernel, this.#tapped);
    this.#number = number;
    this.#plan = plan;
    const tellCgroup = (id: bigint, bits: ClauseBits) => void this.#tables.tellCgroup(id, bits);
    this.#processes.use({ number, planner, tellCgroup });
  }

  // First more is wanted, then nothing is filtered any more.
  #useNone(types: ReadonlySet<number>): void {
    this.object.want([...calls(types), ...this.#tapped]);
    this.#tables.clear();
    this.#plan = undefined;
    this.#processes.use(undefined);
  }
}

/** Process entries and records carry it in 32 bits; 1 would be in the slot of the one before. */
const LAST_NUMBER = 0xffff_ffff;
