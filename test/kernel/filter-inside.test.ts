// Texts anywhere in the paths of real files: those that hold one are told from those that hold none, by the byte
// that few names have as well as by a search.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Needle } from '../../src/plan/kernel-plan.js';
import { filterFolder } from './filter-folder.js';
import { ALL, classOf, NONE, only, openOf, typePlan } from './filter-plan.js';
import { nativeNumber } from './harness.js';

const ABSENT = 0;
const OPENAT = nativeNumber('openat');

const on = filterFolder();

// Which of these files, opened by their full names, hold one of the texts as far as the kernel can tell.
async function holders(needles: readonly Needle[], names: readonly string[]): Promise<string[]> {
  const path = {
    exact: new Map(),
    prefixes: new Map(),
    deeper: new Map(),
    other: ALL,
    inside: { needles, absent: only('path', ABSENT) },
  };
  on.plans.use([[OPENAT, typePlan({ path: 0 })]], { paths: [path] });
  const files = names.map((name) => join(on.folder, name));
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
  }
  const { said, pid } = await on.python.run(
    ...files.map((file) => `os.open(${JSON.stringify(file)}, 0)`),
  );
  expect(said).toEqual(files.map(() => 'done'));
  const found = names.filter((_, i) => {
    const record = openOf(on.sensor, { pid }, files[i] ?? '');
    return classOf(record, 'path') !== ABSENT;
  });
  on.plans.end();
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
  'x86_64/bin_/rsa',
  'under_r/id_/rsa',
  ...Array.from({ length: 18 }, (_, n) => `${'n'.repeat(n)}_x_hid_rs`),
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

test('texts in which many bytes follow the rare one are found, and one in which a name ends with it', async () => {
  const names = [...WITHOUT, ...WITH, 'a_key', 'b_/list', 'c_'];
  const three = [asked('id_rsa'), asked('_history'), asked('_key')];
  expect(await holders(three, names)).toEqual([...WITH, 'a_key']);
  const ending = [asked('id_rsa'), asked('_history'), asked('_/list')];
  expect(await holders(ending, names)).toEqual([...WITH, 'b_/list']);
});

test('a text that no open clause asks for changes nothing', async () => {
  const names = [...WITHOUT, ...WITH, '.ssh/key'];
  expect(await holders([asked('id_rsa'), unasked('/.ssh/')], names)).toEqual(
    WITH.filter((name) => name.includes('id_rsa')),
  );
});
