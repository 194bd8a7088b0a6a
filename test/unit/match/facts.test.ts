// Rules with facts that have to be found out: the engine decides as if the facts had been in the event,
// and lets through nothing that the condition before them would have stopped.

import { expect, test } from 'vitest';
import { Event, type Value } from '../../../src/decode/event.js';
import { compileCondition } from '../../../src/match/compile.js';
import { type AsyncFact, RuleEngine } from '../../../src/match/engine.js';
import type { Check, Expression, FieldRef } from '../../../src/rules/ast.js';
import { canonicalText } from '../../../src/rules/canonical.js';
import { checkCondition, supports } from '../../../src/rules/check.js';
import { typeNumber } from '../../../src/rules/events.js';
import { lookupPath, possible } from '../../../src/rules/facts.js';
import { parseCondition } from '../../../src/rules/parser.js';
import { operandType } from '../../../src/rules/transformers.js';
import { EVENT_NAMES, newSeed, Random, randomCondition, randomValues } from './random.js';

const RULES = 50;
const EVENTS = Math.ceil((Number(process.env.SAKER_CASES) || 5000) / RULES);
/** 100,000 cases take half a minute. */
const LONG = { timeout: 300_000 };
const AT = { line: 0, column: 0, offset: 0 };
const HASH: FieldRef = { kind: 'field', name: 'file.sha256', argument: 'exepath', at: AT };
const LISTS = new Map([
  ['/texts', ['', '/etc', 'bash', 'sh', '/etc/shadow']],
  ['/numbers', ['0', '1', '443', 'no number']],
  ['/addresses', ['10.0.0.1', '::1', '10.0.0.0/8', 'no address']],
  ['/hashes', ['aa', 'bb']],
  ['/nothing', []],
]);

test('the engine decides as if the facts had been in the event', LONG, async () => {
  const seed = newSeed();
  console.log(`SAKER_SEED=${seed}`);
  const random = new Random(seed);
  const rules = Array.from({ length: RULES }, (_, index) => ({
    name: `rule ${index}`,
    condition: opened(randomCondition(random), random),
  }));
  let values = new Map<string, Value>();
  const hash: AsyncFact = {
    needs: [],
    typed: { type: 'CHARBUF', list: false },
    find: async () => values.get('file.sha256'),
  };
  const resolve = (field: FieldRef) => () => values.get(field.name);
  const engine = new RuleEngine(
    rules,
    (field) => (field.name === HASH.name ? undefined : resolve(field)),
    {
      asyncFacts: new Map([['file.sha256[exepath]', hash]]),
      lookup: (path) => LISTS.get(path) ?? [],
    },
  );
  const known = rules.map(({ condition }) => compileCondition(asKnown(condition), resolve));
  const before = rules.map(({ condition }) => compileCondition(possible(condition), resolve));
  const event = new Event();
  let held = 0;
  let stopped = 0;
  for (let round = 1; round <= EVENTS; round++) {
    const eventType = random.one(EVENT_NAMES);
    values = randomValues(random);
    values.set('evt.type', eventType);
    if (random.int(4) > 0) values.set('file.sha256', random.one(['aa', 'bb', 'cc']));
    event.serial = round;
    event.type = typeNumber(eventType) ?? 0;
    const fromEngine = new Set(await engine.evaluate(event));
    rules.forEach(({ condition }, index) => {
      const where = `SAKER_SEED=${seed} event ${round} ${canonicalText(condition)}`;
      const holds = fromEngine.has(index);
      expect(known[index]?.(event), where).toBe(holds);
      const mayHold = before[index]?.(event) === true;
      if (holds) expect(mayHold, where).toBe(true);
      held += holds ? 1 : 0;
      stopped += mayHold ? 0 : 1;
    });
  }
  expect(held).toBeGreaterThan(0);
  expect(stopped).toBeGreaterThan(0);
});

test('a list is looked into as it is at the time, by the type of the field', async () => {
  const condition = parseCondition('fd.sport in lookup(/l) or fd.sip in lookup(/l)');
  let list: readonly string[] = [];
  const values = new Map<string, Value>([
    ['fd.sport', 443],
    ['fd.sip', String.fromCharCode(10, 0, 0, 1)],
  ]);
  const resolve = (field: FieldRef) => () => values.get(field.name);
  const engine = new RuleEngine([{ name: 'r', condition }], resolve, { lookup: () => list });
  for (const [entries, holds] of [
    [[], false],
    [['443'], true],
    [['10.0.0.2', 'https'], true],
    [['10.0.0.1'], true],
    [['10.0.0', ' 443x'], false],
  ] as const) {
    list = entries;
    expect(await engine.evaluate(new Event()), entries.join()).toEqual(holds ? [0] : []);
  }
});

// Some comparisons ask for what has to be found out.
function opened(condition: Expression, random: Random): Expression {
  if (condition.kind === 'not') return { ...condition, part: opened(condition.part, random) };
  if ('parts' in condition) {
    return { ...condition, parts: condition.parts.map((part) => opened(part, random)) };
  }
  if (condition.kind === 'macro' || random.int(3) > 0) return condition;
  const check = openCheck(condition, random);
  const errors = checkCondition(check).filter((problem) => problem.severity === 'error');
  expect(errors, canonicalText(check)).toEqual([]);
  return check;
}

function openCheck(check: Check, random: Random): Check {
  const value = { kind: 'value', value: random.one(['aa', 'cc']), quoted: true, at: AT } as const;
  const hashed: Check = {
    kind: 'check',
    left: HASH,
    operator: '=',
    right: value,
    at: AT,
    operatorAt: AT,
  };
  if (random.int(4) === 0) return hashed;
  const typed = operandType(check.left);
  const isType = check.left.kind === 'field' && check.left.name === 'evt.type';
  const left = 'error' in typed || isType || !supports(typed, 'in') ? HASH : check.left;
  const file = { kind: 'text', value: random.one([...LISTS.keys()]), at: AT } as const;
  const right = { kind: 'transformer', name: 'lookup', args: [file], at: AT } as const;
  return { ...hashed, left, operator: 'in', right: { ...right, args: [file] } };
}

// What a list says stands in the condition itself.
function asKnown(condition: Expression): Expression {
  if (condition.kind === 'not') return { ...condition, part: asKnown(condition.part) };
  if ('parts' in condition) {
    return { ...condition, parts: condition.parts.map(asKnown) };
  }
  if (condition.kind === 'macro') return condition;
  const path = lookupPath(condition.right);
  if (path === undefined) return condition;
  return { ...condition, right: { kind: 'list', values: [...(LISTS.get(path) ?? [])], at: AT } };
}
