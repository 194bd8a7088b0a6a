// Every way that we know round a rule that denies a file by its path, done by a real process.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Denier, hasLsm } from './deny-harness.js';
import { kernelColumn, type Outcome, seen, WAYS, written } from './evasion-table.js';
import { act } from './harness.js';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'evade-'));
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'secret'), 'protected');
  writeFileSync(join(folder, 'plain'), 'plain');
});

afterAll(() => rmSync(folder, { recursive: true }));

async function reads(way: string): Promise<boolean> {
  return (await act('kernel/evade', way, folder)).read === 1;
}

test('each way leads to the file where nothing is denied', async () => {
  const without: string[] = [];
  for (const way of WAYS.keys()) if (!(await reads(way))) without.push(way);
  expect(without).toEqual([]);
});

describe.skipIf(!hasLsm)('a rule that denies', () => {
  let denier: Denier;
  beforeAll(() => {
    denier = new Denier();
  });
  afterAll(() => denier.close());

  test('stops what docs/evasion.md says, and nothing less', async () => {
    denier.use(
      `evt.type in (open, openat, openat2, open_by_handle_at) and fd.name = ${folder}/secret`,
    );
    const outcomes = new Map<string, Outcome>();
    for (const way of WAYS.keys()) outcomes.set(way, (await reads(way)) ? 'not stopped' : 'denied');
    const column = kernelColumn('deny');
    const found = seen(column, outcomes);
    expect(outcomes.get('path')).toBe('denied');
    expect(found).toEqual(written(column) ?? found);
    // Counted, each of them, whatever was told.
    expect(denier.count().denied).toBeGreaterThan(20_000n);
  });
});
