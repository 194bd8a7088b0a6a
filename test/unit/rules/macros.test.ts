// Macros in conditions, as trees.

import { describe, expect, test } from 'vitest';
import { canonicalText } from '../../../src/rules/canonical.js';
import { type MacroDefinition, MacroError, MacroTable } from '../../../src/rules/macros.js';
import { parseCondition } from '../../../src/rules/parser.js';

function define(name: string, text: string, index: number, visibility = index): MacroDefinition {
  return { name, condition: parseCondition(text), index, visibility };
}

function expand(condition: string, ...definitions: MacroDefinition[]): string {
  const table = new MacroTable(definitions);
  for (const definition of definitions) table.resolve(definition);
  return canonicalText(table.expand(parseCondition(condition)));
}

test('a macro keeps its grouping', () => {
  const macro = define('m', 'p.a exists or p.b exists', 0);
  expect(expand('not m and q.c exists', macro)).toBe(
    '(not (p.a exists or p.b exists) and q.c exists)',
  );
});

test('macros see the macros defined before their own last definition', () => {
  const first = define('first', 'p.a exists', 0);
  expect(expand('second', first, define('second', 'first', 1))).toBe('p.a exists');
  expect(() =>
    expand('early', define('early', 'late', 0), define('late', 'p.a exists', 1)),
  ).toThrow(/only defined further down/);
  expect(expand('early', define('early', 'late', 0, 2), define('late', 'p.a exists', 1))).toBe(
    'p.a exists',
  );
});

test('an unknown macro is named with its place', () => {
  const table = new MacroTable([]);
  expect(() => table.expand(parseCondition('p.a exists and mm'))).toThrow(
    expect.objectContaining({ unknown: 'mm', at: expect.objectContaining({ offset: 15 }) }),
  );
});

test('unused macros are known', () => {
  const table = new MacroTable([define('a', 'p.a exists', 0), define('b', 'a', 1)]);
  expect(table.unused()).toEqual(['a', 'b']);
  table.resolve(define('b', 'a', 1));
  expect(table.unused()).toEqual(['b']);
});

test('what did not change keeps its identity from table to table', () => {
  const macro = define('m', 'p.a exists', 0);
  const condition = parseCondition('m and p.b exists');
  const results = [1, 2].map(() => {
    const table = new MacroTable([macro]);
    table.resolve(macro);
    return table.expand(condition);
  });
  expect(results[0]).toBe(results[1]);
});

describe('hostile macros', () => {
  test('a macro that contains itself, directly or not, is refused', () => {
    expect(() => expand('m', define('m', 'm', 0, 1))).toThrow(/contains itself/);
    expect(() => expand('a', define('a', 'b', 0, 2), define('b', 'a', 1, 3))).toThrow(MacroError);
  });

  test('macros that double each other are refused, in either order of definition', () => {
    const forwards = [define('m0', 'p.a exists', 0)];
    for (let i = 1; i < 60; i++) forwards.push(define(`m${i}`, `m${i - 1} and m${i - 1}`, i));
    expect(() => expand('m59', ...forwards)).toThrow(/too long/);
    const backwards = Array.from({ length: 60 }, (_, i) =>
      define(`m${i}`, i < 59 ? `m${i + 1} and m${i + 1}` : 'p.a exists', i, 1000 + i),
    );
    expect(() => expand('m0', ...backwards)).toThrow(/too long/);
  });

  test('a chain of ten thousand macros is refused', () => {
    const chain = [define('m0', 'p.a exists', 0)];
    for (let i = 1; i < 10_000; i++) chain.push(define(`m${i}`, `not m${i - 1}`, i));
    expect(() => expand('p.b exists', ...chain)).toThrow(/too deeply/);
    const backwards = Array.from({ length: 10_000 }, (_, i) =>
      define(`m${i}`, `not m${i + 1}`, i, 20_000 + i),
    );
    expect(() => expand('p.b exists', ...backwards)).toThrow(MacroError);
  });
});
