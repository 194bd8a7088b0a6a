// Files that are put aside by size and by time: no line is lost, split or doubled.
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NO_ROTATION, type RotationOptions } from '../../../src/output/rotation.js';
import { FileSink } from '../../../src/output/to-file.js';
import { random } from '../../seeded.js';

let folder = '';
let name = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-file-'));
  name = join(folder, 'alerts.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(
  rotation: Partial<RotationOptions>,
  keepAlive = true,
  told: unknown[] = [],
): FileSink {
  const events = {
    failed: (error: unknown) => told.push(error),
    recovered: () => {},
    notRotated: (error: unknown) => told.push(error),
  };
  return new FileSink(name, keepAlive, events, { ...NO_ROTATION, ...rotation });
}

/** Old files first, then the one that is written. */
function files(): string[] {
  const bare = (file: string): string => file.replace(/\.gz$/, '');
  const old = readdirSync(folder).filter((file) => file !== 'alerts.json');
  old.sort((a, b) => bare(a).localeCompare(bare(b), 'en', { numeric: true }));
  return [...old, 'alerts.json'];
}

function text(file: string): string {
  const bytes = readFileSync(join(folder, file));
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

test.each([true, false])(
  'no file grows above its bound, and no line is split (keep_alive %s)',
  async (keepAlive) => {
    const source = random();
    const sink = open({ max_bytes: 1000 }, keepAlive);
    const lines: string[] = [];
    for (let batch = 0; batch < 60; batch++) {
      const some = Array.from(
        { length: 1 + source.below(12) },
        (_, index) => `${batch}.${index} ${'x'.repeat(source.below(300))}\n`,
      );
      lines.push(...some);
      sink.write(Buffer.from(some.join('')), some.length);
      if (source.below(3) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await sink.close(5000);
    const parts = files().map(text);
    const seed = `SEED=${source.seed}`;
    expect(parts.length, seed).toBeGreaterThan(5);
    expect(parts.join(''), seed).toBe(lines.join(''));
    for (const part of parts) {
      expect(part.length, seed).toBeLessThanOrEqual(1000);
      expect(part.endsWith('\n'), seed).toBe(true);
    }
    expect(sink.counts(), seed).toMatchObject({ delivered: lines.length, dropped: 0 });
  },
);

test('a line longer than the bound has a file of its own', async () => {
  const sink = open({ max_bytes: 10 });
  sink.write(Buffer.from(`a\n${'b'.repeat(50)}\nc\n`), 3);
  await sink.close(5000);
  expect(files().map(text)).toEqual(['a\n', `${'b'.repeat(50)}\n`, 'c\n']);
});

test('a new span of time begins a new file, also after a restart', async () => {
  writeFileSync(name, 'yesterday\n');
  const yesterday = new Date(Date.now() - 86_400_000);
  utimesSync(name, yesterday, yesterday);
  const sink = open({ interval_ms: 86_400_000 });
  sink.write(Buffer.from('today\n'), 1);
  sink.write(Buffer.from('today too\n'), 1);
  await sink.close(5000);
  expect(files().map(text)).toEqual(['yesterday\n', 'today\ntoday too\n']);
});

test('so many old files stay, and they are compressed', async () => {
  const sink = open({ max_bytes: 4, keep: 3, compress: true });
  for (let index = 0; index < 9; index++) sink.write(Buffer.from(`n${index}\n`), 1);
  await sink.close(5000);
  expect(files().map(text)).toEqual(['n5\n', 'n6\n', 'n7\n', 'n8\n']);
  const old = files().slice(0, -1);
  expect(old.every((file) => /^alerts\.json\.\d{8}T\d{6}\.\d{3}Z(-\d+)?\.gz$/.test(file))).toBe(
    true,
  );
  expect(old.map((file) => statSync(join(folder, file)).mode & 0o777)).toEqual([
    0o600, 0o600, 0o600,
  ]);
});

test("what is no old file of ours stays, whatever it's called", async () => {
  for (const other of [
    'alerts.json.bak',
    'alerts.json.20240101',
    'alerts.jsonx.20240101T000000.000Z',
  ])
    writeFileSync(join(folder, other), '');
  const sink = open({ max_bytes: 4, keep: 1 });
  for (let index = 0; index < 5; index++) sink.write(Buffer.from(`n${index}\n`), 1);
  await sink.close(5000);
  expect(readdirSync(folder)).toHaveLength(5);
});

test('a file that cannot be put aside is written on, and it is told once', async () => {
  const told: unknown[] = [];
  const sink = open({ max_bytes: 4 }, true, told);
  sink.write(Buffer.from('abc\n'), 1);
  await settled(() => sink.counts().delivered === 1);
  // The descriptor stays what it is, its name leads nowhere.
  renameSync(folder, `${folder}.away`);
  sink.write(Buffer.from('b\n'), 1);
  await settled(() => sink.counts().delivered === 2);
  sink.write(Buffer.from('c\n'), 1);
  await sink.close(5000);
  renameSync(`${folder}.away`, folder);
  expect(told).toMatchObject([{ code: 'ENOENT' }]);
  expect(files().map(text)).toEqual(['abc\nb\nc\n']);
});

test('a device is never put aside', async () => {
  name = '/dev/null';
  const sink = open({ max_bytes: 1, interval_ms: 1 });
  sink.write(Buffer.from('abc\nabc\n'), 2);
  await sink.close(5000);
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  expect(sink.counts()).toMatchObject({ delivered: 2 });
});

async function settled(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
