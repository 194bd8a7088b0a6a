// The plan in words: for each rule the system calls it needs, what of it the kernel decides, and why it
// does not decide the rest.

import type { MatchableRule } from '../match/matcher.js';
import { neverTrueIdiom } from '../match/plan.js';
import { isTypeCheck } from '../match/type-checks.js';
import { type Check, eachCheck, eachField, type FieldRef } from '../rules/ast.js';
import { canonicalText } from '../rules/canonical.js';
import { EVENT_EXIT, eventName } from '../rules/events.js';
import { hasBit } from './bits.js';
import { callFacts, textRoles } from './dimensions.js';
import type { ClauseBits, KernelPlan, TypePlan } from './kernel-plan.js';
import type { RulePlan } from './planner.js';
import { processFacts } from './process-facts.js';
import { textTest } from './texts.js';

/**
 * How much of a rule the kernel decides: all tests, some, none but the type of event; `lifecycle` needs
 * no system call: programs that start and end are sent in any case, because the process tree is made of
 * them.
 */
export type Standing = 'fully' | 'partly' | 'not at all' | 'lifecycle';

/** One test of a rule that the kernel does not decide. */
export interface OpenTest {
  test: string;
  reason: string;
}

/** What becomes of one rule. */
export interface RuleExplanation {
  rule: string;
  standing: Standing;
  /** System calls whose end is looked at. */
  calls: string[];
  /** It also needs records of processes that start or end. */
  lifecycle: boolean;
  /** Tests that the kernel decides, and what by. */
  decided: { test: string; by: string }[];
  open: OpenTest[];
  /** System calls that leave the kernel for this rule whatever they do. */
  unrestricted: string[];
}

/** Explains a plan; the rules are those that it was made of, in their order. */
export function explainPlan(rules: readonly MatchableRule[], plan: RulePlan): RuleExplanation[] {
  return rules.map((rule, index) => explainRule(rule, index, plan));
}

function explainRule(rule: MatchableRule, index: number, plan: RulePlan): RuleExplanation {
  const clauses = plan.clauses.flatMap(({ parts }, number) =>
    parts.some((part) => part.rule === index) ? [number] : [],
  );
  const types = [...plan.kernel.types].filter(([, { bits }]) =>
    clauses.some((clause) => hasBit(bits, clause)),
  );
  // A successful exec is told by its own record.
  const calls = types.filter(([type]) => !EXECS.has(type));
  const decided = new Map<string, string>();
  const open = new Map<string, string>();
  eachCheck(rule.condition, (check) => {
    if (isTypeCheck(check) || neverTrueIdiom(check) !== undefined) return;
    const test = canonicalText(check);
    const by = decider(check, calls);
    if (by === undefined) open.set(test, reasonFor(check));
    else decided.set(test, by);
  });
  const unrestricted = calls
    .filter(([, type]) => clauses.some((clause) => isUnrestricted(clause, type, plan)))
    .map(([type]) => eventName(type));
  const lifecycle = calls.length < types.length || isAboutExit(rule);
  return {
    rule: rule.name,
    standing: standingOf(calls.length, decided.size, open.size),
    calls: [...new Set(calls.map(([type]) => eventName(type)))].sort(),
    lifecycle,
    decided: [...decided].map(([test, by]) => ({ test, by })),
    open: [...open].map(([test, reason]) => ({ test, reason })),
    unrestricted: [...new Set(unrestricted)].sort(),
  };
}

const EXECS: ReadonlySet<number> = new Set([59, 322]);

function standingOf(calls: number, decided: number, open: number): Standing {
  if (calls === 0) return 'lifecycle';
  if (open === 0) return 'fully';
  return decided > 0 ? 'partly' : 'not at all';
}

function isAboutExit({ condition }: MatchableRule): boolean {
  let found = false;
  eachCheck(condition, (check) => {
    if (!isTypeCheck(check) || check.right === undefined || check.right.kind === 'transformer')
      return;
    const names = check.right.kind === 'value' ? [check.right.value] : check.right.values;
    found ||= names.includes(eventName(EVENT_EXIT));
  });
  return found;
}

type Types = readonly (readonly [number, TypePlan])[];

// What decides a check for every call that the rule needs; for each of them it may be something else.
function decider(check: Check, types: Types): string | undefined {
  const fields = fieldsOf(check);
  if (fields.every((field) => processFacts(field) !== undefined)) {
    const facts = new Set(fields.flatMap((field) => processFacts(field) ?? []));
    return `process (${[...facts].join(', ')})`;
  }
  const found = new Set<string>();
  for (const [type] of types) {
    const by = decidedAt(check, fields, type);
    if (by === undefined) return undefined;
    found.add(by);
  }
  if (found.size > 1) found.delete('type');
  return [...found].sort().join(', ');
}

function decidedAt(check: Check, fields: readonly FieldRef[], type: number): string | undefined {
  const [field] = fields;
  const kind = textTest(check)?.kind ?? 'other';
  if (field !== undefined && check.left.kind === 'field' && kind !== 'other') {
    const [role] = textRoles(field, type);
    if (role !== undefined) return role.source === 'path' ? 'path' : 'path as written';
  }
  const facts = fields.map((one) => callFacts(one, type));
  const known = new Set<string>();
  for (const one of facts) {
    if (one === undefined) return undefined;
    for (const fact of one) known.add(BY[fact] ?? 'arguments');
  }
  return known.size === 0 ? 'type' : [...known].sort().join(', ');
}

const BY: Readonly<Record<string, string | undefined>> = {
  result: 'result',
  failure: 'result',
  opened: 'result',
  flags: 'flags',
  mode: 'flags',
  kind: 'kind of descriptor',
  socket: 'socket',
  ends: 'addresses and ports',
  name: 'path',
  directory: 'path',
  filename: 'path',
  worked_paths: 'path as written',
};

function fieldsOf({ left, right }: Check): FieldRef[] {
  const fields: FieldRef[] = [];
  eachField(left, (field) => fields.push(field));
  if (right?.kind === 'transformer') eachField(right, (field) => fields.push(field));
  return fields;
}

function reasonFor(check: Check): string {
  if (check.left.kind === 'transformer') return 'a transformer is applied in user space';
  const { name } = check.left;
  for (const [pattern, reason] of REASONS) if (pattern.test(name)) return reason;
  return 'the kernel does not look it up';
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^proc\.(duration|ppid\.duration|pid\.ts)/, 'it changes by itself'],
  [
    /^proc\.(tty|sid|sname|vpgid|pgid|is_vpgid_leader|is_sid_leader|sexe)/,
    'sessions and terminals change without exec',
  ],
  [/^proc\.cwd/, 'the working directory changes without exec'],
  [/^(thread\.cap|user\.login|group\.)/, 'it changes without exec'],
  [/^fd\.(name_changed|connected)/, 'it depends on what the socket did before'],
  [/^(fd|fs)\.|^evt\.abspath/, 'this comparison of a path, or this kind of path, is not looked up'],
  [/^target\./, 'whom a call is aimed at is not looked up'],
  [/^(file\.sha256)/, 'it has to be found out'],
  [/^evt\.(raw)?arg/, 'this argument is not looked up'],
];

// Nothing that the kernel looks at of the call makes the clause false, and it asks nothing of the process.
function isUnrestricted(clause: number, type: TypePlan, { kernel, clauses }: RulePlan): boolean {
  if (!hasBit(type.bits, clause)) return false;
  const parts = clauses[clause]?.parts ?? [];
  const asksProcess = parts.every(({ condition }) => {
    let found = false;
    eachCheck(condition, (check) => {
      found ||= fieldsOf(check).every((field) => processFacts(field) !== undefined);
    });
    return found;
  });
  if (asksProcess) return false;
  return setsOf(type, kernel).every((bits) => hasBit(bits, clause));
}

function setsOf(type: TypePlan, kernel: KernelPlan): ClauseBits[] {
  const sets: ClauseBits[] = [...(type.kinds ?? [])];
  if (type.result !== undefined) {
    const { success, errors, other_error } = type.result;
    sets.push(success, other_error, ...errors.values());
  }
  for (const { values, other } of type.integers) sets.push(other, ...values.values());
  for (const place of [type.path, type.claimed]) {
    const table = place === undefined ? undefined : kernel.paths[place];
    if (table === undefined) continue;
    sets.push(table.other, ...table.exact.values(), ...table.prefixes.values());
    if (table.head !== undefined) sets.push(table.head.other, ...table.head.values.values());
    if (table.last !== undefined) sets.push(table.last.other);
    if (table.inside !== undefined) sets.push(table.inside.absent);
  }
  for (const place of [type.remote, type.local]) {
    const table = place === undefined ? undefined : kernel.addresses[place];
    if (table === undefined) continue;
    sets.push(table.other_v4, table.other_v6, table.none);
  }
  if (type.no_dots !== undefined) sets.push(type.no_dots);
  return sets;
}
