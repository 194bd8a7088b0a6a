// Scenarios: what calls do to threads and processes.

import { expect, test } from 'vitest';
import { host, play, read } from './scenario-shell.js';

test('a fork makes a child that runs what its parent runs, until it execs', () => {
  const on = host();
  play(on, ['clone', { res: 30, flags: [] }]);
  const child = play(on, ['open', { fd: 3, name: 'x', flags: 'O_RDONLY' }, 30]);
  expect(read(child, 'proc.cmdline')).toBe('bash -l');
  expect(read(child, 'proc.pid')).toBe(30);
  expect(read(child, 'proc.aname')).toEqual(['bash', 'init']);
  expect(read(child, 'fd.name')).toBe('/home/u/x');
  const exec = play(on, ['execve', { res: 0, exe: '/usr/bin/ls', args: ['-l', ''] }, 30]);
  expect(read(exec, 'proc.cmdline')).toBe('ls -l ');
  expect(read(exec, 'proc.exepath')).toBe('/usr/bin/ls');
  expect(read(exec, 'proc.pname')).toBe('bash');
  expect(read(exec, 'user.name')).toBe('u');
  expect(read(exec, 'proc.duration')).toBe(20_000_000n);
});

test('a new thread shares its process', () => {
  const on = host();
  play(on, ['clone', { res: 21, flags: ['CLONE_THREAD', 'CLONE_FILES'] }]);
  play(on, ['open', { fd: 3, name: '/x', flags: 'O_RDONLY' }, 21]);
  const event = play(on, ['fsync', { res: 0, fd: 3 }]);
  expect(read(event, 'fd.name')).toBe('/x');
  const other = play(on, ['getuid', { uid: 1000 }, 21]);
  expect([read(other, 'proc.pid'), read(other, 'thread.tid')]).toEqual([20, 21]);
});

test('an exec that failed leaves the program as it was', () => {
  const event = play(host(), ['execve', { res: 'ENOENT', filename: '/no', exe: 'no' }]);
  expect(read(event, 'proc.exepath')).toBe('/usr/bin/bash');
  expect(read(event, 'evt.arg', 'filename')).toBe('/no');
  expect(read(event, 'evt.res')).toBe('ENOENT');
});

test('an execveat that worked keeps its name', () => {
  const event = play(host(), ['execveat', { res: 0, exe: '/x', flags: ['EXE_FROM_MEMFD'] }]);
  expect(read(event, 'evt.type')).toBe('execveat');
  expect(read(event, 'proc.is_exe_from_memfd')).toBe(true);
});

test('identity and directory are those after the call', () => {
  const on = host();
  expect(read(play(on, ['setuid', { res: 0, uid: 0 }]), 'user.name')).toBe('root');
  expect(read(play(on, ['setresgid', { res: 0, rgid: -1, egid: 5, sgid: -1 }]), 'group.gid')).toBe(
    5,
  );
  expect(read(play(on, ['setreuid', { res: 'EPERM', ruid: 7, euid: 7 }]), 'user.uid')).toBe(0);
  const able = play(on, ['capset', { res: 0, cap_effective: 1n << 21n }]);
  expect(read(able, 'thread.cap_effective')).toBe('CAP_SYS_ADMIN');
  expect(read(play(on, ['chdir', { res: 0, path: '../v' }]), 'proc.cwd')).toBe('/home/v/');
  expect(read(play(on, ['chdir', { res: 'ENOENT', path: '/no' }]), 'proc.cwd')).toBe('/home/v/');
  expect(read(play(on, ['fchdir', { res: 0, fd: 7 }]), 'proc.cwd')).toBe('/etc/app/');
  expect(read(play(on, ['setsid', { res: 20 }]), 'proc.is_sid_leader')).toBe(true);
  const named = play(on, ['prctl', { res: 0, option: 'PR_SET_NAME', arg2_str: 'worker' }]);
  expect(read(named, 'proc.name')).toBe('worker');
});

test('a process that ends says how', () => {
  const on = host();
  const event = play(on, ['procexit', { status: 9, sig: 9, ret: 0, core: 0, reaper_tid: 1 }]);
  expect(read(event, 'evt.type')).toBe('procexit');
  expect(read(event, 'evt.arg', 'sig')).toBe('SIGKILL');
  expect(read(event, 'proc.name')).toBe('bash');
});

test('a thread that nobody knows has no name', () => {
  const event = play(host(), ['open', { fd: 3, name: 'x', flags: 'O_RDONLY' }, 555]);
  expect(read(event, 'proc.name')).toBe('<NA>');
  expect(read(event, 'proc.exepath')).toBe('<NA>');
  expect(read(event, 'user.uid')).toBe(0xffff_ffff);
  expect(read(event, 'fd.name')).toBe('<UNKNOWN>x');
});
