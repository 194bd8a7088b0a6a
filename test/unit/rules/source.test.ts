// Lines with carets, safe for a terminal.

import { expect, test } from 'vitest';
import { printable, printableJson, SourceText } from '../../../src/rules/source.js';

test('a place has line and column from 0', () => {
  const source = new SourceText({ name: 'f', text: 'ab\ncd\n\nef' });
  expect(source.place(0)).toMatchObject({ line: 0, column: 0 });
  expect(source.place(4)).toMatchObject({ file: 'f', line: 1, column: 1, offset: 4 });
  expect(source.place(6)).toMatchObject({ line: 2, column: 0 });
  expect(source.place(9)).toMatchObject({ line: 3, column: 2 });
});

test('the caret stands under the place', () => {
  const source = new SourceText({ name: 'f', text: 'x\nab: cd ef\r\n' });
  expect(source.snippet(6, 2)).toBe('ab: cd ef\n    ^^');
});

test('control characters do not reach the terminal, the caret stays in place', () => {
  const source = new SourceText({ name: 'f', text: '\x1b[2J: \u202exx' });
  const [line = '', caret = ''] = source.snippet(7).split('\n');
  expect(line).toBe('\\x1b[2J: \\u202exx');
  expect(line[caret.indexOf('^')]).toBe('x');
  expect(printable('a\tb\r\x9b')).toBe('a b\\x0d\\x9b');
});

test('of a very long line only the part around the place is shown', () => {
  const source = new SourceText({
    name: 'f',
    text: `${'x'.repeat(100_000)}!${'y'.repeat(100_000)}`,
  });
  const [line = '', caret = ''] = source.snippet(100_000, 5_000).split('\n');
  expect(line.length).toBeLessThan(200);
  expect(line[caret.indexOf('^')]).toBe('!');
  expect(caret.length).toBeLessThan(200);
});

test('JSON for a terminal holds the same values, without a character that could hide something', () => {
  const value = { name: 'a\u009b\u202e\u007f\u2028\n\ud800 "ä\u{1f600}"', list: [1, null] };
  for (const text of [printableJson(value), printableJson(value, 2)]) {
    expect(JSON.parse(text)).toEqual(value);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u202e]/u);
  }
  expect(printableJson(value, 2)).toContain('\n  "list"');
});
