// Conditions as json-rules-engine trees, and back.

import { expect, test } from 'vitest';
import { RuleError } from '../../../src/errors.js';
import { canonicalText } from '../../../src/rules/canonical.js';
import { parseCondition } from '../../../src/rules/parser.js';
import { factName, fromTree, type Tree, toTree } from '../../../src/rules/tree.js';

function back(condition: string): string {
  return canonicalText(fromTree(JSON.parse(JSON.stringify(toTree(parseCondition(condition))))));
}

test('a condition becomes all, any and not of facts', () => {
  const condition =
    'evt.type in (open, openat) and not (fd.name startswith /tmp or m) and proc.name exists';
  expect(toTree(parseCondition(condition))).toEqual({
    all: [
      { fact: 'evt.type', operator: 'in', value: ['open', 'openat'] },
      {
        not: {
          any: [{ fact: 'fd.name', operator: 'startswith', value: '/tmp' }, { condition: 'm' }],
        },
      },
      { fact: 'proc.name', operator: 'exists', value: true },
    ],
  });
});

test('a tree reads back to the same condition', () => {
  for (const condition of [
    'proc.aname[2] = bash or proc.env["A B"] contains x',
    'proc.name = oneof (a, b) and fd.port >= 1024',
    'proc.name = val(proc.pname) or proc.name = tolower(proc.pname)',
    'getopt((proc.name, "a\\"b", "\\\\x5c"), "x:")[x] = "c d"',
    'join("(", ("),", fd.name)) = x',
    'concat("\\xff", proc.name) != ""',
    'fd.ip in () and not not evt.is_io = true',
  ]) {
    expect(back(condition), condition).toBe(canonicalText(parseCondition(condition)));
  }
});

test('names of facts parse back whatever text is in them', () => {
  const name = factName({
    kind: 'transformer',
    name: 'concat',
    args: [
      { kind: 'text', value: 'a\\', at: { line: 0, column: 0, offset: 0 } },
      { kind: 'text', value: '\n\t\0\'"é\udcff', at: { line: 0, column: 0, offset: 0 } },
    ],
    at: { line: 0, column: 0, offset: 0 },
  });
  const again = fromTree({ fact: name, operator: '=', value: 'x' });
  expect(again).toMatchObject({
    left: { args: [{ value: 'a\\' }, { value: '\n\t\0\'"é\udcff' }] },
  });
});

test('numbers and booleans are taken as their text', () => {
  const tree = {
    all: [
      { fact: 'fd.num', operator: '>=', value: 3 },
      { fact: 'evt.failed', operator: '=', value: false },
    ],
  };
  expect(canonicalText(fromTree(tree))).toBe('(fd.num >= 3 and evt.failed = false)');
});

test('what is no tree is refused with the place', () => {
  const cases: [unknown, RegExp][] = [
    [null, /the condition must be an object/],
    [{}, /must have one of/],
    [{ all: [], any: [] }, /must have one of/],
    [{ all: [] }, /all must be a list/],
    [{ any: [{ fact: 'proc.name', operator: 'like', value: 'x' }] }, /any\[0\]\.operator/],
    [{ not: { fact: 'proc name', operator: '=', value: 'x' } }, /not\.fact/],
    [{ fact: 'proc.name', operator: '=', value: ['a'] }, /value = takes one value/],
    [{ fact: 'proc.name', operator: 'in', value: [{}] }, /value\[0\]/],
    [{ fact: 'proc.name', operator: 'in anyof', value: [] }, /operator/],
    [{ condition: 3 }, /condition must be the name/],
  ];
  for (const [tree, message] of cases) {
    expect(() => fromTree(tree)).toThrow(RuleError);
    expect(() => fromTree(tree)).toThrow(message);
  }
});

test('a tree that nests without end is refused', () => {
  let tree: Tree = { fact: 'proc.name', operator: 'exists', value: true };
  for (let depth = 0; depth < 10_000; depth++) tree = { not: tree };
  expect(() => fromTree(tree)).toThrow(RuleError);
});
