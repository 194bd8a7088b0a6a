// Says what is wrong with a condition or an output that parses: unknown fields, operators that do not fit a
// field's type, and what stands on their right.

import type { Check, Expression, Operator, Position, TransformerCall } from './ast.js';
import { eachCheck } from './ast.js';
import { checkConstants } from './constants.js';
import { lookupPath } from './facts.js';
import { type FieldUse, nearestField } from './fields.js';
import { parseFormat } from './format.js';
import { type ConditionProblem, problem } from './problem.js';
import { operandType, type TypedOperand } from './transformers.js';
import { typeKind } from './values.js';

/** Something wrong with an output format. */
export interface OutputProblem {
  message: string;
  /** Into the format; of the percent sign. */
  offset: number;
  length: number;
  /** A field or call that we do not know; false for what is wrong in any version. */
  isUnknown: boolean;
  suggestion?: string;
}

/**
 * Checks every comparison of a condition, from left to right: at most one error each, warnings only
 * where there is no error.
 *
 * @param expression macros and lists expanded; a macro that is left is ignored.
 */
export function checkCondition(expression: Expression): ConditionProblem[] {
  const problems: ConditionProblem[] = [];
  eachCheck(expression, (check) => problems.push(...checkOne(check)));
  return problems;
}

/** Checks the fields and calls of an output format; empty when all are fine. */
export function checkOutput(format: string): OutputProblem[] {
  const parts = parseFormat(format);
  if (!Array.isArray(parts)) {
    const { message, offset, length, token } = parts;
    const isUnknown = offset < format.length - 1;
    return [{ message, offset, length, isUnknown, suggestion: nearestField(token) }];
  }
  const problems: OutputProblem[] = [];
  for (const part of parts) {
    if (part.kind === 'literal') continue;
    const typed = operandType(part.operand);
    if ('error' in typed) {
      const { message, suggestion } = typed;
      const isUnknown = typed.error === 'unknown-field';
      problems.push({ message, offset: part.offset, length: 1, isUnknown, suggestion });
    }
  }
  return problems;
}

/** Whether an operator can be used on a type at all. */
export function supports(left: TypedOperand, operator: Operator): boolean {
  if (operator === 'exists') return true;
  if (left.list) return operator === 'in' || operator === 'intersects';
  switch (typeKind(left.type)) {
    case 'number':
    case 'double':
      return EQUALITY.has(operator) || ORDER.has(operator);
    case 'bool':
    case 'address':
    case 'network':
      return EQUALITY.has(operator);
    case 'text':
      return operator !== 'bcontains' && operator !== 'bstartswith';
    case 'bytes':
      return EQUALITY.has(operator) || BYTES.has(operator);
    case 'opaque':
      return false;
  }
}

const EQUALITY: ReadonlySet<Operator> = new Set(['=', '==', '!=', 'in', 'intersects']);
const ORDER: ReadonlySet<Operator> = new Set(['<', '<=', '>', '>=']);
const BYTES: ReadonlySet<Operator> = new Set([
  'contains',
  'startswith',
  'endswith',
  'bcontains',
  'bstartswith',
]);

// A comparison in a macro stands in every rule that uses the macro, and rules are compiled once for each file.
function checkOne(check: Check): readonly ConditionProblem[] {
  const known = CHECKED.get(check);
  if (known !== undefined) return known;
  const problems = problemsOf(check);
  CHECKED.set(check, problems);
  return problems;
}

const CHECKED = new WeakMap<Check, readonly ConditionProblem[]>();

function problemsOf(check: Check): ConditionProblem[] {
  const left = operandType(check.left);
  if ('error' in left) return [problem(left.error, left.message, left.at, left.suggestion)];
  if (!supports(left, check.operator)) {
    const what = left.list ? 'a list' : nameOf(left);
    const message = `${check.operator} does not work on ${what}`;
    return [problem('op-not-supported-for-type', message, check.operatorAt)];
  }
  const right = check.right;
  if (right === undefined) return [];
  if (right.kind === 'transformer') return checkRightHand(check, left, right);
  return checkConstants(check, left, right);
}

function checkRightHand(
  check: Check,
  left: TypedOperand,
  call: TransformerCall,
): ConditionProblem[] {
  const file = lookupPath(call);
  if (file !== undefined) return checkLookup(check, file, call.at);
  const right = operandType(call);
  if ('error' in right) return [problem(right.error, right.message, right.at, right.suggestion)];
  const refuse = (message: string): ConditionProblem[] => [
    problem('rhs-field-not-supported', message, call.at),
  ];
  if (NO_RIGHT_HAND.has(check.operator) || check.modifier !== undefined) {
    return refuse(`${check.modifier ?? check.operator} compares with constants only`);
  }
  if (right.field?.spec.noRightHand === true) {
    return refuse(`${right.field.spec.name} cannot stand on the right of an operator`);
  }
  if (left.list || right.list) return refuse('a list can be compared with constants only');
  if (left.field !== undefined && needsConstants(left.field)) {
    return refuse(`${left.field.spec.name} can be compared with constants only`);
  }
  if (left.type === right.type) return [];
  const message = `${nameOf(left)} cannot be compared with ${nameOf(right)}`;
  return [problem('rhs-field-type-mismatch', message, call.at)];
}

function checkLookup(check: Check, file: string, at: Position): ConditionProblem[] {
  if (check.operator !== 'in') {
    return [problem('rhs-field-not-supported', 'lookup(...) stands behind in only', at)];
  }
  if (file.startsWith('/')) return [];
  return [problem('bad-value', `lookup(...) takes an absolute path, not ${file}`, at)];
}

const NO_RIGHT_HAND: ReadonlySet<Operator> = new Set([
  'regex',
  'pmatch',
  'bcontains',
  'bstartswith',
]);

function needsConstants(field: FieldUse): boolean {
  return field.many || field.spec.filterOnly || field.spec.type === 'IPNET';
}

function nameOf(typed: TypedOperand): string {
  const name = typed.field === undefined ? 'a value' : typed.field.spec.name;
  return `${name} of type ${typed.type}`;
}
