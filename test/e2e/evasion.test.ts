// Every way that we know round a rule that tells of a file by its path, done by a real process under a
// real agent.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kernelColumn, type Outcome, seen, WAYS, written } from '../kernel/evasion-table.js';
import { act } from '../kernel/harness.js';
import { RunningAgent } from './agent.js';

let folder = '';
let agent: RunningAgent;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saker-evade-'));
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'secret'), 'protected');
  writeFileSync(join(folder, 'plain'), 'plain');
  const rule = {
    rule: 'Secret opened',
    desc: 'd',
    condition: `evt.type in (open, openat, openat2, open_by_handle_at) and fd.name = ${folder}/secret`,
    output: 'opened pid=%proc.pid',
    priority: 'WARNING',
    dedup: { window: '1h', same: ['proc.pid'] },
  };
  writeFileSync(join(folder, 'rules.yaml'), JSON.stringify([rule]));
  agent = await RunningAgent.start([join(folder, 'rules.yaml')]);
}, 240_000);

afterAll(async () => {
  await agent?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('an alert comes for the ways that docs/evasion.md names', async () => {
  const outcomes = new Map<string, Outcome>();
  for (const way of WAYS.keys()) {
    const before = agent.alerts.filter(({ rule }) => rule === 'Secret opened').length;
    const { read } = await act('kernel/evade', way, folder);
    await agent.settle();
    const after = agent.alerts.filter(({ rule }) => rule === 'Secret opened').length;
    outcomes.set(way, read !== 1 ? 'not possible' : after > before ? 'detected' : 'not detected');
  }
  const column = kernelColumn('detect');
  const found = seen(column, outcomes);
  expect(outcomes.get('path')).toBe('detected');
  expect(found).toEqual(written(column) ?? found);
});
