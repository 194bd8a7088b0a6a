// What rules may ask that no event carries and that takes time to find out: the hash of a file, and
// whether a value is in a file of indicators. Fields and calls of Saker's own, unknown to Falco.

import type { Check, Expression, Operand, Right, TransformerCall } from './ast.js';
import { eachCheck, eachField } from './ast.js';
import { FACT_FIELDS } from './fields.js';
import { parseFormat } from './format.js';
import type { Rule } from './rule.js';

/** Whether a field's value has to be found out. */
export function isFactField(name: string): boolean {
  return FACT_FIELDS.some((field) => field.name === name);
}

/** The list file of `in lookup(FILE)`; `undefined` for any other right side. */
export function lookupPath(right: Right | undefined): string | undefined {
  if (right?.kind !== 'transformer' || right.name !== LOOKUP) return undefined;
  const [file] = right.args;
  return file?.kind === 'text' ? file.value : undefined;
}

/** `lookup(FILE)`, the name of the call. */
export const LOOKUP = 'lookup';

/** Whether a comparison can be decided only after something was found out. */
export function isOpenCheck({ left, right }: Check): boolean {
  if (lookupPath(right) !== undefined || mentionsFact(left)) return true;
  return right?.kind === 'transformer' && mentionsFact(right);
}

/** Whether a rule's condition, or its output, asks for what has to be found out. */
export function asksFacts(rule: Pick<Rule, 'condition' | 'output' | 'extraFields'>): boolean {
  return hasOpenCheck(rule.condition) || outputOperands(rule).some(mentionsFact);
}

/** Whether a condition holds or not may depend on what has to be found out. */
export function hasOpenCheck(condition: Expression): boolean {
  let open = false;
  eachCheck(condition, (check) => {
    open ||= isOpenCheck(check);
  });
  return open;
}

/** Fields and calls that a rule's output shows. */
export function outputOperands({
  output,
  extraFields,
}: Pick<Rule, 'output' | 'extraFields'>): Operand[] {
  const formats = extraFields.map(({ format, raw }) => (raw ? `%${format}` : format));
  return [output, ...formats].flatMap((format) => {
    const parts = parseFormat(format);
    if (!Array.isArray(parts)) return [];
    return parts.flatMap((part) => (part.kind === 'literal' ? [] : [part.operand]));
  });
}

/** The files of indicators that a condition names, each once. */
export function lookupPaths(condition: Expression): string[] {
  const paths = new Set<string>();
  eachCheck(condition, ({ right }) => {
    const path = lookupPath(right);
    if (path !== undefined) paths.add(path);
  });
  return [...paths];
}

/**
 * The condition with every open comparison replaced by the outcome that makes the whole more likely to
 * hold: whatever is found out, the condition does not hold where this one does not.
 */
export function possible(condition: Expression, outcome = true): Expression {
  switch (condition.kind) {
    case 'macro':
      return condition;
    case 'not':
      return { ...condition, part: possible(condition.part, !outcome) };
    case 'and':
    case 'or':
      return { ...condition, parts: condition.parts.map((part) => possible(part, outcome)) };
    case 'check':
      if (!isOpenCheck(condition)) return condition;
      // All of nothing is true, any of nothing is false.
      return { kind: outcome ? 'and' : 'or', parts: [], at: condition.at };
  }
}

function mentionsFact(operand: Operand | TransformerCall): boolean {
  let found = false;
  eachField(operand, ({ name }) => {
    found ||= isFactField(name);
  });
  return found;
}
