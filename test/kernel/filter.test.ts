// The filter on real calls: what nobody wants is counted where it fell, what is sent says by which plan, and
// plans follow one another.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { counter, filter_dimension } from '../../src/abi/layout.js';
import { u32Key } from '../../src/bpf/map.js';
import type { ClauseBits, PathTable } from '../../src/plan/kernel-plan.js';
import { ALL, NONE, openOf, Plans, planOf, typePlan } from './filter-plan.js';
import { act, attach, holdings, nativeNumber, type Sensor, warmHoldings } from './harness.js';
import { textOf } from './harness-record.js';
import { Python } from './python.js';

const OPENAT = nativeNumber('openat');
const OPEN = nativeNumber('open');
const GETPPID = nativeNumber('getppid');

let before: ReturnType<typeof holdings>;
let sensor: Sensor;
let plans: Plans;
let folder: string;

beforeAll(() => {
  before = warmHoldings();
  sensor = attach();
  plans = new Plans(sensor);
});
afterAll(() => {
  sensor.close();
  expect(holdings()).toEqual(before);
});
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'saker-filter-')));
});
afterEach(() => {
  plans.end();
  rmSync(folder, { recursive: true });
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
    plans.use(
      [OPENAT, OPEN].map((type) => [type, typePlan({ result, path: 0 })]),
      { paths: [table] },
    );
  }

  test('is counted where it fell, and what is sent carries number and clauses of the plan', async () => {
    wantOne(join(folder, 'exact'));
    const before = filteredAt(OPENAT);
    const done = await act('kernel/sift', folder);
    const record = openOf(sensor, done, 'exact');
    expect(record.header.plan).toBe(plans.number);
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
    const record = openOf(sensor, await act('kernel/sift', folder), 'else');
    expect(record.header.clauses).toEqual([...ALL]);
  });

  test('is sent with all clauses where a type has no table, and once there is no plan', async () => {
    wantOne(join(folder, 'exact'));
    sensor.object.want([OPENAT, GETPPID]);
    const first = sensor.next('call', (await act('call-getppid')).pid, 'getppid');
    expect(first.header.clauses).toEqual([...ALL]);
    plans.tables.clear();
    const second = openOf(sensor, await act('kernel/sift', folder), 'else');
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
    expect(openOf(sensor, done, 'else').header.plan).toBe(plans.number);
    sensor.drain();
    expect(sensor.records.some((one) => textOf(one, 'claimed') === 'exact')).toBe(false);
  });
});

test('a failed call falls by what was written before it is looked at who calls', async () => {
  const missing = ['/nowhere', '/nowhere/../at/all', 'nowhere', '..', `/${'n'.repeat(2000)}`];
  const opens = missing.map((path) => `os.open(${JSON.stringify(path)}, 1)`);
  const python = new Python();
  plans.use([[OPENAT, typePlan({ no_dots: NONE })]]);
  const { pid } = await python.run(...opens);
  sensor.drain();
  const own = sensor.records.filter(
    ({ header, task }) => header.type === OPENAT && task.pid === pid,
  );
  const texts = own.map((one) => textOf(one, 'claimed'));
  expect(texts).toEqual(['/nowhere/../at/all', '..', expect.stringMatching(/^\/nnn/)]);

  const nobody = { values: new Map<string, ClauseBits>(), other: NONE };
  plans.use([[OPENAT, typePlan({ no_dots: NONE, uses_comm: true })]], { comm: nobody });
  const before = filteredAt(OPENAT);
  await python.run(...opens);
  expect(filteredAt(OPENAT).path - before.path).toBeGreaterThanOrEqual(2);
  await python.close();
});

test('a plan with more classes than there is room for omits what does not fit, and says so', () => {
  const exact = new Map(Array.from({ length: 20_000 }, (_, n) => [`/many/${n}`, ALL]));
  const path: PathTable = { exact, prefixes: new Map(), deeper: new Map(), other: NONE };
  plans.number += 1;
  plans.tables.push(plans.number, planOf([[OPENAT, typePlan({ path: 0 })]], { paths: [path] }));
  expect(plans.tables.omitted).toEqual([expect.stringMatching(/^257 path: .*paths/)]);
});

test('a plan under a number of the same slot is refused', () => {
  plans.use([[OPENAT, typePlan()]]);
  expect(() => plans.tables.push(plans.number + 2, planOf([]))).toThrow(RangeError);
  expect(sensor.object.control.plan).toBe(plans.number);
});

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
