// The compiled conditions, the matcher and json-rules-engine agree on random rules and events.

import { expect, test } from 'vitest';
import { Event, type Value } from '../../../src/decode/event.js';
import { compileCondition } from '../../../src/match/compile.js';
import { RuleEngine } from '../../../src/match/engine.js';
import { Matcher } from '../../../src/match/matcher.js';
import type { Expression, FieldRef } from '../../../src/rules/ast.js';
import { canonicalText } from '../../../src/rules/canonical.js';
import { checkCondition } from '../../../src/rules/check.js';
import { typeNumber } from '../../../src/rules/events.js';
import { fromTree, toTree } from '../../../src/rules/tree.js';
import { EVENT_NAMES, newSeed, Random, randomCondition, randomValues } from './random.js';

// The nightly run asks for 100,000 cases: SAKER_CASES=100000.
const RULES = 50;
const LONG = { timeout: 300_000 };
const EVENTS = Math.ceil((Number(process.env.SAKER_CASES) || 5000) / RULES);

test(
  'compiled rules and the engine give the same result for every rule and event',
  LONG,
  async () => {
    const seed = newSeed();
    console.log(`SAKER_SEED=${seed}`);
    const random = new Random(seed);
    const rules = Array.from({ length: RULES }, (_, index) => ({
      name: `rule ${index}`,
      condition: randomCondition(random),
    }));
    let values = new Map<string, Value>();
    const resolve = (field: FieldRef) => () => values.get(field.name);
    const matcher = new Matcher<(typeof rules)[number]>(rules, resolve);
    const engine = new RuleEngine(rules, resolve);
    const alone = rules.map((rule) => compileCondition(rule.condition, resolve));
    const fromTrees = rules.map((rule) => compileCondition(throughTree(rule.condition), resolve));
    const event = new Event();
    let held = 0;
    for (let round = 1; round <= EVENTS; round++) {
      const eventType = random.one(EVENT_NAMES);
      values = randomValues(random);
      values.set('evt.type', eventType);
      event.serial = round;
      event.type = typeNumber(eventType) ?? 0;
      const fromEngine = await engine.evaluate(event);
      held += fromEngine.length;
      const where = `SAKER_SEED=${seed} event ${round} ${JSON.stringify([...values], plain)}`;
      expect(told(rules, alone, event), where).toEqual(told(rules, fromEngine, event));
      expect(told(rules, fromTrees, event), where).toEqual(told(rules, fromEngine, event));
      const fromMatcher = matcher.match(event).map((found) => found.index);
      expect(told(rules, fromMatcher, event), where).toEqual(told(rules, fromEngine, event));
    }
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(RULES * EVENTS);
  },
);

test('random conditions are such as the checker accepts', () => {
  const seed = newSeed();
  const random = new Random(seed);
  for (let count = 0; count < 200; count++) {
    const condition = randomCondition(random);
    const errors = checkCondition(condition).filter((problem) => problem.severity === 'error');
    expect(errors, `SAKER_SEED=${seed} ${canonicalText(condition)}`).toEqual([]);
  }
});

function throughTree(condition: Expression): Expression {
  return fromTree(JSON.parse(JSON.stringify(toTree(condition))));
}

// The conditions that hold, so that a failure shows them.
function told(
  rules: readonly { condition: Expression }[],
  holding: readonly number[] | readonly ((event: Event) => boolean)[],
  event: Event,
): string[] {
  const indexes = rules
    .map((_, index) => index)
    .filter((index) => {
      const test = holding[index];
      return typeof test === 'function' ? test(event) : holding.some((one) => one === index);
    });
  return indexes.map((index) => {
    const rule = rules[index];
    return rule === undefined ? '' : canonicalText(rule.condition);
  });
}

function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
