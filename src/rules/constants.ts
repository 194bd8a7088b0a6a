// Constants on the right of an operator: whether they fit the type on its left, and what is legal but
// probably not meant.

import type { Check, Position, Right, TransformerCall } from './ast.js';
import { TRANSFORMERS } from './ast.js';
import { toBytes } from './bytes.js';
import { eventNamed } from './events.js';
import { findField, nearestEvent, useField } from './fields.js';
import { type ConditionProblem, problem, warning } from './problem.js';
import { compileRegex, simplerOperator } from './regex.js';
import type { TypedOperand } from './transformers.js';
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

/** What is wrong with the constants of a comparison: one error at most, each warning once. */
export function checkConstants(
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
