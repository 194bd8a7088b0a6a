// Random rules that deny: what the kernel says of them against the matcher's word on the same facts.

import { expect } from 'vitest';
import type { Event } from '../../src/decode/event.js';
import { Formulas, Truth, whole } from '../../src/plan/kleene.js';
import type { VerdictPlan } from '../../src/plan/verdict-plan.js';
import { planVerdicts } from '../../src/plan/verdicts.js';
import { parseCondition } from '../../src/rules/parser.js';
import { newSeed, Random } from '../unit/match/random.js';

/** Compares the kernel's word on an event with the matcher's; `on` is what it was about, for a message. */
export type Compare = (denied: boolean, event: Event, on: string) => void;

/**
 * Has plans of random rules tried, one after the other.
 *
 * @param what all rules begin with it
 */
export function tryPlans(
  count: number,
  what: string,
  randomTest: (random: Random) => string,
  tryPlan: (plan: VerdictPlan, compare: Compare) => void,
): void {
  const seed = newSeed();
  console.log(`seed ${seed}`);
  const random = new Random(seed);
  const seen = { true: 0, false: 0 };
  for (let planned = 0; planned < count; planned += 1) {
    const text = randomCondition(random, 2, () => randomTest(random));
    const holds = matcherOf(text);
    const plan = planOf(`${what} and ${text}`);
    if (plan === undefined) continue;
    tryPlan(plan, (denied, event, on) => {
      expect(denied, `seed ${seed}: ${text} ${on}`).toBe(holds(event));
      seen[denied ? 'true' : 'false'] += 1;
    });
  }
  // Both happen, or the cases say nothing.
  expect(seen.true).toBeGreaterThan(count);
  expect(seen.false).toBeGreaterThan(count);
}

// Tests joined by `and`, `or` and `not`, so many levels deep.
function randomCondition(random: Random, depth: number, randomTest: () => string): string {
  if (depth === 0 || random.int(3) === 0) {
    const text = randomTest();
    return random.int(3) === 0 ? `not ${text}` : text;
  }
  const parts = Array.from({ length: 2 + random.int(2) }, () =>
    randomCondition(random, depth - 1, randomTest),
  );
  return `(${parts.join(random.one([' and ', ' or ']))})`;
}

// Whether the matcher says that a condition holds for an event.
function matcherOf(condition: string): (event: Event) => boolean {
  const formulas = new Formulas();
  const formula = formulas.of(parseCondition(condition));
  return (event) =>
    whole(formula, (atom) =>
      formulas.atoms[atom]?.holds(event) === true ? Truth.TRUE : Truth.FALSE,
    ) === Truth.TRUE;
}

// The plan of a rule that denies; `undefined` where it is never true, or has too many alternatives.
function planOf(condition: string): VerdictPlan | undefined {
  const rule = { rule: 0, mode: 'on', denyOnError: false } as const;
  return planVerdicts([{ ...rule, condition: parseCondition(condition) }]).plan;
}
