// A condition as the matcher will evaluate it: constants folded, groups flattened, tests of the same
// field merged, the cheap parts first. All parts are pure and two-valued (a missing value is simply
// false), so none of this changes a result.

import type { Check, Expression, Operand } from '../rules/ast.js';
import { operandText } from '../rules/canonical.js';
import { operandType } from '../rules/transformers.js';
import { typeKind } from '../rules/values.js';
import { checkKey } from './check-key.js';
import { checkCost, operandCost } from './cost.js';
import { constantsOf, isTypeCheck, typeTest } from './type-checks.js';

/** A part of a condition; two parts with the same key mean the same. */
export type Plan = Constant | Negation | Group | Leaf | Merged;

export interface Constant {
  kind: 'constant';
  value: boolean;
  key: string;
  cost: number;
}

export interface Negation {
  kind: 'not';
  part: Plan;
  key: string;
  cost: number;
}

/** `all` or `any` of two or more parts, cheapest first. */
export interface Group {
  kind: 'all' | 'any';
  parts: readonly Plan[];
  key: string;
  cost: number;
}

export interface Leaf {
  kind: 'leaf';
  check: Check;
  key: string;
  cost: number;
}

/** Several tests of one text field of which one must hold: read once, compared with all. */
export interface Merged {
  kind: 'merged';
  left: Operand;
  /** Constants by what must be true of them. */
  equal: readonly string[];
  prefixes: readonly string[];
  suffixes: readonly string[];
  inside: readonly string[];
  paths: readonly string[];
  key: string;
  cost: number;
}

/** What is known before an event comes. */
export interface Known {
  /** The name of the event type; `undefined` when it can be any. */
  eventType?: string;
  /** False for a field without a source, which is always missing. */
  hasSource(operand: Operand): boolean;
}

/**
 * Makes the plan of a condition.
 *
 * @param expression checked, macros expanded; a macro that is left counts as false.
 */
export function planCondition(expression: Expression, known: Known): Plan {
  switch (expression.kind) {
    case 'macro':
      return constant(false);
    case 'not':
      return negate(planCondition(expression.part, known));
    case 'check':
      return planCheck(expression, known);
    case 'and':
    case 'or': {
      const kind = expression.kind === 'and' ? 'all' : 'any';
      const parts: Plan[] = [];
      for (const one of expression.parts) {
        const part = planCondition(one, known);
        if (part.kind === 'constant' && part.value === (kind === 'any')) return part;
        if (part.kind === kind) parts.push(...part.parts);
        else parts.push(part);
      }
      return group(kind, parts);
    }
  }
}

function planCheck(check: Check, known: Known): Plan {
  if (isTypeCheck(check) && known.eventType !== undefined) {
    return constant(typeTest(check)(known.eventType));
  }
  const always = neverTrueIdiom(check);
  if (always !== undefined) return constant(always);
  if (!known.hasSource(check.left)) return constant(false);
  const right = check.right;
  if (right?.kind === 'transformer' && !known.hasSource(right)) return constant(false);
  if (check.right?.kind === 'list' && check.right.values.length === 0) return constant(false);
  return leafOf(check);
}

// A check of a macro stands in many conditions.
function leafOf(check: Check): Leaf {
  let leaf = LEAVES.get(check);
  if (leaf === undefined) {
    leaf = { kind: 'leaf', check, key: checkKey(check), cost: checkCost(check) };
    LEAVES.set(check, leaf);
  }
  return leaf;
}

const LEAVES = new WeakMap<Check, Leaf>();

/**
 * What a comparison of `evt.num` always comes to: events are numbered from 1, and rule files write
 * evt.num=0 for "never". `undefined` for all other checks.
 */
export function neverTrueIdiom(check: Check): boolean | undefined {
  if (check.left.kind !== 'field' || check.left.name !== 'evt.num') return undefined;
  if (check.right?.kind !== 'value' || check.modifier !== undefined) return undefined;
  const value = check.right.value;
  switch (check.operator) {
    case '=':
    case '==':
    case '<=':
      return /^0+$/.test(value) ? false : undefined;
    case '<':
      return /^0*[01]$/.test(value) ? false : undefined;
    case '!=':
    case '>':
      return /^0+$/.test(value) ? true : undefined;
    case '>=':
      return /^0*[01]$/.test(value) ? true : undefined;
    default:
      return undefined;
  }
}

function constant(value: boolean): Constant {
  return { kind: 'constant', value, key: String(value), cost: 0 };
}

function negate(part: Plan): Plan {
  if (part.kind === 'constant') return constant(!part.value);
  if (part.kind === 'not') return part.part;
  return { kind: 'not', part, key: `!${part.key}`, cost: part.cost };
}

function group(kind: 'all' | 'any', found: readonly Plan[]): Plan {
  const decisive = kind === 'any';
  const parts: Plan[] = [];
  const negated: Plan[] = [];
  const seen = new Set<string>();
  for (const part of found) {
    if (part.kind === 'constant') {
      if (part.value === decisive) return part;
    } else if (!seen.has(part.key)) {
      seen.add(part.key);
      // not a and not b is not (a or b), in which tests of one field can be merged.
      if (kind === 'all' && part.kind === 'not') negated.push(part.part);
      else parts.push(part);
    }
  }
  if (negated.length > 0) parts.push(negate(group('any', flattened(negated))));
  const merged = kind === 'any' ? mergeTests(parts) : parts;
  const [only] = merged;
  if (only === undefined) return constant(!decisive);
  if (merged.length === 1) return only;
  merged.sort((a, b) => a.cost - b.cost);
  const cost = merged.reduce((sum, part) => sum + part.cost, 0);
  const key = `${kind}(${merged.map((part) => part.key).join(';')})`;
  return { kind, parts: merged, key, cost };
}

function flattened(parts: readonly Plan[]): Plan[] {
  return parts.flatMap((part) => (part.kind === 'any' ? part.parts : [part]));
}

type Bucket = 'equal' | 'prefixes' | 'suffixes' | 'inside' | 'paths';

const BUCKETS: Readonly<Record<string, Bucket | undefined>> = {
  '=': 'equal',
  '==': 'equal',
  in: 'equal',
  intersects: 'equal',
  startswith: 'prefixes',
  endswith: 'suffixes',
  contains: 'inside',
  pmatch: 'paths',
};

function mergeTests(parts: readonly Plan[]): Plan[] {
  const byField = new Map<string, (Leaf | Merged)[]>();
  const rest: Plan[] = [];
  for (const part of parts) {
    const field = mergeKey(part);
    if (field === undefined || (part.kind !== 'leaf' && part.kind !== 'merged')) rest.push(part);
    else byField.set(field, [...(byField.get(field) ?? []), part]);
  }
  for (const [field, tests] of byField) {
    const [first] = tests;
    if (first !== undefined) rest.push(tests.length === 1 ? first : merge(field, tests));
  }
  return rest;
}

// Texts only, one value only: several values and other types have operators of their own.
function mergeKey(part: Plan): string | undefined {
  if (part.kind === 'merged') return operandText(part.left);
  if (part.kind !== 'leaf' || part.check.modifier !== undefined) return undefined;
  if (part.check.right === undefined || part.check.right.kind === 'transformer') return undefined;
  if (BUCKETS[part.check.operator] === undefined) return undefined;
  const typed = operandType(part.check.left);
  if ('error' in typed || typed.list || typed.field?.many === true) return undefined;
  return typeKind(typed.type) === 'text' ? operandText(part.check.left) : undefined;
}

function merge(field: string, tests: readonly (Leaf | Merged)[]): Merged {
  const sets = {
    equal: new Set<string>(),
    prefixes: new Set<string>(),
    suffixes: new Set<string>(),
    inside: new Set<string>(),
    paths: new Set<string>(),
  };
  let left: Operand = { kind: 'field', name: field, at: { line: 0, column: 0, offset: 0 } };
  for (const one of tests) {
    if (one.kind === 'merged') {
      left = one.left;
      for (const bucket of ALL_BUCKETS) for (const text of one[bucket]) sets[bucket].add(text);
    } else {
      left = one.check.left;
      const bucket = BUCKETS[one.check.operator];
      if (bucket !== undefined) for (const text of constantsOf(one.check)) sets[bucket].add(text);
    }
  }
  const lists = {
    equal: [...sets.equal].sort(),
    prefixes: [...sets.prefixes].sort(),
    suffixes: [...sets.suffixes].sort(),
    inside: [...sets.inside].sort(),
    paths: [...sets.paths].sort(),
  };
  const cost =
    operandCost(left) +
    (lists.equal.length > 0 ? 2 : 0) +
    (lists.prefixes.length > 0 ? 3 : 0) +
    lists.suffixes.length +
    lists.inside.length * 4 +
    (lists.paths.length > 0 ? 10 : 0);
  return { kind: 'merged', left, ...lists, key: `${field}~${JSON.stringify(lists)}`, cost };
}

const ALL_BUCKETS: readonly Bucket[] = ['equal', 'prefixes', 'suffixes', 'inside', 'paths'];
