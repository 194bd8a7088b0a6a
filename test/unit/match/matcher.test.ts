// The stage: rules by event type, in order, counted.

import { expect, test } from 'vitest';
import { Event, type Value } from '../../../src/decode/event.js';
import { RuleEngine } from '../../../src/match/engine.js';
import { Matcher } from '../../../src/match/matcher.js';
import type { FieldRef } from '../../../src/rules/ast.js';
import { EVENT_EXIT, typeNumber } from '../../../src/rules/events.js';
import { parseCondition } from '../../../src/rules/parser.js';

function rule(name: string, condition: string) {
  return { name, condition: parseCondition(condition) };
}

type TestRule = ReturnType<typeof rule>;

function eventOf(name: string): Event {
  const event = new Event();
  event.type = typeNumber(name) ?? -1;
  return event;
}

function names(matcher: Matcher<TestRule>, event: Event): string[] {
  return matcher.match(event).map((found) => found.rule.name);
}

const RULES = [
  rule('opens', 'evt.type in (open, openat) and proc.name = sh'),
  rule('any', 'proc.name = sh'),
  rule('not opens', 'not evt.type in (open, openat) and proc.name = sh'),
  rule('exit', 'evt.type = procexit'),
  rule('never', 'evt.type = open and evt.num = 0'),
];

test('each event type meets only the rules it can satisfy, in order', () => {
  const matcher = new Matcher<TestRule>(RULES, () => () => 'sh');
  expect(names(matcher, eventOf('open'))).toEqual(['opens', 'any']);
  expect(names(matcher, eventOf('close'))).toEqual(['any', 'not opens']);
  expect(names(matcher, eventOf('procexit'))).toEqual(['any', 'not opens', 'exit']);
  expect(matcher.candidateCount(typeNumber('open') ?? -1)).toBe(2);
});

test('with first the first match ends it', () => {
  const matcher = new Matcher<TestRule>(RULES, () => () => 'sh', { rule_matching: 'first' });
  expect(names(matcher, eventOf('open'))).toEqual(['opens']);
});

test('the wanted types are those that some rule can satisfy', () => {
  const matcher = new Matcher<TestRule>(
    [RULES[0], RULES[3], RULES[4]].flatMap((one) => one ?? []),
    () => () => '',
  );
  const wanted = [...matcher.wantedTypes()].sort((a, b) => a - b);
  expect(wanted).toEqual([typeNumber('open'), typeNumber('openat'), EVENT_EXIT]);
});

test('the kernel’s name of a call means the event of that call', () => {
  const matcher = new Matcher<TestRule>([rule('r', 'evt.type = pread64')], () => () => '');
  expect([...matcher.wantedTypes()]).toEqual([17]);
  expect(names(matcher, eventOf('pread'))).toEqual(['r']);
});

test('an event type that nobody knows meets the rules that name no type', () => {
  const matcher = new Matcher<TestRule>(RULES, () => () => 'sh');
  const event = new Event();
  event.type = 5000;
  expect(names(matcher, event)).toEqual(['any', 'not opens']);
});

test('what rules share is read once per event and again for the next', () => {
  let value: Value = 'a';
  let reads = 0;
  const rules = [
    rule('1', 'fd.name = a and proc.pid = 1'),
    rule('2', 'fd.name = a and proc.pid = 1'),
  ];
  const resolve = (field: FieldRef) => () => {
    reads++;
    return field.name === 'proc.pid' ? 1 : value;
  };
  const matcher = new Matcher<TestRule>(rules, resolve);
  const event = eventOf('open');
  expect(names(matcher, event)).toEqual(['1', '2']);
  expect(reads).toBe(2);
  value = 'b';
  event.serial++;
  expect(names(matcher, event)).toEqual([]);
});

test('the engine takes one event after the other and reads each when it is handed in', async () => {
  let value: Value = 'a';
  const engine = new RuleEngine(
    [rule('a', 'proc.name = a'), rule('b', 'proc.name = b')],
    () => () => value,
  );
  const runs = [];
  for (const next of ['a', 'b', 'c', 'a', 'b']) {
    value = next;
    runs.push(engine.evaluate(new Event()));
  }
  expect(engine.waiting).toBe(5);
  expect(await Promise.all(runs)).toEqual([[0], [1], [], [0], [1]]);
  expect(engine.waiting).toBe(0);
});

test('an asynchronous fact is found out from the values of the event, and may fail', async () => {
  const typed = { type: 'CHARBUF', list: false } as const;
  const asyncFacts = new Map([
    [
      'file.sha256',
      {
        needs: ['fd.name'],
        typed,
        find: async ([path]: readonly Value[]) => {
          if (path === undefined) throw new Error('no path');
          return path === '/bin/evil' ? 'bad' : 'good';
        },
      },
    ],
  ]);
  let path: Value = '/bin/evil';
  const rules = [rule('r', 'proc.name = sh and file.sha256 = bad')];
  const resolve = (field: FieldRef) => () => (field.name === 'fd.name' ? path : 'sh');
  const engine = new RuleEngine(rules, resolve, { asyncFacts });
  expect(await engine.evaluate(new Event())).toEqual([0]);
  path = '/bin/ls';
  expect(await engine.evaluate(new Event())).toEqual([]);
  path = undefined;
  await expect(engine.evaluate(new Event())).rejects.toThrow('no path');
  path = '/bin/evil';
  expect(await engine.evaluate(new Event())).toEqual([0]);
});
