// The epoch of ancestors: a number that the kernel raises whenever a living process gets other ancestors, or
// its ancestors another name or program, and that the record of the change tells.

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ProcessEntries } from '../../src/plan/process-entry.js';
import { holdings, type Sensor, warmHoldings } from './harness.js';
import type { PlainRecord } from './harness-record.js';
import { attachWithPlan, epochOf, Steps } from './process-steps.js';

let before: ReturnType<typeof holdings>;
let sensor: Sensor;
let entries: ProcessEntries;
const open: Steps[] = [];

beforeAll(() => {
  before = warmHoldings();
  sensor = attachWithPlan();
  entries = new ProcessEntries(sensor.object.object.map('process_bits'), sensor.object.control);
});

afterEach(async () => {
  for (const steps of open.splice(0)) await steps.end();
});

afterAll(() => {
  sensor.close();
  expect(holdings()).toEqual(before);
});

test('it is raised by the end of a process that leaves a child, and not by another end', async () => {
  const steps = await begin();
  const { child = 0 } = await steps.step('orphan');
  const raised = epochIn(sensor.next('exit', Number(child)));
  expect(raised).toBeGreaterThan(0n);
  expect(raised).toBeLessThanOrEqual(epochOf(sensor));
  const { child: last = 0 } = await steps.step('lines 1');
  expect(epochIn(sensor.next('exit', Number(last)))).toBe(0n);
});

test('it is raised by the end of a process of which another thread made the child', async () => {
  const steps = await begin();
  await steps.step('thread-child');
  await steps.end();
  expect(epochIn(sensor.next('exit', steps.pid))).toBeGreaterThan(0n);
});

test.each(['exec', 'thread-exec'])(
  'it is raised by %s of a process that has a child, and not without',
  async (how) => {
    const steps = await begin();
    await steps.step(how);
    expect(epochIn(sensor.next('exec', steps.pid))).toBe(0n);
    await steps.step('child');
    await steps.step(how);
    const raised = epochIn(sensor.next('exec', steps.pid));
    expect(raised).toBeGreaterThan(0n);
    expect(raised).toBeLessThanOrEqual(epochOf(sensor));
  },
);

test('it is raised by another name of a process that has a child, and not without', async () => {
  const steps = await begin();
  await steps.step('name first');
  expect(epochIn(sensor.next('rename', steps.pid))).toBe(0n);
  await steps.step('child');
  await steps.step('comm second');
  expect(epochIn(sensor.next('rename', steps.pid))).toBeGreaterThan(0n);
});

test('it is never told twice, whoever raises it', async () => {
  const told: bigint[] = [];
  const all = await Promise.all(Array.from({ length: 4 }, begin));
  for (let round = 0; round < 5; round++) {
    const done = await Promise.all(all.map((steps) => steps.step('orphan')));
    for (const { child = 0 } of done) told.push(epochIn(sensor.next('exit', Number(child))));
  }
  expect(new Set(told).size).toBe(told.length);
  expect(told).not.toContain(0n);
});

async function begin(): Promise<Steps> {
  const steps = new Steps(sensor, entries);
  open.push(steps);
  await steps.begun();
  return steps;
}

function epochIn({ epoch }: PlainRecord): bigint {
  if (typeof epoch !== 'bigint') throw new Error('a record without epoch');
  return epoch;
}
