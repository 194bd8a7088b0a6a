// The epoch of ancestors: a number that the kernel raises whenever a living process gets other ancestors, or
// its ancestors another name or program, and that the record of the change tells.

import { expect, test } from 'vitest';
import type { PlainRecord } from './harness-record.js';
import { epochOf, stepping } from './process-steps.js';

const its = stepping();

test('it is raised by the end of a process that leaves a child, and not by another end', async () => {
  const steps = await its.begin();
  const { child = 0 } = await steps.step('orphan');
  const raised = epochIn(its.sensor.next('exit', Number(child)));
  expect(raised).toBeGreaterThan(0n);
  expect(raised).toBeLessThanOrEqual(epochOf(its.sensor));
  const { child: last = 0 } = await steps.step('lines 1');
  expect(epochIn(its.sensor.next('exit', Number(last)))).toBe(0n);
});

test('it is raised by the end of a process of which another thread made the child', async () => {
  const steps = await its.begin();
  await steps.step('thread-child');
  await steps.end();
  expect(epochIn(its.sensor.next('exit', steps.pid))).toBeGreaterThan(0n);
});

test.each(['exec', 'thread-exec'])(
  'it is raised by %s of a process that has a child, and not without',
  async (how) => {
    const steps = await its.begin();
    await steps.step(how);
    expect(epochIn(its.sensor.next('exec', steps.pid))).toBe(0n);
    await steps.step('child');
    await steps.step(how);
    const raised = epochIn(its.sensor.next('exec', steps.pid));
    expect(raised).toBeGreaterThan(0n);
    expect(raised).toBeLessThanOrEqual(epochOf(its.sensor));
  },
);

test('it is raised by another name of a process that has a child, and not without', async () => {
  const steps = await its.begin();
  await steps.step('name first');
  expect(epochIn(its.sensor.next('rename', steps.pid))).toBe(0n);
  await steps.step('child');
  await steps.step('comm second');
  expect(epochIn(its.sensor.next('rename', steps.pid))).toBeGreaterThan(0n);
});

test('it is never told twice, whoever raises it', async () => {
  const told: bigint[] = [];
  const all = await Promise.all(Array.from({ length: 4 }, () => its.begin()));
  for (let round = 0; round < 5; round++) {
    const done = await Promise.all(all.map((steps) => steps.step('orphan')));
    for (const { child = 0 } of done) told.push(epochIn(its.sensor.next('exit', Number(child))));
  }
  expect(new Set(told).size).toBe(told.length);
  expect(told).not.toContain(0n);
});

function epochIn({ epoch }: PlainRecord): bigint {
  if (typeof epoch !== 'bigint') throw new Error('a record without epoch');
  return epoch;
}
