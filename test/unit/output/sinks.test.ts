// Standard output and files, with real pipes, files and a device that is always full.
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LineQueue } from '../../../src/output/line-queue.js';
import { FileSink } from '../../../src/output/to-file.js';
import { StdoutSink } from '../../../src/output/to-stdout.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-sinks-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const silent = { failed: () => {}, recovered: () => {} };
const quiet = { gone: () => {}, failed: () => {} };

test('a file is appended to, not replaced, and only its owner may read it', async () => {
  const name = join(folder, 'alerts');
  for (const line of ['one\n', 'two\n']) {
    const sink = new FileSink(name, true, silent);
    sink.write(Buffer.from(line), 1);
    await sink.close(5000);
    expect(sink.counts()).toEqual({ queued: 0, delivered: 1, retried: 0, dropped: 0 });
  }
  expect(readFileSync(name, 'utf8')).toBe('one\ntwo\n');
  expect(statSync(name).mode & 0o777).toBe(0o600);
});

test.each([true, false])(
  'a file that was moved away is made anew after reopen (keep_alive %s)',
  async (keepAlive) => {
    const name = join(folder, 'alerts');
    const sink = new FileSink(name, keepAlive, silent);
    sink.write(Buffer.from('before\n'), 1);
    await settled(() => sink.counts().delivered === 1);
    renameSync(name, `${name}.1`);
    sink.reopen();
    sink.write(Buffer.from('after\n'), 1);
    await sink.close(5000);
    expect(readFileSync(`${name}.1`, 'utf8')).toBe('before\n');
    expect(readFileSync(name, 'utf8')).toBe('after\n');
  },
);

test('a full disk costs counted alerts, is told once, and does not throw', async () => {
  const told: unknown[] = [];
  const sink = new FileSink('/dev/full', true, { ...silent, failed: (error) => told.push(error) });
  for (let round = 1; round <= 3; round++) {
    sink.write(Buffer.from('lost\n'), 2);
    await settled(() => sink.counts().dropped === 2 * round);
  }
  await sink.close(5000);
  expect(told).toMatchObject([{ code: 'ENOSPC' }]);
  expect(sink.counts()).toEqual({ queued: 0, delivered: 0, retried: 0, dropped: 6 });
});

test('a file whose folder does not exist is refused at the start', () => {
  expect(() => new FileSink(join(folder, 'no', 'alerts'), false, silent)).toThrow(/ENOENT/);
});

test('a file that can be written again says how many alerts it missed', async () => {
  const name = join(folder, 'sub');
  const lost: number[] = [];
  const sink = new FileSink(name, false, { ...silent, recovered: (count) => lost.push(count) });
  renameSync(folder, `${folder}.away`);
  sink.write(Buffer.from('missed\n'), 3);
  await settled(() => sink.counts().dropped === 3);
  renameSync(`${folder}.away`, folder);
  sink.write(Buffer.from('back\n'), 1);
  await sink.close(5000);
  expect(lost).toEqual([3]);
  expect(readFileSync(name, 'utf8')).toBe('back\n');
});

test('a reader that stops reading fills the queue and blocks nothing', async () => {
  const { fd, reader } = pipe('sleep', ['60']);
  const sink = new StdoutSink(quiet, fd);
  const megabyte = `${'x'.repeat((1 << 20) - 1)}\n`;
  for (let index = 0; index < 40; index++) sink.write(Buffer.from(megabyte), 1);
  await settled(() => sink.counts().queued > 0);
  const { queued, delivered, dropped } = sink.counts();
  expect(queued + delivered + dropped).toBe(40);
  expect(dropped).toBeGreaterThan(0);
  await sink.close(50);
  expect(sink.counts().delivered).toBe(0);
  closeSync(fd);
  reader.kill();
});

test('a reader that goes away is noticed once and ends the output', async () => {
  const { fd, reader } = pipe('true', []);
  await new Promise((resolve) => reader.on('exit', resolve));
  const gone: unknown[] = [];
  const sink = new StdoutSink({ ...quiet, gone: (error) => gone.push(error) }, fd);
  sink.write(Buffer.from('a\n'), 1);
  await settled(() => gone.length > 0);
  sink.write(Buffer.from('b\n'), 1);
  await sink.close(5000);
  expect(gone).toMatchObject([{ code: 'EPIPE' }]);
  expect(sink.counts()).toMatchObject({ delivered: 0, dropped: 2 });
  closeSync(fd);
});

test('standard output on a full disk is told once and tried again', async () => {
  const fd = openSync('/dev/full', 'w');
  const told: unknown[] = [];
  const sink = new StdoutSink({ ...quiet, failed: (error) => told.push(error) }, fd);
  for (let round = 1; round <= 3; round++) {
    sink.write(Buffer.from('lost\n'), 1);
    await settled(() => sink.counts().dropped === round);
  }
  await sink.close(5000);
  expect(told).toMatchObject([{ code: 'ENOSPC' }]);
  closeSync(fd);
});

test('a reader gets every line in order', async () => {
  const out = join(folder, 'out');
  const { fd, reader } = pipe('sh', ['-c', `cat > ${out}`]);
  const sink = new StdoutSink(quiet, fd);
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`);
  for (const line of lines) sink.write(Buffer.from(line), 1);
  await sink.close(20_000);
  closeSync(fd);
  expect(sink.counts()).toEqual({ queued: 0, delivered: 20_000, retried: 0, dropped: 0 });
  await settled(() => statSync(out).size === lines.join('').length);
  reader.kill();
  expect(readFileSync(out, 'utf8')).toBe(lines.join(''));
});

test('the queue drops the oldest lines first', async () => {
  const written: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const queue = new LineQueue(
    async (bytes) => {
      written.push(bytes.toString());
      if (written.length === 1) await held;
    },
    6,
    () => {},
  );
  for (const line of ['aa\n', 'bb\n', 'cc\n', 'dd\n']) queue.write(Buffer.from(line), 1);
  release();
  await queue.close(5000);
  expect(written).toEqual(['aa\n', 'cc\ndd\n']);
  expect(queue.counts()).toEqual({ queued: 0, delivered: 3, retried: 0, dropped: 1 });
});

// A pipe whose reading end belongs to another process: a FIFO, so that both ends are ours to open.
function pipe(command: string, args: string[]) {
  const name = join(folder, 'fifo');
  execFileSync('mkfifo', [name]);
  const both = openSync(name, 'r+'); // without it each open would wait for the other end
  const read = openSync(name, 'r');
  const fd = openSync(name, 'w');
  closeSync(both);
  const reader = spawn(command, args, { stdio: [read, 'ignore', 'ignore'] });
  closeSync(read);
  return { fd, reader };
}

async function settled(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
