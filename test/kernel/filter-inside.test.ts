// Texts anywhere in the paths of real files: those that hold one are told from those that hold none, by the byte
// that few names have as well as by a search.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Needle } from '../../src/plan/kernel-plan.js';
import { ALL, classOf, NONE, only, openOf, Plans, typePlan } from './filter-plan.js';
import { attach, nativeNumber, type Sensor } from './harness.js';
import { Python } from './python.js';

const ABSENT = 0;
const OPENAT = nativeNumber('openat');

let sensor: Sensor;
let plans: Plans;
let python: Python;
let folder: string;

beforeAll(() => {
  sensor = attach();
  plans = new Plans(sensor);
  python = new Python();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'saker-inside-')));
});
afterAll(async () => {
  await python.close();
  plans.end();
  sensor.close();
  rmSync(folder, { recursive: true });
});

// Which of these files, opened by their full names, hold one of the texts as far as the kernel can tell.
async function holders(needles: readonly Needle[], names: readonly string[]): Promise<string[]> {
  const path = {
    exact: new Map(),
    prefixes: new Map(),
    deeper: new Map(),
    other: ALL,
    inside: { needles, absent: only('path', ABSENT) },
  };
  plans.use([[OPENAT, typePlan({ path: 0 })]], { paths: [path] });
  const files = names.map((name) => join(folder, name));
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
  }
  const { said, pid } = await python.run(
    ...files.map((file) => `os.open(${JSON.stringify(file)}, 0)`),
  );
  expect(said).toEqual(files.map(() => 'done'));
  const found = names.filter((_, i) => {
    const record = openOf(sensor, { pid }, files[i] ?? '');
    return classOf(record, 'path') !== ABSENT;
  });
  plans.end();
  return found;
}

const asked = (text: string): Needle => ({ text, matters: ALL });
const unasked = (text: string): Needle => ({ text, matters: NONE });

const WITHOUT = [
  'plain',
  'under_score',
  'id-rsa',
  'd_rsa',
  'id_rs',
  `${'x'.repeat(60)}`,
  `${'y'.repeat(40)}_`,
  'a/b/c/d/e/f/g/h/file',
  'a/b_c/d/e/f/g/h/file',
];
// At each place of the eight bytes in which names are read, and of what is read by other means.
const WITH = [
  'id_rsa',
  ...Array.from({ length: 34 }, (_, n) => `${'n'.repeat(n)}id_rsa`),
  ...Array.from({ length: 34 }, (_, n) => `id_rsa${'m'.repeat(n)}`),
  'id_rsa.d/a/b/c/d/e/f/g/file',
  'a/b/c/d/old_id_rsa.d/file',
  'history/bash_history',
];

test('a text is found wherever it is in the path', async () => {
  const names = [...WITHOUT, ...WITH];
  expect(await holders([asked('id_rsa'), asked('_history')], names)).toEqual(WITH);
});

test('a text without the rare byte of the others is looked for', async () => {
  const names = [...WITHOUT, ...WITH, '.ssh/key', 'a/.ssh/b/c/d/e/key', 'ssh/key'];
  const needles = [asked('id_rsa'), asked('_history'), asked('/.ssh/')];
  expect(await holders(needles, names)).toEqual([...WITH, '.ssh/key', 'a/.ssh/b/c/d/e/key']);
});

test('a text that no open clause asks for changes nothing', async () => {
  const names = [...WITHOUT, ...WITH, '.ssh/key'];
  expect(await holders([asked('id_rsa'), unasked('/.ssh/')], names)).toEqual(
    WITH.filter((name) => name.includes('id_rsa')),
  );
});
