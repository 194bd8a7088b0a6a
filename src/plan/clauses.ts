// Rules split at their disjunctions into clauses, numbered: what the kernel filter keeps a bit for.

import { abi_limit } from '../abi/layout.js';
import { checkKey } from '../match/check-key.js';
import type { RuleClause } from '../match/clauses.js';
import type { MatchableRule } from '../match/matcher.js';
import { isTypeCheck } from '../match/type-checks.js';
import { type Check, type Expression, eachField, type FieldRef } from '../rules/ast.js';
import { possible } from '../rules/facts.js';
import { processFacts } from './process-facts.js';
import { needleOf, textTest } from './texts.js';

/** One bit of the kernel's: it stands for all that is open when it is set. */
export interface Clause {
  /** Of several rules where they say the same, or where there are too many for a bit each. */
  readonly parts: readonly RuleClause[];
}

/** What a set of the kernel has room for. */
export const MAX_CLAUSES = 64 * abi_limit.CLAUSE_WORDS;

/**
 * The clauses of rules, in the order of the rules; a rule holds if and only if one of its clauses does.
 *
 * A disjunction is split where its alternatives are decided by different looks of the kernel, which
 * knows one fact at a time: of "this directory or that file name" neither look alone can make the whole
 * false.
 */
export function clausesOf(rules: readonly MatchableRule[], limit = MAX_CLAUSES): Clause[] {
  for (const most of [16, 8, 4, 2, 1]) {
    const clauses = shared(rules, most);
    if (clauses.length <= limit || most === 1) return merged(clauses, limit);
  }
  return [];
}

/** The alternatives of a condition that make a clause each; at most `most`. */
export function alternatives(condition: Expression, most: number): Expression[] {
  switch (condition.kind) {
    case 'or': {
      const found = groupsOf(condition.parts).flatMap((group) => {
        const whole = together('or', group, condition.at);
        return whole.kind === 'or' && group.length > 1 ? [whole] : alternatives(whole, most);
      });
      return found.length > most ? [condition] : found;
    }
    case 'and': {
      let found: Expression[][] = [[]];
      for (const part of condition.parts) {
        const options = alternatives(part, Math.max(1, Math.floor(most / found.length)));
        found = found.flatMap((done) => options.map((option) => [...done, option]));
      }
      return found.length === 1
        ? [condition]
        : found.map((parts) => together('and', parts, condition.at));
    }
    default:
      return [condition];
  }
}

// One look decides about its alternatives together; those that take several stand alone.
function groupsOf(parts: readonly Expression[]): Expression[][] {
  const groups = new Map<string, Expression[]>();
  parts.forEach((part, at) => {
    const needed = [...looks(part)].filter((look) => look !== 'type');
    const key = needed.length > 1 ? `${at}` : (needed[0] ?? '');
    groups.set(key, [...(groups.get(key) ?? []), part]);
  });
  return [...groups.values()];
}

function together(kind: 'and' | 'or', parts: Expression[], at: Expression['at']): Expression {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : { kind, parts, at };
}

// What the kernel must look at to decide the expression.
function looks(expression: Expression, found = new Set<string>()): Set<string> {
  switch (expression.kind) {
    case 'macro':
      break;
    case 'not':
      looks(expression.part, found);
      break;
    case 'and':
    case 'or':
      for (const part of expression.parts) looks(part, found);
      break;
    case 'check':
      found.add(lookOf(expression));
  }
  return found;
}

function lookOf(check: Check): string {
  if (isTypeCheck(check)) return 'type';
  const fields: FieldRef[] = [];
  eachField(check.left, (field) => fields.push(field));
  if (fields.every((field) => processFacts(field) !== undefined)) return 'process';
  const [field] = fields;
  if (check.left.kind !== 'field' || field === undefined) return 'unknown';
  for (const [pattern, look] of LOOKS) if (pattern.test(field.name)) return lookAt(look, check);
  return 'unknown';
}

function lookAt(look: string, check: Check): string {
  if (look !== 'path') return look;
  const test = textTest(check);
  switch (test?.kind) {
    case 'inside':
      return 'inside';
    case 'suffix':
      return 'last';
    case 'glob':
      return needleOf(test) !== undefined && /^[*?]/.test(test.texts[0] ?? '') ? 'inside' : 'path';
    default:
      return 'path';
  }
}

const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/^(evt\.(rawres|res|failed|count)|fd\.num$)/, 'result'],
  [/^evt\.(is_open|arg\.flags)/, 'flags'],
  [/^fd\.(type|typechar|sockfamily|l4proto)$/, 'kind'],
  [/^fd\.filename$/, 'last'],
  [/^fd\.nameraw$/, 'dots'],
  [/^(fd\.(name|directory)$|fs\.path\.|evt\.abspath)/, 'path'],
  [/^evt\.(raw)?arg\.(name|path|oldpath|filename|pathname|target)$/, 'path'],
  [/^evt\.(raw)?arg/, 'integers'],
  [/^fd\.[cslr]?(ip|net)$/, 'addresses'],
  [/^fd\.[cslr]?port$/, 'ports'],
];

function shared(rules: readonly MatchableRule[], most: number): Clause[] {
  const clauses = new Map<string, RuleClause[]>();
  rules.forEach((rule, index) => {
    for (const condition of alternatives(possible(rule.condition), most)) {
      const key = keyOf(condition);
      const parts = clauses.get(key) ?? [];
      if (!parts.some((part) => part.rule === index)) parts.push({ rule: index, condition });
      clauses.set(key, parts);
    }
  });
  return [...clauses.values()].map((parts) => ({ parts }));
}

// What it means, and nothing of where it stands. Clauses consist of the same few hundred expressions.
function keyOf(condition: Expression): string {
  const known = KEYS.get(condition);
  if (known !== undefined) return known;
  const key = makeKey(condition);
  KEYS.set(condition, key);
  return key;
}

const KEYS = new WeakMap<Expression, string>();

function makeKey(condition: Expression): string {
  switch (condition.kind) {
    case 'macro':
      return `$${condition.name}`;
    case 'not':
      return `!${keyOf(condition.part)}`;
    case 'and':
    case 'or':
      return `${condition.kind}(${condition.parts.map(keyOf).join()})`;
    case 'check':
      return checkKey(condition);
  }
}

// Neighbours share a bit where there are too many.
function merged(clauses: readonly Clause[], limit: number): Clause[] {
  if (clauses.length <= limit) return [...clauses];
  const found: { parts: RuleClause[] }[] = Array.from({ length: limit }, () => ({ parts: [] }));
  clauses.forEach(({ parts }, at) => {
    found[Math.floor((at * limit) / clauses.length)]?.parts.push(...parts);
  });
  return found;
}
