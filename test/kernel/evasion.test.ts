// Every way that we know round a rule that denies a file by its path, or an address, done by a real process.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Denier, hasLsm } from './deny-harness.js';
import {
  ADDRESSES,
  FILES,
  kernelColumn,
  type Outcome,
  reaches,
  seen,
  type Table,
  written,
} from './evasion-table.js';

const COLUMN = kernelColumn('deny');
const TO = ['127.77.0.1', '127.77.0.2'];
const SENDS =
  'evt.type in (connect, sendto, sendmsg, sendmmsg) and fd.type in (ipv4, ipv6) and fd.sip = 127.77.0.1';
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'evade-'));
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'secret'), 'protected');
  writeFileSync(join(folder, 'plain'), 'plain');
});

afterAll(() => rmSync(folder, { recursive: true }));

async function leading({ ways }: Table, to: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const way of ways.keys()) if (await reaches(way, to)) found.push(way);
  return found;
}

/** What became of each way, held against the document. */
async function outcomesOf(table: Table, to: readonly string[]): Promise<Map<string, Outcome>> {
  const leads = new Set(await leading(table, to));
  const outcomes = new Map<string, Outcome>(
    [...table.ways.keys()].map((way) => [way, leads.has(way) ? 'not stopped' : 'denied']),
  );
  const found = seen(table, COLUMN, outcomes);
  expect(found).toEqual(written(table, COLUMN) ?? found);
  return outcomes;
}

test('each way leads there where nothing is denied', async () => {
  expect(await leading(FILES, [folder])).toEqual([...FILES.ways.keys()]);
  expect(await leading(ADDRESSES, TO)).toEqual([...ADDRESSES.ways.keys()]);
});

describe('a rule that denies', () => {
  let denier: Denier;
  beforeAll(() => {
    denier = new Denier();
  });
  afterAll(() => denier.close());

  test.skipIf(!hasLsm)('stops reading as docs/evasion.md says, and nothing less', async () => {
    denier.use(
      `evt.type in (open, openat, openat2, open_by_handle_at) and fd.name = ${folder}/secret`,
    );
    expect((await outcomesOf(FILES, [folder])).get('name path')).toBe('denied');
    // Counted, each of them, whatever was told.
    expect(denier.count().denied).toBeGreaterThan(20_000n);
  });

  test('stops connections and datagrams as docs/evasion.md says, and nothing less', async () => {
    denier.use(SENDS);
    expect((await outcomesOf(ADDRESSES, TO)).get('network connect')).toBe('denied');
    expect(denier.count().denied).toBeGreaterThan(10_000n);
  });

  test.each(['network io-uring', 'network io-uring-worker', 'network io-uring-poller'])(
    '%s: who connects is the process whose ring it is',
    async (way) => {
      denier.use(`${SENDS} and proc.name = evade-network and proc.exepath endswith /evade-network`);
      expect(await reaches(way, TO)).toBe(false);
      denier.use(`${SENDS} and not proc.name = evade-network`);
      expect(await reaches(way, TO)).toBe(true);
    },
  );
});
