// When the kernel is told of processes, and what the entry rests on.

import { beforeEach, expect, test, vi } from 'vitest';
import { record_kind } from '../../../src/abi/layout.js';
import { Container } from '../../../src/enrich/container.js';
import { NO_EPOCH } from '../../../src/plan/process-entry.js';
import { Told } from './told.js';

const { RECORD_EXEC, RECORD_FORK, RECORD_RENAME, RECORD_EXIT } = record_kind;

let told: Told;
beforeEach(() => {
  told = new Told();
});

test('a program is told of when it has run for a while, and not when it has ended by then', () => {
  told = new Told(50);
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    told.filter.use(told.plan(1));
    told.filter.work();
    const [stays, ends] = [told.process(1), told.process(2)];
    for (const one of [stays, ends]) told.filter.changed(RECORD_EXEC, one, 0n);
    told.filter.note(stays, 1, 0);
    told.filter.work();
    expect(told.pids()).toEqual([]);
    expect(told.filter.waiting).toBe(2);
    expect(told.filter.pause_ms(1000)).toBe(50);
    vi.advanceTimersByTime(30);
    expect(told.filter.pause_ms(1000)).toBe(20);
    told.filter.changed(RECORD_EXIT, ends, 0n);
    vi.advanceTimersByTime(20);
    expect(told.filter.pause_ms(1000)).toBe(0);
    told.filter.work();
    expect(told.pids()).toEqual([1]);
    expect(told.filter.pause_ms(1000)).toBe(1000);
  } finally {
    vi.useRealTimers();
  }
});

test('without a plan nobody is told of', () => {
  const one = told.process(1);
  told.filter.changed(RECORD_EXEC, one, 0n);
  told.filter.work();
  expect(told.pids()).toEqual([]);
  expect(told.filter.pause_ms(1000)).toBe(1000);
});

test('a new plan is told of all that live, some at a time', () => {
  for (let pid = 1; pid <= 200; pid++) told.process(pid);
  told.filter.use(told.plan(1));
  expect(told.filter.pause_ms(1000)).toBe(0);
  told.filter.work();
  const first = told.pids();
  expect(first.length).toBeLessThan(200);
  for (let round = 0; round < 10 && told.filter.pause_ms(1) === 0; round++) told.filter.work();
  expect([...first, ...told.pids()].length).toBe(200);
  expect(told.filter.pause_ms(1000)).toBe(1000);
});

test('an exec is told once, with what it rests on', () => {
  told.filter.use(told.plan(3));
  told.filter.work();
  const one = told.process(7, { exec_low: 5, uid: 33, comm: 'nginx', cgroup_id: 77 });
  told.filter.changed(RECORD_EXEC, one, 0n);
  told.filter.changed(RECORD_RENAME, one, 0n);
  told.filter.work();
  expect(told.written).toHaveLength(1);
  expect(told.written[0]?.entry).toMatchObject({
    start_ns: 7n,
    exec_id: 5n,
    cgroup_id: 77n,
    epoch: NO_EPOCH,
    plan: 3,
    uid: 33,
    comm: 'nginx',
  });
  expect([...told.cgroups.keys()]).toEqual([77n]);
});

test('a process that has ended meanwhile, or of which nobody is certain, is not told of', () => {
  told.filter.use(told.plan(1));
  told.filter.work();
  const ended = told.process(1);
  told.filter.changed(RECORD_EXEC, ended, 0n);
  told.filter.changed(RECORD_EXIT, ended, 0n);
  told.filter.changed(RECORD_EXEC, told.process(2, { uncertain: true }), 0n);
  told.filter.changed(RECORD_EXEC, told.process(3, { start_is_rounded: true }), 0n);
  told.filter.work();
  expect(told.pids()).toEqual([]);
});

test('an event of a process that has changed makes it be told again, and not at every event', () => {
  const one = told.process(1);
  told.filter.use(told.plan(1));
  told.filter.work();
  expect(told.pids()).toEqual([1]);
  told.filter.note(one, 1, 0);
  told.filter.work();
  expect(told.pids()).toEqual([]);
  told.filter.note(one, 1, 65534);
  told.filter.work();
  expect(told.written[0]?.entry.uid).toBe(65534);
  expect(told.pids()).toEqual([1]);
  // To and fro: the kernel falls back to what does not change meanwhile.
  for (let flip = 0; flip < 10; flip++) {
    told.filter.note(one, 1, flip % 2 === 0 ? 0 : 65534);
    told.filter.work();
  }
  expect(told.pids().length).toBeLessThan(2);
});

test('the user of another thread is not the user of the process', () => {
  const one = told.process(1);
  told.filter.use(told.plan(1));
  told.filter.work();
  told.pids();
  told.filter.note(one, 2, 65534);
  told.filter.work();
  expect(one.uid).toBe(0);
  expect(told.pids()).toEqual([]);
});

test.each(['uid', 'comm', 'cgroup_id'] as const)(
  'a copy with another %s than its parent is told of',
  (fact) => {
    const parent = told.process(1);
    told.filter.use(told.plan(1));
    told.filter.work();
    const copy = told.process(2, { parent });
    told.filter.changed(RECORD_FORK, copy, 0n, parent);
    Object.assign(copy, fact === 'comm' ? { comm: 'other' } : { [fact]: 33 });
    told.filter.work();
    told.pids();
    told.filter.note(copy, 2, fact === 'uid' ? 33 : 0);
    told.filter.work();
    expect(told.pids()).toEqual([2]);
  },
);

test('what rests on ancestors carries the last epoch of which all changes were seen', () => {
  told.usesAncestors = true;
  told.filter.use(told.plan(1));
  told.filter.work();
  const other = told.process(9);
  told.filter.changed(RECORD_EXEC, other, 2n);
  told.filter.work();
  expect(told.written.splice(0)[0]?.entry.epoch).toBe(0n);
  told.filter.changed(RECORD_RENAME, told.process(10), 1n);
  told.filter.work();
  expect(told.written.splice(0)[0]?.entry.epoch).toBe(2n);
  // Older than that: told again when an event of it comes.
  told.filter.note(other, 9, 0);
  told.filter.work();
  expect(told.written.map(({ pid, entry }) => [pid, entry.epoch])).toEqual([[9, 2n]]);
});

test('after a loss everybody is told of again, as of the epoch before the scan', () => {
  told.usesAncestors = true;
  told.process(1);
  told.filter.use(told.plan(1));
  told.filter.work();
  told.pids();
  told.filter.rescanned(7n);
  told.filter.work();
  expect(told.written.map(({ pid, entry }) => [pid, entry.epoch])).toEqual([[1, 7n]]);
});

test('what is learnt of a container is told of it and of its processes', () => {
  const container = new Container('abc', 'abcdef', 'docker', undefined);
  told.process(1, { container, cgroup_id: 50 });
  told.process(2);
  told.filter.use(told.plan(1));
  told.filter.work();
  told.pids();
  told.cgroups.clear();
  told.filter.learnt('abcdef');
  told.filter.work();
  expect(told.pids()).toEqual([1]);
  expect([...told.cgroups.keys()]).toEqual([50n]);
});
