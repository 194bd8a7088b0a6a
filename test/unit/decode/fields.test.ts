import { expect, test } from 'vitest';
import { object_flag, object_kind } from '../../../src/abi/layout.js';
import { TextPlace } from '../../../src/decode/cursor.js';
import { NOBODY, NOWHERE } from '../../../src/decode/event.js';
import { reader } from '../../../src/decode/fields.js';
import { callEvent, ip4, read, view } from './record.js';

const FILE = object_kind.OBJECT_FILE;
const SOCKET = object_kind.OBJECT_SOCKET;
const AT_FDCWD = 0xffff_ff9cn;

function openat(flags: bigint, mode = 0n, ret: number | bigint = 3) {
  return {
    call: { ret, args: [AT_FDCWD, 0n, flags, mode] },
    object: { fd: 3, kind: FILE, inode: 77n, dev: 0x803, open_flags: flags },
    texts: { claimed: '../x/./f', base: '/home/u', path: '/home/x/f' },
  };
}

test('an opened file: descriptor, names, parameters and access', () => {
  const event = callEvent('openat', openat(0o1101n, 0o644n));
  expect(read(event, 'evt.type')).toBe('openat');
  expect(read(event, 'evt.res')).toBe('SUCCESS');
  expect(read(event, 'evt.rawres')).toBe(3);
  expect(read(event, 'evt.failed')).toBe(false);
  expect(read(event, 'fd.num')).toBe(3);
  expect(read(event, 'fd.name')).toBe('/home/x/f');
  expect(read(event, 'fd.nameraw')).toBe('../x/./f');
  expect(read(event, 'fd.directory')).toBe('/home/x');
  expect(read(event, 'fd.filename')).toBe('f');
  expect(read(event, 'fd.type')).toBe('file');
  expect(read(event, 'fd.typechar')).toBe('f');
  expect(read(event, 'fd.name_changed')).toBe(true);
  expect(read(event, 'fd.connected')).toBe(false);
  expect(read(event, 'fd.l4proto')).toBe('<NA>');
  expect(read(event, 'fd.dev.major')).toBe(8);
  expect(read(event, 'fd.dev.minor')).toBe(3);
  expect(read(event, 'fd.ino')).toBe(77);
  expect(read(event, 'evt.is_open_write')).toBe(true);
  expect(read(event, 'evt.is_open_read')).toBe(false);
  expect(read(event, 'evt.arg', 'flags')).toBe('O_TRUNC|O_CREAT|O_WRONLY');
  expect(read(event, 'evt.arg.mode')).toBe('0644');
  expect(read(event, 'evt.arg', 'name')).toBe('/home/x/f');
  expect(read(event, 'evt.arg', 'dirfd')).toBe('AT_FDCWD');
  expect(read(event, 'evt.arg', '1')).toBe('AT_FDCWD');
  expect(read(event, 'evt.rawarg', 'dirfd')).toBe(-100);
  expect(read(event, 'evt.arg', 'fd')).toBe('<f>/home/x/f');
  expect(read(event, 'evt.arg', 'path')).toBeUndefined();
  expect(read(event, 'evt.args')).toBe(
    'fd=3(<f>/home/x/f) dirfd=-100(AT_FDCWD) name=../x/./f(/home/x/f) flags=262(O_TRUNC|O_CREAT|O_WRONLY) mode=0644 dev=803 ino=77',
  );
});

const PLACED = ['fd.name', 'fd.directory', 'fd.filename'];

test('where a text lies there is the text that the reader makes', () => {
  const paths = ['/home/x/f', '/f', '/', '//', '/a//b', 'f', 'x/f', '/x/', '', undefined];
  const kinds = [FILE, object_kind.OBJECT_DIRECTORY, object_kind.OBJECT_PIPE, SOCKET];
  const place = new TextPlace();
  let placed = 0;
  for (const path of paths) {
    for (const kind of [...kinds, object_kind.OBJECT_MEMFD, object_kind.OBJECT_NONE]) {
      for (const flags of [0n, 0o200000n]) {
        for (const name of PLACED) {
          const parts = openat(flags);
          const texts = { ...parts.texts, path };
          const event = callEvent('openat', { ...parts, object: { ...parts.object, kind }, texts });
          if (reader(name)?.locate?.(event, place) !== true) continue;
          placed += 1;
          const text = Buffer.from(place.memory.subarray(place.start, place.end)).toString(
            'latin1',
          );
          expect(text, `${name} of ${path}, kind ${kind}, flags ${flags}`).toBe(read(event, name));
        }
      }
    }
  }
  expect(placed).toBeGreaterThan(60);
});

test('a failed open names the path that lies there as the caller wrote it, or none', () => {
  const place = new TextPlace();
  const paths = ['/a/b', '/', '/a', '/a/', '//a', '/a//b', '/a/../b', '/a/.b', 'b', '', '/..'];
  let placed = 0;
  for (const claimed of [...paths, `/${'a'.repeat(1023)}`, `/${'a'.repeat(1024)}`]) {
    const event = callEvent('openat', {
      call: { ret: -2, args: [AT_FDCWD, 0n, 0n, 0n] },
      texts: { claimed, base: '/etc' },
    });
    for (const name of PLACED) {
      if (reader(name)?.locate?.(event, place) !== true) continue;
      placed += 1;
      const text = Buffer.from(place.memory.subarray(place.start, place.end)).toString('latin1');
      expect(text, `${name} of ${claimed}`).toBe(read(event, name));
    }
  }
  expect(placed).toBe(5);
});

test('what the caller wrote in the place of the object lies nowhere', () => {
  const event = callEvent('openat', openat(0n));
  const call = event.call;
  if (call === undefined) throw new Error('no call');
  call.claim = '/etc/shadow';
  for (const name of PLACED) expect(reader(name)?.locate?.(event, new TextPlace())).toBe(false);
});

test('the name of an opened file is the object, its parameter what was asked for', () => {
  const event = callEvent('openat', {
    ...openat(0n),
    texts: { claimed: '/tmp/link', path: '/etc/shadow' },
  });
  expect(read(event, 'fd.name')).toBe('/etc/shadow');
  expect(read(event, 'evt.arg.name')).toBe('/tmp/link');
  expect(read(event, 'fd.nameraw')).toBe('/tmp/link');
});

test.each([
  [0n, true, false],
  [1n, false, true],
  [2n, true, true],
  [3n, false, false],
])('access mode %i of an open is read %s and write %s', (flags, reads, writes) => {
  const event = callEvent('open', { call: { ret: 3, args: [0n, flags, 0n] } });
  expect(read(event, 'evt.is_open_read')).toBe(reads);
  expect(read(event, 'evt.is_open_write')).toBe(writes);
});

test('a failed open keeps the name it was asked for and has no type', () => {
  const event = callEvent('openat', {
    call: { ret: -2, args: [AT_FDCWD, 0n, 0o101n, 0o600n] },
    texts: { claimed: 'nope', base: '/etc' },
  });
  expect(read(event, 'evt.res')).toBe('ENOENT');
  expect(read(event, 'fd.num')).toBe(-1);
  expect(read(event, 'fd.name')).toBe('/etc/nope');
  expect(read(event, 'fd.directory')).toBe('/etc');
  expect(read(event, 'fd.filename')).toBeUndefined();
  expect(read(event, 'fd.type')).toBeUndefined();
  expect(read(event, 'fd.typechar')).toBe('f');
  expect(read(event, 'evt.arg.fd')).toBe('ENOENT');
});

test('without a base a relative path starts in the working directory of the process', () => {
  const event = callEvent('unlink', { call: { ret: 0 }, texts: { claimed: 'a/../b' } });
  event.process = view(NOBODY, { cwd: '/var/log/' });
  expect(read(event, 'evt.arg.path')).toBe('/var/log/b');
});

test('a directory is told by O_DIRECTORY, and a temporary file is none', () => {
  const directory = { kind: object_kind.OBJECT_DIRECTORY, fd: 3, open_flags: 0o200000 };
  const texts = { path: '/var/log' };
  const opened = callEvent('open', { call: { ret: 3 }, object: directory, texts });
  expect(read(opened, 'fd.type')).toBe('directory');
  expect(read(opened, 'fd.directory')).toBe('/var/log');
  expect(read(opened, 'fd.filename')).toBeUndefined();
  const plain = callEvent('open', {
    call: { ret: 3 },
    object: { ...directory, open_flags: 0 },
    texts,
  });
  expect(read(plain, 'fd.typechar')).toBe('f');
  expect(read(plain, 'fd.directory')).toBe('/var');
  const args = [AT_FDCWD, 0n, 0o20200002n, 0o700n];
  const temporary = callEvent('openat', {
    call: { ret: 3, args },
    object: { kind: FILE, fd: 3, open_flags: 0o20200002 },
    texts: { path: '/tmp/#1' },
  });
  expect(read(temporary, 'fd.type')).toBe('file');
  expect(read(temporary, 'evt.is_open_exec')).toBe(true);
});

test('created files and overlay layers show in the flags', () => {
  const flags = object_flag.OBJECT_CREATED | object_flag.OBJECT_UPPER_LAYER;
  const event = callEvent('open', {
    call: { ret: 3, args: [0n, 0o101n, 0o755n] },
    object: { kind: FILE, fd: 3, flags },
    texts: { claimed: '/x', path: '/x' },
  });
  expect(read(event, 'evt.arg.flags')).toBe('O_CREAT|O_WRONLY|O_F_CREATED|FD_UPPER_LAYER');
  expect(read(event, 'evt.is_open_create')).toBe(true);
  expect(read(event, 'evt.is_open_exec')).toBe(true);
  expect(read(event, 'fd.is_upper_layer')).toBe(true);
  expect(read(event, 'fd.is_lower_layer')).toBe(false);
});

test('openat2 has flags, mode and resolve in the facts of the call', () => {
  const event = callEvent('openat2', {
    call: { ret: 3, extra: 0o2000000n, extra2: (8n << 32n) | 0o600n },
    object: { kind: FILE, fd: 3 },
    texts: { claimed: '/x', path: '/x' },
  });
  expect(read(event, 'evt.arg.flags')).toBe('O_RDONLY|O_CLOEXEC');
  expect(read(event, 'evt.arg.mode')).toBe('0600');
  expect(read(event, 'evt.arg.resolve')).toBe('RESOLVE_NO_SYMLINKS');
});

test('creat is neither read nor write, and executable with an execute bit', () => {
  const event = callEvent('creat', {
    call: { ret: 3, args: [0n, 0o777n] },
    object: { kind: FILE },
  });
  expect(read(event, 'evt.is_open_write')).toBe(false);
  expect(read(event, 'evt.is_open_exec')).toBe(true);
});

const TCP = {
  fd: 4,
  kind: SOCKET,
  family: 2,
  socket_type: 1,
  protocol: 6,
  local_address: ip4('10.1.2.3'),
  local_port: 40000,
  remote_address: ip4('93.184.216.34'),
  remote_port: 443,
};

test.each([0, -115])('a connect that returns %i has both ends', (ret) => {
  const event = callEvent('connect', {
    call: { ret, args: [4n] },
    object: { ...TCP, flags: object_flag.OBJECT_CONNECTED },
    address: { family: 2, port: 443, address: ip4('93.184.216.34') },
  });
  event.surroundings = {
    ...NOWHERE,
    isLocalAddress: (address) => address === String.fromCharCode(10, 1, 2, 3),
  };
  expect(read(event, 'fd.name')).toBe('10.1.2.3:40000->93.184.216.34:443');
  expect(read(event, 'fd.cip')).toBe('\x0a\x01\x02\x03');
  expect(read(event, 'fd.sip')).toBe('\x5d\xb8\xd8\x22');
  expect(read(event, 'fd.snet')).toBe('\x5d\xb8\xd8\x22');
  expect(read(event, 'fd.lip')).toBe('\x0a\x01\x02\x03');
  expect(read(event, 'fd.rport')).toBe(443);
  expect(read(event, 'fd.lport')).toBe(40000);
  expect(read(event, 'fd.port')).toEqual([40000, 443]);
  expect(read(event, 'fd.ip')).toHaveLength(2);
  expect(read(event, 'fd.type')).toBe('ipv4');
  expect(read(event, 'fd.l4proto')).toBe('tcp');
  expect(read(event, 'fd.sockfamily')).toBe('ip');
  expect(read(event, 'fd.connected')).toBe(true);
  expect(read(event, 'fd.name_changed')).toBe(true);
  expect(read(event, 'fd.is_server')).toBe(false);
  expect(read(event, 'evt.arg.tuple')).toBe('10.1.2.3:40000->93.184.216.34:443');
  expect(read(event, 'evt.arg.addr')).toBe('93.184.216.34:443');
  expect(read(event, 'evt.arg.fd')).toBe('<4t>10.1.2.3:40000->93.184.216.34:443');
});

test('a refused connect sets nothing', () => {
  const event = callEvent('connect', {
    call: { ret: -111, args: [4n] },
    object: { ...TCP, remote_port: 0, remote_address: ip4('0.0.0.0') },
    address: { family: 2, port: 443, address: ip4('93.184.216.34') },
  });
  expect(read(event, 'fd.sip')).toBeUndefined();
  expect(read(event, 'fd.rport')).toBeUndefined();
  expect(read(event, 'fd.connected')).toBe(false);
  expect(read(event, 'fd.name_changed')).toBe(false);
  expect(read(event, 'fd.l4proto')).toBe('<NA>');
  expect(read(event, 'fd.port')).toEqual([0, 0]);
  expect(read(event, 'fd.ip')).toEqual(['\0\0\0\0', '\0\0\0\0']);
  expect(read(event, 'fd.num')).toBe(4);
  expect(read(event, 'evt.res')).toBe('ECONNREFUSED');
});

test('an accepted socket has the server on this side', () => {
  const event = callEvent('accept4', {
    call: { ret: 9, args: [3n] },
    object: {
      ...TCP,
      fd: 9,
      flags: object_flag.OBJECT_ACCEPTED | object_flag.OBJECT_CONNECTED,
      local_port: 22,
      remote_port: 51000,
    },
  });
  expect(read(event, 'fd.name')).toBe('93.184.216.34:51000->10.1.2.3:22');
  expect(read(event, 'fd.sport')).toBe(22);
  expect(read(event, 'fd.cport')).toBe(51000);
  expect(read(event, 'fd.is_server')).toBe(true);
  expect(read(event, 'fd.num')).toBe(9);
});

test('a bound socket has a server side only', () => {
  const event = callEvent('listen', {
    call: { ret: 0, args: [4n, 5n] },
    object: {
      ...TCP,
      flags: object_flag.OBJECT_BOUND,
      local_address: ip4('0.0.0.0'),
      local_port: 8080,
    },
  });
  expect(read(event, 'fd.name')).toBe('0.0.0.0:8080');
  expect(read(event, 'fd.sport')).toBe(8080);
  expect(read(event, 'fd.cip')).toBeUndefined();
  expect(read(event, 'fd.lport')).toBeUndefined();
  expect(read(event, 'fd.connected')).toBe(false);
});

test('datagrams: the client sends first, unless its owner bound the socket', () => {
  const parts = {
    call: { ret: 5, args: [4n] },
    object: { ...TCP, socket_type: 2, protocol: 17, remote_port: 0 },
    address: { family: 2, port: 53, address: ip4('8.8.8.8') },
  };
  const sent = callEvent('sendto', parts);
  expect(read(sent, 'fd.sport')).toBe(53);
  expect(read(sent, 'fd.connected')).toBe(true);
  expect(read(sent, 'fd.l4proto')).toBe('udp');
  const bound = callEvent('recvfrom', {
    ...parts,
    object: { ...parts.object, flags: object_flag.OBJECT_BOUND },
  });
  bound.peer_changed = true;
  expect(read(bound, 'fd.sport')).toBe(40000);
  expect(read(bound, 'fd.cport')).toBe(53);
  expect(read(bound, 'fd.connected')).toBe(false);
  expect(read(bound, 'fd.name_changed')).toBe(true);
});

test('IPv4-mapped sockets are IPv4', () => {
  const mapped = (text: string) => `${'\0'.repeat(10)}\xff\xff${ip4(text).slice(0, 4)}`;
  const event = callEvent('connect', {
    call: { ret: 0, args: [4n] },
    object: {
      ...TCP,
      family: 10,
      local_address: mapped('10.1.2.3'),
      remote_address: mapped('1.2.3.4'),
    },
  });
  expect(read(event, 'fd.type')).toBe('ipv4');
  expect(read(event, 'fd.sip')).toBe('\x01\x02\x03\x04');
  expect(read(event, 'fd.name')).toBe('10.1.2.3:40000->1.2.3.4:443');
});

test('a unix socket shows both socks and the path', () => {
  const event = callEvent('connect', {
    call: { ret: 0, args: [4n] },
    object: { fd: 4, kind: SOCKET, family: 1, sock: 0xabcn, peer_sock: 0xdefn },
    texts: { claimed: '/run/docker.sock' },
  });
  expect(read(event, 'fd.name')).toBe('abc->def /run/docker.sock');
  expect(read(event, 'fd.sockfamily')).toBe('unix');
  expect(read(event, 'fd.sip')).toBeUndefined();
  expect(read(event, 'fd.port')).toBeUndefined();
});

test('a packet socket is of no known type', () => {
  const event = callEvent('socket', {
    call: { ret: 4, args: [17n, 3n, 768n] },
    object: { fd: 4, kind: SOCKET, family: 17, socket_type: 3 },
  });
  expect(read(event, 'evt.arg.domain')).toBe('AF_PACKET');
  expect(read(event, 'fd.type')).toBe('<NA>');
  expect(read(event, 'fd.typechar')).toBe('o');
  expect(read(event, 'fd.name')).toBe('');
});

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
  const event = callEvent('read', parts);
  expect(read(event, 'evt.arg.data')).toBe('.ELF.. A');
  expect(read(event, 'evt.buffer')).toBe('\x7fELF\x02\0 A');
  expect(read(event, 'evt.buflen')).toBe(8);
  expect(read(event, 'evt.is_io_read')).toBe(true);
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

test('a value is made once for an event and again for the next', () => {
  const event = callEvent('openat', openat(0n));
  expect(read(event, 'fd.name')).toBe('/home/x/f');
  const next = callEvent('openat', { ...openat(0n), texts: { path: '/b' } });
  expect(read(next, 'fd.name')).toBe('/b');
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

test('a path relative to a descriptor that nobody knows is not taken from the working directory', () => {
  const event = callEvent('openat', {
    call: { ret: -9n, args: [99n, 0n, 0n, 0n, 0n, 0n] },
    texts: { claimed: 'rel.conf' },
  });
  expect(read(event, 'evt.arg.name')).toBe('<UNKNOWN>rel.conf');
});

test('a raw socket is raw whatever its protocol is', () => {
  const ends = { local_address: ip4('10.1.2.3'), remote_address: ip4('10.1.2.4') };
  const event = callEvent('connect', {
    call: { ret: 0n, args: [4n, 0n, 0n, 0n, 0n, 0n] },
    object: {
      kind: object_kind.OBJECT_SOCKET,
      family: 2,
      socket_type: 3,
      protocol: 6,
      fd: 4,
      ...ends,
    },
  });
  expect(read(event, 'fd.l4proto')).toBe('raw');
});
