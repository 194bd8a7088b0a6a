// The syntax tree of a rule condition: plain data, shared by checking, planning and matching.

/** A place in a text; all three count from 0, columns and offsets in UTF-16 units. */
export interface Position {
  line: number;
  column: number;
  offset: number;
  /** The macro in whose text this place is; absent in the rule's own condition. */
  macro?: string;
}

/** A condition or a part of one. */
export type Expression = Group | Negation | MacroRef | Check;

/** `a and b and c`: a chain of one level is flat, a parenthesised group stays nested. */
export interface Group {
  kind: 'and' | 'or';
  /** Two or more. */
  parts: Expression[];
  at: Position;
}

export interface Negation {
  kind: 'not';
  part: Expression;
  at: Position;
}

/** A macro's name; gone after macro expansion. */
export interface MacroRef {
  kind: 'macro';
  name: string;
  at: Position;
}

/** One comparison; `right` is absent only for `exists`. */
export interface Check {
  kind: 'check';
  left: Operand;
  operator: Operator;
  modifier?: Modifier;
  right?: Right;
  /** Where the check begins, that is its left side. */
  at: Position;
  /** Where the operator stands. */
  operatorAt: Position;
}

/** Operators as they are spelled; `==` stays `==` because the canonical text keeps it. */
export type Operator =
  | (typeof NUMERIC_OPERATORS | typeof TEXT_OPERATORS | typeof LIST_OPERATORS)[number]
  | 'exists';

/** `f op oneof (...)`: exactly one, any, or every element satisfies the operator. */
export type Modifier = (typeof MODIFIERS)[number];

export interface FieldRef {
  kind: 'field';
  name: string;
  /** The text between brackets, escapes processed. */
  argument?: string;
  at: Position;
}

/** `tolower(f)`, `join(",", (f, g))`, `getopt(f, "x:")[x]`; on a right side also `val(f)`. */
export interface TransformerCall {
  kind: 'transformer';
  name: string;
  args: TransformerArg[];
  argument?: string;
  at: Position;
}

/** What may stand on the left of an operator. */
export type Operand = FieldRef | TransformerCall;

export type TransformerArg = Operand | TextArg | NumberArg | ListArg;

export interface TextArg {
  kind: 'text';
  value: string;
  at: Position;
}

/** The number as written. */
export interface NumberArg {
  kind: 'number';
  value: string;
  at: Position;
}

export interface ListArg {
  kind: 'list';
  items: TransformerArg[];
  at: Position;
}

/** What may stand on the right of an operator. */
export type Right = ValueRight | ListRight | TransformerCall;

/** A single value; a list operator gets one when a bare name stands there. */
export interface ValueRight {
  kind: 'value';
  /** JS text with escapes processed. */
  value: string;
  quoted: boolean;
  at: Position;
}

export interface ListRight {
  kind: 'list';
  values: string[];
  at: Position;
}

/** Longest spelling first where one is the beginning of another: tried in this order. */
export const NUMERIC_OPERATORS = ['<=', '<', '>=', '>'] as const;

/** Tried in this order. */
export const TEXT_OPERATORS = [
  '==',
  '=',
  '!=',
  'glob',
  'iglob',
  'contains',
  'icontains',
  'bcontains',
  'startswith',
  'bstartswith',
  'endswith',
  'regex',
] as const;

/** Tried in this order. */
export const LIST_OPERATORS = ['intersects', 'in', 'pmatch'] as const;

export const MODIFIERS = ['oneof', 'anyof', 'allof'] as const;

/** Transformers that may stand on either side; `val` stands on the right only. */
export const TRANSFORMERS = [
  'tolower',
  'toupper',
  'b64',
  'basename',
  'len',
  'join',
  'concat',
  'getopt',
] as const;

/**
 * Calls `visit` for every check of a tree, from left to right, without recursion.
 */
export function eachCheck(expression: Expression, visit: (check: Check) => void): void {
  const open: Expression[] = [expression];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.kind === 'check') visit(next);
    else if (next.kind === 'not') open.push(next.part);
    else if (next.kind !== 'macro') for (const part of next.parts.toReversed()) open.push(part);
  }
}

/**
 * Calls `visit` for every field an operand mentions, itself included.
 */
export function eachField(operand: TransformerArg, visit: (field: FieldRef) => void): void {
  if (operand.kind === 'field') visit(operand);
  else if (operand.kind === 'transformer') for (const arg of operand.args) eachField(arg, visit);
  else if (operand.kind === 'list') for (const item of operand.items) eachField(item, visit);
}
