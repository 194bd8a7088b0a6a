// When the kernel is told of processes, and what the entry rests on.

import { beforeEach, expect, test } from 'vitest';
import { record_kind } from '../../../src/abi/layout.js';
import { Container, HOST } from '../../../src/enrich/container.js';
import { Process, Program } from '../../../src/enrich/process.js';
import { noBits } from '../../../src/plan/bits.js';
import type { ClauseBits } from '../../../src/plan/kernel-plan.js';
import type { PlannedProcess } from '../../../src/plan/process.js';
import type { ProcessEntry } from '../../../src/plan/process-entry.js';
import { NO_EPOCH } from '../../../src/plan/process-entry.js';
import { FilterProcesses, type ToldPlan } from '../../../src/sensor/filter-processes.js';

const { RECORD_EXEC, RECORD_FORK, RECORD_RENAME, RECORD_EXIT } = record_kind;

let living: Process[];
let written: { pid: number; entry: ProcessEntry }[];
let cgroups: Map<bigint, ClauseBits>;
let usesAncestors: boolean;
let now_ns: bigint;
let filter: FilterProcesses;

beforeEach(() => {
  living = [];
  written = [];
  cgroups = new Map();
  usesAncestors = false;
  now_ns = 1000n;
  filter = new FilterProcesses({
    entries: {
      counts: { written: 0, gone: 0, refused: 0 },
      write: (pid, entry) => {
        written.push({ pid, entry });
        return true;
      },
    },
    living: () => living,
    epochNow: () => 0n,
    now_ns: () => now_ns,
  });
});

function plan(number: number): ToldPlan {
  const none = noBits();
  const bits = (): PlannedProcess => ({
    bits: none,
    fixed_bits: none,
    child_bits: none,
    uses_ancestors: usesAncestors,
  });
  return {
    number,
    planner: { bits, containerBits: () => none },
    tellCgroup: (id, of) => void cgroups.set(id, of),
  };
}

function process(pid: number, changes: Partial<Process> = {}): Process {
  const made = new Process(pid, pid, 0, new Program());
  Object.assign(made, { exec_low: 1, uid: 0, comm: 'cat', cgroup_id: 1, container: HOST }, changes);
  living.push(made);
  return made;
}

function pids(): number[] {
  return written.splice(0).map(({ pid }) => pid);
}

test('without a plan nobody is told of', () => {
  const one = process(1);
  filter.changed(RECORD_EXEC, one, 0n, 0n);
  filter.work();
  expect(pids()).toEqual([]);
  expect(filter.busy).toBe(false);
});

test('a new plan is told of all that live, some at a time', () => {
  for (let pid = 1; pid <= 200; pid++) process(pid);
  filter.use(plan(1));
  expect(filter.busy).toBe(true);
  filter.work();
  const first = pids();
  expect(first.length).toBeLessThan(200);
  for (let round = 0; round < 10 && filter.busy; round++) filter.work();
  expect([...first, ...pids()].length).toBe(200);
  expect(filter.busy).toBe(false);
});

test('an exec is told once, with what it rests on', () => {
  filter.use(plan(3));
  filter.work();
  const one = process(7, { exec_low: 5, uid: 33, comm: 'nginx', cgroup_id: 77 });
  filter.changed(RECORD_EXEC, one, 0n, 0n);
  filter.changed(RECORD_RENAME, one, 0n, 0n);
  filter.work();
  expect(written).toHaveLength(1);
  expect(written[0]?.entry).toMatchObject({
    start_ns: 7n,
    exec_id: 5n,
    cgroup_id: 77n,
    epoch: NO_EPOCH,
    plan: 3,
    uid: 33,
    comm: 'nginx',
  });
  expect([...cgroups.keys()]).toEqual([77n]);
});

test('a process that has ended meanwhile, or of which nobody is certain, is not told of', () => {
  filter.use(plan(1));
  filter.work();
  const ended = process(1);
  filter.changed(RECORD_EXEC, ended, 0n, 0n);
  filter.changed(RECORD_EXIT, ended, 0n, 0n);
  filter.changed(RECORD_EXEC, process(2, { uncertain: true }), 0n, 0n);
  filter.changed(RECORD_EXEC, process(3, { start_is_rounded: true }), 0n, 0n);
  filter.work();
  expect(pids()).toEqual([]);
});

test('an event of a process that has changed makes it be told again, and not at every event', () => {
  const one = process(1);
  filter.use(plan(1));
  filter.work();
  expect(pids()).toEqual([1]);
  filter.note(one, 1, 0);
  filter.work();
  expect(pids()).toEqual([]);
  filter.note(one, 1, 65534);
  filter.work();
  expect(written[0]?.entry.uid).toBe(65534);
  expect(pids()).toEqual([1]);
  // To and fro: the kernel falls back to what does not change meanwhile.
  for (let flip = 0; flip < 10; flip++) {
    filter.note(one, 1, flip % 2 === 0 ? 0 : 65534);
    filter.work();
  }
  expect(pids().length).toBeLessThan(2);
});

test('the user of another thread is not the user of the process', () => {
  const one = process(1);
  filter.use(plan(1));
  filter.work();
  pids();
  filter.note(one, 2, 65534);
  filter.work();
  expect(one.uid).toBe(0);
  expect(pids()).toEqual([]);
});

test('a copy has its bits from the kernel, if its parent was told of in time', () => {
  const parent = process(1);
  filter.use(plan(1));
  filter.work();
  pids();
  const copy = process(2, { parent });
  filter.changed(RECORD_FORK, copy, 0n, 2000n, parent);
  filter.work();
  expect(pids()).toEqual([]);
  // Made before the entry of its parent was.
  const early = process(3, { parent });
  filter.changed(RECORD_FORK, early, 0n, 500n, parent);
  // A brother of its cloner.
  const brother = process(4, { parent: undefined });
  filter.changed(RECORD_FORK, brother, 0n, 2000n, parent);
  filter.work();
  expect(pids()).toEqual([3, 4]);
});

test('what rests on ancestors carries the last epoch of which all changes were seen', () => {
  usesAncestors = true;
  filter.use(plan(1));
  filter.work();
  const other = process(9);
  filter.changed(RECORD_EXEC, other, 2n, 0n);
  filter.work();
  expect(written.splice(0)[0]?.entry.epoch).toBe(0n);
  filter.changed(RECORD_RENAME, process(10), 1n, 0n);
  filter.work();
  expect(written.splice(0)[0]?.entry.epoch).toBe(2n);
  // Older than that: told again when an event of it comes.
  filter.note(other, 9, 0);
  filter.work();
  expect(written.map(({ pid, entry }) => [pid, entry.epoch])).toEqual([[9, 2n]]);
});

test('after a loss everybody is told of again, as of the epoch before the scan', () => {
  usesAncestors = true;
  process(1);
  filter.use(plan(1));
  filter.work();
  pids();
  filter.rescanned(7n);
  filter.work();
  expect(written.map(({ pid, entry }) => [pid, entry.epoch])).toEqual([[1, 7n]]);
});

test('what is learnt of a container is told of it and of its processes', () => {
  const container = new Container('abc', 'abcdef', 'docker', undefined);
  process(1, { container, cgroup_id: 50 });
  process(2);
  filter.use(plan(1));
  filter.work();
  pids();
  cgroups.clear();
  filter.learnt('abcdef');
  filter.work();
  expect(pids()).toEqual([1]);
  expect([...cgroups.keys()]).toEqual([50n]);
});
