// Plans made by hand for tests of the filter, in which a class keeps one bit of the eight of its dimension:
// the clauses of a record then tell which classes the event fell into.

import { expect } from 'vitest';
import { abi_limit } from '../../src/abi/layout.js';
import { allBits, noBits } from '../../src/plan/bits.js';
import type { ClauseBits, KernelPlan, TypePlan } from '../../src/plan/kernel-plan.js';
import { FilterTables } from '../../src/plan/push.js';
import type { Done, Sensor } from './harness.js';
import { type PlainRecord, textOf } from './harness-record.js';

export const ALL = allBits(64 * abi_limit.CLAUSE_WORDS);
export const NONE = noBits();

/** Dimensions by the byte of the first word that is theirs. */
const dimensions = ['result', 'flags', 'abi', 'path', 'last', 'remote', 'port', 'dots'] as const;
export type Dimension = (typeof dimensions)[number];

/** The set that says: class `n` of this dimension. */
export function only(dimension: Dimension, n: number): ClauseBits {
  const bits = ALL.slice();
  const shift = 8n * BigInt(dimensions.indexOf(dimension));
  bits[0] = BigInt.asUintN(64, ~(0xffn << shift)) | ((1n << BigInt(n)) << shift);
  return bits;
}

/** The class that a record fell into; `undefined` where nobody looked. */
export function classOf(record: PlainRecord, dimension: Dimension): number | undefined {
  const [first = 0n] = record.header.clauses;
  const byte = Number((first >> (8n * BigInt(dimensions.indexOf(dimension)))) & 0xffn);
  if (byte === 0xff) return undefined;
  expect(Math.log2(byte) % 1).toBe(0);
  return Math.log2(byte);
}

/** A type of which all clauses are open. */
export function typePlan(more: Partial<TypePlan> = {}): TypePlan {
  return {
    bits: ALL,
    integers: [],
    uses_process: false,
    uses_comm: false,
    uses_uid: false,
    uses_cgroup: false,
    ...more,
  };
}

/** A plan of these types, and what else it has. */
export function planOf(
  types: Iterable<readonly [number, TypePlan]>,
  more: Partial<KernelPlan> = {},
): KernelPlan {
  return {
    clause_count: 64 * abi_limit.CLAUSE_WORDS,
    types: new Map(types),
    paths: [],
    addresses: [],
    comm: { values: new Map(), other: ALL },
    uid: { values: new Map(), other: ALL },
    cgroup_unknown: ALL,
    ...more,
  };
}

/** Plans of one sensor, one after the other. */
export class Plans {
  readonly tables: FilterTables;
  /** Of the last one. */
  number = 0;

  constructor(private readonly sensor: Sensor) {
    this.tables = new FilterTables(sensor.object);
  }

  use(types: Iterable<readonly [number, TypePlan]>, more: Partial<KernelPlan> = {}): void {
    this.number += 1;
    this.tables.push(this.number, planOf(types, more));
    expect(this.tables.omitted).toEqual([]);
  }

  /** Nothing is wanted any more, and no record is left. */
  end(): void {
    this.tables.clear();
    this.sensor.object.want([]);
    this.sensor.object.control.unfiltered = new Set();
    this.sensor.drain();
    this.sensor.records.length = 0;
  }
}

/** The record of the open with this text. */
export function openOf(sensor: Sensor, done: Done, claimed: string): PlainRecord {
  for (const passed: PlainRecord[] = []; ; ) {
    const record = sensor.next('call', done.pid, 'openat');
    if (textOf(record, 'claimed') === claimed) {
      sensor.records.push(...passed);
      return record;
    }
    passed.push(record);
  }
}
