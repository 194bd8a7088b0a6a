// Rules split at their disjunctions into clauses, numbered: what the kernel filter keeps a bit for.

import type { RuleClause } from '../match/clauses.js';
import type { MatchableRule } from '../match/matcher.js';
import { canonicalText } from '../rules/canonical.js';
import { possible } from '../rules/facts.js';

/** One bit of the kernel's: it stands for all that is open when it is set. */
export interface Clause {
  /** Of several rules where they say the same, or where there are too many for a bit each. */
  readonly parts: readonly RuleClause[];
}

/** 64 * CLAUSE_WORDS of bpf/abi.h. */
export const MAX_CLAUSES = 512;

/** The clauses of rules, in the order of the rules; a rule holds if and only if one of its clauses does. */
export function clausesOf(rules: readonly MatchableRule[], limit = MAX_CLAUSES): Clause[] {
  const clauses = new Map<string, RuleClause[]>();
  rules.forEach((rule, index) => {
    const condition = possible(rule.condition);
    const key = canonicalText(condition);
    const parts = clauses.get(key) ?? [];
    parts.push({ rule: index, condition });
    clauses.set(key, parts);
  });
  const all = [...clauses.values()].map((parts) => ({ parts }));
  const kept = all.slice(0, limit - 1);
  const rest = all.slice(limit - 1);
  return rest.length === 0 ? kept : [...kept, { parts: rest.flatMap((one) => one.parts) }];
}
