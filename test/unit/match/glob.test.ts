// Globs and prefixes: fnmatch over bytes, path components, many prefixes at once.

import { expect, test } from 'vitest';
import { compileGlob } from '../../../src/match/glob.js';
import { matchesPathPrefix, startsWithAny } from '../../../src/match/prefixes.js';
import { newSeed, Random } from './random.js';

// Results of the C library's fnmatch (glibc 2.36, C locale), without flags and with FNM_CASEFOLD.
const CASES: readonly [pattern: string, text: string, plain: boolean, folded: boolean][] = [
  ['*', '', true, true],
  ['*', '/a/.b', true, true],
  ['?', '/', true, true],
  ['?', '', false, false],
  ['a*c', 'abbbc', true, true],
  ['a*c', 'abbbcd', false, false],
  ['A*', 'abc', false, true],
  ['[a-c]x', 'bx', true, true],
  ['[a-c]x', 'BX', false, true],
  ['[!a-c]x', 'bx', false, false],
  ['[^a-c]x', 'dx', true, true],
  ['[]a]', ']', true, true],
  ['[a-]', '-', true, true],
  ['[a', '[a', true, true],
  ['a[', 'a[', true, true],
  ['\\*', '*', true, true],
  ['\\*', 'x', false, false],
  ['a\\', 'a', false, false],
  ['a\\', 'a\\', false, false],
  ['[\\]]', ']', true, true],
  ['[[:digit:]]?', '1z', true, true],
  ['[[:upper:]]', 'B', true, true],
  ['[[:upper:]]', 'b', false, false],
  ['[B-[!a]', 'B', true, false],
  ['[[.-.]]', '-', true, true],
  ['[z-a]', 'm', false, false],
  ['*a*b*', 'xxaxxbxx', true, true],
  ['*.txt', 'a.TXT', false, true],
];

test('globs agree with the C library', () => {
  for (const [pattern, text, plain, folded] of CASES) {
    expect(compileGlob(pattern)(text), `${pattern} ${text}`).toBe(plain);
    expect(compileGlob(pattern, true)(text), `${pattern} ${text} folded`).toBe(folded);
  }
});

test('a pattern works on bytes: one question mark for each byte of a character', () => {
  const bytes = Buffer.from('é').toString('latin1');
  expect(compileGlob('?')(bytes)).toBe(false);
  expect(compileGlob('??')(bytes)).toBe(true);
});

test('a pattern of many stars is no way to keep the matcher busy', () => {
  const glob = compileGlob(`${'a*'.repeat(120)}b`);
  expect(glob('a'.repeat(4000))).toBe(false);
  expect(glob(`${'a'.repeat(4000)}b`)).toBe(true);
});

test('a path prefix is compared by components', () => {
  const etc = matchesPathPrefix(['/etc']);
  for (const path of ['/etc', '/etc/', '/etc/x/y', 'etc/x', '//etc//x'])
    expect(etc(path)).toBe(true);
  for (const path of ['/etcx', '/', '', '/x/etc']) expect(etc(path)).toBe(false);
  expect(matchesPathPrefix(['etc/'])('/etc/x')).toBe(true);
  expect(matchesPathPrefix(['/'])('')).toBe(true);
  expect(matchesPathPrefix(['/*'])('/')).toBe(false);
  expect(matchesPathPrefix(['/*/b'])('/a/b/c')).toBe(true);
  expect(matchesPathPrefix(['/*/b', '/a/c'])('/a/d')).toBe(false);
  expect(matchesPathPrefix(['/a/x', '/*/y'])('/a/y')).toBe(true);
  expect(matchesPathPrefix([])('/a')).toBe(false);
});

test('many prefixes at once find what one after the other finds', () => {
  const seed = newSeed();
  const random = new Random(seed);
  const word = (length: number): string =>
    Array.from({ length: random.int(length) }, () => random.one(['a', 'b', '/'])).join('');
  for (let round = 0; round < 300; round++) {
    const prefixes = Array.from({ length: random.int(9) }, () => word(6));
    const all = startsWithAny(prefixes);
    for (let count = 0; count < 20; count++) {
      const text = word(9);
      const wanted = prefixes.some((prefix) => text.startsWith(prefix));
      expect(all(text), `SAKER_SEED=${seed} ${prefixes} ${text}`).toBe(wanted);
    }
  }
});
