import { expect, test } from 'vitest';
import { call_record, exec_record, LAYOUT, span_flag } from '../../../src/abi/layout.js';
import { CallCursor } from '../../../src/decode/call.js';
import { DecodeCounters } from '../../../src/decode/cursor.js';
import { encodeRecord } from '../../../src/decode/encode.js';
import { ExecCursor, joinArguments, splitArguments } from '../../../src/decode/process.js';
import { callRecord, TASK } from './record.js';

function callCursor(record: Buffer, counters = new DecodeCounters()): CallCursor {
  const cursor = new CallCursor(counters);
  expect(cursor.bind(record, 0, record.length)).toBe(true);
  return cursor;
}

test('what is encoded is read back', () => {
  const cursor = callCursor(
    callRecord('openat', {
      call: { ret: -2, args: [0xffff_ff9cn, 0x7fff_0000_0000n, 0x80000n, 0n], number: 257 },
      object: { inode: 77n, dev: 0x801, fd: -1, kind: 1, flags: 3 },
      texts: { claimed: 'etc/pass\xe9wd', base: '/', path: { text: '', flags: 0 } },
    }),
  );
  expect(cursor.type).toBe(257);
  expect(cursor.time_ns).toBe(6_000_000_000n);
  expect(cursor.time).toBe(6_000_000_000);
  expect(cursor.pid).toBe(30);
  expect(cursor.start_ns).toBe(5_000_000_000n);
  expect(cursor.comm).toBe('cat');
  expect(cursor.ret).toBe(-2);
  expect(cursor.argInt(0)).toBe(-100);
  expect(cursor.arg(1)).toBe(0x7fff_0000_0000);
  expect(cursor.object_inode).toBe(77);
  expect(cursor.object_fd).toBe(-1);
  expect(cursor.claimed).toBe('etc/pass\xe9wd');
  expect(cursor.base).toBe('/');
  expect(cursor.path).toBe('');
  expect(cursor.claimed2).toBeUndefined();
});

test('integers are numbers while that is exact, bigints beyond', () => {
  const safe = 2n ** 53n - 1n;
  const args = [safe, safe + 1n, 2n ** 64n - 1n, 0n];
  const cursor = callCursor(callRecord('openat', { call: { ret: -(2n ** 53n), args } }));
  expect(cursor.arg(0)).toBe(Number(safe));
  expect(cursor.arg(1)).toBe(safe + 1n);
  expect(cursor.arg(2)).toBe(2n ** 64n - 1n);
  expect(cursor.argLong(2)).toBe(-1);
  expect(cursor.ret).toBe(-(2n ** 53n));
});

test('a cursor that moves on forgets the texts of the record before', () => {
  const counters = new DecodeCounters();
  const cursor = new CallCursor(counters);
  const first = callRecord('openat', { texts: { claimed: '/a' } });
  const second = callRecord('openat', { task: { comm: 'dog' }, texts: { base: '/b' } });
  const memory = Buffer.concat([first, second]);
  cursor.bind(memory, 0, first.length);
  expect([cursor.claimed, cursor.base, cursor.comm]).toEqual(['/a', undefined, 'cat']);
  cursor.bind(memory, first.length, second.length);
  expect([cursor.claimed, cursor.base, cursor.comm]).toEqual([undefined, '/b', 'dog']);
});

test('a text is made once for a record', () => {
  const record = callRecord('openat', { texts: { claimed: '/a' } });
  const cursor = callCursor(record);
  expect(cursor.claimed).toBe('/a');
  record.fill(0x62, call_record.size);
  expect(cursor.claimed).toBe('/a');
});

test('a record that is too short for its kind is refused and counted', () => {
  const counters = new DecodeCounters();
  const cursor = new CallCursor(counters);
  const record = callRecord('openat');
  expect(cursor.bind(record, 0, call_record.size - 8)).toBe(false);
  expect(cursor.bind(record, 8, record.length)).toBe(false);
  expect(cursor.bind(record, -8, record.length)).toBe(false);
  expect(counters.malformed_records).toBe(3);
});

test('a span that leaves its record is absent and counted', () => {
  const counters = new DecodeCounters();
  const record = callRecord('openat', { texts: { claimed: '/etc/shadow' } });
  record.writeUInt16LE(60_000, call_record.claimed + 2);
  const cursor = callCursor(record, counters);
  expect(cursor.claimed).toBeUndefined();
  expect(cursor.claimed).toBeUndefined();
  expect(counters.malformed_spans).toBe(1);
});

test('a span that points into the fixed part is absent: it would show other fields', () => {
  const counters = new DecodeCounters();
  const record = callRecord('openat', { texts: { claimed: '/etc/shadow' } });
  record.writeUInt16LE(8, call_record.claimed);
  expect(callCursor(record, counters).claimed).toBeUndefined();
  expect(counters.malformed_spans).toBe(1);
});

test('a span does not reach into the next record of the ring', () => {
  const counters = new DecodeCounters();
  const record = callRecord('openat', { texts: { claimed: '/a' } });
  record.writeUInt16LE(64, call_record.claimed + 2);
  const memory = Buffer.concat([record, Buffer.alloc(128, 0x73)]);
  const cursor = new CallCursor(counters);
  cursor.bind(memory, 0, record.length);
  expect(cursor.claimed).toBeUndefined();
});

test('what the kernel said about a span is kept', () => {
  const flags = span_flag.SPAN_CUT | span_flag.SPAN_DELETED;
  const cursor = callCursor(callRecord('openat', { texts: { path: { text: '/x', flags } } }));
  expect(cursor.path_flags).toBe(flags);
});

test('comm is compared without making it', () => {
  const cursor = callCursor(callRecord('openat', { task: { comm: 'exactly16bytes__' } }));
  expect(cursor.commIs('exactly16bytes__')).toBe(true);
  expect(cursor.commIs('exactly16bytes_')).toBe(false);
  expect(cursor.commIs('exactly16bytes__x')).toBe(false);
  expect(callCursor(callRecord('openat')).commIs('cat')).toBe(true);
  expect(callCursor(callRecord('openat')).commIs('ca')).toBe(false);
  expect(callCursor(callRecord('openat')).commIs('cat ')).toBe(false);
});

test('an exec record is read back with all its texts', () => {
  const texts = {
    exe: '/usr/bin/curl',
    filename: '/bin/curl',
    cwd: '/home',
    argv: 'curl\0-k\0\0',
    env: 'A=1\0B=\0',
    cgroup: '/x',
  };
  const own = { inode: 5n, ctime_ns: 6n, mtime_ns: 7n, dev: 8, exe_flags: 3, argc: 3 };
  const record = encodeRecord({ kind: 'exec', task: TASK, own, texts });
  const cursor = new ExecCursor(new DecodeCounters());
  cursor.bind(record, 0, record.length);
  expect(cursor).toMatchObject({
    ...texts,
    inode: 5n,
    ctime_ns: 6n,
    mtime_ns: 7n,
    dev: 8,
    argc: 3,
  });
  expect(splitArguments(cursor.argv ?? '', cursor.argc)).toEqual(['curl', '-k', '']);
});

test.each([
  ['', 0, []],
  ['', 1, ['']],
  ['sh\0', 1, ['sh']],
  ['sh', 1, ['sh']],
  ['sh\0-c\0\0', 3, ['sh', '-c', '']],
  ['sh\0-c\0', 3, ['sh', '-c', '']],
  ['a\0b\0', 0, ['a', 'b']],
  ['a\0b', 0, ['a', 'b']],
  ['a\0cut', 9, ['a', 'cut']],
])('the argument area %j of %i arguments is taken apart', (area, count, expected) => {
  expect(splitArguments(area, count)).toEqual(expected);
});

test('arguments are joined as if they had been taken apart before', () => {
  const areas = (bytes: number): string[] =>
    bytes === 0
      ? ['']
      : areas(bytes - 1).flatMap((area) => ['', '\0', 'a'].map((end) => area + end));
  for (const area of new Set(areas(6)))
    for (let count = 0; count < 8; count += 1)
      for (const from of [0, 1, 2])
        expect([area, count, from, joinArguments(area, count, from)]).toEqual([
          area,
          count,
          from,
          splitArguments(area, count).slice(from).join(' '),
        ]);
});

test('random bytes give values or absent parts, never an error', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  console.info(`seed ${seed}`);
  const random = generator(seed);
  const counters = new DecodeCounters();
  const cursors = [new CallCursor(counters), new ExecCursor(counters)];
  for (let round = 0; round < 400; round += 1) {
    const memory = Buffer.alloc(400 + Math.floor(random() * 500));
    for (let i = 0; i < memory.length; i += 1) memory[i] = Math.floor(random() * 256);
    for (const cursor of cursors) {
      const fixed = cursor instanceof CallCursor ? call_record.size : exec_record.size;
      const offset = Math.floor(random() * 40);
      const bound = cursor.bind(memory, offset, memory.length - offset);
      expect(bound).toBe(memory.length - offset >= fixed);
      for (const name of getters(cursor)) {
        const value: unknown = Reflect.get(cursor, name, cursor);
        if (typeof value === 'string') expect(value.length).toBeLessThanOrEqual(memory.length);
      }
    }
  }
  expect(counters.malformed_spans).toBeGreaterThan(0);
});

test('every member of the layout can be encoded', () => {
  for (const struct of LAYOUT.structs.filter((one) => one.name.endsWith('_record'))) {
    expect(struct.size % 8).toBe(0);
    for (const [, offset] of struct.members) expect(offset).toBeLessThan(struct.size);
  }
});

function getters(cursor: object): string[] {
  const names: string[] = [];
  for (let at = Object.getPrototypeOf(cursor); at !== null; at = Object.getPrototypeOf(at)) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (property.get !== undefined && name !== '__proto__') names.push(name);
    }
  }
  return names;
}

// xorshift32: the same numbers for the same seed.
function generator(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}
