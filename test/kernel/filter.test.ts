// The filter on real calls: which class of each dimension an event falls into, and that what nobody wants
// is counted where it fell. A class keeps one bit of the eight of its dimension; eight are kept where
// nobody looked.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { abi_limit, call_abi, counter, filter_dimension } from '../../src/abi/layout.js';
import { u32Key } from '../../src/bpf/map.js';
import { allBits, noBits } from '../../src/plan/bits.js';
import type { ClauseBits, KernelPlan, PathTable, TypePlan } from '../../src/plan/kernel-plan.js';
import { FilterTables } from '../../src/plan/push.js';
import { act, attach, type Done, holdings, nativeNumber, type Sensor } from './harness.js';
import { type PlainRecord, textOf } from './harness-record.js';
import { partOf } from './record-parts.js';

const OPENAT = nativeNumber('openat');
const OPEN = nativeNumber('open');
const CONNECT = nativeNumber('connect');
const GETPPID = nativeNumber('getppid');
const ALL = allBits(64 * abi_limit.CLAUSE_WORDS);
const NONE = noBits();
const NO_ENTRY = 2;

/** Dimensions by the byte of the first word that is theirs. */
const dimensions = ['result', 'flags', 'abi', 'path', 'last', 'remote', 'port', 'dots'] as const;
type Dimension = (typeof dimensions)[number];

let before: ReturnType<typeof holdings>;
let sensor: Sensor;
let tables: FilterTables;
let folder: string;
let number = 0;

beforeAll(() => {
  attach().close();
  before = holdings();
  sensor = attach();
  tables = new FilterTables(sensor.object);
});
afterAll(() => {
  sensor.close();
  expect(holdings()).toEqual(before);
});
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'saker-filter-')));
});
afterEach(() => {
  tables.clear();
  sensor.object.want([]);
  sensor.object.control.unfiltered = new Set();
  sensor.drain();
  sensor.records.length = 0;
  rmSync(folder, { recursive: true });
});

/** The set that says: class `n` of this dimension. */
function only(dimension: Dimension, n: number): ClauseBits {
  const bits = ALL.slice();
  const shift = 8n * BigInt(dimensions.indexOf(dimension));
  bits[0] = BigInt.asUintN(64, ~(0xffn << shift)) | ((1n << BigInt(n)) << shift);
  return bits;
}

/** The class that a record fell into; `undefined` where nobody looked. */
function classOf(record: PlainRecord, dimension: Dimension): number | undefined {
  const [first = 0n] = record.header.clauses;
  const byte = Number((first >> (8n * BigInt(dimensions.indexOf(dimension)))) & 0xffn);
  if (byte === 0xff) return undefined;
  expect(Math.log2(byte) % 1).toBe(0);
  return Math.log2(byte);
}

function typePlan(more: Partial<TypePlan> = {}): TypePlan {
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

function use(types: Iterable<readonly [number, TypePlan]>, more: Partial<KernelPlan> = {}): void {
  number += 1;
  tables.push(number, {
    clause_count: 64 * abi_limit.CLAUSE_WORDS,
    types: new Map(types),
    paths: [],
    addresses: [],
    comm: { values: new Map(), other: ALL },
    uid: { values: new Map(), other: ALL },
    cgroup_unknown: ALL,
    ...more,
  });
  expect(tables.omitted).toEqual([]);
}

/** The record of the open with this text. */
function openOf(done: Done, claimed: string): PlainRecord {
  for (const passed: PlainRecord[] = []; ; ) {
    const record = sensor.next('call', done.pid, 'openat');
    if (textOf(record, 'claimed') === claimed) {
      sensor.records.push(...passed);
      return record;
    }
    passed.push(record);
  }
}

describe('classes', () => {
  const EXACT = 0;
  const PREFIX = 1;
  const OTHER = 2;
  const DEEPER = 3;
  let done: Done;

  const classes = (claimed: string, dimension: Dimension): number | undefined =>
    classOf(openOf(done, claimed), dimension);

  beforeEach(async () => {
    const path: PathTable = {
      exact: new Map([
        [join(folder, 'exact'), only('path', EXACT)],
        ['/x', only('path', EXACT)],
        [join(folder, 'missing'), only('path', EXACT)],
        [join(folder, 'removed'), only('path', EXACT)],
      ]),
      prefixes: new Map([
        [`${folder}/under/`, only('path', PREFIX)],
        [`${folder}/d`, only('path', PREFIX)],
        [`${folder}/`, only('path', 4)],
      ]),
      deeper: new Map([[`${folder}/`, only('path', DEEPER)]]),
      other: only('path', OTHER),
      last: {
        exact: new Map([['name.key', only('last', EXACT)]]),
        suffixes: new Map([['.suffix', only('last', PREFIX)]]),
        other: only('last', OTHER),
      },
    };
    use(
      [
        [
          OPENAT,
          typePlan({
            result: {
              success: only('result', 0),
              errors: new Map([[NO_ENTRY, only('result', 1)]]),
              other_error: only('result', 2),
            },
            integers: [
              {
                source: 'extra',
                shift: 0,
                mask: 3n,
                values: new Map([[0n, only('flags', 0)]]),
                other: only('flags', 1),
              },
            ],
            path: 0,
            claimed: 0,
            no_dots: only('dots', 0),
          }),
        ],
      ],
      { paths: [path] },
    );
    done = await act('kernel/sift', folder);
  });

  test('a path is the whole one, else the longest prefix, else another, however it was written', () => {
    expect(classes('exact', 'path')).toBe(EXACT);
    expect(classes('under/../exact', 'path')).toBe(EXACT);
    expect(classes('under/x', 'path')).toBe(PREFIX);
    expect(classes('else', 'path')).toBe(4);
    expect(classes('name.key', 'last')).toBe(EXACT);
    expect(classes('a.suffix', 'last')).toBe(PREFIX);
    expect(classes('./else', 'last')).toBe(OTHER);
  });

  test('a path longer than the tables hold falls to its prefix, a removed file is where it was', () => {
    expect(classes('long', 'path')).toBe(PREFIX);
    expect(classes(String(done.again), 'path')).toBe(EXACT);
  });

  test('results, flags and dots', () => {
    const plain = openOf(done, '/x');
    expect(classOf(plain, 'result')).toBe(0);
    expect(classOf(plain, 'flags')).toBe(0);
    expect(classOf(plain, 'dots')).toBe(0);
    const missing = openOf(done, join(folder, 'missing'));
    expect(classOf(missing, 'result')).toBe(1);
    expect(classes('./else', 'flags')).toBe(1);
    expect(classes('under/../exact', 'dots')).toBeUndefined();
    expect(classes(`${folder}/missing/`, 'dots')).toBe(0);
  });

  test('a failed open is known by what was written, where that is its own resolution', () => {
    expect(classes(join(folder, 'missing'), 'path')).toBe(EXACT);
    expect(classes(`${folder}/missing/`, 'path')).toBeUndefined();
    expect(classes(`${folder}/under/./missing`, 'path')).toBeUndefined();
    expect(classes('missing', 'path')).toBeUndefined();
  });

  test('below another root a path is seen from there, and what lies outside has none', () => {
    expect(classes('/x', 'path')).toBe(EXACT);
    expect(classes('./name.key', 'path')).toBeUndefined();
  });

  test('with a shared descriptor table the path counts only where it is what was written', () => {
    expect(classes('/y', 'path')).toBe(OTHER);
    expect(classes('//y', 'path')).toBeUndefined();
  });
});

test('ends of sockets are told apart by prefix, mapped addresses as IPv4, ports by number', async () => {
  const address = (bytes: readonly number[], prefix_bits: number, n: number) => ({
    address: String.fromCharCode(...bytes),
    prefix_bits,
    bits: only('remote', n),
  });
  const ports = new Map([4002n, 4003n].map((port, n) => [port, only('port', n)]));
  use(
    [
      [
        CONNECT,
        typePlan({
          integers: [
            {
              source: 'address_port',
              shift: 0,
              mask: 0xffffn,
              values: ports,
              other: only('port', 2),
            },
          ],
          remote: 0,
        }),
      ],
    ],
    {
      addresses: [
        {
          v4: [address([127, 0, 0, 0], 8, 0), address([127, 0, 0, 2], 32, 1)],
          v6: [address([...Array<number>(15).fill(0), 1], 128, 2)],
          other_v4: only('remote', 3),
          other_v6: only('remote', 4),
          none: only('remote', 5),
        },
      ],
    },
  );
  const done = await act('kernel/sift', folder);
  const found = new Map<unknown, (number | undefined)[]>();
  for (let n = 0; n < 4; n++) {
    const record = sensor.next('call', done.pid, 'connect');
    const classes = [classOf(record, 'remote'), classOf(record, 'port')];
    found.set(partOf(record, 'address').port, classes);
  }
  expect(found).toEqual(
    new Map([
      [4001, [0, 2]],
      [4002, [2, 0]],
      [4003, [0, 1]],
      [4004, [1, 2]],
    ]),
  );
});

test('calls by int 0x80 are judged as the native ones they are', async () => {
  const abis = new Map([[BigInt(call_abi.ABI_NATIVE), only('abi', 0)]]);
  const integers = [
    { source: 'abi' as const, shift: 0, mask: 3n, values: abis, other: only('abi', 1) },
  ];
  const path: PathTable = {
    exact: new Map([[join(folder, 'by-ia32'), only('path', 0)]]),
    prefixes: new Map(),
    deeper: new Map(),
    other: only('path', 1),
  };
  use([[OPENAT, typePlan({ integers, path: 0 })]], { paths: [path] });
  const record = openOf(await act('kernel/abi32-64', folder), 'by-ia32');
  expect(partOf(record, 'call').number).toBe(295);
  expect([classOf(record, 'abi'), classOf(record, 'path')]).toEqual([1, 0]);
});

describe('what nobody wants', () => {
  /** Only opens of one file are wanted. */
  function wantOne(path: string): void {
    const table: PathTable = {
      exact: new Map([[path, ALL]]),
      prefixes: new Map(),
      deeper: new Map(),
      other: NONE,
    };
    const result = { success: ALL, errors: new Map<number, ClauseBits>(), other_error: NONE };
    use(
      [OPENAT, OPEN].map((type) => [type, typePlan({ result, path: 0 })]),
      { paths: [table] },
    );
  }

  test('is counted where it fell, and what is sent carries number and clauses of the plan', async () => {
    wantOne(join(folder, 'exact'));
    const before = filteredAt(OPENAT);
    const done = await act('kernel/sift', folder);
    const record = openOf(done, 'exact');
    expect(record.header.plan).toBe(number);
    expect(record.header.clauses).toEqual([...ALL]);
    sensor.object.want([]);
    const after = filteredAt(OPENAT);
    // The opens of under/x, else, ./else, name.key, a.suffix, long, removed and so on fell by their path.
    expect(after.path - before.path).toBeGreaterThanOrEqual(7);
    expect(after.result - before.result).toBeGreaterThanOrEqual(4);
    const fates = sensor.loss.read().get(OPENAT);
    expect(fates?.seen).toBe((fates?.filtered ?? 0) + (fates?.sent ?? 0) + (fates?.lost ?? 0));
    expect(after.all).toBe(fates?.filtered);
    sensor.drain();
    const own = sensor.records.filter(
      ({ header, task }) => header.type === OPENAT && task.pid === done.pid,
    );
    // That file, again; and what cannot be told: outside of the root, a shared table.
    const texts = own.map((one) => textOf(one, 'claimed')).sort();
    expect(texts).toEqual(['./name.key', '//y', 'exact', 'under/../exact']);
  });

  test('is sent all the same while somebody wants to see the type whole', async () => {
    wantOne(join(folder, 'exact'));
    sensor.object.control.unfiltered = new Set([OPENAT]);
    const record = openOf(await act('kernel/sift', folder), 'else');
    expect(record.header.clauses).toEqual([...ALL]);
  });

  test('is sent with all clauses where a type has no table, and once there is no plan', async () => {
    wantOne(join(folder, 'exact'));
    sensor.object.want([OPENAT, GETPPID]);
    const first = sensor.next('call', (await act('call-getppid')).pid, 'getppid');
    expect(first.header.clauses).toEqual([...ALL]);
    tables.clear();
    const second = openOf(await act('kernel/sift', folder), 'else');
    expect(second.header).toMatchObject({ plan: 0, clauses: [...ALL] });
  });

  test('changes with the next plan, and an earlier one leaves nothing behind', async () => {
    const entries = () => [...sensor.object.object.map('paths').walk()].length;
    wantOne(join(folder, 'exact'));
    wantOne(join(folder, 'else'));
    const full = entries();
    for (let n = 0; n < 4; n++) wantOne(join(folder, 'else'));
    expect(entries()).toBe(full);
    const done = await act('kernel/sift', folder);
    expect(openOf(done, 'else').header.plan).toBe(number);
    sensor.drain();
    expect(sensor.records.some((one) => textOf(one, 'claimed') === 'exact')).toBe(false);
  });
});

test('a plan with more classes than there is room for omits what does not fit, and says so', () => {
  const exact = new Map(Array.from({ length: 20_000 }, (_, n) => [`/many/${n}`, ALL]));
  number += 1;
  tables.push(number, {
    clause_count: 1,
    types: new Map([[OPENAT, typePlan({ path: 0 })]]),
    paths: [{ exact, prefixes: new Map(), deeper: new Map(), other: NONE }],
    addresses: [],
    comm: { values: new Map(), other: ALL },
    uid: { values: new Map(), other: ALL },
    cgroup_unknown: ALL,
  });
  expect(tables.omitted).toEqual([expect.stringMatching(/^257 path: .*paths/)]);
});

test('a plan under a number of the same slot is refused', () => {
  use([[OPENAT, typePlan()]]);
  expect(() => tables.push(number + 2, emptyPlan())).toThrow(RangeError);
  expect(sensor.object.control.plan).toBe(number);
});

function emptyPlan(): KernelPlan {
  return {
    clause_count: 1,
    types: new Map(),
    paths: [],
    addresses: [],
    comm: { values: new Map(), other: ALL },
    uid: { values: new Map(), other: ALL },
    cgroup_unknown: ALL,
  };
}

/** What fell at the path and at the result, and what fell at all, on all CPUs. */
function filteredAt(type: number): { path: number; result: number; all: number } {
  const { counters } = sensor.object;
  const values = Buffer.alloc(counters.transfer_bytes);
  counters.get(u32Key(type), values);
  const sum = { path: 0, result: 0, all: 0 };
  const at = (cpu: number, dimension: number): number =>
    Number(values.readBigUInt64LE(cpu + counter.filtered_at.at + 8 * dimension));
  for (let cpu = 0; cpu < values.length; cpu += counter.size) {
    sum.path += at(cpu, filter_dimension.FILTERED_BY_PATH);
    sum.result += at(cpu, filter_dimension.FILTERED_BY_RESULT);
    for (let n = 0; n < filter_dimension.FILTER_DIMENSIONS; n++) sum.all += at(cpu, n);
  }
  return sum;
}
