// scripts/setup.sh: silent when there is nothing to do, and clear about what a host lacks.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from './agent.js';

const SETUP = join(ROOT, 'scripts', 'setup.sh');
/** What it uses before it could install anything. */
const NEEDED = ['bash', 'dirname', 'id', 'uname', 'node', 'npm', 'sort', 'cat', 'grep'];
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Runs it where some commands are others, or are missing. */
function setup(commands: Readonly<Record<string, string | undefined>> = {}): {
  status: number | null;
  stderr: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'saker-setup-'));
  folders.push(folder);
  for (const name of NEEDED) {
    if (name in commands) continue;
    const found = spawnSync('bash', ['-c', `type -P ${name}`], { encoding: 'utf8' }).stdout.trim();
    symlinkSync(found, join(folder, name));
  }
  for (const [name, text] of Object.entries(commands)) {
    if (text === undefined) continue;
    writeFileSync(join(folder, name), `#!/bin/bash\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return spawnSync('/bin/bash', [SETUP], { encoding: 'utf8', env: { PATH: folder } });
}

test('a second run finds nothing to do and says nothing', () => {
  const result = spawnSync(SETUP, ['--test'], { encoding: 'utf8' });
  expect(result).toMatchObject({ status: 0, stdout: '', stderr: '' });
});

test('an unknown argument is wrong use, status 2', () => {
  expect(spawnSync(SETUP, ['--no-such']).status).toBe(2);
});

test.each([
  ['an ordinary user', { id: 'echo 1000' }, /root.*sudo/],
  ['an old kernel', { uname: '[ $1 = -s ] && echo Linux || echo 5.4.0-1' }, /5\.4\.0.*6\.1/],
  ['another system', { uname: 'echo Darwin' }, /Linux host/],
  ['a host without node', { node: undefined }, /no node.*20/],
  ['a node that is too old', { node: 'echo v18.19.0' }, /v18\.19\.0.*20/],
  ['a host without npm', { npm: undefined }, /no npm/],
])('%s is told in one line what to do, with status 3', (_host, commands, expected) => {
  const result = setup(commands);
  expect(result.status).toBe(3);
  expect(result.stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(expected)]);
});
