// The bytes by which most of some texts are seen to be absent without a search.

import { expect, test } from 'vitest';
import { rareBytes } from '../../../src/plan/rare-bytes.js';

const code = (byte: string): number => byte.charCodeAt(0);

test('the byte that most texts hold and few names do, and what follows it', () => {
  expect(rareBytes(['id_rsa', '/.ssh/', 'a~b'])).toEqual({
    byte: code('_'),
    next: [code('r'), code('r')],
    care: 0xff,
  });
  const two = rareBytes(['id_rsa', 'id_rsb', '_history']);
  expect(two).toEqual({ byte: code('_'), next: [code('r'), code('h')], care: 0xff });
});

test('of more than two that follow it what they have in common', () => {
  const found = rareBytes(['id_rsa', 'id_dsa', '_history_x', 'a~b']);
  expect(found?.byte).toBe(code('_'));
  const { next: [one, other] = [0, 0], care = 0 } = found ?? {};
  expect(one).toBe(other);
  for (const byte of ['r', 'd', 'h']) expect(code(byte) & care).toBe(one);
  for (const byte of ['6', '_', 'A', '\0']) expect(code(byte) & care).not.toBe(one);
});

test('anything where a text or a name ends with the byte', () => {
  expect(rareBytes(['core.%p', '100%'])).toEqual({ byte: code('%'), next: [0, 0], care: 0 });
  expect(rareBytes(['a_/b', 'x_y'])).toEqual({ byte: code('_'), next: [0, 0], care: 0 });
});

test('none where texts are made of what most names are', () => {
  expect(rareBytes(['/.ssh/', 'so.5.6.1', 'AUTHORIZED-keys'])).toBeUndefined();
  expect(rareBytes([])).toBeUndefined();
});

test('bytes of a text in another script count one by one', () => {
  expect(rareBytes(['\xc3\xa4'])).toEqual({ byte: 0xc3, next: [0xa4, 0xa4], care: 0xff });
});
