// Hashes of files: of the right one, of none that would do harm, and never at the cost of the rest.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AgentHashes, type HashQuestion } from '../../../src/agent/hashes.js';
import { type HashRequest, hashFile, MAX_HASHED_BYTES } from '../../../src/hasher.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-hash-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function request(path: string, more: Partial<HashRequest> = {}): HashRequest {
  return {
    path,
    pid: process.pid,
    isProgram: false,
    inode: undefined,
    mtime_ns: undefined,
    ...more,
  };
}

function stateOf(path: string): Pick<HashRequest, 'inode' | 'mtime_ns'> {
  const { ino, mtimeNs } = statSync(path, { bigint: true });
  return { inode: ino, mtime_ns: mtimeNs };
}

describe('the hash of a file', () => {
  test('is that of its content, and of the new content when that changes', () => {
    const path = file('a', 'one');
    expect(hashFile(request(path))).toBe(sha256('one'));
    expect(hashFile(request(path, stateOf(path)))).toBe(sha256('one'));
    writeFileSync(path, 'two');
    utimesSync(path, 1, 1);
    expect(hashFile(request(path))).toBe(sha256('two'));
  });

  test('is not that of another file which has the name now', () => {
    const path = file('a', 'one');
    const before = stateOf(path);
    unlinkSync(path);
    file('b', 'takes the inode that became free');
    file('a', 'two');
    expect(hashFile(request(path, { ...before, inode: 1n }))).toBeUndefined();
    expect(hashFile(request(path, { ...before, mtime_ns: 1n }))).toBeUndefined();
  });

  test('is that of the program that runs, when its name is gone or is that of another', async () => {
    const path = join(folder, 'sleeper');
    copyFileSync('/bin/sleep', path);
    chmodSync(path, 0o755);
    const state = stateOf(path);
    const wanted = sha256(readFileSync(path));
    const child = spawn(path, ['60']);
    await new Promise((resolve) => child.once('spawn', resolve));
    try {
      unlinkSync(path);
      writeFileSync(path, 'harmless');
      const pid = child.pid ?? 0;
      expect(hashFile(request(path, { pid, isProgram: true, ...state }))).toBe(wanted);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('is not to be had of what is no file, too large or gone; nothing is waited for', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const large = file('large', '');
    truncateSync(large, MAX_HASHED_BYTES + 1);
    for (const path of [
      pipe,
      '/dev/zero',
      '/dev/tty',
      folder,
      large,
      join(folder, 'none'),
      '',
      'a',
    ])
      expect(hashFile(request(path)), path).toBeUndefined();
  });
});

describe('questions for hashes', () => {
  const DOUBLE = new URL('./hasher-double.mjs', import.meta.url);
  const question = (path: string, more: Partial<HashQuestion> = {}): HashQuestion => ({
    ...request(path),
    ctime_ns: undefined,
    ...more,
  });

  function start(silentMs?: number) {
    const errors: unknown[] = [];
    const hashes = new AgentHashes(
      { error: (fields: unknown) => errors.push(fields) },
      DOUBLE,
      silentMs,
    );
    return { hashes, errors };
  }

  test('are answered in their order, and those that are alike together', async () => {
    const { hashes } = start();
    const [first, again, second] = [question('/a'), question('/a'), question('/b')];
    expect(await Promise.all([first, again, second].map((one) => hashes.find(one)))).toEqual([
      'hash of /a',
      'hash of /a',
      'hash of /b',
    ]);
    hashes.close();
  });

  test('are not asked again while the kernel says that the file is the same', async () => {
    const { hashes } = start();
    const state = { inode: 1n, mtime_ns: 2n, ctime_ns: 3n };
    expect(await hashes.find(question('/a', state))).toBe('hash of /a');
    hashes.close(); // nobody is left who could be asked
    expect(await hashes.find(question('/a', state))).toBe('hash of /a');
    expect(await hashes.find(question('/a', { ...state, ctime_ns: 4n }))).toBeUndefined();
    expect(hashes.refused).toBe(1);
  });

  test('are answered although a file system hangs, until too many do', async () => {
    const { hashes, errors } = start(200);
    const stuck = hashes.find(question('/hangs/1'));
    const behind = hashes.find(question('/a'));
    expect(await stuck).toBeUndefined();
    expect(await behind).toBe('hash of /a');
    expect(errors.length).toBe(1);
    hashes.close();
  });

  test('survive a thread that fails', async () => {
    const { hashes, errors } = start();
    expect(await hashes.find(question('/fails'))).toBeUndefined();
    expect(await hashes.find(question('/b'))).toBe('hash of /b');
    expect(errors.length).toBe(1);
    hashes.close();
  });

  test('that are open when the agent ends have no answer', async () => {
    const { hashes } = start();
    const open = [hashes.find(question('/hangs/1')), hashes.find(question('/a'))];
    hashes.close();
    expect(await Promise.all(open)).toEqual([undefined, undefined]);
  });
});
