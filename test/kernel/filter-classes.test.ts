// Which class of each dimension a real call falls into.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { call_abi } from '../../src/abi/layout.js';
import type { PathTable } from '../../src/plan/kernel-plan.js';
import { classOf, type Dimension, only, openOf, Plans, typePlan } from './filter-plan.js';
import {
  act,
  attach,
  type Done,
  holdings,
  nativeNumber,
  type Sensor,
  warmHoldings,
} from './harness.js';
import { partOf } from './record-parts.js';

const OPENAT = nativeNumber('openat');
const CONNECT = nativeNumber('connect');
const NO_ENTRY = 2;

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

describe('classes', () => {
  const EXACT = 0;
  const PREFIX = 1;
  const OTHER = 2;
  const DEEPER = 3;
  let done: Done;

  const classes = (claimed: string, dimension: Dimension): number | undefined =>
    classOf(openOf(sensor, done, claimed), dimension);

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
    plans.use(
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
    const plain = openOf(sensor, done, '/x');
    expect(classOf(plain, 'result')).toBe(0);
    expect(classOf(plain, 'flags')).toBe(0);
    expect(classOf(plain, 'dots')).toBe(0);
    const missing = openOf(sensor, done, join(folder, 'missing'));
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
  plans.use(
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

test('who calls is looked up live where nothing is said of the process', async () => {
  plans.use([[OPENAT, typePlan({ uses_process: true, uses_comm: true, uses_uid: true })]], {
    comm: { values: new Map([['sift', only('abi', 0)]]), other: only('abi', 1) },
    uid: { values: new Map([[process.getuid?.() ?? -1, only('port', 0)]]), other: only('port', 1) },
  });
  const record = openOf(sensor, await act('kernel/sift', folder), '/x');
  expect([classOf(record, 'abi'), classOf(record, 'port')]).toEqual([0, 0]);
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
  plans.use([[OPENAT, typePlan({ integers, path: 0 })]], { paths: [path] });
  const record = openOf(sensor, await act('kernel/abi32-64', folder), 'by-ia32');
  expect(partOf(record, 'call').number).toBe(295);
  expect([classOf(record, 'abi'), classOf(record, 'path')]).toEqual([1, 0]);
});
