// The alerts on disk: order, positions, bounds, and what a crash leaves.
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SpoolError } from '../../../src/errors.js';
import type { Spool } from '../../../src/output/spool.js';
import type { SpoolOptions } from '../../../src/output/spool-options.js';
import { random } from '../../seeded.js';
import { alertLines, ids, listeningLog, openSpool, readerOf, takeAll } from './spool-lines.js';

let folder: string;
const open: Spool[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-spool-'));
});
afterEach(async () => {
  for (const spool of open.splice(0)) await spool.close();
  rmSync(folder, { recursive: true, force: true });
});

async function opened(changes: Partial<SpoolOptions> = {}): Promise<Spool> {
  const spool = await openSpool(folder, changes);
  open.push(spool);
  return spool;
}

async function reopened(spool: Spool, changes: Partial<SpoolOptions> = {}): Promise<Spool> {
  await spool.close();
  return await opened(changes);
}

describe('order and position', () => {
  test('what is appended comes out in order, as soon as it is on disk', async () => {
    const spool = await opened();
    const stored = [spool.append(alertLines(0, 10), 10), spool.append(alertLines(10, 11), 1)];
    expect(await Promise.all(stored)).toEqual([true, true]);
    expect(await takeAll(readerOf(spool))).toEqual(ids(0, 11));
    expect(spool.queued('sink')).toBe(0);
  });

  test('an alert is handed out with all that an output wants to know of it', async () => {
    const spool = await opened();
    await spool.append(alertLines(7, 8), 1);
    const reader = readerOf(spool);
    await reader.fill(1, 1);
    expect(reader.peek(1, 1)).toEqual([
      {
        position: 1,
        event_id: '7',
        rule: 'Some rule',
        priority: 4,
        time_ns: 1_700_000_000_000_000_007n,
        json: alertLines(7, 8).toString().trimEnd(),
      },
    ]);
  });

  test('another run begins where the output stood, also inside of a chunk', async () => {
    const spool = await opened();
    await spool.append(alertLines(0, 100), 100);
    const reader = readerOf(spool);
    await reader.fill(30, 1e6);
    reader.accept(reader.generation, 30);
    const next = await reopened(spool);
    await next.append(alertLines(100, 110), 10);
    expect(await takeAll(readerOf(next))).toEqual(ids(30, 110));
  });

  test('each output has its own place, and what both have is given back to the disk', async () => {
    const outputs = [{ name: 'quick' }, { name: 'slow' }];
    const spool = await opened({ outputs, max_bytes: 100 * 1024 * 1024 });
    for (let at = 0; at < 20; at++)
      await spool.append(alertLines(at * 1000, (at + 1) * 1000, 200), 1000);
    expect(await takeAll(readerOf(spool, 'quick'))).toHaveLength(20_000);
    const full = spool.counts().bytes;
    expect(spool.queued('slow')).toBe(20_000);
    expect(await takeAll(readerOf(spool, 'slow'))).toEqual(ids(0, 20_000));
    await spool.append(alertLines(20_000, 20_001), 1);
    const next = await reopened(spool, { outputs });
    expect(next.counts().bytes).toBeLessThan(full / 4);
    expect(await takeAll(readerOf(next, 'slow'))).toEqual(['20000']);
  });

  test('an output that is new begins with what comes', async () => {
    const spool = await opened();
    await spool.append(alertLines(0, 10), 10);
    const next = await reopened(spool, { outputs: [{ name: 'sink' }, { name: 'new' }] });
    await next.append(alertLines(10, 12), 2);
    expect(await takeAll(readerOf(next, 'new'))).toEqual(['10', '11']);
    expect(await takeAll(readerOf(next))).toEqual(ids(0, 12));
  });

  test('alerts that an output does not want are passed over', async () => {
    const wants = ({ event_id }: { event_id: string }) => Number(event_id) % 2 === 0;
    const spool = await opened({ outputs: [{ name: 'sink', wants }] });
    await spool.append(alertLines(0, 6), 6);
    expect(await takeAll(readerOf(spool))).toEqual(['0', '2', '4']);
    expect(spool.queued('sink')).toBe(0);
  });

  test('what was taken before positions changed their meaning is not accepted', async () => {
    const spool = await opened();
    await spool.append(alertLines(0, 4), 4);
    const reader = readerOf(spool);
    await reader.fill(4, 1e6);
    const { generation } = reader;
    reader.startOver(1);
    reader.accept(generation, 4);
    expect(await takeAll(reader)).toEqual(ids(0, 4));
  });
});

describe('bounds', () => {
  test('by bytes: the oldest go, counted for each output that did not have them', async () => {
    const { log, said } = listeningLog();
    const spool = await opened({ max_bytes: 1024 * 1024, log });
    for (let at = 0; at < 40; at++)
      await spool.append(alertLines(at * 100, (at + 1) * 100, 400), 100);
    await until(() => spool.counts().bytes <= 1024 * 1024);
    const reader = readerOf(spool);
    const found = await takeAll(reader);
    expect(found.length).toBeGreaterThan(1000);
    expect(found).toEqual(ids(4000 - found.length, 4000));
    expect(reader.dropped).toBe(4000 - found.length);
    expect(spool.counts().dropped).toBe(reader.dropped);
    expect(said.filter(({ msg }) => msg.startsWith('the oldest alerts were dropped'))).not.toEqual(
      [],
    );
  });

  test('by age', async () => {
    let now = 1_700_000_000_000;
    const spool = await opened({ max_age_ms: 60_000, now_ms: () => now });
    await spool.append(alertLines(0, 10), 10);
    now += 59_000;
    await spool.append(alertLines(10, 20), 10);
    now += 2000;
    await spool.append(alertLines(20, 30), 10);
    const reader = readerOf(spool);
    const next = await reopened(spool, { max_age_ms: 60_000, now_ms: () => now });
    expect(await takeAll(readerOf(next))).toEqual(ids(10, 30));
    expect(reader.dropped).toBe(10);
  });
});

describe('after a crash', () => {
  // What a killed agent leaves: the files as they are, without the end of an orderly close.
  async function crashed(count: number, damage: (log: string) => void): Promise<void> {
    const spool = await opened();
    for (let at = 0; at < count; at++) await spool.append(alertLines(at, at + 1), 1);
    const store = join(folder, 'alerts');
    const copy = readdirSync(store).map((name) => ({
      name,
      bytes: readFileSync(join(store, name)),
    }));
    await spool.close();
    rmSync(store, { recursive: true });
    mkdirSync(store);
    for (const { name, bytes } of copy) writeFileSync(join(store, name), bytes);
    damage(newest(store, /\.log$/));
  }

  test('the half-written end is dropped and said, and all before it is delivered', async () => {
    await crashed(50, (log) => truncateSync(log, statSync(log).size - 7));
    const { log, said } = listeningLog();
    const spool = await opened({ log });
    expect(await takeAll(readerOf(spool))).toEqual(ids(0, 49));
    expect(said.map(({ msg }) => msg)).toContain(
      'the end of the spool was not written whole: dropped',
    );
    await spool.append(alertLines(50, 60), 10);
    expect(await takeAll(readerOf(spool))).toEqual(ids(50, 60));
  });

  test('an orderly end says nothing of that', async () => {
    await crashed(50, () => {});
    const { log, said } = listeningLog();
    const spool = await opened({ log });
    expect(await takeAll(readerOf(spool))).toEqual(ids(0, 50));
    expect(said.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  test('random bytes in any file: alerts in order, and never a failure to start', async () => {
    for (let round = 0; round < 12; round++) {
      const { seed, below } = random();
      await crashed(200, () => {});
      const store = join(folder, 'alerts');
      const names = readdirSync(store).filter((name) => name !== 'LOCK' && name !== 'LOG');
      const file = join(store, names[below(names.length)] ?? '');
      const bytes = readFileSync(file);
      const from = below(bytes.length + 1);
      const what = below(3);
      if (what === 0) truncateSync(file, from);
      else if (what === 1) for (let at = from; at < bytes.length; at++) bytes[at] = below(256);
      if (what === 1) writeFileSync(file, bytes);
      if (what === 2) appendFileSync(file, Buffer.from(ids(0, below(99) + 1).join('')));
      const spool = await opened();
      const context = `${seed} ${file} ${what} ${from}`;
      const found = await takeAll(readerOf(spool));
      expect(found.map(Number), context).toEqual([...found].map(Number).sort((a, b) => a - b));
      expect(found.length, context).toBeLessThanOrEqual(200);
      expect(await spool.append(alertLines(1000, 1001), 1), context).toBe(true);
      expect(await takeAll(readerOf(spool)), context).toEqual(['1000']);
      await spool.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('damaged tables', () => {
  test('whatever can be read comes in order; the rest is counted, and new alerts are kept', async () => {
    for (let round = 0; round < 4; round++) {
      const { seed, below, bytes } = random();
      const first = await opened();
      // Too much for LevelDB's memory, and of a kind that cannot be compressed away.
      for (let at = 0; at < 12; at++) {
        const padding = bytes(10_000).toString('hex');
        const lines = alertLines(at * 50, (at + 1) * 50).toString();
        await first.append(Buffer.from(lines.replaceAll('"proc.name":"', `$&${padding}`)), 50);
      }
      await first.close();
      const store = join(folder, 'alerts');
      const tables = readdirSync(store).filter((name) => name.endsWith('.ldb'));
      const file = join(store, tables[below(tables.length)] ?? '');
      const from = below(statSync(file).size);
      if (round % 2 === 0) truncateSync(file, from);
      else rmSync(file);
      const context = `${seed} ${file} ${round} ${from}`;
      const spool = await opened();
      const found = await takeAll(readerOf(spool));
      expect(found.map(Number), context).toEqual([...found].map(Number).sort((a, b) => a - b));
      expect(await spool.append(alertLines(1000, 1001), 1), context).toBe(true);
      expect(await takeAll(readerOf(spool)), context).toEqual(['1000']);
      await spool.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a disk that refuses', () => {
  test('two agents do not share a spool', async () => {
    await opened();
    const error = await openSpool(folder).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SpoolError);
    expect(error).toMatchObject({ code: 'SPOOL_BUSY' });
  });

  test('alerts are delivered from memory, told once, and kept again when it no longer refuses', async () => {
    const { log, said } = listeningLog();
    writeFileSync(join(folder, 'file'), '');
    const path = join(folder, 'file', 'spool');
    const spool = await openSpool(path, { log });
    open.push(spool);
    expect(await spool.append(alertLines(0, 10), 10)).toBe(false);
    expect(spool.counts().on_disk).toBe(false);
    expect(await takeAll(readerOf(spool))).toEqual(ids(0, 10));
    void spool.append(alertLines(10, 20), 10);
    rmSync(join(folder, 'file'));
    await until(() => spool.counts().on_disk);
    expect(await spool.append(alertLines(20, 21), 1)).toBe(true);
    expect(await takeAll(readerOf(spool))).toEqual(ids(10, 21));
    expect(said.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(said.map(({ msg }) => msg)).toContain('alerts are kept on disk again');
  });

  test('memory is bounded meanwhile, and what is dropped is counted', async () => {
    writeFileSync(join(folder, 'file'), '');
    const spool = await openSpool(join(folder, 'file', 'spool'), { retry_ms: 60_000 });
    open.push(spool);
    for (let at = 0; at < 50; at++)
      void spool.append(alertLines(at * 1000, (at + 1) * 1000, 1000), 1000);
    expect(spool.counts().bytes).toBeLessThan(33 * 1024 * 1024);
    const reader = readerOf(spool);
    const found = await takeAll(reader);
    expect(found).toEqual(ids(50_000 - found.length, 50_000));
    expect(reader.dropped).toBe(50_000 - found.length);
    expect(spool.counts().dropped).toBe(reader.dropped);
  });
});

function newest(store: string, pattern: RegExp): string {
  const names = readdirSync(store).filter((name) => pattern.test(name));
  return join(store, names.sort().at(-1) ?? '');
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}
