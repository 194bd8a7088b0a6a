// From rules to what the kernel filter looks up: clauses, classes, bits.

import type { Account } from '../decode/event.js';
import type { MatchableRule } from '../match/matcher.js';
import { eventTypes, includesEvent } from '../rules/event-types.js';
import { EVENT_EXIT, eventName, NATIVE_CALLS } from '../rules/events.js';
import { allBits, noBits, setBit } from './bits.js';
import { type Clause, clausesOf } from './clauses.js';
import type { KernelPlan, TypePlan } from './kernel-plan.js';

/** What planning may use besides the rules. */
export interface PlanOptions {
  /** Users of the host by uid; names are not told apart without it. A change of them makes a new plan. */
  users?: ReadonlyMap<number, Account>;
}

/** The plan of a set of rules; plain data, made in the thread that loads rules. */
export interface RulePlan {
  /** By number. */
  readonly clauses: readonly Clause[];
  readonly kernel: KernelPlan;
}

/** Plans rules; they are checked, their macros expanded, and their places are those of the matcher. */
export function planRules(rules: readonly MatchableRule[], _options: PlanOptions = {}): RulePlan {
  const clauses = clausesOf(rules);
  const all = allBits(clauses.length);
  const types = new Map<number, TypePlan>();
  for (const type of NATIVE_CALLS.keys()) {
    const bits = noBits();
    clauses.forEach(({ parts }, clause) => {
      if (parts.some((one) => includesEvent(eventTypes(one.condition), eventName(type))))
        setBit(bits, clause);
    });
    if (bits.some((word) => word !== 0n) && type !== EVENT_EXIT)
      types.set(type, {
        bits,
        integers: [],
        uses_process: false,
        uses_comm: false,
        uses_uid: false,
        uses_cgroup: false,
      });
  }
  const other = all;
  return {
    clauses,
    kernel: {
      clause_count: clauses.length,
      types,
      paths: [],
      addresses: [],
      comm: { values: new Map(), other },
      uid: { values: new Map(), other },
      cgroup_unknown: all,
    },
  };
}
