// Writes plans into the kernel filter, in an order that never drops a wanted event, and keeps what is not
// part of a plan: known cgroups, and types that somebody wants to see whole.

import { cgroup_key } from '../abi/layout.js';
import { waitForHooks } from '../bpf/libc.js';
import type { SensorObject } from '../bpf/sensor-object.js';
import type { ClauseBits, KernelPlan } from './kernel-plan.js';
import { cgroupEntry, TABLE_MAPS, type TableMap, type Tables } from './tables.js';
import { planTables } from './type-tables.js';

/** A plan that is in force. */
export interface PushedPlan {
  /** The number that its records and process entries carry; never 0. */
  readonly number: number;
  /** Dimensions that the kernel does without for want of room, and why; all bits stay there. */
  readonly omitted: readonly string[];
}

/** What goes with a plan from its first event on. */
export interface PushOptions {
  /** Bits of cgroups whose containers are known. */
  cgroups?: ReadonlyMap<bigint, ClauseBits>;
}

const LAST_NUMBER = 0xffff_ffff;

/**
 * The kernel filter of a loaded object. Without a plan every wanted event is sent, with all clauses.
 *
 * The tables of two plans lie side by side. A plan is written in full beside the one in force, the
 * types of both are wanted, the number is set, hooks that still use the old number are waited for, and
 * then only the new types are wanted. The old tables stay until the plan after.
 */
export class KernelFilter {
  private number = 0;
  private readonly written: [Written[], Written[]] = [[], []];
  private types: ReadonlySet<number> = new Set();
  private tapped: ReadonlySet<number> = new Set();

  constructor(private readonly sensor: SensorObject) {}

  /** Number of the plan in force, 0: none. */
  get plan(): number {
    return this.number;
  }

  /**
   * Puts a plan in force, and loads and attaches what its types need. Takes some ten milliseconds; the
   * thread waits.
   *
   * @throws BpfError when a map is full or the kernel refuses; the plan before stays in force
   */
  push(plan: KernelPlan, options: PushOptions = {}): PushedPlan {
    const number = this.number >= LAST_NUMBER ? 2 : this.number + 1;
    const slot = number & 1;
    const types = new Set(plan.types.keys());
    const { tables, omitted } = planTables(plan, slot, (map) => this.room(map));
    this.empty(slot);
    try {
      for (const map of TABLE_MAPS) this.write(slot, map, tables);
      for (const [id, bits] of options.cgroups ?? []) this.writeCgroup(slot, id, bits);
      this.sensor.want(union(this.sensor.wanted, types, this.tapped));
    } catch (error) {
      this.empty(slot);
      throw error;
    }
    this.sensor.control.plan = number;
    this.number = number;
    this.types = types;
    waitForHooks();
    this.sensor.want(union(types, this.tapped));
    return { number, omitted };
  }

  /** Says which types somebody wants to see whole: all their events are sent, with all clauses. */
  tap(types: ReadonlySet<number>): void {
    const { sensor } = this;
    sensor.control.unfiltered = union(this.tapped, types);
    sensor.want(union(this.types, this.tapped, types));
    this.tapped = new Set(types);
    sensor.want(union(this.types, types));
    sensor.control.unfiltered = types;
  }

  /**
   * Says what the plan in force has for a cgroup.
   *
   * @returns false when the map is full: the cgroup stays unknown, which is sound
   */
  setCgroup(cgroup_id: bigint, bits: ClauseBits): boolean {
    return this.number !== 0 && this.writeCgroup(this.number & 1, cgroup_id, bits);
  }

  /** No plan is in force any more: every wanted event is sent, with all clauses. */
  clear(): void {
    this.sensor.control.plan = 0;
  }

  /** Forgets a cgroup that is gone. */
  deleteCgroup(cgroup_id: bigint): void {
    const [key] = cgroupEntry(this.number & 1, cgroup_id, new BigUint64Array(0));
    this.sensor.object.map('cgroups').delete(key);
  }

  private room(map: TableMap): number {
    return this.sensor.object.map(map).max_entries / 2;
  }

  private write(slot: number, map: TableMap, tables: Tables): void {
    const { keys, values } = tables.of(map);
    const all = Buffer.concat(keys);
    // Arrays are written over, not emptied.
    if (map !== 'types' && map !== 'sets' && map !== 'needles') {
      this.written[slot === 0 ? 0 : 1].push({ map, keys: all });
    }
    this.sensor.object.map(map).putAll(all, Buffer.concat(values));
  }

  private writeCgroup(slot: number, cgroup_id: bigint, bits: ClauseBits): boolean {
    const [key, value] = cgroupEntry(slot, cgroup_id, bits);
    return this.sensor.object.map('cgroups').tryPut(key, value);
  }

  /** Takes out what was written into a slot that no hook reads any more. */
  private empty(slot: number): void {
    const { object } = this.sensor;
    for (const { map, keys } of this.written[slot === 0 ? 0 : 1].splice(0)) {
      object.map(map).deleteAll(keys);
    }
    const cgroups = object.map('cgroups');
    for (const key of [...cgroups.walk()]) {
      if (key.readUInt32LE(cgroup_key.slot) === slot) cgroups.delete(key);
    }
  }
}

interface Written {
  map: TableMap;
  keys: Buffer;
}

function union(...sets: readonly ReadonlySet<number>[]): Set<number> {
  return new Set(sets.flatMap((set) => [...set]));
}
