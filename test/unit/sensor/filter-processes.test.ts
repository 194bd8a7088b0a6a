// When the kernel is told of processes, and what the entry rests on.

import { beforeEach, expect, test, vi } from 'vitest';
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
let filter: FilterProcesses;

beforeEach(() => {
  living = [];
  written = [];
  cgroups = new Map();
  usesAncestors = false;
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
    patience_ms: 0,
  });
});

test('a program is told of when it has run for a while, and not when it has ended by then', () => {
  const patient = new FilterProcesses({
    entries: {
      counts: { written: 0, gone: 0, refused: 0 },
      write: (pid, entry) => written.push({ pid, entry }) > 0,
    },
    living: () => living,
    epochNow: () => 0n,
    patience_ms: 50,
  });
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    patient.use(plan(1));
    patient.work();
    const [stays, ends] = [process(1), process(2)];
    for (const one of [stays, ends]) patient.changed(RECORD_EXEC, one, 0n);
    patient.note(stays, 1, 0);
    patient.work();
    expect(pids()).toEqual([]);
    expect(patient.waiting).toBe(2);
    expect(patient.pause_ms(1000)).toBe(50);
    vi.advanceTimersByTime(30);
    expect(patient.pause_ms(1000)).toBe(20);
    patient.changed(RECORD_EXIT, ends, 0n);
    vi.advanceTimersByTime(20);
    expect(patient.pause_ms(1000)).toBe(0);
    patient.work();
    expect(pids()).toEqual([1]);
    expect(patient.pause_ms(1000)).toBe(1000);
  } finally {
    vi.useRealTimers();
  }
});

function plan(number: number): ToldPlan {
  const none = noBits();
  const bits = (): PlannedProcess => ({
    bits: none,
    fixed_bits: none,
    child_bits: none,
    kinless_bits: none,
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
  filter.changed(RECORD_EXEC, one, 0n);
  filter.work();
  expect(pids()).toEqual([]);
  expect(filter.pause_ms(1000)).toBe(1000);
});

test('a new plan is told of all that live, some at a time', () => {
  for (let pid = 1; pid <= 200; pid++) process(pid);
  filter.use(plan(1));
  expect(filter.pause_ms(1000)).toBe(0);
  filter.work();
  const first = pids();
  expect(first.length).toBeLessThan(200);
  for (let round = 0; round < 10 && filter.pause_ms(1) === 0; round++) filter.work();
  expect([...first, ...pids()].length).toBe(200);
  expect(filter.pause_ms(1000)).toBe(1000);
});

test('an exec is told once, with what it rests on', () => {
  filter.use(plan(3));
  filter.work();
  const one = process(7, { exec_low: 5, uid: 33, comm: 'nginx', cgroup_id: 77 });
  filter.changed(RECORD_EXEC, one, 0n);
  filter.changed(RECORD_RENAME, one, 0n);
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
  filter.changed(RECORD_EXEC, ended, 0n);
  filter.changed(RECORD_EXIT, ended, 0n);
  filter.changed(RECORD_EXEC, process(2, { uncertain: true }), 0n);
  filter.changed(RECORD_EXEC, process(3, { start_is_rounded: true }), 0n);
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

test('a copy is not told of while the kernel finds the bits of its parent', () => {
  const parent = process(1);
  filter.use(plan(1));
  filter.work();
  pids();
  const copy = process(2, { parent });
  filter.changed(RECORD_FORK, copy, 0n, parent);
  const copyOfCopy = process(3, { parent: copy });
  filter.changed(RECORD_FORK, copyOfCopy, 0n, copy);
  for (const one of [copy, copyOfCopy]) filter.note(one, one.pid, 0);
  filter.work();
  expect(pids()).toEqual([]);
  // A brother of its cloner is no copy.
  const brother = process(4, { parent: undefined });
  filter.changed(RECORD_FORK, brother, 0n, parent);
  filter.work();
  expect(pids()).toEqual([4]);
});

test('of more generations than the kernel goes up every fourth is told of', () => {
  let parent = process(1);
  filter.use(plan(1));
  filter.work();
  pids();
  for (let pid = 2; pid <= 9; pid++) {
    const child = process(pid, { parent });
    filter.changed(RECORD_FORK, child, 0n, parent);
    parent = child;
    filter.work();
  }
  expect(pids()).toEqual([5, 9]);
});

test.each<[string, (parent: Process, copy: Process) => void]>([
  [
    'has ended, so that it has another,',
    (parent, copy) => {
      copy.parent = process(90);
      filter.changed(RECORD_EXIT, parent, 0n);
    },
  ],
  [
    'has called exec',
    (parent) => {
      parent.exec_low += 1;
      filter.changed(RECORD_EXEC, parent, 0n);
    },
  ],
  [
    'has another name',
    (parent) => {
      parent.comm = 'other';
      filter.changed(RECORD_RENAME, parent, 0n);
    },
  ],
  [
    'was told of for the plan before',
    () => {
      filter.use(plan(2));
      living.length = 0;
    },
  ],
])('a copy whose parent %s is told of when an event of it comes', (_, change) => {
  const parent = process(1);
  filter.use(plan(1));
  filter.work();
  const copy = process(2, { parent });
  filter.changed(RECORD_FORK, copy, 0n, parent);
  filter.work();
  pids();
  change(parent, copy);
  filter.work();
  pids();
  filter.note(copy, 2, 0);
  filter.work();
  expect(pids()).toEqual([2]);
});

test.each(['uid', 'comm', 'cgroup_id'] as const)(
  'a copy with another %s than its parent is told of',
  (fact) => {
    const parent = process(1);
    filter.use(plan(1));
    filter.work();
    const copy = process(2, { parent });
    filter.changed(RECORD_FORK, copy, 0n, parent);
    Object.assign(copy, fact === 'comm' ? { comm: 'other' } : { [fact]: 33 });
    filter.work();
    pids();
    filter.note(copy, 2, fact === 'uid' ? 33 : 0);
    filter.work();
    expect(pids()).toEqual([2]);
  },
);

test('what rests on ancestors carries the last epoch of which all changes were seen', () => {
  usesAncestors = true;
  filter.use(plan(1));
  filter.work();
  const other = process(9);
  filter.changed(RECORD_EXEC, other, 2n);
  filter.work();
  expect(written.splice(0)[0]?.entry.epoch).toBe(0n);
  filter.changed(RECORD_RENAME, process(10), 1n);
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
