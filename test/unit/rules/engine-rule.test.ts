// Rules and conditions in the form of json-rules-engine: read from files, written back.
import { Engine } from 'json-rules-engine';
import { describe, expect, test } from 'vitest';
import { type Expression, eachCheck, NUMERIC_OPERATORS } from '../../../src/rules/ast.js';
import { canonicalText } from '../../../src/rules/canonical.js';
import { toEngineRule } from '../../../src/rules/engine-rule.js';
import { loadRules, type RuleSet } from '../../../src/rules/file.js';
import { TREE_OPERATORS, toTree } from '../../../src/rules/tree.js';
import { newSeed, Random, randomCondition } from '../match/random.js';

const PARTS = { desc: 'd', output: 'o', priority: 'NOTICE' };

function load(...files: (string | unknown[])[]): RuleSet {
  return loadRules(
    files.map((file, i) => ({
      name: `file${i}.json`,
      text: typeof file === 'string' ? file : JSON.stringify(file, null, 2),
    })),
  );
}

function rule(condition: unknown, more: object = {}): unknown {
  return { rule: 'r', condition, ...PARTS, ...more };
}

function conditionOf(set: RuleSet): string | undefined {
  expect(set.errors.map(({ message }) => message)).toEqual([]);
  return set.rules[0]?.conditionText;
}

describe('a condition that is an object', () => {
  test('means what the text means', () => {
    const set = load([
      rule({
        all: [
          { fact: 'evt.type', operator: 'in', value: ['open', 'openat'] },
          { fact: 'evt.is_open_write', operator: '=', value: true },
          { fact: 'fd.num', operator: '>=', value: 3 },
          {
            not: {
              any: [
                { fact: 'fd.name', operator: 'startswith', value: '/tmp/a b' },
                { fact: 'proc.name', operator: '= anyof', value: ['x', 'y'] },
              ],
            },
          },
          { fact: 'proc.aname[2]', operator: '=', value: { fact: 'proc.name' } },
          { fact: 'proc.name', operator: '=', value: { fact: 'tolower(proc.pname)' } },
          { fact: 'proc.env[HOME]', operator: 'exists', value: true },
        ],
      }),
    ]);
    expect(conditionOf(set)).toBe(
      '(evt.type in (open, openat) and evt.is_open_write = true and fd.num >= 3 and ' +
        'not (fd.name startswith "/tmp/a b" or proc.name = anyof (x, y)) and ' +
        'proc.aname[2] = val(proc.name) and proc.name = tolower(proc.pname) and ' +
        'proc.env[HOME] exists)',
    );
    expect(set.warnings).toEqual([]);
    expect(set.files[0]?.schemaProblems).toEqual([]);
  });

  test('may be written in YAML, beside macros and lists', () => {
    const set = load(`
- list: shells
  items: [sh, bash]
- macro: spawned
  condition: {fact: evt.type, operator: in, value: [execve]}
- rule: r
  desc: d
  output: o
  priority: NOTICE
  condition:
    all:
      - condition: spawned
      - fact: proc.name
        operator: in
        value: {list: shells}
      - fact: proc.pname
        operator: in
        value: [nginx, {list: shells}]
`);
    expect(conditionOf(set)).toBe(
      '(evt.type in (execve) and proc.name in (sh, bash) and proc.pname in (nginx, sh, bash))',
    );
    expect(set.warnings).toEqual([]);
  });

  test('takes exceptions, appended text and appended objects', () => {
    const set = load(
      [
        rule(
          { any: [{ fact: 'evt.type', operator: '=', value: 'open' }, { condition: 'm' }] },
          { exceptions: [{ name: 'e', fields: 'proc.name', values: ['x'] }] },
        ),
        { macro: 'm', condition: 'evt.type = openat' },
      ],
      [
        { rule: 'r', condition: 'and fd.num = 3', override: { condition: 'append' } },
        { rule: 'r', condition: 'and', override: { condition: 'append' } },
        {
          rule: 'r',
          condition: { fact: 'fd.num', operator: '<', value: '9' },
          override: { condition: 'append' },
        },
      ],
    );
    expect(conditionOf(set)).toBe(
      '(((evt.type = open or evt.type = openat) and fd.num = 3 and fd.num < 9) and ' +
        'not proc.name in (x))',
    );
  });

  test('keeps the texts in it as they are, whatever lists are called', () => {
    const value = 'a l1 (l1), l1=l1 "\\ \t\n\u0085é';
    const set = load([
      { list: 'l1', items: ['no'] },
      rule({
        all: [
          { fact: 'proc.cmdline', operator: '=', value },
          { fact: 'proc.name', operator: 'in', value: ['l1', value, ''] },
          { fact: 'evt.type', operator: '=', value: 'open' },
        ],
      }),
    ]);
    expect(set.errors).toEqual([]);
    const [one] = set.rules;
    if (one === undefined) throw new Error('no rule');
    expect(toTree(one.condition)).toMatchObject({
      all: [{ value }, { value: ['l1', value, ''] }, { value: 'open' }],
    });
  });

  const wrong: [unknown, RegExp, string][] = [
    [{}, /must have one of/, '{}'],
    [{ all: [] }, /all must be a list/, '[]'],
    [{ all: 'x' }, /all must be a list/, '"x"'],
    [{ any: [{ fact: 'proc.name', operator: 'like', value: 'x' }] }, /operator must/, '"like"'],
    [{ not: { fact: 'proc name', operator: '=', value: 'x' } }, /not\.fact/, '"proc name"'],
    [{ fact: 'proc.name', operator: '=', value: ['a'] }, /takes one value/, '["a"]'],
    [{ fact: 'proc.name', operator: '=' }, /value must be/, '{'],
    [{ fact: 'proc.name', operator: 'in', value: [{ x: 1 }] }, /no key 'x'/, '"x"'],
    [{ fact: 'fd.num', operator: '>', value: '1 or 2' }, /takes a number/, '"1 or 2"'],
    [{ fact: 'fd.num', operator: '>', value: { list: 'l' } }, /takes no list/, '{'],
    [{ fact: 'proc.name', operator: 'in', value: { list: 'a b' } }, /name of a list/, '{'],
    [{ condition: 'a or b' }, /name of a macro/, '"a or b"'],
    [{ condition: 3, fact: 'x' }, /no key 'condition'/, '"condition"'],
    [{ fact: 'proc.name', operator: '=', value: 'x', path: '$.y' }, /no key 'path'/, '"path"'],
    [{ fact: 'proc.nmae', operator: '=', value: 'x' }, /proc\.nmae/, 'proc.nmae'],
    [{ fact: 'fd.num', operator: 'contains', value: 'x' }, /contains/, '"contains"'],
    [{ fact: 'fd.sip', operator: '=', value: '10.0.0' }, /10\.0\.0/, '"10.0.0"'],
    [{ condition: 'nothing' }, /unknown macro/, '"nothing"'],
  ];
  test.each(wrong)('that is wrong is refused at the place: %j', (condition, message, place) => {
    const text = JSON.stringify([rule(condition)]);
    const [error, ...more] = load(text).errors;
    expect(more).toEqual([]);
    expect(error?.message).toMatch(message);
    expect(text.slice(error?.offset)).toMatch(place === '{' ? /^\{/ : startOf(place));
  });

  test('that nests without end is refused', () => {
    let text = '{"fact":"proc.name","operator":"exists","value":true}';
    for (let depth = 0; depth < 20_000; depth++) text = `{"not":${text}}`;
    const set = load(`[{"rule":"r","condition":${text}}]`);
    expect(set.errors[0]?.message).toMatch(/nests too deeply/);
  });
});

// The language has no way to say that a text is greater than another, although trees can.
function canBeWritten(condition: Expression): boolean {
  let can = true;
  eachCheck(condition, ({ operator, right }) => {
    if (NUMERIC_OPERATORS.some((one) => one === operator) && right?.kind === 'value')
      can &&= /^-?[0-9]+$/.test(right.value);
  });
  return can;
}

function startOf(text: string): RegExp {
  return new RegExp(`^${text.replace(/[[\]{}().]/g, '\\$&')}`);
}

describe('a whole rule of the engine', () => {
  const written = {
    name: 'Shell in a container',
    conditions: { all: [{ fact: 'evt.type', operator: 'in', value: ['execve'] }] },
    event: {
      type: 'alert',
      params: {
        desc: 'd',
        output: 'shell %proc.cmdline',
        priority: 'Warning',
        source: 'syscall',
        tags: ['a', 'b'],
        enabled: false,
        action: 'kill',
        capture: true,
        capture_duration: 3,
        warn_evttypes: false,
      },
    },
  };

  test('is read as a rule, and written as it was', () => {
    const set = load([written]);
    expect(set.errors).toEqual([]);
    expect(set.warnings).toEqual([]);
    expect(set.rules.map(toEngineRule)).toEqual([written]);
  });

  test('points at what is wrong in it', () => {
    const params = { ...written.event.params, priority: 'LOUD', rule: undefined };
    expect(load([{ ...written, event: { type: 'alert', params } }]).errors[0]).toMatchObject({
      code: 'LOAD_ERR_YAML_VALIDATE',
      snippet: expect.stringContaining('LOUD'),
      item: { kind: 'rule', name: 'Shell in a container' },
    });
    expect(load([{ ...written, event: { type: 'alert' } }]).errors[0]?.message).toMatch(/params/);
    expect(load([{ conditions: {} }]).errors[0]?.message).toMatch(/'name' is missing/);
    const second = { ...written.event, params: { ...written.event.params, condition: 'x' } };
    expect(load([{ ...written, event: second }]).errors[0]?.message).toMatch(/no parameter/);
    expect(load([{ ...written, priority: 3 }]).warnings[0]).toMatchObject({
      code: 'LOAD_UNKNOWN_KEY',
    });
  });

  test('of random conditions is taken by the engine, and reads back to the same', () => {
    const seed = newSeed();
    const random = new Random(seed);
    const engine = new Engine();
    for (const operator of TREE_OPERATORS) engine.addOperator(operator, () => true);
    for (let count = 0; count < 300; count++) {
      const condition = randomCondition(random);
      if (!canBeWritten(condition)) continue;
      const rule = {
        name: `rule ${count}`,
        condition,
        conditionText: '',
        output: 'o',
        desc: 'd',
        priority: 5,
        tags: [],
        source: 'syscall',
        enabled: true,
        events: { complement: true, names: new Set<string>() },
        exceptionFields: [],
        exceptionNames: [],
        extraFields: [],
        warnEventTypes: false,
        capture: false,
        captureDurationMs: undefined,
        action: 'notify' as const,
        onError: undefined,
        place: { file: '', line: 0, column: 0, offset: 0 },
      };
      const emitted = toEngineRule(rule);
      engine.addRule(emitted);
      const set = load([emitted]);
      const where = `SAKER_SEED=${seed} ${canonicalText(condition)}`;
      expect(set.errors, where).toEqual([]);
      expect(set.rules.map(toEngineRule), where).toEqual([emitted]);
    }
  });
});
