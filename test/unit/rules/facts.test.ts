// What has to be found out: hashes of files and lists of indicators, in conditions and outputs.
import { describe, expect, test } from 'vitest';
import { canonicalText } from '../../../src/rules/canonical.js';
import { checkCondition } from '../../../src/rules/check.js';
import { asksFacts, hasOpenCheck, lookupPaths, possible } from '../../../src/rules/facts.js';
import { loadRules } from '../../../src/rules/file.js';
import { ConditionError } from '../../../src/rules/lexer.js';
import { parseCondition } from '../../../src/rules/parser.js';
import { fromTree, toTree } from '../../../src/rules/tree.js';

function problems(condition: string): string[] {
  return checkCondition(parseCondition(condition)).map((problem) => problem.class);
}

describe('lookup(FILE)', () => {
  test('stands behind in, with the name of a file as it is or in quotes', () => {
    for (const [condition, path] of [
      ['proc.exepath in lookup(/etc/saker/bad-paths.txt)', '/etc/saker/bad-paths.txt'],
      ['fd.sip in lookup( "/etc/a b(1)=,.txt" ) and fd.num = 3', '/etc/a b(1)=,.txt'],
      ["not file.sha256[exepath] in lookup('/x')", '/x'],
      ['fd.net in lookup(/x)', '/x'],
      ['tolower(proc.name) in lookup(/x)', '/x'],
    ] as const) {
      expect(lookupPaths(parseCondition(condition)), condition).toEqual([path]);
      expect(problems(condition), condition).toEqual([]);
    }
  });

  test('reads back from its canonical text and from a tree', () => {
    const condition = '(proc.exepath in lookup(/etc/x) and not fd.name in lookup("/etc/a b"))';
    const parsed = parseCondition(condition);
    expect(canonicalText(parsed)).toBe(condition);
    expect(toTree(parsed)).toEqual({
      all: [
        { fact: 'proc.exepath', operator: 'lookup', value: '/etc/x' },
        { not: { fact: 'fd.name', operator: 'lookup', value: '/etc/a b' } },
      ],
    });
    expect(canonicalText(fromTree(toTree(parsed)))).toBe(condition);
  });

  test('takes nothing away from names that Falco has', () => {
    expect(canonicalText(parseCondition('proc.name in lookup'))).toBe('proc.name in lookup');
    expect(canonicalText(parseCondition('proc.name = lookup and lookup'))).toBe(
      '(proc.name = lookup and lookup)',
    );
    for (const wrong of [
      'proc.name in lookup (/x)',
      'proc.name in lookup()',
      'proc.name in lookup(/x',
      'proc.name in lookup(/x, /y)',
      'proc.name = lookup(/x)',
      'lookup(/x)',
      'lookup(/x) in (a)',
    ]) {
      expect(() => parseCondition(wrong), wrong).toThrow(ConditionError);
    }
  });

  test('is refused where it cannot work', () => {
    expect(problems('proc.name intersects lookup(/x)')).toEqual(['rhs-field-not-supported']);
    expect(problems('proc.name pmatch lookup(/x)')).toEqual(['rhs-field-not-supported']);
    expect(problems('proc.name in lookup(relative.txt)')).toEqual(['bad-value']);
    expect(() => fromTree({ fact: 'proc.name', operator: 'lookup', value: 3 })).toThrow(/value/);
    const rule = { rule: 'r', desc: 'd', output: 'o', priority: 'INFO' };
    const set = loadRules([
      {
        name: 'f',
        text: JSON.stringify([{ ...rule, condition: 'evt.type in lookup(/x)' }]),
      },
    ]);
    expect(set.errors[0]?.message).toMatch(/evt\.type/);
  });
});

describe('file.sha256', () => {
  test('takes the name of the field that names the file', () => {
    expect(problems('file.sha256[exepath] = abc and file.sha256[fd.name] exists')).toEqual([]);
    expect(problems('file.sha256 = x')).toEqual(['field-argument-missing']);
    expect(problems('file.sha256[proc.name] = x')).toEqual(['unknown-field']);
    expect(problems('tolower(file.sha256[exepath]) = x')).toEqual(['transformer-type']);
  });

  test('may be shown by a rule that does not ask for it', () => {
    const condition = parseCondition('evt.type = execve');
    const rule = { condition, output: 'ran %proc.exepath', extraFields: [] };
    expect(asksFacts(rule)).toBe(false);
    expect(asksFacts({ ...rule, output: 'ran %file.sha256[exepath]' })).toBe(true);
    const extra = { key: 'h', format: 'file.sha256[exepath]', raw: true };
    expect(asksFacts({ ...rule, extraFields: [extra] })).toBe(true);
  });
});

test('what is possible holds wherever the condition may hold', () => {
  const cases: [string, string][] = [
    ['evt.type = execve and file.sha256[exepath] in lookup(/x)', '(evt.type = execve and ())'],
    ['not file.sha256[exepath] in lookup(/x)', 'not ()'],
    ['not (fd.num = 3 or not proc.name in lookup(/x))', 'not (fd.num = 3 or not ())'],
  ];
  for (const [condition, wanted] of cases) {
    const parsed = parseCondition(condition);
    expect(hasOpenCheck(parsed)).toBe(true);
    expect(canonicalText(possible(parsed)), condition).toBe(wanted);
  }
  expect(possible(parseCondition('not proc.name in lookup(/x)'))).toMatchObject({
    kind: 'not',
    part: { kind: 'or', parts: [] },
  });
  const closed = parseCondition('fd.num = 3');
  expect(possible(closed)).toBe(closed);
});
