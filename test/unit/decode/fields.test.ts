// Fields of all other events: descriptors, parameters, payload, times.
import { expect, test } from 'vitest';
import { object_kind } from '../../../src/abi/layout.js';
import { reader } from '../../../src/decode/fields.js';
import { callEvent, read } from './record.js';

const AT_FDCWD = 0xffff_ff9cn;

test.each([
  ['[eventfd]', 'event', 'e'],
  ['[eventpoll]', 'eventpoll', 'l'],
  ['[timerfd]', 'timerfd', 't'],
  ['[signalfd]', 'signalfd', 's'],
  ['inotify', 'inotify', 'i'],
  ['anon_inode:inotify', 'inotify', 'i'],
  ['[userfaultfd]', 'userfaultfd', 'u'],
  ['[io_uring]', 'io_uring', 'r'],
  ['[pidfd]', 'pidfd', 'P'],
  ['bpf-prog', 'bpf', 'b'],
  ['bpf_link', 'bpf', 'b'],
  ['btf', 'bpf', 'b'],
  ['[perf_event]', '<NA>', 'o'],
])('the anonymous inode %s is of type %s', (path, type, letter) => {
  const object = { fd: 3, kind: object_kind.OBJECT_ANON };
  const event = callEvent('dup', { call: { ret: 5, args: [3n] }, object, texts: { path } });
  expect(read(event, 'fd.type')).toBe(type);
  expect(read(event, 'fd.typechar')).toBe(letter);
  expect(read(event, 'fd.name')).toBe('');
});

test('events without a descriptor have no fd fields', () => {
  for (const name of ['rename', 'unlink', 'chmod', 'ptrace', 'setuid', 'execve']) {
    const event = callEvent(name, { texts: { claimed: '/a' } });
    for (const field of ['fd.num', 'fd.name', 'fd.type', 'fd.typechar', 'fd.connected']) {
      expect(read(event, field), `${name} ${field}`).toBeUndefined();
    }
  }
});

test('an event whose descriptor is not known guesses from its type', () => {
  const letters = ['accept', 'pipe', 'eventfd2', 'signalfd4', 'read'].map((name) =>
    read(callEvent(name, { call: { ret: -1 } }), 'fd.typechar'),
  );
  expect(letters).toEqual(['4', 'p', 'e', 's', 'o']);
  const event = callEvent('read', { call: { ret: -9, args: [7n] } });
  expect(read(event, 'fd.num')).toBe(7);
  expect(read(event, 'fd.name')).toBe('');
  expect(read(event, 'fd.directory')).toBe('/');
});

test('parameters of calls that name two paths', () => {
  const texts = { claimed: '/bin/a', claimed2: 'b', base2: '/home/u' };
  const event = callEvent('renameat2', {
    call: { ret: 0, args: [AT_FDCWD, 0n, AT_FDCWD, 0n, 1n] },
    texts,
  });
  expect(read(event, 'evt.arg.oldpath')).toBe('/bin/a');
  expect(read(event, 'evt.arg.newpath')).toBe('/home/u/b');
  expect(read(event, 'evt.arg.flags')).toBe('RENAME_NOREPLACE');
  expect(read(event, 'evt.abspath', 'src')).toBe('/bin/a');
  expect(read(event, 'evt.abspath.dst')).toBe('/home/u/b');
  expect(read(event, 'fs.path.source')).toBe('/bin/a');
  expect(read(event, 'fs.path.target')).toBe('/home/u/b');
  const symlink = callEvent('symlink', {
    call: { ret: 0 },
    texts: { claimed: '../etc', claimed2: 'lnk', base2: '/home' },
  });
  expect(read(symlink, 'evt.arg.target')).toBe('../etc');
  expect(read(symlink, 'evt.arg.linkpath')).toBe('/home/lnk');
  expect(read(symlink, 'fs.path.source')).toBe('/home/lnk');
  expect(read(symlink, 'fs.path.target')).toBe('../etc');
});

test.each([
  [
    'chmod',
    { args: [0n, 0o4755n] },
    'mode',
    'S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID',
  ],
  ['mkdir', { args: [0n, 0o755n] }, 'mode', '1ED'],
  ['socket', { ret: 3, args: [1n, 0x80801n, 0n] }, 'domain', 'AF_LOCAL'],
  ['socket', { ret: 3, args: [16n, 3n, 0n] }, 'domain', 'AF_ROUTE'],
  ['socket', { ret: 3, args: [1n, 0x80801n, 0n] }, 'flags', 'O_NONBLOCK|O_CLOEXEC'],
  ['ptrace', { args: [16n, 20n] }, 'request', 'PTRACE_ATTACH'],
  ['ptrace', { args: [0x4206n, 20n] }, 'request', 'PTRACE_SEIZE'],
  ['bpf', { ret: -1, args: [5n] }, 'cmd', 'BPF_PROG_LOAD'],
  ['bpf', { ret: -1, args: [5n] }, 'fd', 'EPERM'],
  ['unshare', { args: [0x1002_0000n] }, 'flags', 'CLONE_NEWNS|CLONE_NEWUSER'],
  ['setuid', { args: [0n] }, 'uid', 'root'],
  ['setuid', { args: [4242n] }, 'uid', '<NA>'],
  ['setuid', { args: [0xffff_ffffn] }, 'uid', '<NONE>'],
  ['setuid', { ret: -1, args: [0n] }, 'res', 'EPERM'],
  ['setuid', { ret: 0, args: [0n] }, 'res', '0'],
  ['kill', { args: [99n, 9n] }, 'sig', 'SIGKILL'],
  ['kill', { args: [99n, 9n] }, 'pid', '99'],
  ['kill', { args: [30n, 9n] }, 'pid', 'cat'],
  ['fcntl', { args: [3n, 1030n] }, 'cmd', 'F_DUPFD_CLOEXEC'],
  ['read', { args: [3n] }, 'data', 'NULL'],
  ['connect', { ret: -1, args: [3n] }, 'tuple', 'NULL'],
  ['unlink', { ret: -14 }, 'path', '<NA>'],
])('the parameter of %s, %o: %s is %s', (name, call, param, expected) => {
  const event = callEvent(name, { call });
  expect(read(event, 'evt.arg', param)).toBe(expected);
});

test('payload is printable in the parameter and exact in the buffer', () => {
  const parts = { call: { ret: 8, args: [3n, 0n, 8n] }, texts: { data: '\x7fELF\x02\0 A' } };
  expect(read(callEvent('read', parts), 'evt.buflen')).toBeUndefined();
  const event = callEvent('read', { ...parts, object: { fd: 3, kind: object_kind.OBJECT_FILE } });
  expect(read(event, 'evt.arg.data')).toBe('.ELF.. A');
  expect(read(event, 'evt.buffer')).toBe('\x7fELF\x02\0 A');
  expect(read(event, 'evt.buflen')).toBe(8);
  expect(read(event, 'evt.is_io_read')).toBe(true);
});

test.each([
  ['read', object_kind.OBJECT_FILE, 'file', 'file'],
  ['read', object_kind.OBJECT_PIPE, 'ipc', 'other'],
  ['write', object_kind.OBJECT_MEMFD, 'unknown', 'other'],
  ['write', object_kind.OBJECT_NONE, 'unknown', 'other'],
  ['openat', object_kind.OBJECT_NONE, 'file', 'file'],
  ['unlink', object_kind.OBJECT_NONE, 'file', 'other'],
  ['accept4', object_kind.OBJECT_NONE, 'net', 'net'],
  ['socket', object_kind.OBJECT_NONE, 'net', 'other'],
  ['mprotect', object_kind.OBJECT_NONE, 'memory', 'memory'],
  ['pipe2', object_kind.OBJECT_NONE, 'IPC', 'other'],
])(
  'a failed %s of an object of kind %i: its category is %s, its error counts as %s',
  (name, kind, category, error) => {
    const event = callEvent(name, { call: { ret: -22, args: [3n] }, object: { fd: 3, kind } });
    expect(read(event, 'evt.category')).toBe(category);
    const counted = ['file', 'net', 'memory', 'other'].filter(
      (one) => read(event, `evt.count.error.${one}`) === 1,
    );
    expect(counted).toEqual([error]);
  },
);

test('calls that wait are few, and what only has a number has no parameters to show', () => {
  expect(read(callEvent('ppoll'), 'evt.is_wait')).toBe(true);
  expect(read(callEvent('epoll_create1'), 'evt.is_wait')).toBe(false);
  expect(read(callEvent('madvise'), 'evt.args')).toBe('');
  expect(read(callEvent('madvise'), 'evt.info')).toBe('');
});

test('times in their forms', () => {
  const event = callEvent('openat');
  event.boot_epoch_ns = 1_566_230_394_000_000_042n;
  expect(read(event, 'evt.rawtime')).toBe(1_566_230_400_000_000_042n);
  expect(read(event, 'evt.rawtime.s')).toBe(1_566_230_400);
  expect(read(event, 'evt.rawtime.ns')).toBe(42);
  expect(read(event, 'evt.time.iso8601')).toBe('2019-08-19T16:00:00.000000042+0000');
  expect(read(event, 'evt.time')).toMatch(/^\d\d:\d\d:\d\d\.000000042$/);
});

test('there is no reader for what nothing has data for', () => {
  for (const name of [
    'evt.latency',
    'fd.types',
    'no.such',
    'constructor',
    'toString',
    '__proto__',
  ]) {
    expect(reader(name), name).toBeUndefined();
  }
  expect(reader('evt.arg', '')).toBeUndefined();
  expect(reader('fd.name', '1')).toBeUndefined();
  expect(reader('fd.name')).toBe(reader('fd.name'));
});
