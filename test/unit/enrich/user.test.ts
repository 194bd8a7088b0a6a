import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NOBODY } from '../../../src/decode/event.js';
import {
  isLocalEtc,
  openEtcFile,
  parseGroup,
  parsePasswd,
  readAndClose,
} from '../../../src/enrich/accounts.js';
import { Container } from '../../../src/enrich/container.js';
import { UserNames } from '../../../src/enrich/user.js';
import { view } from '../decode/record.js';

const root = mkdtempSync(join(tmpdir(), 'saker-user-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function fakeRoot(name: string, passwd: string, group = 'root:x:0:\n'): string {
  const dir = join(root, name);
  mkdirSync(join(dir, 'etc'), { recursive: true });
  writeFileSync(join(dir, 'etc/passwd'), passwd);
  writeFileSync(join(dir, 'etc/group'), group);
  return dir;
}

test('names of the host are those that getent gives', () => {
  const users = new UserNames();
  const entries = execFileSync('getent', ['passwd'], { encoding: 'latin1' }).trim().split('\n');
  const first = new Map<number, string>();
  for (const entry of entries) {
    const [name = '', , uid] = entry.split(':');
    if (!first.has(Number(uid))) first.set(Number(uid), name);
  }
  for (const [uid, name] of first) expect(users.user(uid, NOBODY)?.name).toBe(name);
});

test('a changed file is read again, a second later at the earliest', () => {
  let now_ms = 0;
  const dir = fakeRoot('host', 'root:x:0:0::/root:/bin/sh\n');
  const users = new UserNames({ root: dir, now_ms: () => now_ms });
  expect(users.user(0, NOBODY)).toEqual({ name: 'root', home: '/root', shell: '/bin/sh' });
  expect(users.user(7, NOBODY)).toBeUndefined();
  fakeRoot('host', 'root:x:0:0::/root:/bin/sh\nalice:x:7:7::/home/a:/bin/zsh\n', 'a:x:7:\n');
  expect(users.user(7, NOBODY)).toBeUndefined();
  now_ms = 1000;
  expect(users.user(7, NOBODY)?.name).toBe('alice');
  expect(users.group(7, NOBODY)).toBe('a');
  rmSync(join(dir, 'etc/passwd'));
  now_ms = 2000;
  expect(users.user(7, NOBODY)).toBeUndefined();
});

test('a changed file is read again on a host that asks all the time', () => {
  let now_ms = 0;
  const dir = fakeRoot('busy', 'root:x:0:0::/root:/bin/sh\n');
  const users = new UserNames({ root: dir, now_ms: () => now_ms });
  expect(users.user(7, NOBODY)).toBeUndefined();
  fakeRoot('busy', 'root:x:0:0::/root:/bin/sh\nalice:x:7:7::/home/a:/bin/zsh\n');
  for (; now_ms < 1000; now_ms += 100) expect(users.user(7, NOBODY)).toBeUndefined();
  expect(users.user(7, NOBODY)?.name).toBe('alice');
});

test('a container has its own names, kept per mount namespace', () => {
  const host = fakeRoot('h', 'root:x:0:0::/:/bin/sh\nhostuser:x:5:5::/:/bin/sh\n');
  const proc = join(root, 'proc');
  const inside = fakeRoot('proc/77/root', 'inner:x:5:5::/:/bin/sh\n', 'wheel:x:0:\n');
  writeFileSync(join(proc, '77/mountinfo'), '1 0 0:1 / / rw - overlay overlay rw\n');
  let now_ms = 0;
  const users = new UserNames({ root: host, proc, now_ms: () => now_ms });
  const container = new Container('x', 'x', 'docker', undefined);
  const process = view(NOBODY, { pid: 77, mnt_ns: 9, container });
  expect(users.user(5, process)?.name).toBe('inner');
  expect(users.group(0, process)).toBe('wheel');
  expect(users.user(5, NOBODY)?.name).toBe('hostuser');
  rmSync(inside, { recursive: true });
  now_ms = 5000;
  const other = view(NOBODY, { pid: 78, mnt_ns: 9, container });
  expect(users.user(5, other)?.name).toBe('inner');
});

test('a file system that answers from user space is not touched', () => {
  const line = (point: string, type: string) => `1 0 0:1 / ${point} rw - ${type} x rw`;
  expect(isLocalEtc([line('/', 'overlay'), line('/proc', 'fuse')].join('\n'))).toBe(true);
  for (const type of ['fuse', 'fuse.sshfs', 'nfs4', 'cifs']) {
    for (const point of ['/', '/etc', '/etc/passwd', '/etc/group']) {
      expect(isLocalEtc([line('/', 'ext4'), line(point, type)].join('\n'))).toBe(false);
    }
  }
});

test('links, fifos and long files below a root are not read', () => {
  const dir = fakeRoot('evil', 'x:x:1:1::/:/\n');
  rmSync(join(dir, 'etc/passwd'));
  symlinkSync('/etc/passwd', join(dir, 'etc/passwd'));
  expect(openEtcFile(dir, 'passwd')).toBeUndefined();
  rmSync(join(dir, 'etc/passwd'));
  execFileSync('mkfifo', [join(dir, 'etc/passwd')]);
  expect(openEtcFile(dir, 'passwd')).toBeUndefined();
  rmSync(join(dir, 'etc/passwd'));
  writeFileSync(join(dir, 'etc/passwd'), Buffer.alloc((1 << 20) + 1));
  expect(openEtcFile(dir, 'passwd')).toBeUndefined();
  const linked = join(root, 'linked');
  mkdirSync(linked);
  symlinkSync('/etc', join(linked, 'etc'));
  expect(openEtcFile(linked, 'passwd')).toBeUndefined();
});

test('a regular file is read whole', () => {
  const dir = fakeRoot('plain', 'a:x:1:1::/:/\n');
  const opened = openEtcFile(dir, 'passwd');
  expect(opened && readAndClose(opened.fd)).toBe('a:x:1:1::/:/\n');
});

test('lines that make no sense are passed over and the first entry of a number counts', () => {
  const users = parsePasswd(
    '\n:x:1:\nbad\nb:x:-1:\nb:x:x:\na:x:2:2:g:/h:/s\nc:x:2:2:::\nd:x:4294967296\n',
  );
  expect([...users]).toEqual([
    [2, { name: 'a', home: '/h', shell: '/s' }],
    [4294967296, { name: 'd', home: '', shell: '' }],
  ]);
  expect([...parseGroup('a:x:2:u,v\nb:x:2:\n')]).toEqual([[2, 'a']]);
  let long = '';
  for (let i = 0; i < 30_000; i += 1) long += `u${i}:x:${i}:0:::\n`;
  expect(parsePasswd(long).size).toBe(20_000);
});
