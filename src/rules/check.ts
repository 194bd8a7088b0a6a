// Says what is wrong with a condition or an output that parses: unknown fields, operators and
// constants that do not fit a field's type, and what is legal but probably not meant.

import type { Check, Expression, Operator, Position, Right, TransformerCall } from './ast.js';
import { eachCheck, TRANSFORMERS } from './ast.js';
import { toBytes } from './bytes.js';
import { eventNamed } from './events.js';
import { lookupPath } from './facts.js';
import { type FieldUse, findField, nearestEvent, nearestField, useField } from './fields.js';
import { parseFormat } from './format.js';
import { compileRegex, simplerOperator } from './regex.js';
import { operandType, type TypedOperand } from './transformers.js';
import {
  parseAddress,
  parseDouble,
  parseHexBytes,
  parseInteger,
  parseNetwork,
  parsePort,
  typeKind,
} from './values.js';

/** The longest constant, in bytes. */
export const MAX_VALUE_BYTES = 255;

export type ConditionErrorClass =
  | 'unknown-field'
  | 'field-argument-missing'
  | 'unknown-event-type'
  | 'unknown-event-argument'
  | 'op-not-supported-for-type'
  | 'bad-value'
  | 'bad-hex-value'
  | 'bad-regex'
  | 'value-too-long'
  | 'value-nul-byte'
  | 'rhs-field-not-supported'
  | 'rhs-field-type-mismatch'
  | 'transformer-type'
  | 'transformer-args';

export type ConditionWarningClass =
  | 'value-looks-like-field'
  | 'value-looks-like-transformer'
  | 'regex-simpler-operator';

/** One thing wrong, or suspicious, at one place of a condition. */
export interface ConditionProblem {
  severity: 'error' | 'warning';
  class: ConditionErrorClass | ConditionWarningClass;
  message: string;
  at: Position;
  /** A known name, or a way to write it, that is probably meant. */
  suggestion?: string;
}

/** Something wrong with an output format. */
export interface OutputProblem {
  message: string;
  /** Into the format; of the percent sign. */
  offset: number;
  length: number;
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
    return [{ message, offset, length, suggestion: nearestField(token) }];
  }
  const problems: OutputProblem[] = [];
  for (const part of parts) {
    if (part.kind === 'literal') continue;
    const typed = operandType(part.operand);
    if ('error' in typed) {
      const { message, suggestion } = typed;
      problems.push({ message, offset: part.offset, length: 1, suggestion });
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

function checkConstants(
  check: Check,
  left: TypedOperand,
  right: Exclude<Right, TransformerCall>,
): ConditionProblem[] {
  const warnings: ConditionProblem[] = [];
  for (const value of right.kind === 'value' ? [right.value] : right.values) {
    const error = badConstant(check, left, value, right.at);
    if (error !== undefined) return [error];
    for (const warning of suspicious(check, value, right.at)) {
      if (warnings.every((other) => other.class !== warning.class)) warnings.push(warning);
    }
  }
  return warnings;
}

function badConstant(
  check: Check,
  left: TypedOperand,
  value: string,
  at: Position,
): ConditionProblem | undefined {
  const bytes = toBytes(value);
  if (bytes.length > MAX_VALUE_BYTES) {
    const message = `a value has at most ${MAX_VALUE_BYTES} bytes, this one ${bytes.length}`;
    return problem('value-too-long', message, at);
  }
  const kind = typeKind(left.type);
  if (kind !== 'bytes' && bytes.includes('\0')) {
    return problem('value-nul-byte', 'only byte buffers can be compared with a NUL byte', at);
  }
  if (left.field?.spec.name === 'evt.type') {
    if (value === '' || eventNamed(value) !== undefined) return undefined;
    const message = `no event is called ${value}`;
    return problem('unknown-event-type', message, at, nearestEvent(value));
  }
  if (check.operator === 'bcontains' || check.operator === 'bstartswith') {
    if (parseHexBytes(value) !== undefined) return undefined;
    return problem('bad-hex-value', `${check.operator} takes pairs of hex digits`, at);
  }
  if (check.operator === 'regex' && compileRegex(value) === undefined) {
    return problem('bad-regex', `not a POSIX regular expression: ${value}`, at);
  }
  const wanted = isConstant(left, value);
  return wanted === undefined ? undefined : problem('bad-value', `${value} is not ${wanted}`, at);
}

// What was expected, when the text is no constant of the left side's type.
function isConstant(left: TypedOperand, value: string): string | undefined {
  switch (typeKind(left.type)) {
    case 'number':
      if (left.type === 'PORT') {
        return parsePort(value) === undefined ? 'a port number or a known service' : undefined;
      }
      return parseInteger(value, left.type) === undefined ? 'a decimal integer' : undefined;
    case 'double':
      return parseDouble(value) === undefined ? 'an integer' : undefined;
    case 'bool':
      return value === 'true' || value === 'false' ? undefined : 'true or false';
    case 'address':
      return parseAddress(value) === undefined ? 'an IPv4 or IPv6 address' : undefined;
    case 'network':
      return parseNetwork(value) === undefined ? 'a network such as 10.0.0.0/8' : undefined;
    default:
      return undefined;
  }
}

function suspicious(check: Check, value: string, at: Position): ConditionProblem[] {
  const found: ConditionProblem[] = [];
  const text = value.trim();
  const field = /^([a-zA-Z0-9_.]+)(?:\[(.+)\])?$/.exec(text);
  const name = field?.[1] ?? '';
  // Asking `useField` about each value would look for likely typos in all of them.
  if (findField(name) !== undefined && 'spec' in useField(name, field?.[2])) {
    const message = `${text} is taken as a text, not as the field of that name`;
    found.push(warning('value-looks-like-field', message, at, `val(${text})`));
  }
  const call = /^([a-z0-9]+)\(.*\)$/s.exec(text)?.[1];
  if (call !== undefined && (call === 'val' || TRANSFORMERS.some((name) => name === call))) {
    const message = `${text} is taken as a text, not as a call`;
    found.push(warning('value-looks-like-transformer', message, at, 'the call without quotes'));
  }
  const simpler = check.operator === 'regex' ? simplerOperator(value) : undefined;
  if (simpler !== undefined) {
    const message = `${simpler} can say the same as this regular expression, and is faster`;
    found.push(warning('regex-simpler-operator', message, at, simpler));
  }
  return found;
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

function problem(
  errorClass: ConditionErrorClass,
  message: string,
  at: Position,
  suggestion?: string,
): ConditionProblem {
  return { severity: 'error', class: errorClass, message, at, suggestion };
}

function warning(
  warningClass: ConditionWarningClass,
  message: string,
  at: Position,
  suggestion: string,
): ConditionProblem {
  return { severity: 'warning', class: warningClass, message, at, suggestion };
}
