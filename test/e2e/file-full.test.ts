// The file output on a disk that is really full: a small tmpfs.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NO_ROTATION, type RotationOptions } from '../../src/output/rotation.js';
import { FileSink } from '../../src/output/to-file.js';

let folder = '';
let told: unknown[] = [];
let lost: number[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', folder]);
  told = [];
  lost = [];
});
afterEach(() => {
  execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
});

function open(rotation: RotationOptions): FileSink {
  const events = {
    failed: (error: unknown) => told.push(error),
    recovered: (count: number) => lost.push(count),
    notRotated: (error: unknown) => told.push(error),
  };
  return new FileSink(join(folder, 'alerts'), true, events, rotation);
}

/** Text that no compression makes much shorter. */
function line(number: number): string {
  const noise = createHash('sha256').update(String(number)).digest('base64').repeat(2);
  return `${String(number).padStart(6, '0')} ${noise.slice(number % 17)}\n`;
}

test('what fits is there in whole lines, the rest is counted, and it goes on when there is room', async () => {
  writeFileSync(join(folder, 'ballast'), Buffer.alloc(150_000));
  const sink = open(NO_ROTATION);
  let next = 0;
  const write = async (count: number): Promise<void> => {
    const lines = Array.from({ length: count }, () => line(next++));
    sink.write(Buffer.from(lines.join('')), count);
    while (sink.counts().queued > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  while (told.length === 0) await write(100);
  await write(100);
  expect(statfsSync(folder).bavail).toBe(0);
  expect(told).toMatchObject([{ code: 'ENOSPC' }]);

  rmSync(join(folder, 'ballast'));
  await write(100);
  await sink.close(5000);
  const { delivered, dropped } = sink.counts();
  expect(delivered + dropped).toBe(next);
  expect(lost).toEqual([dropped]);
  const found = readFileSync(join(folder, 'alerts'), 'utf8').split('\n').slice(0, -1);
  expect(found).toHaveLength(delivered);
  for (const text of found) expect(`${text}\n`).toBe(line(Number(text.slice(0, 6))));
});

test('a file that is put aside on a full disk loses no line that was written', async () => {
  const sink = open({ ...NO_ROTATION, max_bytes: 40_000, keep: 100, compress: true });
  let next = 0;
  while (told.length === 0 && next < 20_000) {
    const lines = Array.from({ length: 50 }, () => line(next++));
    sink.write(Buffer.from(lines.join('')), 50);
    while (sink.counts().queued > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await sink.close(5000);
  const { delivered, dropped } = sink.counts();
  expect(delivered + dropped).toBe(next);
  const text = execFileSync(
    'sh',
    ['-c', 'for f in alerts*; do case $f in *.gz) zcat $f;; *.part) ;; *) cat $f;; esac; done'],
    {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  );
  const numbers = text
    .split('\n')
    .slice(0, -1)
    .map((one) => Number(one.slice(0, 6)));
  expect(new Set(numbers).size).toBe(delivered);
  for (const one of text.split('\n').slice(0, -1))
    expect(`${one}\n`).toBe(line(Number(one.slice(0, 6))));
});
