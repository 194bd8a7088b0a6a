// The byte by which most of some texts are seen to be absent without a search.

import { expect, test } from 'vitest';
import { rareByte } from '../../../src/plan/rare-byte.js';

test('the byte that most texts hold and few names do', () => {
  expect(rareByte(['id_rsa', '/.ssh/', '_history', 'a~b'])).toBe('_');
  expect(rareByte(['core.%p', '100%'])).toBe('%');
});

test('none where texts are made of what most names are', () => {
  expect(rareByte(['/.ssh/', 'so.5.6.1', 'AUTHORIZED-keys'])).toBeUndefined();
  expect(rareByte([])).toBeUndefined();
});

test('bytes of a text in another script count one by one', () => {
  expect(rareByte(['\xc3\xa4'])).toBe('\xc3');
});
