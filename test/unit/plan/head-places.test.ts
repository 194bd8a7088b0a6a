// First components as the kernel finds them: each at the place that its product with the multiplier names.

import { expect, test } from 'vitest';
import { abi_limit, head_class, head_table } from '../../../src/abi/layout.js';
import { headPlaces } from '../../../src/plan/head-places.js';

// As bpf/filter_path.h looks: the set of a first component, 0 when nobody has its place.
function look(table: Buffer, head: string): number {
  const bytes = Buffer.alloc(8);
  bytes.write(head, 'latin1');
  const word = bytes.readBigUInt64LE();
  const product = BigInt.asUintN(64, word * table.readBigUInt64LE(head_table.multiplier));
  const place = Number(product >> BigInt(64 - abi_limit.HEAD_BITS));
  const at = head_table.places.at + place * head_table.places.stride;
  return table.readBigUInt64LE(at + head_class.word) === word
    ? table.readUInt32LE(at + head_class.set)
    : 0;
}

test('each first component is found, and no other', () => {
  const names = 'etc usr bin sbin lib lib64 root home var dev proc sys run tmp boot opt'.split(' ');
  const table = headPlaces(new Map(names.map((name, i) => [name, i + 1])));
  if (table === undefined) throw new Error('16 names have no places');
  expect(names.map((name) => look(table, name))).toEqual(names.map((_, i) => i + 1));
  expect(['', 'et', 'etcetera', 'srv', 'libexec'].map((name) => look(table, name))).toEqual([
    0, 0, 0, 0, 0,
  ]);
});

test('the root by itself is a first component too', () => {
  const table = headPlaces(new Map([['', 7]]));
  expect(table && look(table, '')).toBe(7);
});

test('too many have no places', () => {
  const names = Array.from({ length: 2 * abi_limit.HEAD_PLACES }, (_, i) => `n${i}`);
  expect(headPlaces(new Map(names.map((name) => [name, 1])))).toBeUndefined();
});
