// The schema of rule files, which is stricter than the loader.

import { expect, test } from 'vitest';
import { loadRules } from '../../../src/rules/file.js';

function problems(text: string): string[] {
  return loadRules([{ name: 'f', text }]).files[0]?.schemaProblems ?? [];
}

const RULE = '- {rule: r, desc: d, condition: evt.type = open, output: o, priority: ';

test('a plain rule file has no problems', () => {
  expect(problems(`${RULE}WARNING, action: kill, tags: [a]}`)).toEqual([]);
});

test('priorities are written in capital letters', () => {
  expect(problems(`${RULE}warning}`)).toEqual([
    '/0/priority: must be a priority in capital letters',
  ]);
});

test('unknown keys, wrong types and missing names are found with their path', () => {
  expect(problems('- {list: l, items: {}, size: 1}')).toEqual([
    '/0/items: must be a sequence',
    "/0: has an unknown key 'size'",
  ]);
  expect(problems(`${RULE}INFO, enabled: "yes", exceptions: [{fields: [proc.name]}]}`)).toEqual([
    '/0/enabled: must be true or false',
    "/0/exceptions/0: lacks 'name'",
  ]);
});

test('what is no rule file at all is said so', () => {
  expect(problems('')).toEqual(['the file is empty']);
  expect(problems('a: b')).toEqual(['file: must be a sequence']);
  expect(problems('a: b: c')).toEqual(['the file is no YAML']);
});

test('of very many problems the first are told', () => {
  expect(problems('- {bad: 1}\n'.repeat(1000))).toHaveLength(20);
});
