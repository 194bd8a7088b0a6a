// Random conditions from random tests: what the tests of verdicts compare with the matcher's word.

import type { Event } from '../../src/decode/event.js';
import { Formulas, Truth, whole } from '../../src/plan/kleene.js';
import type { VerdictPlan } from '../../src/plan/verdict-plan.js';
import { planVerdicts } from '../../src/plan/verdicts.js';
import { parseCondition } from '../../src/rules/parser.js';
import type { Random } from '../unit/match/random.js';

/** Tests joined by `and`, `or` and `not`, so many levels deep. */
export function randomCondition(random: Random, depth: number, randomTest: () => string): string {
  if (depth === 0 || random.int(3) === 0) {
    const text = randomTest();
    return random.int(3) === 0 ? `not ${text}` : text;
  }
  const parts = Array.from({ length: 2 + random.int(2) }, () =>
    randomCondition(random, depth - 1, randomTest),
  );
  return `(${parts.join(random.one([' and ', ' or ']))})`;
}

/** Whether the matcher says that a condition holds for an event. */
export function matcherOf(condition: string): (event: Event) => boolean {
  const formulas = new Formulas();
  const formula = formulas.of(parseCondition(condition));
  return (event) =>
    whole(formula, (atom) =>
      formulas.atoms[atom]?.holds(event) === true ? Truth.TRUE : Truth.FALSE,
    ) === Truth.TRUE;
}

/** The plan of a rule that denies; `undefined` where it is never true, or has too many alternatives. */
export function planOf(condition: string): VerdictPlan | undefined {
  const rule = { rule: 0, mode: 'on', denyOnError: false } as const;
  return planVerdicts([{ ...rule, condition: parseCondition(condition) }]).plan;
}
