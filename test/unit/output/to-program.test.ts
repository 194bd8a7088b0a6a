// The program that alerts are piped to: real shells.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { getPriority, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProgramSink } from '../../../src/output/to-program.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-program-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('with keep_alive one program reads all alerts', async () => {
  const out = join(folder, 'out');
  const sink = new ProgramSink(`echo start >> ${out}; cat >> ${out}`, true, { failed: () => {} });
  for (let index = 0; index < 3; index++) {
    sink.write(Buffer.from(`alert ${index}\n`), 1);
    await settled(() => sink.counts().delivered === index + 1);
  }
  await sink.close(5000);
  await settled(() => readFileSync(out, 'utf8').includes('alert 2'));
  expect(readFileSync(out, 'utf8')).toBe('start\nalert 0\nalert 1\nalert 2\n');
});

test('without it every alert has a program of its own, one after the other', async () => {
  const out = join(folder, 'out');
  const sink = new ProgramSink(`(echo start; cat) >> ${out}`, false, { failed: () => {} });
  sink.write(Buffer.from('a\nb\n'), 2);
  sink.write(Buffer.from('c\n'), 1);
  await sink.close(5000);
  expect(readFileSync(out, 'utf8')).toBe('start\na\nstart\nb\nstart\nc\n');
  expect(sink.counts()).toEqual({ queued: 0, delivered: 3, retried: 0, dropped: 0 });
});

test('the program runs at the ordinary priority, whatever that of the agent is', async () => {
  const out = join(folder, 'out');
  const before = getPriority();
  const nice = raised() ? 0 : before;
  try {
    const sink = new ProgramSink(`cat > /dev/null; nice > ${out}`, true, { failed: () => {} });
    sink.write(Buffer.from('a\n'), 1);
    await settled(() => sink.counts().delivered === 1);
    await sink.close(5000);
    await settled(() => existsSync(out) && readFileSync(out, 'utf8') !== '');
  } finally {
    setPriority(0, before);
  }
  expect(readFileSync(out, 'utf8')).toBe(`${nice}\n`);
});

// This thread alone; without the right to do so it stays as it is.
function raised(): boolean {
  try {
    setPriority(0, -5);
    return true;
  } catch {
    return false;
  }
}

test('the text of an alert is never part of the command line', async () => {
  const out = join(folder, 'out');
  const sink = new ProgramSink(`cat >> ${out}`, false, { failed: () => {} });
  const nasty = `'"; touch ${folder}/owned; $(touch ${folder}/owned) \`touch ${folder}/owned\`\n`;
  sink.write(Buffer.from(nasty), 1);
  await sink.close(5000);
  expect(readFileSync(out, 'utf8')).toBe(nasty);
  expect(() => readFileSync(join(folder, 'owned'))).toThrow(/ENOENT/);
});

test('a program that ends is started again, and every alert is counted', async () => {
  const out = join(folder, 'out');
  const sink = new ProgramSink(`head -n 1 >> ${out}`, true, { failed: () => {} });
  let written = 0;
  await settled(() => {
    if (sink.counts().queued === 0) sink.write(Buffer.from(`${written++}\n`), 1);
    return lines(out) >= 3;
  });
  await sink.close(5000);
  const { delivered, dropped } = sink.counts();
  expect(delivered + dropped).toBe(written);
  expect(delivered).toBeGreaterThanOrEqual(3);
});

test('a program that does not exist costs counted alerts, is told once and throws nothing', async () => {
  const told: unknown[] = [];
  const sink = new ProgramSink('exec /does/not/exist 2>/dev/null', true, {
    failed: (error) => told.push(error),
  });
  // A pipe takes what nobody will read; of a large batch the end of the program is noticed.
  const large = `${'x'.repeat(1 << 20)}\n`;
  sink.write(Buffer.from(large), 1);
  await settled(() => sink.counts().dropped === 1);
  sink.write(Buffer.from(large), 1);
  await sink.close(5000);
  expect(told).toHaveLength(1);
  expect(sink.counts()).toMatchObject({ delivered: 0, dropped: 2 });
});

function lines(file: string): number {
  try {
    return readFileSync(file, 'utf8').split('\n').length - 1;
  } catch {
    return 0; // not there yet
  }
}

async function settled(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
