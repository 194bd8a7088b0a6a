// Conditions as json-rules-engine writes them: `all`, `any`, `not` of {fact, operator, value}. Facts
// are fields or transformer calls, operators are those of the language.

import { RuleError } from '../errors.js';
import type {
  Check,
  Expression,
  Modifier,
  Operand,
  Operator,
  Right,
  TransformerArg,
  TransformerCall,
} from './ast.js';
import { LIST_OPERATORS, MODIFIERS, NUMERIC_OPERATORS, TEXT_OPERATORS } from './ast.js';
import { LOOKUP, lookupPath } from './facts.js';
import { ConditionError } from './lexer.js';
import { parseOperand } from './parser.js';

/** A condition in the engine's form. */
export type Tree =
  | { all: Tree[] }
  | { any: Tree[] }
  | { not: Tree }
  /** The name of a macro. */
  | { condition: string }
  | TreeCheck;

/** One comparison. */
export interface TreeCheck {
  /** A field with its argument, or a transformer call: `proc.aname[2]`, `tolower(fd.name)`. */
  fact: string;
  /** An operator, with its modifier behind a blank: `startswith`, `= anyof`. */
  operator: string;
  /** A constant, several, another fact, `true` for `exists`, or the file of `lookup`. */
  value: string | string[] | boolean | { fact: string };
}

/** A tree that is no condition. */
export class TreeError extends RuleError {
  /** Where in the tree, as in `all[2].value`; empty for the whole. */
  readonly path: string;
  /** What must be there instead. */
  readonly problem: string;

  constructor(path: string, problem: string) {
    super('RULE_INVALID', `${path === '' ? 'the condition' : path} ${problem}`);
    this.path = path;
    this.problem = problem;
  }
}

/** How deep a tree may nest; deeper ones come from no rule file that makes sense. */
export const MAX_TREE_DEPTH = 200;

/** Writes a condition as a tree. */
export function toTree(expression: Expression): Tree {
  switch (expression.kind) {
    case 'and':
      return { all: expression.parts.map(toTree) };
    case 'or':
      return { any: expression.parts.map(toTree) };
    case 'not':
      return { not: toTree(expression.part) };
    case 'macro':
      return { condition: expression.name };
    case 'check':
      return checkToTree(expression);
  }
}

/**
 * Reads a tree, for example out of a rule file. Numbers and booleans are taken as their text.
 *
 * @throws TreeError
 */
export function fromTree(tree: unknown): Expression {
  return expressionOf(tree, '', 0);
}

/** An operand as text that parses back to the same operand, whatever is in it. */
export function factName(operand: Operand): string {
  const bare =
    operand.kind === 'field'
      ? operand.name
      : `${operand.name}(${operand.args.map(argText).join(', ')})`;
  if (operand.argument === undefined) return bare;
  const plain = /^[^[\]"'\s]+$/.test(operand.argument);
  return `${bare}[${plain ? operand.argument : quoted(operand.argument)}]`;
}

/** Every spelling that `operator` can have in a tree. */
export const TREE_OPERATORS: readonly string[] = [
  'exists',
  LOOKUP,
  ...NUMERIC_OPERATORS,
  ...LIST_OPERATORS,
  ...TEXT_OPERATORS.flatMap((operator) => [
    operator,
    ...MODIFIERS.map((modifier) => `${operator} ${modifier}`),
  ]),
];

/** The operator and modifier of a tree's `operator`; `undefined` when there is none of that name. */
export function splitOperator(
  text: string,
): { operator: Operator; modifier: Modifier | undefined } | undefined {
  const [name, last, ...more] = text.trim().split(/\s+/);
  const operator = OPERATORS.find((known) => known === name);
  const modifier = MODIFIERS.find((known) => known === last);
  if (operator === undefined || more.length > 0) return undefined;
  if (last !== undefined && modifier === undefined) return undefined;
  if (modifier !== undefined && !TEXT_OPERATORS.some((known) => known === operator)) {
    return undefined;
  }
  return { operator, modifier };
}

/**
 * A text in quotes, so that a condition that contains it has this text there and nothing else.
 *
 * A backslash before the closing quote would keep the text open, so backslashes go as \x5c; a byte
 * that is no UTF-8 (kept as a lone surrogate) goes as the escape it came from.
 *
 * @param also matches further characters that are to be written as escapes; ASCII
 */
export function quoted(text: string, also?: RegExp): string {
  const escaped = text.replace(/["\\\p{Cc}]|[\udc80-\udcff]/gu, (char) => {
    if (char === '"') return '\\"';
    // Controls beyond ASCII are characters like others.
    return char >= '\x80' && char < '\ud800' ? char : hexEscape(char);
  });
  return `"${also === undefined ? escaped : escaped.replace(also, hexEscape)}"`;
}

const OPERATORS: readonly Operator[] = [
  ...NUMERIC_OPERATORS,
  ...TEXT_OPERATORS,
  ...LIST_OPERATORS,
  'exists',
];

const NOWHERE = { line: 0, column: 0, offset: 0 };

function checkToTree(check: Check): TreeCheck {
  const file = lookupPath(check.right);
  if (file !== undefined) return { fact: factName(check.left), operator: LOOKUP, value: file };
  const modifier = check.modifier === undefined ? '' : ` ${check.modifier}`;
  const operator = `${check.operator}${modifier}`;
  return { fact: factName(check.left), operator, value: valueOfRight(check.right) };
}

function valueOfRight(right: Right | undefined): TreeCheck['value'] {
  if (right === undefined) return true;
  if (right.kind === 'value') return right.value;
  if (right.kind === 'list') return right.values;
  const [only] = right.args;
  const isField = right.name === 'val' && only?.kind === 'field';
  return { fact: factName(isField ? only : right) };
}

function argText(arg: TransformerArg): string {
  switch (arg.kind) {
    case 'text':
      return quoted(arg.value);
    case 'number':
      return arg.value;
    case 'list':
      return `(${arg.items.map(argText).join(', ')})`;
    default:
      return factName(arg);
  }
}

function hexEscape(char: string): string {
  return `\\x${(char.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`;
}

function expressionOf(tree: unknown, path: string, depth: number): Expression {
  if (depth > MAX_TREE_DEPTH) throw wrong(path, `nests deeper than ${MAX_TREE_DEPTH} levels`);
  if (!isRecord(tree)) throw wrong(path, 'must be an object');
  const heads = ['all', 'any', 'not', 'condition', 'fact'].filter((key) =>
    Object.hasOwn(tree, key),
  );
  const [head] = heads;
  if (head === undefined || heads.length > 1) {
    throw wrong(path, 'must have one of: all, any, not, condition, fact');
  }
  switch (head) {
    case 'all':
    case 'any':
      return groupOf(head, tree[head], join(path, head), depth);
    case 'not':
      return {
        kind: 'not',
        part: expressionOf(tree.not, join(path, 'not'), depth + 1),
        at: NOWHERE,
      };
    case 'condition':
      if (typeof tree.condition === 'string') {
        return { kind: 'macro', name: tree.condition, at: NOWHERE };
      }
      throw wrong(join(path, 'condition'), 'must be the name of a macro');
    default:
      return checkOf(tree, path);
  }
}

function groupOf(head: 'all' | 'any', parts: unknown, path: string, depth: number): Expression {
  if (!Array.isArray(parts) || parts.length === 0)
    throw wrong(path, 'must be a list of conditions');
  const expressions = parts.map((part, index) =>
    expressionOf(part, `${path}[${index}]`, depth + 1),
  );
  const [only] = expressions;
  if (only !== undefined && expressions.length === 1) return only;
  return { kind: head === 'all' ? 'and' : 'or', parts: expressions, at: NOWHERE };
}

function checkOf(tree: Readonly<Record<string, unknown>>, path: string): Check {
  const left = operandOf(tree.fact, join(path, 'fact'));
  if (tree.operator === LOOKUP) return lookupOf(left, tree.value, join(path, 'value'));
  const spelled = typeof tree.operator === 'string' ? splitOperator(tree.operator) : undefined;
  if (spelled === undefined) {
    throw wrong(join(path, 'operator'), `must be one of: ${TREE_OPERATORS.join(', ')}`);
  }
  const { operator, modifier } = spelled;
  const check: Check = { kind: 'check', left, operator, at: NOWHERE, operatorAt: NOWHERE };
  if (modifier !== undefined) check.modifier = modifier;
  if (operator === 'exists') {
    if (tree.value === false) throw wrong(join(path, 'value'), 'must be true; use not for absence');
    return check;
  }
  check.right = rightOf(operator, modifier, tree.value, join(path, 'value'));
  return check;
}

function lookupOf(left: Operand, file: unknown, path: string): Check {
  if (typeof file !== 'string') throw wrong(path, 'must be the name of a file');
  const args: TransformerArg[] = [{ kind: 'text', value: file, at: NOWHERE }];
  const right: Right = { kind: 'transformer', name: LOOKUP, args, at: NOWHERE };
  return { kind: 'check', left, operator: 'in', right, at: NOWHERE, operatorAt: NOWHERE };
}

function rightOf(
  operator: Operator,
  modifier: Modifier | undefined,
  value: unknown,
  path: string,
): Right {
  if (isRecord(value)) return rightFact(value, path);
  const isList = modifier !== undefined || LIST_OPERATORS.some((known) => known === operator);
  if (Array.isArray(value)) {
    if (!isList) throw wrong(path, `${operator} takes one value`);
    const values = value.map((item, index) => constantOf(item, `${path}[${index}]`));
    return { kind: 'list', values, at: NOWHERE };
  }
  const text = constantOf(value, path);
  if (isList) return { kind: 'list', values: [text], at: NOWHERE };
  return { kind: 'value', value: text, quoted: true, at: NOWHERE };
}

function rightFact(value: Readonly<Record<string, unknown>>, path: string): TransformerCall {
  const operand = operandOf(value.fact, join(path, 'fact'));
  if (operand.kind === 'transformer') return operand;
  return { kind: 'transformer', name: 'val', args: [operand], at: NOWHERE };
}

function constantOf(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return String(value);
  }
  throw wrong(path, 'must be a text, a number, true or false');
}

function operandOf(fact: unknown, path: string): Operand {
  if (typeof fact !== 'string') throw wrong(path, 'must be the name of a field');
  try {
    return parseOperand(fact);
  } catch (error) {
    if (error instanceof ConditionError) throw wrong(path, error.message);
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function wrong(path: string, problem: string): TreeError {
  return new TreeError(path, problem);
}
