// The rules that deny, planned together: one plan for the kernel, or for each rule that cannot have a
// verdict the reason.

import type { Expression } from '../rules/ast.js';
import { ExactRules, type Inexact } from './exact.js';
import {
  MAX_VERDICT_CLAUSES,
  type VerdictClause,
  type VerdictMode,
  type VerdictPlan,
  verdictPlan,
} from './verdict-plan.js';

/** A rule that denies. */
export interface DenyRule extends VerdictMode {
  readonly condition: Expression;
}

/** What came of planning. */
export interface PlannedVerdicts {
  /** Of the rules that the kernel decides; `undefined` without one. */
  readonly plan: VerdictPlan | undefined;
  /** The others, by their place among those of their load. */
  readonly refused: ReadonlyMap<number, Inexact>;
}

/** Plans rules that deny; a rule is in the plan as a whole or not at all. */
export function planVerdicts(rules: readonly DenyRule[]): PlannedVerdicts {
  const exact = new ExactRules();
  const clauses: VerdictClause[] = [];
  const refused = new Map<number, Inexact>();
  for (const { rule, mode, denyOnError, condition } of rules) {
    const found = exact.clauses(condition);
    if ('message' in found) {
      refused.set(rule, found);
      continue;
    }
    if (clauses.length + found.length > MAX_VERDICT_CLAUSES) {
      refused.set(rule, { at: undefined, message: TOO_MANY });
      continue;
    }
    clauses.push(...found.map((clause) => ({ ...clause, rule, mode, denyOnError })));
  }
  const plan = clauses.length === 0 ? undefined : verdictPlan(clauses, exact.atoms);
  return { plan, refused };
}

const TOO_MANY =
  `the rules that deny have more than ${MAX_VERDICT_CLAUSES} alternatives in all; ` +
  'put more texts into one list, and fewer facts into one disjunction';
