// Writes plans into the tables of the kernel filter, in an order that never drops a wanted event, and what
// is said of cgroups while a plan is in force.

import { cgroup_key } from '../abi/layout.js';
import { waitForHooks } from '../bpf/libc.js';
import type { SensorObject } from '../bpf/sensor-object.js';
import type { ClauseBits, KernelPlan } from './kernel-plan.js';
import { cgroupEntry, TABLE_ARRAYS, TABLE_MAPS, type TableMap } from './table-entries.js';
import type { Tables } from './tables.js';
import { planTables } from './type-tables.js';

/**
 * The tables of a loaded object. Without a plan every wanted event is sent, with all clauses.
 *
 * The tables of two plans lie side by side, by the lowest bit of their numbers. A plan is written in
 * full beside the one in force, the types of both are wanted, the number is set, hooks that still use
 * the old number are waited for, and then only the new types are wanted. The old tables stay until the
 * plan after.
 */
export class FilterTables {
  /** Dimensions that the kernel does without for want of room, and why: all their bits stay. */
  omitted: readonly string[] = [];
  /** Keys that were written, by slot. */
  private readonly written: readonly [Written[], Written[]] = [[], []];

  constructor(private readonly sensor: SensorObject) {}

  /**
   * Puts a plan in force, and what it wants in the place of what was wanted; loads and attaches what
   * that needs. Takes some ten milliseconds, in which the thread waits.
   *
   * @param number one more than that of the plan before; never 0
   * @param besides system calls that are wanted whatever the plan says
   * @throws BpfError when a map is full or the kernel refuses; the plan before stays in force
   */
  push(number: number, plan: KernelPlan, besides: Iterable<number> = []): void {
    const { sensor } = this;
    const slot = number & 1;
    if (number === 0 || (sensor.control.plan !== 0 && (sensor.control.plan & 1) === slot)) {
      throw new RangeError(`plan ${number} cannot follow plan ${sensor.control.plan}`);
    }
    const wanted = new Set([...plan.types.keys(), ...besides]);
    const { tables, omitted } = planTables(plan, slot, (map) => this.room(map));
    this.empty(slot);
    try {
      for (const map of TABLE_MAPS) this.write(slot, map, tables);
      sensor.want([...sensor.wanted, ...wanted]);
    } catch (error) {
      this.empty(slot);
      throw error;
    }
    sensor.control.plan = number;
    this.omitted = omitted;
    waitForHooks();
    sensor.want(wanted);
  }

  /** No plan is in force any more: every wanted event is sent. */
  clear(): void {
    if (this.sensor.control.plan === 0) return;
    this.sensor.control.plan = 0;
    waitForHooks();
  }

  /**
   * Says what the plan in force has for a cgroup.
   *
   * @returns false when the map is full: the cgroup stays unknown
   */
  tellCgroup(cgroup_id: bigint, bits: ClauseBits): boolean {
    const { sensor } = this;
    if (sensor.control.plan === 0) return false;
    const [key, value] = cgroupEntry(sensor.control.plan & 1, cgroup_id, bits);
    return sensor.object.map('cgroups').tryPut(key, value);
  }

  /** Forgets a cgroup that is gone. */
  forgetCgroup(cgroup_id: bigint): void {
    const { sensor } = this;
    const [key] = cgroupEntry(sensor.control.plan & 1, cgroup_id, new BigUint64Array(0));
    sensor.object.map('cgroups').delete(key);
  }

  private room(map: TableMap): number {
    const { object } = this.sensor;
    return (TABLE_ARRAYS.has(map) ? object.array(map) : object.map(map)).max_entries / 2;
  }

  private write(slot: number, map: TableMap, tables: Tables): void {
    const { keys, values } = tables.of(map);
    // Arrays are written over, not emptied.
    if (TABLE_ARRAYS.has(map)) {
      const array = this.sensor.object.array(map);
      values.forEach((value, i) => {
        array.put(keys[i]?.readUInt32LE() ?? -1, value);
      });
      return;
    }
    const all = Buffer.concat(keys);
    this.written[slot === 0 ? 0 : 1].push({ map, keys: all });
    this.sensor.object.map(map).putAll(all, Buffer.concat(values));
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
