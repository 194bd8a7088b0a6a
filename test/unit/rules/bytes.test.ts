// Text to byte strings and back, exactly.

import { expect, test } from 'vitest';
import { fromBytes, fromBytesExactly, toBytes } from '../../../src/rules/bytes.js';

test('ASCII is returned as it is', () => {
  expect(toBytes('/etc/passwd\n\0')).toBe('/etc/passwd\n\0');
  expect(fromBytes('/etc/passwd\n\0')).toBe('/etc/passwd\n\0');
});

test('other text becomes its UTF-8 bytes, one char each', () => {
  expect(toBytes('é')).toBe('\xc3\xa9');
  expect(toBytes('\u00a0')).toBe('\xc2\xa0');
  expect(fromBytes('\xf0\x9f\x98\x80')).toBe('😀');
});

test('bytes that are no UTF-8 are replaced for people and kept for machines', () => {
  expect(fromBytes('a\xffb')).toBe('a\ufffdb');
  const all = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
  expect(toBytes(fromBytesExactly(all))).toBe(all);
  expect(toBytes(fromBytesExactly('é\xe2\x82é'))).toBe('é\xe2\x82é');
});
