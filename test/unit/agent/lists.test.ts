// Files of indicators: read when needed, again when they change, kept when they cannot be read.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AgentLists, entriesOf } from '../../../src/agent/lists.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-lists-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function start() {
  const said: string[] = [];
  const say = (_: unknown, text?: string) => said.push(text ?? '');
  return { lists: new AgentLists({ warn: say, info: say }), said };
}

test('an entry is a line without the blanks around it; remarks and empty lines are none', () => {
  expect(entriesOf('# bad\r\n\r\n  /tmp/a b \n\t10.0.0.1\n #x\nlast')).toEqual([
    '/tmp/a b',
    '10.0.0.1',
    'last',
  ]);
  expect(entriesOf('')).toEqual([]);
});

test('a hash may be written in either case, other texts are kept as they are', () => {
  expect(entriesOf(`${'AB'.repeat(32)}\nABC`)).toEqual(['ab'.repeat(32), 'ABC']);
});

test('a file that changes is read again, at once and however it changes', async () => {
  const { lists } = start();
  const path = join(folder, 'list');
  writeFileSync(path, 'a\n');
  await lists.refresh([path]);
  expect(lists.of(path)).toEqual(['a']);
  writeFileSync(path, 'b\n'); // as long as before
  await lists.refresh([path]);
  expect(lists.of(path)).toEqual(['b']);
  writeFileSync(`${path}.new`, 'c\n');
  renameSync(`${path}.new`, path);
  await Promise.all([lists.refresh([path]), lists.refresh([path]), lists.refresh([path])]);
  expect(lists.of(path)).toEqual(['c']);
});

test('a file that is gone or is none leaves what was known, and is told of once', async () => {
  const { lists, said } = start();
  const path = join(folder, 'list');
  await lists.refresh([path]);
  await lists.refresh([path]);
  expect(lists.of(path)).toEqual([]);
  expect(said.length).toBe(1);
  writeFileSync(path, 'a');
  await lists.refresh([path]);
  unlinkSync(path);
  await lists.refresh([path]);
  execFileSync('mkfifo', [path]);
  await lists.refresh([path]);
  expect(lists.of(path)).toEqual(['a']);
  expect(said.filter((text) => text.includes('cannot be read')).length).toBe(3);
});

test('a list that no rule names any more is forgotten', async () => {
  const { lists } = start();
  const path = join(folder, 'list');
  writeFileSync(path, 'a');
  await lists.refresh([path]);
  lists.keep(new Set());
  expect(lists.of(path)).toEqual([]);
});
