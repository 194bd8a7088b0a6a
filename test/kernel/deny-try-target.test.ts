// The kernel's verdict on whom a signal is aimed at against the matcher's word: random rules, and as targets
// the process of the test and those it comes from. The hooks are left out, so that this runs on kernels that
// have none.

import { readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verdict_operation } from '../../src/abi/layout.js';
import type { BpfObject } from '../../src/bpf/object.js';
import { NOBODY, NOWHERE, type ProcessView } from '../../src/decode/event.js';
import { SyntheticCall } from '../../src/plan/synthetic.js';
import { VerdictTables } from '../../src/plan/verdict-push.js';
import type { Random } from '../unit/match/random.js';
import {
  attach,
  holdings,
  isEmulated,
  nativeNumber,
  type Sensor,
  warmHoldings,
} from './harness.js';
import { tryPlans } from './random-rules.js';

const PLANS = isEmulated ? 20 : 150;
/** Of the process itself, its parent, and so on. */
const DISTANCES = [0, 1, 2, 3, 4];
const SIGNALS = [0, 9, 10];
const LONG = { timeout: 300_000 };

let before: ReturnType<typeof holdings>;
let sensor: Sensor;
let tables: VerdictTables;
let trial: BpfObject;
const targets: ProcessView[] = [];

beforeAll(() => {
  before = warmHoldings();
  sensor = attach();
  tables = new VerdictTables(sensor.object);
  const loaded = sensor.object.load(['try_target']);
  if (loaded === undefined) throw new Error('try_target was loaded before');
  trial = loaded;
  let pid = process.pid;
  for (const _ of DISTANCES) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const comm = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    targets.push({ ...NOBODY, pid, comm, exepath: readlinkSync(`/proc/${pid}/exe`) });
    pid = Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]);
    if (pid === 0) break;
  }
});

afterAll(() => {
  sensor.close();
  expect(holdings()).toEqual(before);
});

function isDenied(signal: number, distance: number): boolean {
  const context = Buffer.alloc(3 * 8);
  for (const [i, value] of [verdict_operation.VERDICT_SIGNAL, signal, distance].entries())
    context.writeBigUInt64LE(BigInt(value), i * 8);
  return trial.run('try_target', context) !== 0;
}

function randomTest(random: Random): string {
  const { pid, comm, exepath } = random.one(targets);
  const other = random.one(targets);
  const name = exepath.slice(exepath.lastIndexOf('/'));
  return random.one([
    `target.pid = ${pid}`,
    `target.pid != ${pid}`,
    `target.pid in (${pid}, ${other.pid}, 4294967297)`,
    `target.name = "${comm}"`,
    `target.name != "${comm}"`,
    `target.name in ("${comm}", nobody)`,
    `target.exepath = ${exepath}`,
    `target.exepath != ${exepath}`,
    `target.exepath in (${exepath}, ${other.exepath})`,
    `target.exepath startswith ${exepath.slice(0, 1 + random.int(exepath.length))}`,
    `target.exepath endswith ${name.slice(random.int(name.length))}`,
    `evt.rawarg.sig = ${random.one(SIGNALS)}`,
  ]);
}

test('whom a signal is kept from is what the matcher says', LONG, () => {
  const calls = new SyntheticCall();
  tryPlans(PLANS, 'evt.type = kill', randomTest, (plan, compare) => {
    tables.push(plan, { pid: 0, start_ns: 0n });
    for (const [distance, target] of targets.entries())
      for (const signal of SIGNALS) {
        const event = calls.event(nativeNumber('kill'), {
          args: [0n, BigInt(signal)],
          target_pid: target.pid,
        });
        event.surroundings = { ...NOWHERE, process: () => target };
        compare(isDenied(signal, distance), event, `of ${signal} to ${target.pid}`);
      }
  });
});
