// The canonical text of a condition: one spelling for all that parse to the same tree.

import type { Check, Expression, Operand, Right, TransformerArg } from './ast.js';

/**
 * Writes an expression the way the reference engine does, blanks and parentheses included.
 *
 * Values with `(`, `)` or `,` are not quoted, so the text does not always parse back.
 */
export function canonicalText(expression: Expression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return `(${expression.parts.map(canonicalText).join(` ${expression.kind} `)})`;
    case 'not':
      return `not ${canonicalText(expression.part)}`;
    case 'macro':
      return expression.name;
    case 'check':
      return checkText(expression);
  }
}

/** Writes a field with its argument, or a transformer call. */
export function operandText(operand: Operand): string {
  const name =
    operand.kind === 'field'
      ? operand.name
      : `${operand.name}(${operand.args.map(argText).join(',')})`;
  if (operand.argument === undefined) return name;
  return `${name}[${operand.argument === '' ? '""' : valueText(operand.argument)}]`;
}

/** Writes a value, quoted only where it must be. */
export function valueText(value: string): string {
  if (!NEEDS_QUOTES.test(value)) return value;
  return `"${value.replace(ESCAPED, (char) => ESCAPES[char] ?? char)}"`;
}

function checkText(check: Check): string {
  const left = `${operandText(check.left)} ${check.operator}`;
  if (check.right === undefined) return left;
  const modifier = check.modifier === undefined ? '' : ` ${check.modifier}`;
  return `${left}${modifier} ${rightText(check.right)}`;
}

function rightText(right: Right): string {
  if (right.kind === 'value') return valueText(right.value);
  if (right.kind === 'list') return `(${right.values.map(valueText).join(', ')})`;
  return operandText(right);
}

function argText(arg: TransformerArg): string {
  if (arg.kind === 'text' || arg.kind === 'number') return valueText(arg.value);
  if (arg.kind === 'list') return `(${arg.items.map(argText).join(',')})`;
  return operandText(arg);
}

const NEEDS_QUOTES = /[ ="'\\\0\b\f\n\r\t]/;
const ESCAPED = /["\\\0\b\f\n\r\t]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\0': '\\x00',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
