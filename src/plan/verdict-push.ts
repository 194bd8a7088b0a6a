// Writes plans of verdicts into the kernel's tables: beside those in force, which go on until the number of
// the new plan is set.

import { abi_limit, verdict_count, type verdict_place } from '../abi/layout.js';
import { waitForHooks } from '../bpf/libc.js';
import { possibleCpus, u32Key } from '../bpf/map.js';
import type { SensorObject } from '../bpf/sensor-object.js';
import { BpfError } from '../errors.js';
import { Entries, type EntryMap, encoded, type Spared } from './verdict-encode.js';
import type { VerdictPlan } from './verdict-plan.js';

/** What came of one clause, see `struct verdict_count`. */
export type VerdictCount = Record<Exclude<keyof typeof verdict_count, 'size'>, bigint>;

/** The tables of a loaded object. Without a plan nothing is denied. */
export class VerdictTables {
  #number = 0;
  /** Keys that were written, by slot. */
  readonly #written: readonly [Written[], Written[]] = [[], []];

  constructor(private readonly sensor: SensorObject) {}

  /** Where the tables of the next plan will be. */
  get next_slot(): number {
    return this.#number >= LAST_NUMBER ? 0 : (this.#number + 1) & 1;
  }

  /** The number of the plan in force, 0: none. */
  get number(): number {
    return this.#number;
  }

  /**
   * Puts a plan in force, whose programs are loaded and attached; counts begin at zero.
   *
   * @param agent is never denied anything
   * @param limits by clause the place of its rule in map kill_limits
   * @returns the number of the plan
   * @throws BpfError when a map is full; the plan before stays in force
   */
  push(plan: VerdictPlan, agent: Spared, limits: readonly number[] = []): number {
    const { object, control } = this.sensor;
    const number = this.#number >= LAST_NUMBER ? 2 : this.#number + 1;
    const slot = number & 1;
    const entries = new Entries(slot);
    const value = encoded(plan, entries, agent, limits);
    this.#empty(slot);
    try {
      for (const [map, { keys, values }] of entries.maps) {
        const all = Buffer.concat(keys);
        this.#written[slot === 0 ? 0 : 1].push({ map, keys: all });
        if (keys.length > object.map(map).max_entries / 2)
          throw new BpfError('BPF_MAP', `map ${map} has no room for ${keys.length} entries`);
        object.map(map).putAll(all, Buffer.concat(values));
      }
      this.#resetCounts(slot);
      object.map('verdict_plans').put(u32Key(slot), value);
    } catch (error) {
      this.#empty(slot);
      throw error;
    }
    control.verdicts = number;
    this.#number = number;
    waitForHooks();
    return number;
  }

  /** Nothing is denied any more. */
  clear(): void {
    if (this.sensor.control.verdicts === 0) return;
    this.sensor.control.verdicts = 0;
    waitForHooks();
  }

  /** Says where the processes of a cgroup are; until then that is unknown. */
  tellCgroup(cgroup_id: bigint, place: verdict_place): void {
    const key = Buffer.alloc(8);
    key.writeBigUInt64LE(cgroup_id);
    this.sensor.object.map('verdict_cgroups').tryPut(key, u32Key(place));
  }

  /** What came of the clauses of a plan that is in force, or was until the last `push`. */
  counts(number: number): VerdictCount[] {
    const map = this.sensor.object.map('verdict_counts');
    const value = Buffer.alloc(map.transfer_bytes);
    return Array.from({ length: abi_limit.VERDICT_CLAUSES }, (_, clause) => {
      map.get(u32Key((number & 1) * abi_limit.VERDICT_CLAUSES + clause), value);
      return summed(value);
    });
  }

  #resetCounts(slot: number): void {
    const map = this.sensor.object.map('verdict_counts');
    const zero = Buffer.alloc(map.transfer_bytes);
    for (let clause = 0; clause < abi_limit.VERDICT_CLAUSES; clause += 1)
      map.put(u32Key(slot * abi_limit.VERDICT_CLAUSES + clause), zero);
  }

  /** Takes out what was written into a slot that no hook reads any more. */
  #empty(slot: number): void {
    for (const { map, keys } of this.#written[slot === 0 ? 0 : 1].splice(0))
      this.sensor.object.map(map).deleteAll(keys);
  }
}

interface Written {
  map: EntryMap;
  keys: Buffer;
}

function summed(value: Buffer): VerdictCount {
  const count: VerdictCount = {
    denied: 0n,
    audited: 0n,
    error_denied: 0n,
    error_audited: 0n,
    error_allowed: 0n,
    untold: 0n,
    lost: 0n,
    killed: 0n,
    second: 0n,
    told: 0n,
  };
  for (let cpu = 0; cpu < possibleCpus(); cpu += 1)
    for (const name of COUNTED)
      count[name] += value.readBigUInt64LE(cpu * verdict_count.size + verdict_count[name]);
  return count;
}

const COUNTED = [
  'denied',
  'audited',
  'error_denied',
  'error_audited',
  'error_allowed',
  'untold',
  'lost',
  'killed',
] as const;
/** Records carry it in 32 bits; 1 would be in the slot of the one before. */
const LAST_NUMBER = 0xffff_ffff;
