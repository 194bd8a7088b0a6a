// The rules that deny and those that kill, planned together: one plan for the kernel, or for each rule that
// it does not decide the reason.

import { abi_limit } from '../abi/layout.js';
import type { Expression } from '../rules/ast.js';
import { fromBytes, toBytes } from '../rules/bytes.js';
import { type ExactClause, ExactRules, type Inexact } from './exact.js';
import { killEvents } from './kill-events.js';
import type { KillRate, VerdictClause } from './verdict-clause.js';
import { type VerdictPlan, verdictPlan } from './verdict-plan.js';

/** A rule that denies. */
export interface DenyRule {
  readonly rule: number;
  readonly condition: Expression;
  readonly mode: 'audit' | 'on';
  readonly denyOnError: boolean;
}

/** Rules that kill, where that is switched on. */
export interface KillRules {
  readonly rules: readonly { readonly rule: number; readonly condition: Expression }[];
  /** Of any rule: more is not sent. */
  readonly limit: KillRate;
  /** Paths of programs, and names of processes: those without a slash. */
  readonly protected: readonly string[];
}

/** Who sends the signal of a rule. */
export interface KillWay {
  /** Events of which the kernel decides, by name. */
  readonly kernel: readonly string[];
  /** Why user space does for others; `undefined`: only where the kernel cannot tell. */
  readonly rest: string | undefined;
}

/** What came of planning. */
export interface PlannedVerdicts {
  /** Of the rules that the kernel decides; `undefined` without one. */
  readonly plan: VerdictPlan | undefined;
  /** Rules that cannot have a verdict, by their place among those of their load. */
  readonly refused: ReadonlyMap<number, Inexact>;
  /** Of the rules that kill, by their place. */
  readonly kills: ReadonlyMap<number, KillWay>;
}

/**
 * Plans rules that deny, each as a whole or not at all, and of those that kill what the kernel can decide
 * and there is room for.
 */
export function planVerdicts(rules: readonly DenyRule[], kill: KillRules = NONE): PlannedVerdicts {
  const exact = new ExactRules();
  const clauses: VerdictClause[] = [];
  const refused = new Map<number, Inexact>();
  for (const { rule, mode, denyOnError, condition } of rules) {
    const found = exact.clauses(condition);
    if ('message' in found) {
      refused.set(rule, found);
      continue;
    }
    if (clauses.length + found.length > abi_limit.VERDICT_CLAUSES) {
      refused.set(rule, { at: undefined, message: TOO_MANY });
      continue;
    }
    clauses.push(
      ...found.map((clause) => ({ ...clause, rule, action: 'deny' as const, mode, denyOnError })),
    );
  }
  const kills = new Map<number, KillWay>();
  for (const { rule, condition } of kill.rules) {
    const { clauses: found, rest } = exact.killClauses(unprotected(condition, kill.protected));
    if (clauses.length + found.length > abi_limit.VERDICT_CLAUSES) {
      kills.set(rule, { kernel: [], rest: NO_ROOM });
      continue;
    }
    const action = { action: 'kill', mode: 'on', denyOnError: false } as const;
    clauses.push(...found.map((clause) => ({ ...clause, rule, ...action })));
    kills.set(rule, { kernel: eventsOf(found), rest: rest?.message });
  }
  const plan = clauses.length === 0 ? undefined : verdictPlan(clauses, exact.atoms, kill.limit);
  return { plan, refused, kills };
}

/** Who sends the signal, for people. */
export function killText({ kernel, rest }: KillWay): string {
  if (kernel.length === 0)
    return `from user space, after the event: ${rest ?? 'it is about none that works'}`;
  const named = kernel.slice(0, MOST_NAMED).join(', ');
  const events = `by the kernel, within ${kernel.length > MOST_NAMED ? `${kernel.length} events, among them ` : ''}${named}`;
  return rest === undefined ? events : `${events}; for others from user space: ${rest}`;
}

// In the kernel who is protected does not match: user space says why nothing is done.
function unprotected(condition: Expression, names: readonly string[]): Expression {
  const { at } = condition;
  const not = (name: string, values: readonly string[]): Expression[] =>
    values.length === 0
      ? []
      : [
          {
            kind: 'not',
            at,
            part: {
              kind: 'check',
              left: { kind: 'field', name, at },
              operator: 'in',
              right: { kind: 'list', values: [...values], at },
              at,
              operatorAt: at,
            },
          },
        ];
  const parts = [
    condition,
    ...not(
      'proc.exepath',
      names.filter((one) => one.includes('/')),
    ),
    // The kernel cuts names, so a long one would never be found.
    ...not(
      'proc.name',
      names.filter((one) => !one.includes('/')).map((one) => fromBytes(toBytes(one).slice(0, 15))),
    ),
  ];
  return parts.length === 1 ? condition : { kind: 'and', parts, at };
}

function eventsOf(clauses: readonly ExactClause[]): string[] {
  const numbers = new Set(clauses.flatMap(({ operations }) => [...operations]));
  const names = (fails: boolean): Set<string> =>
    new Set(
      killEvents()
        .filter(({ number, result }) => numbers.has(number) && (result === 'fails') === fails)
        .map(({ name }) => name),
    );
  const working = names(false);
  const failing = [...names(true)].filter((name) => !working.has(name));
  return [...working, ...failing.map((name) => `${name} that fails`)];
}

const NONE: KillRules = { rules: [], limit: { per_minute: 0, suspend_ms: 0 }, protected: [] };
const MOST_NAMED = 8;
const NO_ROOM = `the rules that the kernel decides have more than ${abi_limit.VERDICT_CLAUSES} alternatives in all`;
const TOO_MANY =
  `the rules that deny have more than ${abi_limit.VERDICT_CLAUSES} alternatives in all; ` +
  'put more texts into one list, and fewer facts into one disjunction';
