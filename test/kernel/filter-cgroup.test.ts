// A process that is moved to another cgroup is filtered by what is said of that one, whatever was said of
// it, and of the one before. The unified hierarchy is mounted here: hosts that have their containers in the
// older ones have it, too, but nobody is in a cgroup of it.

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_EPOCH, ProcessEntries } from '../../src/plan/process-entry.js';
import { ALL, NONE, Plans, typePlan } from './filter-plan.js';
import {
  actProgram,
  attach,
  type Done,
  holdings,
  nativeNumber,
  type Sensor,
  warmHoldings,
} from './harness.js';
import type { PlainRecord } from './harness-record.js';

const GETPPID = nativeNumber('getppid');

let before: ReturnType<typeof holdings>;
let sensor: Sensor;
let root: string;

beforeAll(() => {
  before = warmHoldings();
  sensor = attach();
  root = mkdtempSync(join(tmpdir(), 'saker-cgroup-'));
  execFileSync('mount', ['-t', 'cgroup2', 'none', root]);
});
afterAll(() => {
  execFileSync('umount', [root]);
  rmdirSync(root);
  sensor.close();
  expect(holdings()).toEqual(before);
});

test('the bits of the cgroup before do not filter a process that was moved', async () => {
  const plans = new Plans(sensor);
  plans.use([[GETPPID, typePlan({ uses_process: true, uses_cgroup: true })]]);
  const entries = new ProcessEntries(
    sensor.object.object.map('process_bits'),
    sensor.object.control,
  );
  const folders = ['first', 'second'].map((name) => join(root, `saker-${name}-${process.pid}`));
  const [first = '', second = ''] = folders;
  for (const folder of folders) mkdirSync(folder);
  const child = spawn(actProgram('kernel/steps'), [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const pid = child.pid ?? 0;
  const answer = async (): Promise<Done> => JSON.parse((await lines.next()).value ?? '');
  const step = async (line: string): Promise<Done> => {
    child.stdin.write(`${line}\n`);
    return answer();
  };
  /** The record of a call that it makes now; `undefined`: the filter kept it. */
  const ask = async (): Promise<PlainRecord | undefined> => {
    await step('ask');
    sensor.drain();
    const own = sensor.records.filter(
      ({ header, task }) => header.type === GETPPID && task.pid === pid,
    );
    sensor.records.length = 0;
    expect(own.length).toBeLessThan(2);
    return own[0];
  };
  try {
    await answer();
    const exec = sensor.next('exec', pid);
    sensor.drain();
    sensor.records.length = 0;
    await step(`cgroup ${first}/cgroup.procs`);
    const inFirst = await ask();
    if (inFirst === undefined) throw new Error('nothing was said of that cgroup');
    // By the cgroup.
    plans.tables.tellCgroup(cgroupOf(inFirst), NONE);
    expect(await ask()).toBeUndefined();
    await step(`cgroup ${second}/cgroup.procs`);
    const inSecond = await ask();
    if (inSecond === undefined) throw new Error('it was filtered by the cgroup before');
    expect(inSecond.header.clauses).toEqual([...ALL]);
    expect(cgroupOf(inSecond)).not.toBe(cgroupOf(inFirst));
    // By the process, while the cgroups let all pass.
    await step(`cgroup ${first}/cgroup.procs`);
    plans.tables.tellCgroup(cgroupOf(inFirst), ALL);
    const entry = { ...entryOf(exec), cgroup_id: cgroupOf(inFirst), plan: plans.number };
    expect(entries.write(pid, entry)).toBe(true);
    expect(await ask()).toBeUndefined();
    await step(`cgroup ${second}/cgroup.procs`);
    expect((await ask())?.header.clauses).toEqual([...ALL]);
    // What is said of the new one holds at once.
    plans.tables.tellCgroup(cgroupOf(inSecond), NONE);
    expect(await ask()).toBeUndefined();
  } finally {
    child.stdin.end();
    await ended;
    plans.end();
    for (const folder of folders) rmdirSync(folder);
  }
});

function cgroupOf({ task: { cgroup_id } }: PlainRecord): bigint {
  if (typeof cgroup_id !== 'bigint') throw new Error('a task without a cgroup');
  return cgroup_id;
}

/** What user space would write: nothing the process does is wanted, as long as it is as it was. */
function entryOf({ task }: PlainRecord) {
  const { start_ns, exec_id, uid, comm } = task;
  if (typeof exec_id !== 'bigint' || typeof uid !== 'number')
    throw new Error('a task without its numbers');
  const bits = { bits: NONE, fixed_bits: ALL, child_bits: NONE, kinless_bits: NONE };
  return { start_ns, exec_id, epoch: NO_EPOCH, uid, comm, bits };
}
