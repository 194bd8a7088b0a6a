// Processes that have called no exec: when the kernel is told of them, and when it finds what it was told of
// who made them.

import { beforeEach, expect, test } from 'vitest';
import { record_kind } from '../../../src/abi/layout.js';
import type { Process } from '../../../src/enrich/process.js';
import { Told } from './told.js';

const { RECORD_EXEC, RECORD_FORK, RECORD_RENAME, RECORD_EXIT } = record_kind;

let told: Told;
beforeEach(() => {
  told = new Told();
});

test('a copy is not told of while the kernel finds the bits of its parent', () => {
  const parent = told.process(1);
  told.filter.use(told.plan(1));
  told.filter.work();
  told.pids();
  const copy = told.process(2, { parent });
  told.filter.changed(RECORD_FORK, copy, 0n, parent);
  const copyOfCopy = told.process(3, { parent: copy });
  told.filter.changed(RECORD_FORK, copyOfCopy, 0n, copy);
  for (const one of [copy, copyOfCopy]) told.filter.note(one, one.pid, 0);
  told.filter.work();
  expect(told.pids()).toEqual([]);
  // A brother of its cloner is no copy.
  const brother = told.process(4, { parent: undefined });
  told.filter.changed(RECORD_FORK, brother, 0n, parent);
  told.filter.work();
  expect(told.pids()).toEqual([4]);
});

test('of more generations than the kernel goes up every fourth is told of', () => {
  let parent = told.process(1);
  told.filter.use(told.plan(1));
  told.filter.work();
  told.pids();
  for (let pid = 2; pid <= 9; pid++) {
    const child = told.process(pid, { parent });
    told.filter.changed(RECORD_FORK, child, 0n, parent);
    parent = child;
    told.filter.work();
  }
  expect(told.pids()).toEqual([5, 9]);
});

test.each<[string, (parent: Process, copy: Process) => void]>([
  [
    'has ended, so that it has another,',
    (parent, copy) => {
      copy.parent = told.process(90);
      told.filter.changed(RECORD_EXIT, parent, 0n);
    },
  ],
  [
    'has called exec',
    (parent) => {
      parent.exec_low += 1;
      told.filter.changed(RECORD_EXEC, parent, 0n);
    },
  ],
  [
    'has another name',
    (parent) => {
      parent.comm = 'other';
      told.filter.changed(RECORD_RENAME, parent, 0n);
    },
  ],
  [
    'was told of for the plan before',
    () => {
      told.filter.use(told.plan(2));
      told.living.length = 0;
    },
  ],
])('a copy whose parent %s is told of when an event of it comes', (_, change) => {
  const parent = told.process(1);
  told.filter.use(told.plan(1));
  told.filter.work();
  const copy = told.process(2, { parent });
  told.filter.changed(RECORD_FORK, copy, 0n, parent);
  told.filter.work();
  told.pids();
  change(parent, copy);
  told.filter.work();
  told.pids();
  told.filter.note(copy, 2, 0);
  told.filter.work();
  expect(told.pids()).toEqual([2]);
});
