// What the caller wrote, read in the place of an object that another thread may have put there.

import { expect, test } from 'vitest';
import { object_flag, object_kind } from '../../../src/abi/layout.js';
import { findClaim } from '../../../src/decode/claim.js';
import type { Values } from '../../../src/decode/encode.js';
import type { Event } from '../../../src/decode/event.js';
import { callEvent, read } from './record.js';

interface Opened {
  call?: string;
  path?: string;
  claimed?: string;
  base?: string;
  ret?: number;
  flags?: number;
  object?: Values;
}

const SHARED = object_flag.OBJECT_SHARED_TABLE;
const AT_FDCWD = 0xffff_ff9cn;

/** An open of a process that shares, or shared, its descriptor table. */
function opened({ call = 'openat', ret = 5, flags = 0, ...more }: Opened): Event {
  const { path, claimed, base, object } = more;
  const args = [AT_FDCWD, 1n, BigInt(flags), 0n];
  return callEvent(call, {
    call: { ret, args, extra: BigInt(flags) },
    object: {
      fd: ret,
      kind: path === undefined ? object_kind.OBJECT_NONE : object_kind.OBJECT_FILE,
      flags: SHARED,
      inode: 77n,
      dev: 0x0801,
      ...object,
    },
    texts: { path, claimed, base },
  });
}

const swapped = (more: Opened = {}): Event =>
  opened({ path: '/tmp/etc/shadow', claimed: '/etc/shadow', ...more });

test.each<[string, Opened, string | undefined]>([
  ['an absolute path', { claimed: '/etc/shadow' }, '/etc/shadow'],
  ['a relative path', { claimed: 'shadow', base: '/etc' }, '/etc/shadow'],
  ['a path with dots', { claimed: '../etc//./shadow', base: '/tmp' }, '/etc/shadow'],
  ['the path itself', { claimed: '/tmp/etc/shadow' }, undefined],
  ['the path below its folder', { claimed: 'etc/shadow', base: '/tmp' }, undefined],
  ['the path below the root', { claimed: 'tmp/etc/shadow', base: '/' }, undefined],
  ['the path with dots', { claimed: './etc/../etc/shadow', base: '/tmp' }, undefined],
  ['an end of the path', { claimed: 'shadow', base: '/x/tmp/etc' }, '/x/tmp/etc/shadow'],
  ['more than the path', { claimed: '/x/tmp/etc/shadow' }, '/x/tmp/etc/shadow'],
  ['a folder that ends alike', { claimed: 'shadow', base: '/tmp/Xtc' }, '/tmp/Xtc/shadow'],
  ['nothing readable', {}, undefined],
])('what the caller wrote is compared whole with the object: %s', (_, more, claim) => {
  const event = opened({ path: '/tmp/etc/shadow', ...more });
  expect(findClaim(event)).toBe(claim);
  expect(event.claim).toBe(claim);
});

test('without the mark of the kernel, and for calls that failed, there is nothing to claim', () => {
  expect(findClaim(swapped({ object: { flags: object_flag.OBJECT_CREATED } }))).toBeUndefined();
  expect(findClaim(swapped({ ret: -2 }))).toBeUndefined();
  expect(findClaim(swapped({ call: 'open_by_handle_at', claimed: undefined }))).toBeUndefined();
  const memory = callEvent('memfd_create', {
    call: { ret: 5 },
    object: { fd: 5, kind: object_kind.OBJECT_MEMFD, flags: SHARED },
    texts: { path: 'memfd:x', claimed: 'x' },
  });
  expect(findClaim(memory)).toBeUndefined();
});

const FIELDS = [
  ...[
    'fd.name',
    'fd.directory',
    'fd.filename',
    'fd.nameraw',
    'fd.typechar',
    'fd.num',
    'fs.path.name',
  ],
  ...['evt.arg.fd', 'evt.arg.name', 'fd.ino', 'fd.dev', 'evt.rawarg.ino', 'evt.is_open_create'],
];

function values(event: Event): unknown[] {
  return FIELDS.map((field) => {
    const [name = field, argument] = field.split(/(?<=^evt\.(?:raw)?arg)\./);
    return read(event, name, argument);
  });
}

test('every field that is about the path follows the reading, and comes back', () => {
  const event = swapped();
  const object = [
    ...['/tmp/etc/shadow', '/tmp/etc', 'shadow', '/etc/shadow', 'f', 5, '/tmp/etc/shadow'],
    ...['<f>/tmp/etc/shadow', '/etc/shadow', 77, 0x0801, 77, false],
  ];
  expect(values(event)).toEqual(object);
  findClaim(event);
  expect(event.is_claimed).toBe(false);
  expect(values(event)).toEqual(object);
  expect(values(event.read(true))).toEqual([
    ...['/etc/shadow', '/etc', 'shadow', '/etc/shadow', 'f', 5, '/etc/shadow'],
    ...['<f>/etc/shadow', '/etc/shadow', undefined, undefined, undefined, false],
  ]);
  expect(event.is_claimed).toBe(true);
  expect(values(event.read(false))).toEqual(object);
});

test('a decoy of another kind does not make the file something else', () => {
  const pipe = swapped({ path: 'x', object: { kind: object_kind.OBJECT_PIPE } });
  findClaim(pipe);
  expect(read(pipe.read(true), 'fd.type')).toBe('file');
  const socket = swapped({ object: { kind: object_kind.OBJECT_SOCKET, family: 2 } });
  findClaim(socket);
  expect(read(socket, 'fd.name')).toBe('');
  expect(read(socket.read(true), 'fd.name')).toBe('/etc/shadow');
  const O_DIRECTORY = 0o200000;
  const folder = swapped({ flags: O_DIRECTORY });
  findClaim(folder);
  expect(read(folder.read(true), 'fd.typechar')).toBe('d');
  expect(read(folder.read(true), 'fd.directory')).toBe('/etc/shadow');
});

test('a descriptor that is gone already is read by what the caller wrote', () => {
  const gone = opened({ claimed: '/etc/shadow', object: { inode: 0n, dev: 0 } });
  expect(read(gone, 'fd.filename')).toBeUndefined();
  expect(findClaim(gone)).toBe('/etc/shadow');
  expect(read(gone.read(true), 'fd.filename')).toBe('shadow');
});

test('the file may have been made where the caller asked for that', () => {
  const O_CREAT = 0o100;
  const event = swapped({ flags: O_CREAT });
  findClaim(event);
  expect(read(event, 'evt.is_open_create')).toBe(false);
  expect(read(event.read(true), 'evt.is_open_create')).toBe(true);
  expect(read(event, 'evt.arg', 'flags')).toContain('O_F_CREATED');
  const layers = swapped({ object: { flags: SHARED | object_flag.OBJECT_UPPER_LAYER } });
  findClaim(layers);
  expect(read(layers, 'fd.is_upper_layer')).toBe(true);
  expect(read(layers.read(true), 'fd.is_upper_layer')).toBeUndefined();
});

test('the next event begins with its object', () => {
  const event = swapped();
  findClaim(event);
  event.read(true);
  const record = event.task.bytes();
  event.call?.bind(record, 0, record.length);
  event.advance();
  expect(event.is_claimed).toBe(false);
  expect(event.claim).toBeUndefined();
  expect(read(event, 'fd.name')).toBe('/tmp/etc/shadow');
});
