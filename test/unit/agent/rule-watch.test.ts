// Changes of files, made the ways in which people and machines make them.
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RuleWatch } from '../../../src/agent/rule-watch.js';

let folder = '';
let watch: RuleWatch | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-watch-'));
});
afterEach(() => {
  watch?.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => join(folder, name);

/** Watches a path; the returned function waits until a change has been told after the last one. */
async function watching(path: string): Promise<() => Promise<void>> {
  let told = 0;
  let awaited = 0;
  const changed = (): void => {
    told += 1;
  };
  watch = new RuleWatch({ paths: () => [path], changed, interval_ms: 5, settle_ms: 5 });
  const next = async (): Promise<void> => {
    awaited = Math.max(awaited + 1, told);
    while (told < awaited) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  await next(); // the first look
  return next;
}

test.each<[string, string, () => void]>([
  ['a file is written in place', 'a.yaml', () => writeFileSync(at('a.yaml'), 'longer')],
  ['a file of the same size takes its place', 'a.yaml', () => replace('a.yaml', 'new')],
  ['a file goes', 'a.yaml', () => unlinkSync(at('a.yaml'))],
  ['a file goes from a folder', '.', () => unlinkSync(at('a.yaml'))],
  ['a file comes to a folder', '.', () => writeFileSync(at('b.yml'), 'new')],
  ['a file comes', 'missing.yaml', () => writeFileSync(at('missing.yaml'), 'new')],
  ['the folder goes', 'rules', () => rmSync(at('rules'), { recursive: true })],
  ['a link above the file is turned', 'link/r.yaml', () => turn('link', 'second')],
  ['a file becomes a folder', 'a.yaml', () => becomeFolder('a.yaml')],
])('it is told that %s', async (_, path, change) => {
  writeFileSync(at('a.yaml'), 'old');
  mkdirSync(at('rules'));
  for (const name of ['first', 'second']) {
    mkdirSync(at(name));
    writeFileSync(join(at(name), 'r.yaml'), 'same');
  }
  symlinkSync('first', at('link'));
  const told = await watching(at(path));
  change();
  await told();
});

test('it is told that a ConfigMap was replaced, as Kubernetes does it', async () => {
  // rules.yaml -> ..data/rules.yaml, ..data -> ..1; a new ..data is renamed over the old one.
  const volume = at('volume');
  for (const name of ['..1', '..2']) {
    mkdirSync(join(volume, name), { recursive: true });
    writeFileSync(join(volume, name, 'rules.yaml'), 'same size');
  }
  symlinkSync('..1', join(volume, '..data'));
  symlinkSync('..data/rules.yaml', join(volume, 'rules.yaml'));
  const told = await watching(volume);
  symlinkSync('..2', join(volume, '..data_tmp'));
  renameSync(join(volume, '..data_tmp'), join(volume, '..data'));
  await told();
});

test('it is not told of files that are no rule files', async () => {
  writeFileSync(at('a.yaml'), 'old');
  let told = 0;
  const looked: number[] = [];
  const paths = (): string[] => {
    looked.push(told);
    return [folder];
  };
  const changed = (): void => {
    told += 1;
  };
  watch = new RuleWatch({ paths, changed, interval_ms: 2, settle_ms: 2 });
  while (told === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  for (const name of ['notes.txt', '.a.yaml.swp', 'a.yaml~']) writeFileSync(at(name), 'x');
  const enough = looked.length + 10;
  while (looked.length < enough) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(told).toBe(1);
});

test('a file that never rests is told of all the same', async () => {
  writeFileSync(at('a.yaml'), '');
  const told = await watching(at('a.yaml'));
  let size = 0;
  const writing = setInterval(() => writeFileSync(at('a.yaml'), 'x'.repeat(++size)), 1);
  await told();
  clearInterval(writing);
});

function replace(name: string, text: string): void {
  writeFileSync(at('new'), text);
  renameSync(at('new'), at(name));
}

function turn(link: string, target: string): void {
  symlinkSync(target, at('turned'));
  renameSync(at('turned'), at(link));
}

function becomeFolder(name: string): void {
  unlinkSync(at(name));
  mkdirSync(at(name));
}
