// Scenarios: what calls do to threads, descriptors and sockets, as rules see it.

import { describe, expect, test } from 'vitest';
import { ScenarioHost } from '../../../src/enrich/scenario.js';
import { EVENTS, typeNumber } from '../../../src/rules/events.js';
import { host, INIT, play, read, SHELL } from './scenario-shell.js';

describe('every event of the table', () => {
  const names = EVENTS.map((event) => event.name).filter((name) => typeNumber(name) !== undefined);

  test.each(names)('%s can be played without parameters and has a text', (name) => {
    const on = host();
    const event = play(on, [name, {}]);
    expect(read(event, 'evt.type')).toBeTypeOf('string');
    expect(read(event, 'evt.args')).toBeTypeOf('string');
    expect(on.enricher.counters.malformed_records).toBe(0);
  });
});

describe('parameters come out as they went in', () => {
  test.each([
    ['open', { fd: 3, name: '/x', flags: ['O_RDWR', 'O_CREAT', 'O_F_CREATED'], mode: '0644' }],
    [
      'openat2',
      { fd: 3, name: '/x', flags: ['O_WRONLY'], mode: 384, resolve: ['RESOLVE_BENEATH'] },
    ],
    ['creat', { fd: 3, name: '/x', mode: 511, creat_flags: ['FD_UPPER_LAYER_CREAT'] }],
    ['socket', { fd: 3, domain: 'AF_INET6', type: 2, proto: 17, flags: ['O_CLOEXEC'] }],
    ['ptrace', { res: 0, request: 'PTRACE_SEIZE', pid: 1 }],
    ['unshare', { res: 0, flags: ['CLONE_NEWUSER', 'CLONE_NEWNET'] }],
    ['mmap', { res: 0, length: 4096, prot: ['PROT_READ', 'PROT_EXEC'], flags: ['MAP_PRIVATE'] }],
    ['fcntl', { res: 0, fd: 8, cmd: 'F_SETFL' }],
    ['flock', { res: 0, fd: 8, operation: ['LOCK_EX', 'LOCK_NB'] }],
    ['chmod', { res: 0, filename: '/x', mode: ['S_ISUID', 'S_IXOTH'] }],
    ['bpf', { fd: -1, cmd: 'BPF_PROG_LOAD' }],
    ['kill', { res: 0, pid: 1, sig: 'SIGKILL' }],
    ['finit_module', { res: 'EPERM', fd: 8, uargs: 'a=1', flags: ['MODULE_INIT_IGNORE_VERMAGIC'] }],
    ['mount', { res: 0, dev: 'none', dir: '/mnt', type: 'tmpfs', flags: ['NOSUID', 'NODEV'] }],
  ])('%s %j', (type, params) => {
    const event = play(host(), [type, params]);
    for (const [name, value] of Object.entries(params)) {
      const wanted = Array.isArray(value) ? value : [value];
      const text = String(read(event, 'evt.arg', name));
      if (Array.isArray(value)) expect(text.split('|').sort(), name).toEqual([...wanted].sort());
      else if (typeof value === 'string' && value !== '0644') expect(text, name).toBe(value);
    }
  });

  test('a mode with a leading zero is octal', () => {
    const event = play(host(), ['open', { fd: 3, name: '/x', flags: 'O_RDONLY', mode: '0644' }]);
    expect(read(event, 'evt.rawarg', 'mode')).toBe(0o644);
    expect(read(event, 'evt.arg', 'mode')).toBe('0644');
  });

  test('bytes that are no text are given in hex', () => {
    const event = play(host(), ['write', { res: 4, fd: 8, data: { hex: '7f454c46' }, size: 4 }]);
    expect(read(event, 'evt.buffer')).toBe('\x7fELF');
  });
});

describe('descriptors', () => {
  test('a relative path begins at the directory that the call names', () => {
    const event = play(host(), ['openat', { fd: 3, dirfd: 7, name: '../x', flags: 'O_RDONLY' }]);
    expect(read(event, 'fd.name')).toBe('/etc/x');
    expect(read(event, 'evt.arg', 'name')).toBe('/etc/x');
    expect(read(event, 'evt.rawarg', 'name')).toBe('../x');
    expect(read(event, 'evt.arg', 'dirfd')).toBe('<d>/etc/app');
    const made = play(host(), ['mkdirat', { res: 0, dirfd: 7, path: 'd', mode: 0o755 }]);
    expect(read(made, 'evt.arg', 'path')).toBe('/etc/app/d');
    expect(read(made, 'fd.name')).toBe('/etc/app');
    const moved = play(host(), [
      'renameat',
      { res: 0, olddirfd: 'AT_FDCWD', oldpath: 'a', newdirfd: 7, newpath: 'b' },
    ]);
    expect(read(moved, 'evt.arg', 'oldpath')).toBe('/home/u/a');
    expect(read(moved, 'evt.arg', 'newpath')).toBe('/etc/app/b');
    expect(read(moved, 'evt.arg', 'olddirfd')).toBe('AT_FDCWD');
    expect(read(moved, 'evt.arg', 'newdirfd')).toBe('<d>/etc/app');
  });

  test('what was opened is remembered until it is closed', () => {
    const on = host();
    const open = { fd: 3, name: 'f', flags: 'O_RDWR' };
    const written = play(on, ['open', open], ['write', { res: 1, fd: 3, data: 'x', size: 1 }]);
    expect(read(written, 'fd.name')).toBe('/home/u/f');
    const after = play(on, ['close', { res: 0, fd: 3 }], ['fstat', { res: 'EBADF', fd: 3 }]);
    expect(read(after, 'fd.name')).toBe('');
  });

  test('a duplicate is the same thing under another number', () => {
    const on = host();
    const event = play(on, ['dup2', { res: 1, oldfd: 8, newfd: 1 }]);
    expect(read(event, 'fd.num')).toBe(1);
    expect(read(event, 'fd.name')).toBe('/tmp/log');
    expect(read(play(on, ['fchmod', { res: 0, fd: 1, mode: 0 }]), 'fd.name')).toBe('/tmp/log');
    play(on, ['fcntl', { res: 5, fd: 8, cmd: 'F_DUPFD' }]);
    expect(read(play(on, ['lseek', { res: 0, fd: 5 }]), 'fd.name')).toBe('/tmp/log');
  });

  test.each([
    ['eventfd2', { res: 3 }, 'event', 'e'],
    ['memfd_create', { fd: 3, name: 'x' }, 'memfd', 'm'],
    ['userfaultfd', { res: 3 }, 'userfaultfd', 'u'],
    ['pidfd_open', { fd: 3, pid: 1 }, 'pidfd', 'P'],
    ['bpf', { fd: 3, cmd: 'BPF_MAP_CREATE' }, 'bpf', 'b'],
    ['timerfd_create', { res: 3 }, 'timerfd', 't'],
    ['io_uring_setup', { res: 3 }, 'io_uring', 'r'],
    ['pipe2', { res: 0, fd1: 3, fd2: 4 }, 'pipe', 'p'],
    ['socketpair', { res: 0, fd1: 3, fd2: 4, domain: 'AF_UNIX', type: 1 }, 'unix', 'u'],
  ])('%s makes one of its kind', (call, params, type, letter) => {
    const event = play(host(), [call, params]);
    expect(read(event, 'fd.num')).toBe(3);
    expect(read(event, 'fd.type')).toBe(type);
    expect(read(event, 'fd.typechar')).toBe(letter);
  });

  test('a child of a fork has copies, what it closes stays open in its parent', () => {
    const on = host();
    play(on, ['fork', { res: 30 }], ['close', { res: 0, fd: 8 }, 30]);
    expect(read(play(on, ['fsync', { res: 0, fd: 8 }, 30]), 'fd.name')).toBe('');
    expect(read(play(on, ['fsync', { res: 0, fd: 8 }]), 'fd.name')).toBe('/tmp/log');
  });

  test('an exec closes what was opened with O_CLOEXEC', () => {
    const on = host();
    play(on, ['open', { fd: 3, name: '/a', flags: ['O_RDONLY', 'O_CLOEXEC'] }]);
    play(on, ['open', { fd: 4, name: '/b', flags: ['O_RDONLY'] }], ['execve', { exe: '/bin/x' }]);
    expect(read(play(on, ['fsync', { res: 0, fd: 3 }]), 'fd.name')).toBe('');
    expect(read(play(on, ['fsync', { res: 0, fd: 4 }]), 'fd.name')).toBe('/b');
  });
});

describe('sockets', () => {
  const SOCKET = { fd: 4, domain: 'AF_INET', type: 1, proto: 6 };
  const DATAGRAM = { fd: 4, domain: 'AF_INET', type: 2, proto: 0 };

  test('a connect gives the client role, a refused one none', () => {
    const on = host();
    const connect = { fd: 4, tuple: '10.0.0.1:4000->10.0.0.2:80' };
    const event = play(on, ['socket', SOCKET], ['connect', { ...connect, res: 0 }]);
    expect(read(event, 'fd.name')).toBe('10.0.0.1:4000->10.0.0.2:80');
    expect(read(event, 'fd.is_server')).toBe(false);
    const sent = play(on, ['sendto', { res: 1, fd: 4, data: 'x', size: 1 }]);
    expect(read(sent, 'fd.sport')).toBe(80);
    const refused = play(
      host(),
      ['socket', SOCKET],
      ['connect', { ...connect, res: 'ECONNREFUSED' }],
    );
    expect(read(refused, 'fd.name')).toBe('');
  });

  test('the address of a unix socket is a path', () => {
    const on = host();
    const socket = { fd: 4, domain: 'AF_UNIX', type: 1 };
    const event = play(on, ['socket', socket], ['connect', { res: 0, fd: 4, addr: '/run/x.sock' }]);
    expect(read(event, 'fd.name')).toBe('0->0 /run/x.sock');
    expect(read(event, 'evt.arg', 'addr')).toBe('/run/x.sock');
  });

  test('a bound datagram socket is the server of whom it hears from', () => {
    const on = host();
    play(on, ['socket', DATAGRAM], ['bind', { res: 0, fd: 4, addr: '0.0.0.0:53' }]);
    const heard = { res: 5, fd: 4, data: 'hello', size: 99, tuple: '8.8.8.8:7->10.0.0.1:53' };
    const event = play(on, ['recvfrom', heard]);
    expect(read(event, 'fd.name')).toBe('8.8.8.8:7->10.0.0.1:53');
    expect(read(event, 'fd.is_server')).toBe(true);
    expect(read(event, 'fd.l4proto')).toBe('udp');
    expect(read(event, 'fd.name_changed')).toBe(true);
    expect(read(play(on, ['recvfrom', heard]), 'fd.name_changed')).toBe(false);
  });

  test('a connection that is there at the start has its ends, and their ports as text', () => {
    const fds = [
      { fd: 5, type: 'ipv4', name: '10.0.0.1:4000->10.0.0.2:443' },
      { fd: 6, type: 'ipv6', name: '[::]:8080' },
    ];
    const on = new ScenarioHost({ threads: [{ ...SHELL, fds }] });
    const event = play(on, ['shutdown', { res: 0, fd: 5 }]);
    expect(read(event, 'fd.name')).toBe('10.0.0.1:4000->10.0.0.2:443');
    expect(read(event, 'fd.sproto')).toBe('443');
    expect(read(event, 'fd.cproto')).toBe('4000');
    expect(read(event, 'fd.proto')).toEqual([4000, 443]);
    expect(read(play(on, ['listen', { res: 0, fd: 6 }]), 'fd.name')).toBe(':::8080');
  });

  test('a socket bound to no port has no role', () => {
    const on = host();
    const event = play(on, ['socket', SOCKET], ['bind', { res: 0, fd: 4, addr: '0.0.0.0:0' }]);
    expect(read(event, 'fd.is_server')).toBe(false);
  });
});

test.each([
  ['opnat', { name: '/x' }, 'did you mean openat?'],
  ['openat', { nam: '/x' }, 'did you mean name?'],
  ['openat', { name: '/x', flags: ['O_RDOLNY'] }, 'did you mean O_RDONLY?'],
  ['openat', { name: { hex: 'zz' } }, 'is no text'],
  ['connect', { fd: 4, addr: '10.0.0.256:80' }, 'is no IP address'],
  ['connect', { fd: 4, addr: '10.0.0.1:80000' }, 'is no port'],
  ['close', { fd: 1.5 }, 'is no number'],
])('%s %j is refused', (type, params, message) => {
  const attempt = () => play(host(), [type, params]);
  expect(attempt).toThrow(expect.objectContaining({ code: 'SCENARIO_INVALID' }));
  expect(attempt).toThrow(message);
});

test('two threads of one number are refused', () => {
  expect(() => new ScenarioHost({ threads: [INIT, INIT] })).toThrow(
    expect.objectContaining({ code: 'SCENARIO_INVALID' }),
  );
});
