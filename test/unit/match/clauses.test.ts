// Rules by clauses: with what the kernel left open the result is that of all rules.

import { expect, test } from 'vitest';
import { Event, type Value } from '../../../src/decode/event.js';
import type { OpenClauses, RuleClause } from '../../../src/match/clauses.js';
import { compileCondition } from '../../../src/match/compile.js';
import { Matcher } from '../../../src/match/matcher.js';
import type { Expression, FieldRef } from '../../../src/rules/ast.js';
import { typeNumber } from '../../../src/rules/events.js';
import { parseCondition } from '../../../src/rules/parser.js';
import { EVENT_NAMES, newSeed, Random, randomCondition, randomValues } from './random.js';

const LONG = { timeout: 300_000 };
const WORDS = 16;

interface TestRule {
  name: string;
  condition: Expression;
}

// Top-level disjunctions, some of them put together again: with a part of the same rule or of others.
function clausesOf(rules: readonly TestRule[], random: Random): RuleClause[][] {
  const clauses: RuleClause[][] = [];
  for (const [rule, { condition }] of rules.entries()) {
    const parts = condition.kind === 'or' ? condition.parts : [condition];
    for (const part of parts) {
      const own = { rule, condition: part };
      const other = clauses[random.int(clauses.length)];
      if (other !== undefined && random.int(10) === 0) other.push(own);
      else clauses.push([own]);
    }
  }
  return clauses;
}

test('any set that holds all true clauses gives the rules that all clauses give', LONG, () => {
  const seed = newSeed();
  const random = new Random(seed);
  let values = new Map<string, Value>();
  const resolve = (field: FieldRef) => () => values.get(field.name);
  let held = 0;
  let few = 0;
  for (let round = 0; round < 10; round++) {
    const rules = Array.from({ length: 30 }, (_, index) => ({
      name: `rule ${index}`,
      condition: randomCondition(random),
    }));
    const clauses = clausesOf(rules, random);
    const rule_matching = round % 2 === 0 ? 'all' : 'first';
    const whole = new Matcher<TestRule>(rules, resolve, { rule_matching });
    const byClause = new Matcher<TestRule>(rules, resolve, { rule_matching, clauses });
    const alone = clauses.map((together) =>
      together.map(({ condition }) => compileCondition(condition, resolve)),
    );
    for (let count = 1; count <= 300; count++) {
      const eventType = random.one(EVENT_NAMES);
      values = randomValues(random);
      values.set('evt.type', eventType);
      const event = new Event();
      event.advance();
      event.type = typeNumber(eventType) ?? 0;
      // Sometimes hardly more than what holds, sometimes nearly all.
      const spread = random.one([1, 2, 20, 1000]);
      const open: OpenClauses = new Uint32Array(WORDS);
      for (const [clause, together] of alone.entries()) {
        if (together.some((holds) => holds(event)) || random.int(spread) === 0) {
          const word = open[clause >> 5] ?? 0;
          open[clause >> 5] = word | (1 << (clause & 31));
        }
      }
      const expected = whole.match(event).map(({ index }) => index);
      const got = byClause.matchOpen(event, open).map(({ index }) => index);
      expect(got, `SAKER_SEED=${seed} round ${round} event ${count}`).toEqual(expected);
      held += got.length;
      if (open.reduce((sum, word) => sum + bitsOf(word), 0) <= 16) few += 1;
    }
  }
  expect(held).toBeGreaterThan(0);
  expect(few).toBeGreaterThan(0);
});

test('a clause that is not open is not looked at', () => {
  const rules = [
    { name: 'first', condition: parseCondition('evt.type = open and fd.name = /a') },
    { name: 'second', condition: parseCondition('evt.type = open and fd.name = /a') },
  ];
  const clauses = rules.map(({ condition }, rule) => [{ rule, condition }]);
  const matcher = new Matcher<TestRule>(rules, () => () => '/a', { clauses });
  const event = new Event();
  event.type = typeNumber('open') ?? 0;
  const open = new Uint32Array(WORDS);
  expect(matcher.matchOpen(event, open)).toEqual([]);
  open[0] = 2;
  expect(matcher.matchOpen(event, open).map(({ rule }) => rule.name)).toEqual(['second']);
  // Numbers that no clause has are nobody's.
  open[15] = 0x8000_0000;
  expect(matcher.matchOpen(event, open).map(({ rule }) => rule.name)).toEqual(['second']);
});

test('an event type that nobody knows is judged by clauses, too', () => {
  const rules = [{ name: 'any', condition: parseCondition('fd.name = /a') }];
  const clauses = rules.map(({ condition }, rule) => [{ rule, condition }]);
  const matcher = new Matcher<TestRule>(rules, () => () => '/a', { clauses });
  const event = new Event();
  event.type = 5000;
  expect(matcher.matchOpen(event, Uint32Array.of(1)).length).toBe(1);
});

function bitsOf(word: number): number {
  let count = 0;
  for (let bits = word; bits !== 0; bits &= bits - 1) count += 1;
  return count;
}
