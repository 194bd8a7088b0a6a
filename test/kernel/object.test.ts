// Objects and maps against a small program of our own: constants, running, refusals with their log.

import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type BpfMap, u32Key } from '../../src/bpf/map.js';
import { BpfObject } from '../../src/bpf/object.js';
import { actProgram, holdings } from './harness.js';

let bytes: Buffer;
let object: BpfObject;
let before: ReturnType<typeof holdings>;

beforeAll(() => {
  bytes = readFileSync(actProgram('kernel/object.bpf.o'));
  BpfObject.open(bytes).close();
  before = holdings();
});

afterEach(() => object.close());
afterAll(() => expect(holdings()).toEqual(before));

function load(...programs: string[]): void {
  object = BpfObject.open(bytes);
  object.choose(programs);
  object.load();
}

test('a program runs on our memory, with the constants that it was compiled with', () => {
  load('ask');
  const question = Buffer.alloc(8);
  question.writeInt32LE(12);
  expect(object.run('ask', question)).toBe(8);
  expect(question.readInt32LE(4)).toBe(144);
});

test('a constant that is set before the load is what the program sees', () => {
  object = BpfObject.open(bytes);
  object.choose(['ask']);
  object.setConstant('answer', u32Key(41));
  object.load();
  expect(object.run('ask', Buffer.alloc(8))).toBe(42);
});

test('what is written into an array is what programs of all objects that share it see', () => {
  load('look');
  const array = object.array('pairs');
  expect(array).toMatchObject({ name: 'pairs', max_entries: 4, value_bytes: 8 });
  for (let i = 0; i < 4; i++) array.put(i, Buffer.from(Uint32Array.of(i, 10 + i).buffer));
  const other = BpfObject.open(bytes);
  other.choose(['look']);
  other.shareMap(
    object.variables,
    other.map_names.find((name) => name.endsWith('.bss')),
  );
  other.load();
  for (const one of [object, other]) {
    const question = Buffer.alloc(8);
    question.writeInt32LE(2);
    expect(one.run('look', question)).toBe(0);
    expect(question.readInt32LE(4)).toBe(12);
  }
  other.close();
});

test('an entry that an array does not have, or of another size, is refused, and so is another name', () => {
  load('look');
  const array = object.array('pairs');
  for (const index of [-1, 4, 1.5, Number.NaN]) {
    expect(() => array.put(index, Buffer.alloc(8))).toThrow(/array pairs: entry/);
  }
  expect(() => array.put(0, Buffer.alloc(7))).toThrow(/7 bytes; it has 4 of 8/);
  for (const name of ['answer', 'few', 'nobody']) {
    expect(() => object.array(name)).toThrow(new RegExp(`no array ${name}`));
  }
  object.close();
  expect(() => object.array('pairs')).toThrow(/closed/);
});

test('a constant of another size, or none of that name, is refused', () => {
  object = BpfObject.open(bytes);
  expect(() => object.setConstant('answer', Buffer.alloc(8))).toThrow(/answer/);
  expect(() => object.setConstant('question', Buffer.alloc(4))).toThrow(/question/);
});

test("a refused program is an error that shows the verifier's words", () => {
  object = BpfObject.open(bytes);
  object.choose(['wild']);
  expect(() => object.load()).toThrow(
    expect.objectContaining({
      code: 'BPF_LOAD',
      message: expect.stringMatching(/invalid mem access/),
    }),
  );
});

test('garbage is refused when it is opened', () => {
  load('ask');
  expect(() => BpfObject.open(Buffer.alloc(100, 1))).toThrow(
    expect.objectContaining({ code: 'BPF_LOAD' }),
  );
});

test('a program that is not there or not loaded is said by name', () => {
  load('ask');
  expect(() => object.choose(['asks'])).toThrow(/asks/);
  expect(() => object.programFd('wild')).toThrow(/wild is not loaded/);
});

const u64 = (value: bigint): Buffer => {
  const bytes8 = Buffer.alloc(8);
  bytes8.writeBigUInt64LE(value);
  return bytes8;
};

function entries(map: BpfMap): [number, bigint][] {
  const value = Buffer.alloc(map.transfer_bytes);
  return [...map.walk()].map((key) => {
    expect(map.get(key, value)).toBe(true);
    return [key.readUInt32LE(), value.readBigUInt64LE()];
  });
}

test('a map gives back what was put, until it is deleted', () => {
  load();
  const few = object.map('few');
  for (const n of [1, 2, 3]) few.put(u32Key(n), u64(BigInt(n) << 40n));
  expect(entries(few).sort()).toEqual([1, 2, 3].map((n) => [n, BigInt(n) << 40n]));
  expect(few.delete(u32Key(2))).toBe(true);
  expect(few.delete(u32Key(2))).toBe(false);
  expect(few.get(u32Key(2), Buffer.alloc(8))).toBe(false);
  expect(entries(few)).toHaveLength(2);
});

test('a full map says so, as an answer or as an error', () => {
  load();
  const few = object.map('few');
  for (const n of [1, 2, 3, 4]) expect(few.tryPut(u32Key(n), u64(0n))).toBe(true);
  expect(few.tryPut(u32Key(5), u64(0n))).toBe(false);
  expect(() => few.put(u32Key(5), u64(0n))).toThrow(expect.objectContaining({ code: 'BPF_MAP' }));
});

test('many entries are put and deleted in one call, those that are not there are passed over', () => {
  load();
  const few = object.map('few');
  few.put(u32Key(1), u64(9n));
  few.putAll(
    Buffer.concat([1, 2, 3].map(u32Key)),
    Buffer.concat([10n, 20n, 30n].map((value) => u64(value))),
  );
  expect(entries(few).sort()).toEqual([1, 2, 3].map((n) => [n, BigInt(10 * n)]));
  few.deleteAll(Buffer.concat([3, 7, 1].map(u32Key)));
  expect(entries(few)).toEqual([[2, 20n]]);
});

test('many entries that do not fit are an error; keys and values must agree', () => {
  load();
  const few = object.map('few');
  const keys = Buffer.concat([1, 2, 3, 4, 5].map(u32Key));
  expect(() => few.putAll(keys, Buffer.alloc(40))).toThrow(
    expect.objectContaining({ code: 'BPF_MAP' }),
  );
  expect(() => few.putAll(keys, Buffer.alloc(39))).toThrow(/short/);
  expect(() => few.deleteAll(Buffer.alloc(6))).toThrow(/whole keys/);
});

test('all values of an array come in one call', () => {
  load();
  const row = object.map('row');
  for (const n of [0, 1, 2]) row.put(u32Key(n), u64(BigInt(10 + n)));
  const values = Buffer.alloc(24);
  expect(row.getAll(values)).toBe(true);
  expect([0, 8, 16].map((at) => values.readBigUInt64LE(at))).toEqual([10n, 11n, 12n]);
});

test('a buffer that is too short is refused before the kernel writes past it', () => {
  load();
  const few = object.map('few');
  expect(() => few.get(u32Key(1), Buffer.alloc(7))).toThrow(/short/);
  expect(() => few.put(Buffer.alloc(3), u64(0n))).toThrow(/short/);
  expect(() => few.getAll(Buffer.alloc(31))).toThrow(/short/);
});
