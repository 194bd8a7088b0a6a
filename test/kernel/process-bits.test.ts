// Which bits the kernel takes for a process, and when it takes none: each entry has one bit for what
// holds while all is as it was, one for what the program alone decides, one for children. A call that the
// filter lets through carries what was left.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  ALL,
  CHILD,
  entryOf,
  epochOf,
  FIXED,
  KINLESS,
  PLAN,
  stepping,
  WHOLE,
} from './process-steps.js';

const its = stepping();

describe('an entry', () => {
  test('is taken whole while all is as it was, and its absence leaves all open', async () => {
    const steps = await its.begin();
    expect(await steps.ask()).toBe(ALL);
    expect(steps.write()).toBe(true);
    expect(await steps.ask()).toBe(WHOLE);
    expect(await steps.ask()).toBe(WHOLE);
    its.entries.remove(steps.pid);
    expect(await steps.ask()).toBe(ALL);
  });

  test('of another plan is not taken', async () => {
    const steps = await its.begin();
    steps.write({ plan: PLAN + 2 });
    expect(await steps.ask()).toBe(ALL);
  });

  test('is gone with an exec before the new program can do anything', async () => {
    const steps = await its.begin();
    steps.write();
    for (const how of ['exec', 'thread-exec']) {
      await steps.step(how);
      expect(steps.next(), how).toBe(ALL);
      steps.learn();
      steps.write();
      expect(await steps.ask()).toBe(WHOLE);
    }
  });

  test('that comes late, for the program before, has no effect', async () => {
    const steps = await its.begin();
    const late = steps.entry();
    await steps.step('exec');
    expect(steps.next()).toBe(ALL);
    expect(its.entries.write(steps.pid, late)).toBe(true);
    expect(await steps.ask()).toBe(ALL);
  });

  test('for an earlier owner of the number has no effect', async () => {
    const steps = await its.begin();
    const { child = 0 } = await steps.step('child');
    const first = its.sensor.next('fork', Number(child));
    await steps.step('child-end');
    await steps.step(`child ${child}`);
    const second = its.sensor.next('fork', Number(child));
    expect(second.task.start_ns).toBeGreaterThan(first.task.start_ns);
    its.entries.write(Number(child), entryOf(first));
    expect(await steps.askChild()).toBe(ALL);
    its.entries.write(Number(child), entryOf(second));
    expect(await steps.askChild()).toBe(WHOLE);
  });

  test('of a process that has ended is written nowhere, which is no error', async () => {
    const steps = await its.begin();
    const entry = steps.entry();
    const { gone } = its.entries.counts;
    await steps.end();
    its.sensor.next('exit', steps.pid);
    expect(its.entries.write(steps.pid, entry)).toBe(false);
    expect(its.entries.counts.gone).toBe(gone + 1);
    its.entries.remove(steps.pid);
  });
});

describe('of an entry only what the program decides is taken after', () => {
  test.each(['name other', 'comm other'])('%s, until it is called as before', async (step) => {
    const steps = await its.begin();
    steps.write();
    await steps.step(step);
    expect(await steps.ask()).toBe(FIXED);
    await steps.step('name steps');
    expect(await steps.ask()).toBe(WHOLE);
  });

  test('a change of user', async () => {
    const steps = await its.begin();
    steps.write();
    await steps.step('user 65534');
    expect(await steps.ask()).toBe(FIXED);
  });

  test('another name, of the one thread that has it', async () => {
    const steps = await its.begin();
    steps.write();
    await steps.step('thread other');
    expect(steps.next()).toBe(FIXED);
    expect(await steps.ask()).toBe(WHOLE);
  });

  test('a move to another cgroup', async () => {
    const root = mkdtempSync(join(tmpdir(), 'saker-cgroup-'));
    execFileSync('mount', ['-t', 'cgroup2', 'none', root]);
    const folder = join(root, `saker-steps-${process.pid}`);
    try {
      mkdirSync(folder);
      const steps = await its.begin();
      steps.write();
      await steps.step(`cgroup ${folder}/cgroup.procs`);
      expect(await steps.ask()).toBe(FIXED);
      await steps.end();
      rmdirSync(folder);
    } finally {
      execFileSync('umount', [root]);
      rmdirSync(root);
    }
  });
});

test('of an entry all that does not rest on ancestors is taken after a change among them, if they matter', async () => {
  const steps = await its.begin();
  steps.write({ epoch: epochOf(its.sensor) });
  expect(await steps.ask()).toBe(WHOLE);
  steps.write({ epoch: epochOf(its.sensor) + 1n });
  expect(await steps.ask()).toBe(KINLESS);
  await steps.step('child');
  expect(await steps.askChild()).toBe(KINLESS);
  await steps.step('name other');
  expect(await steps.ask()).toBe(FIXED);
});

describe('a copy', () => {
  test('has the bits for children, and so have its own copies', async () => {
    const steps = await its.begin();
    steps.write();
    for (const lines of [1, 2, 3]) {
      const { child = 0 } = await steps.step(`lines ${lines}`);
      expect(steps.next(Number(child))).toBe(CHILD);
    }
    expect(await steps.ask()).toBe(WHOLE);
  });

  test('of a process without an entry has none', async () => {
    const steps = await its.begin();
    const { child = 0 } = await steps.step('lines 2');
    expect(steps.next(Number(child))).toBe(ALL);
  });

  test('of a process with the entry of an earlier program or plan has none', async () => {
    const steps = await its.begin();
    for (const stale of [{ plan: PLAN + 2 }, { exec_id: 0n }, { start_ns: 1n }]) {
      steps.write(stale);
      const { child = 0 } = await steps.step('lines 1');
      expect(steps.next(Number(child))).toBe(ALL);
    }
  });

  test('that is a brother has none', async () => {
    const steps = await its.begin();
    steps.write();
    const { child = 0 } = await steps.step('brother');
    expect(steps.next(Number(child))).toBe(ALL);
  });

  test('of a process whose name changed has what the program decides', async () => {
    const steps = await its.begin();
    steps.write();
    await steps.step('name other');
    const { child = 0 } = await steps.step('child');
    expect(await steps.askChild()).toBe(FIXED);
    steps.write({ comm: 'other' });
    expect(await steps.askChild(), String(child)).toBe(CHILD);
    await steps.step('name another');
    expect(await steps.askChild(), String(child)).toBe(FIXED);
  });

  test('knows no more of its ancestors than its parent knew', async () => {
    const steps = await its.begin();
    steps.write({ epoch: epochOf(its.sensor) });
    await steps.step('child');
    expect(await steps.askChild()).toBe(CHILD);
    await steps.step('name other'); // its parent's
    expect(await steps.askChild()).toBe(FIXED);
  });

  test('has none once another process is its parent, even one of the same program', async () => {
    const steps = await its.begin();
    steps.write();
    await steps.step('reaper');
    await steps.step('orphan');
    expect(await steps.askChild()).toBe(ALL);
    await steps.step('child-end');
    await steps.step('child');
    expect(await steps.askChild()).toBe(CHILD);
  });

  test('has none once its parent runs another program, or both have called exec as often', async () => {
    const steps = await its.begin();
    const { child = 0 } = await steps.step('twin');
    await steps.step('exec');
    steps.next();
    steps.learn();
    steps.write();
    process.kill(Number(child), 'SIGUSR1');
    expect(steps.next(Number(child))).toBe(ALL);
    expect(await steps.ask()).toBe(WHOLE);
  });

  test('with an entry of its own uses that', async () => {
    const steps = await its.begin();
    steps.write();
    const { child = 0 } = await steps.step('child');
    expect(await steps.askChild()).toBe(CHILD);
    its.entries.write(Number(child), entryOf(its.sensor.next('fork', Number(child))));
    expect(await steps.askChild()).toBe(WHOLE);
    its.entries.remove(Number(child));
    expect(await steps.askChild()).toBe(CHILD);
  });

  test('of the fourth generation has none', async () => {
    const steps = await its.begin();
    steps.write();
    const { child = 0 } = await steps.step('lines 4');
    expect(steps.next(Number(child))).toBe(ALL);
  });
});
