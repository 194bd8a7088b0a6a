// The same file by every kind of path: the alert names the file that was touched.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Act } from '../acts/acts.js';
import { perform } from '../acts/perform.js';
import { RunningAgent } from './agent.js';

const folder = mkdtempSync(join(tmpdir(), 'saker-paths-'));
const secret = join(folder, 'real', 'secret');
const rules = join(folder, 'rules.yaml');
let agent: RunningAgent;

beforeAll(async () => {
  mkdirSync(join(folder, 'real', 'deep'), { recursive: true });
  writeFileSync(secret, 'x');
  symlinkSync(secret, join(folder, 'link'));
  symlinkSync(join(folder, 'real'), join(folder, 'way'));
  const condition = `evt.type in (open, openat, openat2) and fd.name = ${secret}`;
  writeFileSync(
    rules,
    `- rule: Secret opened\n  desc: test\n  condition: ${condition}\n` +
      '  output: opened %fd.name written %fd.nameraw by %proc.pid\n  priority: INFO\n',
  );
  agent = await RunningAgent.start([rules]);
});

afterAll(async () => {
  await agent?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const open = (...args: string[]): Act => ({ program: 'open-path.py', args });

test.each([
  ['an absolute path', open(secret)],
  ['a path relative to the working directory', open('--cwd', join(folder, 'real'), 'secret')],
  ['dots', open('--cwd', join(folder, 'real', 'deep'), '../deep/.././secret')],
  ['a symbolic link to the file', open(join(folder, 'link'))],
  ['a symbolic link on the way', open(join(folder, 'way', 'secret'))],
  ['a descriptor of the folder', open('--dirfd', join(folder, 'real'), 'secret')],
  ['a descriptor and dots', open('--dirfd', join(folder, 'real', 'deep'), '../secret')],
  ['openat2', open('--call', 'openat2', '--dirfd', join(folder, 'real'), 'secret')],
  ['/proc/self/root', open(`/proc/self/root${secret}`)],
  ['/proc/self/cwd', open('--cwd', join(folder, 'real'), '/proc/self/cwd/secret')],
])('a file opened by %s is named as it is', async (_way, act) => {
  const done = await perform(act);
  await agent.settle();
  const alerts = agent.of('proc.pid', done.pid);
  expect(alerts.map((alert) => alert.rule)).toEqual(['Secret opened']);
  expect(alerts[0]?.output_fields).toMatchObject({
    'fd.name': secret,
    'fd.nameraw': done.written,
  });
});

test('a neighbour of the file is not the file', async () => {
  writeFileSync(`${secret}s`, 'x');
  const done = await perform(open(`${secret}s`));
  await agent.settle();
  expect(agent.of('proc.pid', done.pid)).toEqual([]);
});
