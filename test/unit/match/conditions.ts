// Conditions as text over given values, for tests.

import { expect } from 'vitest';
import { Event, type Value } from '../../../src/decode/event.js';
import { compileCondition } from '../../../src/match/compile.js';
import { operandText } from '../../../src/rules/canonical.js';
import { checkCondition } from '../../../src/rules/check.js';
import { parseCondition } from '../../../src/rules/parser.js';

/** Whether a condition holds for values by field; throws when the condition is wrong. */
export function holds(condition: string, values: Readonly<Record<string, Value>>): boolean {
  const expression = parseCondition(condition);
  const error = checkCondition(expression).find((problem) => problem.severity === 'error');
  if (error !== undefined) throw new Error(`${condition}: ${error.message}`);
  return compileCondition(expression, (field) => () => values[operandText(field)])(new Event());
}

/** Each condition holds, or not, as it is said. */
export function expectAll(
  values: Readonly<Record<string, Value>>,
  cases: Readonly<Record<string, boolean>>,
): void {
  for (const [condition, wanted] of Object.entries(cases)) {
    expect(holds(condition, values), condition).toBe(wanted);
  }
}
