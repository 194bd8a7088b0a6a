// A thread that puts a decoy behind a descriptor before the open has ended hides nothing.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { perform } from '../acts/perform.js';
import { act } from '../kernel/harness.js';
import { RunningAgent } from './agent.js';

const folder = mkdtempSync(join(tmpdir(), 'saker-swap-'));
const secret = join(folder, 'secret');
const link = join(folder, 'link');
// Named like the file, as an attacker would.
const decoy = join(folder, 'decoy', 'secret');
const ROUNDS = 1000;
let agent: RunningAgent;

beforeAll(async () => {
  mkdirSync(join(folder, 'decoy'));
  writeFileSync(secret, 'x');
  writeFileSync(decoy, 'x');
  symlinkSync(secret, link);
  const rule = (name: string, path: string) =>
    `- rule: ${name}\n  desc: test\n  condition: evt.type in (open, openat) and fd.name = ${path}\n` +
    '  output: opened %fd.name written %fd.nameraw by %proc.pid\n  priority: INFO\n';
  const rules = join(folder, 'rules.yaml');
  writeFileSync(rules, rule('Secret', secret) + rule('Decoy', decoy) + rule('Link', link));
  agent = await RunningAgent.start([rules]);
});

afterAll(async () => {
  await agent?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Alerts of a process by rule and by the path that satisfied it. */
function counts(pid: number): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { rule, saker } of agent.of('proc.pid', pid)) {
    const key = `${rule} by ${saker?.path ?? 'object'}`;
    found[key] = (found[key] ?? 0) + 1;
  }
  return found;
}

test('each open of the file is told once, by what was written where the object was swapped', async () => {
  const done = await act('swap-descriptor', secret, decoy, String(ROUNDS));
  await agent.settle();
  const found = counts(done.pid);
  const claimed = found['Secret by claimed'] ?? 0;
  expect(claimed).toBeGreaterThan(0);
  expect(claimed).toBeLessThanOrEqual(Number(done.swapped));
  // The decoy's own open comes on top.
  expect(found).toEqual({
    'Secret by claimed': claimed,
    'Secret by object': ROUNDS - claimed,
    'Decoy by object': claimed + 1,
  });
  const shown = agent.of('proc.pid', done.pid).filter(({ saker }) => saker?.path === 'claimed');
  expect(new Set(shown.map(({ output_fields }) => output_fields['fd.name']))).toEqual(
    new Set([secret]),
  );
});

test('a symbolic link in a program with threads is told by its own name too', async () => {
  const done = await act('swap-descriptor', link, decoy, '50');
  await agent.settle();
  const found = counts(done.pid);
  expect(found['Link by claimed']).toBe(50);
  expect(found['Link by object']).toBeUndefined();
});

test('a symbolic link in a program with one thread is only what it leads to', async () => {
  const done = await perform({ program: 'open-path.py', args: [link] });
  await agent.settle();
  expect(counts(done.pid)).toEqual({ 'Secret by object': 1 });
});
