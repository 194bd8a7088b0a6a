// The spool where a disk and a crash are real: a process that is killed, a disk that is full, one that
// becomes read-only.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Spool } from '../../src/output/spool.js';
import { random } from '../seeded.js';
import {
  alertLines,
  ids,
  listeningLog,
  openSpool,
  readerOf,
  takeAll,
} from '../unit/output/spool-lines.js';
import { ROOT } from './agent.js';

let folder: string;
let mounted = false;
const open: Spool[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-spool-e2e-'));
});
afterEach(async () => {
  for (const spool of open.splice(0)) await spool.close();
  if (mounted) execFileSync('umount', ['-l', folder]);
  mounted = false;
  rmSync(folder, { recursive: true, force: true });
});

function mount(size: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  mounted = true;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}

// Appends one alert after the other and says the number of each that is stored.
const WRITER = `
  const { Spool } = await import(process.argv[1]);
  const spool = await Spool.open({ path: process.argv[2], max_bytes: 1e9, max_age_ms: 1e9, sync: true,
    outputs: [{ name: 'sink' }], log: { warn() {}, error() {}, info() {} } });
  for (let id = Number(process.argv[3]); ; id++) {
    const line = process.argv[4].replace('NUMBER', id);
    if (await spool.append(Buffer.from(line), 1)) process.stdout.write(id + '\\n');
  }
`;

test('what was stored before the process was killed is there, in order, run after run', async () => {
  const { seed, below } = random();
  const line = alertLines(0, 1).toString().replace('"event_id":"0"', '"event_id":"NUMBER"');
  const module = join(ROOT, 'build', 'js', 'output', 'spool.js');
  let next = 0;
  for (let round = 0; round < 6; round++) {
    const args = ['--input-type=module', '-e', WRITER, module, folder, String(next), line];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let stored = -1;
    createInterface(child.stdout).on('line', (text) => {
      stored = Number(text);
    });
    await until(() => stored >= 0);
    await sleep(below(300));
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    const spool = await openSpool(folder);
    const found = (await takeAll(readerOf(spool))).map(Number);
    await spool.close();
    // One more may have been stored, and its number not been said.
    expect(found.at(-1), `${seed}`).toBeGreaterThanOrEqual(stored);
    expect(found, `${seed}`).toEqual(found.map((_, at) => next + at));
    next = (found.at(-1) ?? 0) + 1;
  }
});

test('a full disk: told once, delivered from memory, and kept again when there is room', async () => {
  mount('64m');
  const { log, said } = listeningLog();
  const spool = await openSpool(join(folder, 'spool'), { log });
  open.push(spool);
  writeFileSync(join(folder, 'other'), Buffer.alloc(20 * 1024 * 1024));
  // What random texts are made of cannot be compressed.
  const { bytes } = random();
  let next = 0;
  while (spool.counts().on_disk) {
    const padding = bytes(4000).toString('hex');
    const lines = alertLines(next, next + 20)
      .toString()
      .replaceAll('"proc.name":"', `$&${padding}`);
    await spool.append(Buffer.from(lines), 20);
    next += 20;
  }
  await spool.append(alertLines(next, next + 5), 5);
  next += 5;
  expect(await takeAll(readerOf(spool))).toEqual(ids(0, next));
  expect(said.filter(({ level }) => level === 'error')).toHaveLength(1);
  rmSync(join(folder, 'other'));
  await until(() => spool.counts().on_disk);
  expect(await spool.append(alertLines(next, next + 1), 1)).toBe(true);
  expect(await takeAll(readerOf(spool))).toEqual([String(next)]);
  expect(readerOf(spool).dropped).toBe(0);
});

test('a disk that becomes read-only, and writable again', async () => {
  mount('64m');
  const { log, said } = listeningLog();
  const path = join(folder, 'spool');
  const first = await openSpool(path);
  await first.append(alertLines(0, 10), 10);
  await first.close();
  execFileSync('mount', ['-o', 'remount,ro', folder]);
  const spool = await openSpool(path, { log });
  open.push(spool);
  expect(await spool.append(alertLines(10, 20), 10)).toBe(false);
  expect(await takeAll(readerOf(spool))).toEqual(ids(10, 20));
  void spool.append(alertLines(20, 30), 10);
  execFileSync('mount', ['-o', 'remount,rw', folder]);
  await until(() => spool.counts().on_disk);
  expect(await spool.append(alertLines(30, 31), 1)).toBe(true);
  // What lay there before comes first; what was only in memory has not been lost.
  expect(await takeAll(readerOf(spool))).toEqual([...ids(0, 10), ...ids(20, 31)]);
  expect(said.filter(({ level }) => level === 'error')).toHaveLength(1);
});
