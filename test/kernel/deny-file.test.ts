// Opens that rules deny, by real processes.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verdict_operation } from '../../src/abi/layout.js';
import { Denier, hasLsm } from './deny-harness.js';
import { holdings, nativeNumber, warmHoldings } from './harness.js';

const OPENS = 'evt.type in (open, openat, openat2)';
let folder = '';
let denier: Denier;
let before: ReturnType<typeof holdings>;

/** What a program says, and whether it worked. */
function run(...command: string[]): { worked: boolean; pid: number; said: string } {
  const [program = '', ...args] = command;
  const done = spawnSync(program, args, { encoding: 'utf8' });
  return { worked: done.status === 0, pid: done.pid, said: done.stdout + done.stderr };
}

describe.skipIf(!hasLsm)('opens', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'deny-'));
    before = warmHoldings();
    denier = new Denier();
  });

  beforeEach(() => {
    for (const name of ['secret', 'plain', 'notes.key']) writeFileSync(join(folder, name), name);
    mkdirSync(join(folder, 'sub'), { recursive: true });
    writeFileSync(join(folder, 'sub/deep'), 'deep');
    denier.tellings();
  });

  afterAll(() => {
    denier.close();
    rmSync(folder, { recursive: true });
    expect(holdings()).toEqual(before);
  });

  test('a file that a rule names cannot be opened, another can', () => {
    denier.use(`${OPENS} and fd.name = ${folder}/secret`);
    const denied = run('cat', `${folder}/secret`);
    expect(denied).toMatchObject({ worked: false });
    expect(denied.said).toContain('Operation not permitted');
    expect(run('cat', `${folder}/plain`)).toMatchObject({ worked: true, said: 'plain' });
    expect(denier.tell()).toEqual([
      expect.objectContaining({
        pid: denied.pid,
        ret: -1n,
        type: nativeNumber('openat'),
        operation: verdict_operation.VERDICT_OPEN,
        denied: 1n,
        audited: 0n,
        undecided: 0n,
        path: `${folder}/secret`,
        claimed: `${folder}/secret`,
      }),
    ]);
    expect(denier.count()).toMatchObject({ denied: 1n, audited: 0n, error_denied: 0n });
  });

  test('in audit the file is opened, and it is told', () => {
    denier.use({ condition: `${OPENS} and fd.name = ${folder}/secret`, mode: 'audit' });
    const { worked, pid } = run('cat', `${folder}/secret`);
    expect(worked).toBe(true);
    expect(denier.tell()).toEqual([
      expect.objectContaining({ pid, ret: 0n, denied: 0n, audited: 1n }),
    ]);
    expect(denier.count()).toMatchObject({ denied: 0n, audited: 1n });
  });

  test('what is below a directory is denied for writing only', () => {
    denier.use(`${OPENS} and evt.is_open_write = true and fd.name startswith ${folder}/`);
    expect(run('cat', `${folder}/sub/deep`)).toMatchObject({ worked: true });
    expect(run('sh', '-c', `echo more >> ${folder}/sub/deep`)).toMatchObject({ worked: false });
    expect(run('sh', '-c', `echo new > ${folder}/sub/new`)).toMatchObject({ worked: false });
    expect(run('sh', '-c', 'echo else > /tmp/else-where')).toMatchObject({ worked: true });
  });

  test('names, their ends and directories are told apart', () => {
    denier.use(
      `${OPENS} and fd.name endswith .key`,
      `${OPENS} and fd.directory = ${folder}/sub`,
      `${OPENS} and fd.filename = secret and not fd.name startswith ${folder}/sub`,
    );
    expect(run('cat', `${folder}/notes.key`)).toMatchObject({ worked: false });
    expect(run('cat', `${folder}/sub/deep`)).toMatchObject({ worked: false });
    expect(run('cat', `${folder}/secret`)).toMatchObject({ worked: false });
    expect(run('cat', `${folder}/plain`)).toMatchObject({ worked: true });
    expect(denier.tell().map(({ denied }) => denied)).toEqual([1n, 2n, 4n]);
  });

  test('the name of the process and its user count', () => {
    denier.use(
      `${OPENS} and fd.name = ${folder}/secret and proc.name = head`,
      `${OPENS} and fd.name = ${folder}/plain and not user.uid in (0, 7)`,
    );
    expect(run('cat', `${folder}/secret`)).toMatchObject({ worked: true });
    expect(run('head', `${folder}/secret`)).toMatchObject({ worked: false });
    expect(run('cat', `${folder}/plain`)).toMatchObject({ worked: true });
    const asOther = `import os,sys; os.setuid(int(sys.argv[1])); print(open(sys.argv[2]).read())`;
    chmodSync(folder, 0o755);
    expect(run('python3', '-IS', '-c', asOther, '7', `${folder}/plain`)).toMatchObject({
      worked: true,
    });
    expect(run('python3', '-IS', '-c', asOther, '8', `${folder}/plain`)).toMatchObject({
      worked: false,
    });
  });

  test('a root of the process hides nothing', () => {
    denier.use(`${OPENS} and fd.name = ${folder}/secret`);
    const inside = `import os,sys; os.chroot(sys.argv[1]); print(open("/secret").read())`;
    expect(run('python3', '-IS', '-c', inside, folder)).toMatchObject({ worked: false });
    expect(denier.tell().map(({ path }) => path)).toEqual(['/secret']);
  });

  test('ten thousand denials are counted, and one more is denied', () => {
    denier.use(`${OPENS} and fd.name = ${folder}/secret`);
    const many = `
import sys
denied = 0
for i in range(10000):
    try: open(sys.argv[1])
    except PermissionError: denied += 1
print(denied)`;
    expect(run('python3', '-IS', '-c', many, `${folder}/secret`).said).toBe('10000\n');
    expect(run('cat', `${folder}/secret`)).toMatchObject({ worked: false });
    const { denied, untold, lost } = denier.count();
    expect(denied).toBe(10_001n);
    expect(BigInt(denier.tellings()) + untold + lost).toBe(10_001n);
  });

  test('what is done to names and files is denied where a rule says so', () => {
    const named = 'fs.path.name startswith';
    denier.use(
      `evt.type in (unlink, unlinkat, rmdir, mkdir, mkdirat) and ${named} ${folder}/kept`,
      `evt.type in (rename, renameat, renameat2) and (fs.path.source startswith ${folder}/kept or fs.path.target startswith ${folder}/kept)`,
      `evt.type in (link, linkat) and fs.path.target startswith ${folder}/kept`,
      `evt.type in (symlink, symlinkat) and fs.path.source startswith ${folder}/kept`,
      `evt.type in (chmod, fchmodat, fchmod) and (${named} ${folder}/kept or fd.name startswith ${folder}/kept)`,
      `evt.type in (chown, fchownat, lchown, fchown) and (${named} ${folder}/kept or fd.name startswith ${folder}/kept)`,
      `evt.type in (truncate, ftruncate) and (evt.arg.path startswith ${folder}/kept or fd.name startswith ${folder}/kept)`,
      `evt.type in (mknod, mknodat) and evt.abspath startswith ${folder}/kept`,
    );
    const acts = `
import os, sys
folder, name = sys.argv[1:]
at = lambda end: os.path.join(folder, name + end)
open(at(''), 'w').close()
acts = {
  'unlink': lambda: os.unlink(at('')), 'mkdir': lambda: os.mkdir(at('.d')),
  'rename from': lambda: os.rename(at(''), os.path.join(folder, 'moved')),
  'rename to': lambda: os.rename(os.path.join(folder, 'plain'), at('')),
  'link': lambda: os.link(at(''), os.path.join(folder, 'linked')),
  'symlink': lambda: os.symlink('plain', at('.s')), 'chmod': lambda: os.chmod(at(''), 0o600),
  'chown': lambda: os.chown(at(''), 0, 0), 'truncate': lambda: os.truncate(at(''), 0),
  'mknod': lambda: os.mkfifo(at('.f')),
}
for act, run in acts.items():
    try: run(); print(act, 'done')
    except PermissionError: print(act, 'denied')
    except OSError: print(act, 'failed')`;
    const lines = run('python3', '-IS', '-c', acts, folder, 'kept').said.trim().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines.filter((line) => !line.endsWith('denied'))).toEqual([]);
    const others = run('python3', '-IS', '-c', acts, folder, 'other').said.trim().split('\n');
    expect(others.filter((line) => line.endsWith('denied'))).toEqual([]);
  });

  test('a program is denied by its path, whatever it is called by', () => {
    copyFileSync('/bin/true', `${folder}/tool`);
    symlinkSync(`${folder}/tool`, `${folder}/alias`);
    denier.use(`evt.type in (execve, execveat) and proc.exepath = ${folder}/tool`);
    expect(run(`${folder}/tool`)).toMatchObject({ worked: false });
    expect(run('sh', '-c', `cd ${folder} && ./alias`)).toMatchObject({ worked: false });
    expect(run('/bin/true')).toMatchObject({ worked: true });
  });

  test('a program that was renamed since its start is the same', () => {
    copyFileSync('/bin/dash', `${folder}/shell`);
    denier.use(`${OPENS} and fd.name = ${folder}/secret and proc.exepath = ${folder}/shell`);
    const script = `mv ${folder}/shell ${folder}/renamed; read line < ${folder}/secret`;
    expect(run(`${folder}/shell`, '-c', script)).toMatchObject({ worked: false });
    expect(run('sh', '-c', `cat ${folder}/secret`)).toMatchObject({ worked: true });
  });

  test('who comes of a program is known', () => {
    copyFileSync('/bin/dash', `${folder}/shell`);
    denier.use(`${OPENS} and fd.name = ${folder}/secret and proc.aexepath = ${folder}/shell`);
    const script = `sh -c 'cat ${folder}/secret; true'`;
    expect(run(`${folder}/shell`, '-c', script).said).toContain('Operation not permitted');
    expect(run('sh', '-c', script).said).toBe('secret');
  });

  test('rules follow one another, and without rules nothing is denied', () => {
    denier.use(`${OPENS} and fd.name = ${folder}/secret`);
    denier.use(`${OPENS} and fd.name = ${folder}/plain`);
    expect(run('cat', `${folder}/secret`)).toMatchObject({ worked: true });
    expect(run('cat', `${folder}/plain`)).toMatchObject({ worked: false });
    denier.tables.clear();
    expect(run('cat', `${folder}/plain`)).toMatchObject({ worked: true });
  });
});

test('only kernels that are known to refuse LSM hooks do without', () => {
  expect(hasLsm || process.env.SAKER_VM_KERNEL === undefined).toBe(true);
});
