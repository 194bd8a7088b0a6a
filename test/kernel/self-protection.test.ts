// This process is protected, and another one reaches for it: with security hooks it is refused, without
// them it is told.

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { tamper_operation } from '../../src/abi/layout.js';
import { cgroup2Mount } from '../../src/bpf/host.js';
import { objectId } from '../../src/bpf/object-id.js';
import { SelfProtection } from '../../src/sensor/self-protection.js';
import {
  act,
  attach,
  type Done,
  holdings,
  isEmulated,
  type Sensor,
  warmHoldings,
} from './harness.js';

const EPERM = 1;
const EACCES = 13; // what mm_access() makes of it, kernel/fork.c
const SIGUSR2 = 12;
/** Ways to signal a process; each is told of by itself. */
const SIGNALS = ['kill', 'tgkill', 'queue', 'pidfd'];
const tree = cgroup2Mount();

let before: ReturnType<typeof holdings>;
let sensor: Sensor;
let received = 0;
const count = (): void => {
  received += 1;
};

beforeAll(() => {
  before = warmHoldings();
  process.on('SIGUSR2', count);
});

afterEach(() => {
  sensor.close();
  if (tree !== undefined) {
    writeFileSync(join(tree, 'cgroup.procs'), String(process.pid));
    for (const name of ['saker-agent', 'saker-other'])
      if (existsSync(join(tree, name))) rmdirSync(join(tree, name));
  }
});

afterAll(() => {
  process.off('SIGUSR2', count);
  expect(holdings()).toEqual(before);
});

function protect(): SelfProtection {
  sensor = attach();
  received = 0;
  const protection = SelfProtection.start(sensor.object);
  // Guests have what they were chosen for; other hosts may not.
  if (isEmulated) expect(protection.protection.refused).toBeUndefined();
  return protection;
}

function cgroup(name: string): string {
  const folder = join(tree ?? '', name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

async function reach(...cgroups: string[]): Promise<Done> {
  const { maps, programs, links } = sensor.object.fds();
  const numbers = [maps, programs, links].map(([fd = -1]) => String(objectId(fd)));
  return act('kernel/reach-for', String(process.pid), String(SIGUSR2), ...numbers, '-', ...cgroups);
}

/** Everything it may not do, and what it may. */
function refusedTo(done: Done): void {
  const others = ['getfd', 'seize', 'writev', 'limit', 'schedule', 'nice'];
  const refused = [...SIGNALS, ...others, 'map', 'program', 'link'];
  expect(done).toMatchObject(Object.fromEntries(refused.map((what) => [what, EPERM])));
  expect(done).toMatchObject({ mem: EACCES, ask: 0, environ: 0 });
}

/** Signals are sent to the process at once, and taken by its loop some time later. */
async function signalsTaken(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return received;
}

test('who reaches for the agent is told of, and refused where the kernel can', async () => {
  const { protection } = protect();
  const done = await reach();
  if (protection.denying.length === 0) {
    expect(done).toMatchObject({ kill: 0, tgkill: 0, queue: 0, pidfd: 0 });
    for (const _ of SIGNALS)
      expect(sensor.next('tamper', done.pid)).toMatchObject({
        operation: tamper_operation.TAMPER_SIGNAL,
        detail: BigInt(SIGUSR2),
        denied: 0,
        task: { comm: 'reach-for' },
      });
    expect(await signalsTaken()).toBeGreaterThan(0);
    return;
  }
  refusedTo(done);
  expect(await signalsTaken()).toBe(0);
  const told = Array.from({ length: 14 }, () => sensor.next('tamper', done.pid));
  const count = (operation: number): number =>
    told.filter((record) => record.operation === operation && record.denied === 1).length;
  expect(count(tamper_operation.TAMPER_SIGNAL)).toBe(SIGNALS.length);
  expect(count(tamper_operation.TAMPER_TRACE)).toBe(4);
  expect(count(tamper_operation.TAMPER_LIMIT)).toBe(1);
  expect(count(tamper_operation.TAMPER_SCHEDULE)).toBe(2);
  expect(count(tamper_operation.TAMPER_MAP)).toBe(1);
  expect(count(tamper_operation.TAMPER_PROGRAM)).toBe(1);
  expect(count(tamper_operation.TAMPER_LINK)).toBe(1);
});

test('pid 1 of the host may signal the agent', async () => {
  const { protection } = protect();
  if (isEmulated) {
    // The init of the guest does what it reads here, see test/vm/init.sh.
    writeFileSync('/run/ask-pid-1', `USR2 ${process.pid}\n`);
    expect(readFileSync('/run/pid-1-says', 'latin1')).toBe('0\n');
    expect(await signalsTaken()).toBe(1);
  }
  expect(protection.trusts_cgroup).toBe(false);
});

test("what the agent's own cgroup does is not told, what others do is", async () => {
  if (tree === undefined) return;
  writeFileSync(join(cgroup('saker-agent'), 'cgroup.procs'), String(process.pid));
  const { protection } = protect();
  expect(protection.trusts_cgroup).toBe(true);
  const own = await reach();
  expect(own).toMatchObject({ kill: 0, mem: 0, map: 0, program: 0, link: 0 });
  expect(await signalsTaken()).toBeGreaterThan(0);
  const other = await reach(cgroup('saker-other'));
  if (protection.denying.length > 0) refusedTo(other);
  sensor.next('tamper', other.pid);
  sensor.drain();
  expect(
    sensor.records.filter((record) => record.task.pid === own.pid && 'denied' in record),
  ).toEqual([]);
});

test("who comes into the agent's cgroup later is no better than others", async () => {
  if (tree === undefined) return;
  writeFileSync(join(cgroup('saker-agent'), 'cgroup.procs'), String(process.pid));
  const { protection } = protect();
  const there = cgroup('saker-agent');
  const away = cgroup('saker-other');
  for (const way of [there, `+${there}`]) {
    const done = await reach(away, way);
    sensor.next('tamper', done.pid);
    if (protection.denying.length > 0) refusedTo(done);
  }
});
