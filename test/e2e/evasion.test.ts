// Every way that we know round a rule that tells of a file by its path, or of an address, done by a real
// process under a real agent.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ADDRESSES,
  FILES,
  kernelColumn,
  type Outcome,
  reaches,
  seen,
  type Table,
  written,
} from '../kernel/evasion-table.js';
import { RunningAgent } from './agent.js';

const COLUMN = kernelColumn('detect');
const TO = ['127.77.0.1', '127.77.0.2'];
/** For a guest, which is slow. */
const LIMIT_MS = 900_000;
let folder = '';
let agent: RunningAgent;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saker-evade-'));
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'secret'), 'protected');
  writeFileSync(join(folder, 'plain'), 'plain');
  const conditions = {
    'Secret opened': `evt.type in (open, openat, openat2, open_by_handle_at) and fd.name = ${folder}/secret`,
    'Address reached': `evt.type in (connect, sendto, sendmsg, sendmmsg) and fd.sip = ${TO[0]}`,
  };
  const rules = Object.entries(conditions).map(([rule, condition]) => ({
    rule,
    desc: 'd',
    condition,
    output: 'pid=%proc.pid',
    priority: 'WARNING',
    dedup: { window: '1h', same: ['proc.pid'] },
  }));
  writeFileSync(join(folder, 'rules.yaml'), JSON.stringify(rules));
  agent = await RunningAgent.start([join(folder, 'rules.yaml')]);
}, LIMIT_MS);

afterAll(async () => {
  await agent?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function outcomesOf(
  table: Table,
  to: readonly string[],
  rule: string,
): Promise<Map<string, string>> {
  const told = (): number => agent.alerts.filter((alert) => alert.rule === rule).length;
  const outcomes = new Map<string, Outcome>();
  for (const way of table.ways.keys()) {
    const before = told();
    const leads = await reaches(way, to);
    await agent.settle();
    outcomes.set(way, !leads ? 'not possible' : told() > before ? 'detected' : 'not detected');
  }
  return seen(table, COLUMN, outcomes);
}

test.each([
  [FILES, 'Secret opened'],
  [ADDRESSES, 'Address reached'],
])(
  '$heading: an alert comes for the ways that docs/evasion.md names',
  async (table, rule) => {
    const found = await outcomesOf(table, table === FILES ? [folder] : TO, rule);
    expect([...found.values()][0]).toBe('detected');
    expect(found).toEqual(written(table, COLUMN) ?? found);
  },
  LIMIT_MS,
);
