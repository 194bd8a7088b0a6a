// How large the ring is where nobody said so.

import { expect, test } from 'vitest';
import { ringBytes } from '../../../src/config/ring.js';

const MIB = 1 << 20;

test.each([
  [1, 8],
  [2, 16],
  [3, 32],
  [4, 32],
  [8, 64],
  [9, 64],
  [256, 64],
])('the ring of %i processors has %i MiB', (processors, mib) => {
  expect(ringBytes(0, processors)).toBe(mib * MIB);
});

test('what was asked for is taken', () => {
  expect(ringBytes(1 << 16, 64)).toBe(1 << 16);
});

test('a host without a word about its processors has one', () => {
  expect(ringBytes(0, 0)).toBe(8 * MIB);
});
