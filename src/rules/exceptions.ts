// Exceptions of rules: read from YAML, validated, written as text that is added to the condition.

import { LIST_OPERATORS, MODIFIERS, NUMERIC_OPERATORS, TEXT_OPERATORS } from './ast.js';
import { type ItemRef, LoadError, spotOf } from './diagnostics.js';
import { quotedItem } from './lists.js';
import { Passage } from './passage.js';
import type { YamlMapping, YamlNode, YamlScalar } from './yaml-tree.js';
import { ItemValues } from './yaml-values.js';

/** One exception of a rule. */
export interface Exception {
  name: string;
  item: ItemRef;
  node: YamlMapping;
  fields: Entry;
  comps: Entry;
  values: Entry[];
  /** `values` was written, if only as an empty sequence. */
  hasValues: boolean;
}

/** A scalar, a sequence, or (`undefined` scalar) nothing. */
export type Entry =
  | { kind: 'scalar'; scalar: YamlScalar | undefined }
  | { kind: 'list'; items: Entry[]; node: YamlNode };

/**
 * Reads the `exceptions` of a rule item.
 *
 * @param fieldsRequired false when the item may refer to exceptions of an earlier one.
 * @throws LoadError
 */
export function readExceptions(rule: ItemValues, fieldsRequired: boolean): Exception[] {
  const value = rule.mapping.get('exceptions')?.value;
  if (value === undefined || value.kind === 'null') return [];
  if (value.kind !== 'sequence') rule.fail("'exceptions' must be a sequence", value);
  return value.items.map((node) => {
    if (node.kind !== 'mapping') rule.fail('an exception must be a mapping', node);
    return readException(node, rule.item, fieldsRequired);
  });
}

/**
 * Checks the shape of an exception and fills in the operators it leaves out.
 *
 * @param knowsField false for a field that the rule's source does not have.
 * @throws LoadError with LOAD_ERR_VALIDATE
 */
export function validateException(
  exception: Exception,
  knowsField: (text: string) => boolean,
): void {
  const { fields } = exception;
  if (!isGiven(fields)) invalid(exception, "needs 'fields'");
  if (!isGiven(exception.comps)) exception.comps = defaultComps(exception);
  const operators = operatorsOf(exception);
  if (fields.kind === 'list') {
    if (exception.comps.kind !== 'list' || operators.length !== fields.items.length) {
      invalid(exception, "must have as many 'comps' as 'fields'");
    }
    for (const operator of operators) {
      if (!ALL_OPERATORS.has(operator) && !isModified(operator)) {
        invalid(exception, `uses '${operator}', which is no operator`);
      }
    }
  } else {
    const [operator = ''] = operators;
    if (exception.comps.kind === 'list') invalid(exception, "must have one text as 'comps'");
    if (!IN_PLACE.has(operator) && !isModified(operator)) {
      invalid(
        exception,
        `must use in, pmatch, intersects or a text operator with a modifier, not '${operator}'`,
      );
    }
  }
  for (const field of fieldTexts(exception)) {
    if (!knowsField(field)) invalid(exception, `names an unknown field '${field}'`);
  }
}

/**
 * The rule's condition with its exceptions: `(condition) and not (...) and not (...)`.
 *
 * @throws LoadError with LOAD_ERR_VALIDATE
 */
export function withExceptions(condition: Passage, exceptions: readonly Exception[]): Passage {
  const parts = [condition.wrap('(', ')')];
  for (const exception of exceptions) {
    const text = exceptionText(exception);
    if (text === '') continue;
    const anchor = exception.values.map(firstScalar).find((scalar) => scalar !== undefined);
    const made = Passage.made(`and not (${text})`, anchor ?? madeScalar(exception.node, ''));
    parts.push(made);
  }
  return Passage.join(parts, ' ');
}

/** The fields an exception with values compares, as written. */
export function comparedFields(exception: Exception): string[] {
  return exception.values.length === 0 ? [] : fieldTexts(exception);
}

/** True when there is text or a sequence that is not empty. */
export function isGiven(entry: Entry): boolean {
  return entry.kind === 'list' ? entry.items.length > 0 : entry.scalar !== undefined;
}

const ALL_OPERATORS = new Set<string>([
  'exists',
  ...NUMERIC_OPERATORS,
  ...TEXT_OPERATORS,
  ...LIST_OPERATORS,
]);
const TEXT_OPERATOR_SET = new Set<string>(TEXT_OPERATORS);
const MODIFIER_SET = new Set<string>(MODIFIERS);
const IN_PLACE = new Set<string>(LIST_OPERATORS);

function readException(node: YamlMapping, rule: ItemRef, fieldsRequired: boolean): Exception {
  const values = new ItemValues(node, rule);
  const name = values.text('name');
  if (fieldsRequired && !values.has('fields')) {
    values.fail(`exception '${name}': the key 'fields' is missing`, node);
  }
  const given = node.get('values')?.value;
  if (given !== undefined && given.kind !== 'sequence') {
    return values.fail(`exception '${name}': 'values' must be a sequence`, given);
  }
  return {
    name,
    item: rule,
    node,
    fields: entryOf(values, node.get('fields')?.value),
    comps: entryOf(values, node.get('comps')?.value),
    values: (given?.items ?? []).map((value) => entryOf(values, value)),
    hasValues: given !== undefined,
  };
}

function entryOf(values: ItemValues, node: YamlNode | undefined): Entry {
  if (node?.kind === 'sequence') {
    return { kind: 'list', items: node.items.map((item) => entryOf(values, item)), node };
  }
  if (node?.kind !== 'scalar') return { kind: 'scalar', scalar: undefined };
  if (node.text === '') values.fail('a value of an exception must not be empty', node);
  return { kind: 'scalar', scalar: node };
}

function defaultComps(exception: Exception): Entry {
  const { fields, node } = exception;
  const made = (text: string): Entry => ({ kind: 'scalar', scalar: madeScalar(node, text) });
  if (fields.kind === 'scalar') return made('in');
  return { kind: 'list', items: fields.items.map(() => made('=')), node };
}

function madeScalar(node: YamlMapping, text: string): YamlScalar {
  const { source, start, end } = node;
  return { kind: 'scalar', source, start, end, text, plain: true, offsetOf: () => start };
}

function invalid(exception: Exception, problem: string): never {
  const message = `exception '${exception.name}' ${problem}`;
  throw new LoadError('LOAD_ERR_VALIDATE', message, spotOf(exception.node, exception.item));
}

function fieldTexts(exception: Exception): string[] {
  return entriesOf(exception.fields).map(textOf);
}

function operatorsOf(exception: Exception): string[] {
  return entriesOf(exception.comps).map((entry) => textOf(entry).trim());
}

function entriesOf(entry: Entry): Entry[] {
  return entry.kind === 'list' ? entry.items : [entry];
}

function textOf(entry: Entry): string {
  return entry.kind === 'scalar' ? (entry.scalar?.text ?? '') : '';
}

function firstScalar(entry: Entry): YamlScalar | undefined {
  if (entry.kind === 'scalar') return entry.scalar;
  return entry.items.map(firstScalar).find((scalar) => scalar !== undefined);
}

function exceptionText(exception: Exception): string {
  if (exception.values.length === 0) return '';
  const operators = operatorsOf(exception);
  if (exception.fields.kind === 'scalar') {
    const values = exception.values.map((value) => {
      if (value.kind === 'list') invalid(exception, 'must have a sequence of texts as values');
      return quotedItem(textOf(value));
    });
    return `${textOf(exception.fields)} ${operators[0]} (${values.join(', ')})`;
  }
  const fields = exception.fields.items;
  const tuples = exception.values.map((tuple) => {
    const values = tuple.kind === 'list' ? tuple.items : [];
    if (values.length !== fields.length) {
      invalid(exception, "must have as many values in each entry of 'values' as 'fields'");
    }
    const checks = fields.map((field, i) => {
      const operator = operators[i] ?? '=';
      return ` ${textOf(field)} ${operator} ${valueText(values[i], operator)}`;
    });
    return `(${checks.join(' and ')})`;
  });
  return tuples.join(' or ');
}

function valueText(value: Entry | undefined, operator: string): string {
  if (value === undefined) return '';
  if (value.kind === 'list') return `(${value.items.map((v) => quotedItem(textOf(v))).join(', ')})`;
  const text = textOf(value);
  if (!IN_PLACE.has(operator) && !isModified(operator)) return quotedItem(text);
  return text.startsWith('(') ? text : `(${text})`;
}

// A text operator and a modifier, such as `startswith oneof`.
function isModified(operator: string): boolean {
  const [base = '', modifier = '', ...more] = operator.split(/\s+/);
  return TEXT_OPERATOR_SET.has(base) && MODIFIER_SET.has(modifier) && more.length === 0;
}
