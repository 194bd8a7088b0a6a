// What can be wrong with a condition.

import type { Position } from './ast.js';

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

/** A mistake. */
export function problem(
  errorClass: ConditionErrorClass,
  message: string,
  at: Position,
  suggestion?: string,
): ConditionProblem {
  return { severity: 'error', class: errorClass, message, at, suggestion };
}

/** What is legal, but probably not meant; with a way to write what is. */
export function warning(
  warningClass: ConditionWarningClass,
  message: string,
  at: Position,
  suggestion: string,
): ConditionProblem {
  return { severity: 'warning', class: warningClass, message, at, suggestion };
}
