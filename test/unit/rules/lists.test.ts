// Lists replaced in the text of conditions.

import { describe, expect, test } from 'vitest';
import { ExpansionError, ListTable } from '../../../src/rules/lists.js';
import { Passage } from '../../../src/rules/passage.js';
import { SourceText } from '../../../src/rules/source.js';
import { parseYaml } from '../../../src/rules/yaml-tree.js';

function passage(text: string): Passage {
  const [node] = parseYaml(new SourceText({ name: 'f', text: JSON.stringify(text) }));
  if (node?.kind !== 'scalar') throw new Error('no scalar');
  return Passage.of(node);
}

function table(...lists: [string, string[]][]): ListTable {
  return new ListTable(
    lists.map(([name, items], index) => ({ name, items, index, visibility: index })),
  );
}

function expand(text: string, ...lists: [string, string[]][]): string {
  return table(...lists)
    .expand(passage(text))
    .text.replace(/\s+/g, ' ')
    .trim();
}

describe('a name', () => {
  test('is replaced between delimiters only', () => {
    const list: [string, string[]] = ['bin', ['a', 'b']];
    expect(expand('proc.name in (bin, my_bin, bin/x)', list)).toBe(
      'proc.name in ( a, b , my_bin, bin/x)',
    );
    expect(expand('proc.name = bin', list)).toBe('proc.name = a, b');
    expect(expand('proc.name = "bin"', list)).toBe('proc.name = "bin"');
  });

  test('is replaced inside quotes too, where blanks surround it', () => {
    expect(expand("proc.cmdline = 'x bin y'", ['bin', ['a']])).toBe("proc.cmdline = 'x a y'");
  });

  test('with a delimiter in it is found all the same', () => {
    expect(expand('p in (my list)', ['my list', ['a']])).toBe('p in ( a )');
  });

  test('that comes out of another list is replaced when its list is defined later', () => {
    expect(expand('p in (outer)', ['outer', ['inner']], ['inner', ['x']])).toBe('p in ( x )');
    expect(expand('p in (outer)', ['inner', ['x']], ['outer', ['inner', 'y']])).toBe(
      'p in ( x, y )',
    );
  });
});

test('items with blanks get quotes unless they have some', () => {
  expect(expand('p in (l)', ['l', ['a b', '"c d"', "'e f'", 'g']])).toBe(
    `p in ( "a b", "c d", 'e f', g )`,
  );
});

test('an empty list takes one comma with it', () => {
  expect(expand('p in (l, z)', ['l', []])).toBe('p in ( z)');
  expect(expand('p in (a, l)', ['l', []])).toBe('p in (a )');
  expect(expand('p in (l)', ['l', []])).toBe('p in ( )');
});

test('lists that nothing uses are known', () => {
  const lists = table(['a', ['x']], ['b', ['a']], ['c', []]);
  lists.expand(passage('p in (c)'));
  expect(lists.unused()).toEqual(['b']);
});

test('places in the expanded text lead back to the text before', () => {
  const original = passage('p in (first, other, first) and q = z');
  const expanded = table(['first', ['aaa', 'bbb']]).expand(original);
  for (const word of ['other', 'and', 'q', 'z']) {
    const { offset } = expanded.origin(expanded.text.lastIndexOf(word));
    expect(offset, word).toBe(original.text.lastIndexOf(word) + 1);
  }
  expect(expanded.origin(expanded.text.indexOf('bbb')).offset).toBe(
    original.text.indexOf('first') + 1,
  );
});

describe('hostile lists', () => {
  test('a cycle of lists ends', () => {
    expect(expand('p in (a)', ['a', ['b']], ['b', ['a']])).toBe('p in ( b )');
  });

  test('lists that multiply are refused', () => {
    const many = (item: string) => Array.from({ length: 1000 }, () => item);
    expect(() => table(['a', many('x')], ['b', many('a')], ['c', many('b')])).toThrow(
      ExpansionError,
    );
    const backwards = table(['a', many('b')], ['b', many('c')], ['c', many('x')]);
    expect(() => backwards.expand(passage('p in (a)'))).toThrow(ExpansionError);
  });

  test('a hundred thousand uses of a list are replaced in one go', () => {
    const text = `p in (${'l, '.repeat(100_000)}x)`;
    expect(
      table(['l', ['y']])
        .expand(passage(text))
        .text.split('y').length,
    ).toBe(100_001);
  });
});
