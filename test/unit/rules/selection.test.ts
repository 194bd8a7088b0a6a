// Which rules run.

import { expect, test } from 'vitest';
import { loadRules } from '../../../src/rules/file.js';
import { matchesWildcard, type SelectionStep } from '../../../src/rules/selection.js';

function rule(name: string, more = ''): string {
  const keys = 'desc: d, output: o, priority: notice';
  return `- {rule: ${name}, condition: evt.type = open, ${keys}${more}}\n`;
}

const FILE = rule('a one', ', tags: [x]') + rule('b two', ', enabled: false') + rule('c three');

function running(selection: SelectionStep[], minimumPriority?: number): string[] {
  const set = loadRules([{ name: 'f', text: FILE }], { selection, minimumPriority });
  return set.active.map((one) => one.name);
}

test('without a selection the enabled rules run', () => {
  expect(running([])).toEqual(['a one', 'c three']);
});

test('steps are applied in order; a rule that is enabled again comes last', () => {
  const steps = [
    { enable: false, rule: '*' },
    { enable: true, rule: 'c*' },
    { enable: true, tag: 'x' },
  ];
  expect(running(steps)).toEqual(['c three', 'a one']);
});

test('a rule that runs already keeps its place', () => {
  expect(running([{ enable: true, rule: '*' }])).toEqual(['a one', 'c three', 'b two']);
});

test('the minimum priority is stronger than a selection', () => {
  expect(running([{ enable: true, rule: '*' }], 4)).toEqual([]);
});

test('only the asterisk is special in a name', () => {
  expect(matchesWildcard('a*c*e', 'abcde')).toBe(true);
  expect(matchesWildcard('a*a', 'a')).toBe(false);
  expect(matchesWildcard('*', '')).toBe(true);
  expect(matchesWildcard('a?', 'ab')).toBe(false);
  expect(matchesWildcard('', 'a')).toBe(false);
  expect(matchesWildcard('*b*b*', 'ab')).toBe(false);
});

test('a pattern of many asterisks is matched in one pass', () => {
  expect(matchesWildcard('*a'.repeat(2000), `${'a'.repeat(20_000)}b`)).toBe(false);
});
