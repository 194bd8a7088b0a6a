// Rules that kill, decided in the kernel: nobody reads the ring while they do.

import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { EnforcementConfig } from '../../src/config/enforcement.js';
import { act, actProgram, holdings, isEmulated, warmHoldings } from './harness.js';
import { Killer } from './kill-harness.js';

const run = promisify(execFile);
const TRIES = isEmulated ? 20 : 200;
const OPENS = 'evt.type in (open, openat, openat2)';
let folder = '';
let before: ReturnType<typeof holdings>;
let killer: Killer;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  before = warmHoldings();
  folder = mkdtempSync(join(tmpdir(), 'kill-'));
  for (const name of ['decoy', 'other']) writeFileSync(at(name), '');
  copyFileSync(actProgram('write-byte'), at('banned'));
  copyFileSync(actProgram('do-then-write'), at('spared'));
  killer = new Killer(['open', 'openat', 'openat2', 'creat']);
});

afterEach(() => {
  killer.forget();
});

afterAll(() => {
  killer.close();
  rmSync(folder, { recursive: true });
  expect(holdings()).toEqual(before);
});

/** What came of children that do this and then write a byte at once. */
async function tries(deed: 'open' | 'exec', name: string, times = TRIES, by = 'do-then-write') {
  const { killed, bytes } = await act(by, deed, at(name), String(times));
  killer.sensor.drain();
  return { killed, bytes };
}

test('who opens the file does not get to his next system call', async () => {
  killer.use('open', [`${OPENS} and fd.name = ${at('decoy')}`]);
  expect(await tries('open', 'decoy')).toEqual({ killed: TRIES, bytes: 0 });
  expect(await tries('open', 'other', 3)).toEqual({ killed: 0, bytes: 3 });
  expect(killer.parts).toHaveLength(TRIES);
  expect(new Set(killer.parts.map(({ killed }) => killed))).toEqual(new Set([1n]));
  expect(killer.verdicts.totals()).toMatchObject({ 'open 0': { killed: TRIES, denied: 0 } });
});

test('a program that may not run does nothing at all', async () => {
  killer.use('exec', [`evt.type = execve and proc.exepath = ${at('banned')}`]);
  expect(await tries('exec', 'banned')).toEqual({ killed: TRIES, bytes: 0 });
  expect(killer.parts).toHaveLength(TRIES);
});

test('the name that a program gets, and its parent, are known when it starts', async () => {
  killer.use('name', [`evt.type = execve and proc.name = banned and proc.pname = do-then-write`]);
  expect(await tries('exec', 'banned', 3)).toEqual({ killed: 3, bytes: 0 });
});

test('a rule kills so often, then it tells once that it does not, and others go on', async () => {
  const condition = `${OPENS} and fd.name = ${at('decoy')}`;
  killer.use('often', [condition], { kills_per_minute: 5 });
  expect(await tries('open', 'decoy', 9)).toEqual({ killed: 5, bytes: 4 });
  expect(killer.parts.map(({ killed }) => killed)).toEqual([1n, 1n, 1n, 1n, 1n, 0n, 0n, 0n, 0n]);
  expect(killer.parts.map(({ tripped }) => tripped)).toEqual([0n, 0n, 0n, 0n, 0n, 1n, 0n, 0n, 0n]);
  killer.use('often', [condition, `${OPENS} and fd.name startswith ${at('decoy')}`], {
    kills_per_minute: 5,
  });
  expect(await tries('open', 'decoy', 6)).toEqual({ killed: 5, bytes: 1 });
});

test.each<[string, Partial<EnforcementConfig>]>([
  ['audit', { mode: 'audit' }],
  ['off', { mode: 'off' }],
  ['audit for this rule', { rules: [{ rule: 'mode *', mode: 'audit' }] }],
])('%s: nobody is killed', async (_, config) => {
  killer.use('mode', [`${OPENS} and fd.name = ${at('decoy')}`], config);
  expect(await tries('open', 'decoy', 3)).toEqual({ killed: 0, bytes: 3 });
  expect(killer.parts).toEqual([]);
});

test('on for a rule alone kills for that rule', async () => {
  killer.use(
    'own',
    [`${OPENS} and fd.name = ${at('decoy')}`, `${OPENS} and fd.name = ${at('other')}`],
    {
      mode: 'audit',
      rules: [{ rule: 'own 1', mode: 'on' }],
    },
  );
  expect(await tries('open', 'decoy', 2)).toEqual({ killed: 0, bytes: 2 });
  expect(await tries('open', 'other', 2)).toEqual({ killed: 2, bytes: 0 });
});

test.each([
  ['its name', 'do-then-write'],
  ['the path of its program', actProgram('do-then-write')],
])('who is protected by %s is not killed', async (_, protectedOne) => {
  killer.use('spared', [`${OPENS} and fd.name = ${at('decoy')}`], { protected: [protectedOne] });
  expect(await tries('open', 'decoy', 3)).toEqual({ killed: 0, bytes: 3 });
  killer.use('spared', [`${OPENS} and fd.name = ${at('decoy')}`], { protected: [at('spared')] });
  expect(await tries('open', 'decoy', 3)).toEqual({ killed: 3, bytes: 0 });
});

test('what user space alone can tell is left to it', async () => {
  killer.use('vague', [`${OPENS} and fd.name = ${at('decoy')} and proc.cmdline contains decoy`]);
  expect(await tries('open', 'decoy', 3)).toEqual({ killed: 0, bytes: 3 });
});

test('the call that a rule names is the one that counts', async () => {
  killer.use('call', [`evt.type in (open, creat) and fd.name = ${at('decoy')}`]);
  expect(await tries('open', 'decoy', 3)).toEqual({ killed: 0, bytes: 3 });
});

test('a path is what the process itself sees', async () => {
  const inside = `import os, sys
os.chroot(sys.argv[1])
child = os.fork()
if not child: os._exit(0 if open('/decoy') else 1)
print('{"pid": 0, "killed": %d}' % (os.waitpid(child, 0)[1] == 9))`;
  const chrooted = async () =>
    JSON.parse((await run('/usr/bin/python3', ['-IS', '-c', inside, folder])).stdout);
  killer.use('outside', [`${OPENS} and fd.name = ${at('decoy')}`]);
  expect(await chrooted()).toMatchObject({ killed: 0 });
  killer.use('inside', [`${OPENS} and fd.name = /decoy`]);
  expect(await chrooted()).toMatchObject({ killed: 1 });
});

test('without rules that kill nothing is jumped to', async () => {
  killer.use('gone', [`${OPENS} and fd.name = ${at('decoy')}`]);
  killer.verdicts.use(undefined, []);
  expect(await tries('open', 'decoy', 3)).toEqual({ killed: 0, bytes: 3 });
});
