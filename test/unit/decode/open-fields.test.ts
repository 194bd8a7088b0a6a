// Fields of opened files: names, paths, flags, access.
import { expect, test } from 'vitest';
import { object_flag, object_kind } from '../../../src/abi/layout.js';
import { TextPlace } from '../../../src/decode/cursor.js';
import { NOBODY } from '../../../src/decode/event.js';
import { reader } from '../../../src/decode/fields.js';
import { callEvent, read, view } from './record.js';

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
  expect(read(temporary, 'evt.is_open_create')).toBe(true);
  const refused = callEvent('openat', { call: { ret: -13, args } });
  expect(read(refused, 'evt.is_open_create')).toBe(false);
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

test('a path relative to a descriptor that nobody knows is not taken from the working directory', () => {
  const event = callEvent('openat', {
    call: { ret: -9n, args: [99n, 0n, 0n, 0n, 0n, 0n] },
    texts: { claimed: 'rel.conf' },
  });
  expect(read(event, 'evt.arg.name')).toBe('<UNKNOWN>rel.conf');
});

test('a value is made once for an event and again for the next', () => {
  const event = callEvent('openat', openat(0n));
  expect(read(event, 'fd.name')).toBe('/home/x/f');
  const next = callEvent('openat', { ...openat(0n), texts: { path: '/b' } });
  expect(read(next, 'fd.name')).toBe('/b');
});
