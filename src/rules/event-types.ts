// Which event types a condition can match at all, from its syntax tree.

import type { Check, Expression, Operand, Right } from './ast.js';
import { ConditionError } from './lexer.js';

/** The event names a condition can match: these, or with `complement` all others. */
export interface EventTypes {
  readonly complement: boolean;
  readonly names: ReadonlySet<string>;
}

export const ALL_EVENTS: EventTypes = { complement: true, names: new Set() };
export const NO_EVENTS: EventTypes = { complement: false, names: new Set() };

/**
 * Infers the event types; unresolved macros and all that is no comparison of `evt.type` or
 * `evt.num` count as all.
 *
 * @throws ConditionError when `evt.type` is compared with a field or through a transformer: the
 *   result would be unknown.
 */
export function eventTypes(expression: Expression): EventTypes {
  return infer(expression, false);
}

/** True when the event can match. */
export function includesEvent(types: EventTypes, name: string): boolean {
  return types.names.has(name) !== types.complement;
}

// `not` goes down to the leaves, as De Morgan says; a leaf that knows nothing is all either way.
function infer(expression: Expression, negated: boolean): EventTypes {
  switch (expression.kind) {
    case 'not':
      return infer(expression.part, !negated);
    case 'macro':
      return ALL_EVENTS;
    case 'check':
      return leaf(expression, negated);
    case 'and':
    case 'or': {
      const parts = expression.parts.map((part) => infer(part, negated));
      const joined = (expression.kind === 'and') !== negated ? intersection : union;
      return parts.reduce(joined);
    }
  }
}

function leaf(check: Check, negated: boolean): EventTypes {
  const { left, operator, right } = check;
  const byType = mentionsEventType(left);
  if (byType && operator !== 'exists' && (left.kind === 'transformer' || isField(right))) {
    throw new ConditionError(
      'evt.type can only be compared with values, not with fields or through a transformer',
      check.at,
    );
  }
  if (check.modifier !== undefined || left.kind !== 'field') return ALL_EVENTS;
  if (byType) return ofType(operator, values(right), negated);
  return left.name === 'evt.num' ? ofNumber(operator, values(right), negated) : ALL_EVENTS;
}

function ofType(operator: string, names: readonly string[], negated: boolean): EventTypes {
  if (operator !== '=' && operator !== '==' && operator !== '!=' && operator !== 'in') {
    return ALL_EVENTS;
  }
  const named = new Set(names.filter((name) => name !== ''));
  return { complement: (operator === '!=') !== negated, names: named };
}

// Event numbers count from 1: some comparisons are always false, others always true. Only plain
// decimal literals are reasoned about.
function ofNumber(operator: string, numbers: readonly string[], negated: boolean): EventTypes {
  if (!numbers.every((number) => /^[0-9]+$/.test(number))) return ALL_EVENTS;
  const zero = numbers.every((number) => /^0+$/.test(number));
  const one = numbers.length === 1 && /^0*1$/.test(numbers[0] ?? '');
  const never =
    (zero && ['=', '==', '<', '<=', 'in', 'intersects'].includes(operator)) ||
    (one && operator === '<');
  const always = (zero && ['!=', '>', '>='].includes(operator)) || (one && operator === '>=');
  return (negated ? always : never) ? NO_EVENTS : ALL_EVENTS;
}

function mentionsEventType(operand: Operand): boolean {
  if (operand.kind === 'field')
    return operand.name === 'evt.type' || operand.name === 'syscall.type';
  return operand.args.some(
    (arg) => (arg.kind === 'field' || arg.kind === 'transformer') && mentionsEventType(arg),
  );
}

function isField(right: Right | undefined): boolean {
  return right?.kind === 'transformer';
}

function values(right: Right | undefined): readonly string[] {
  if (right?.kind === 'list') return right.values;
  return right?.kind === 'value' ? [right.value] : [];
}

function intersection(a: EventTypes, b: EventTypes): EventTypes {
  if (a.complement && b.complement) return { complement: true, names: joined(a.names, b.names) };
  if (a.complement) return { complement: false, names: without(b.names, a.names) };
  if (b.complement) return { complement: false, names: without(a.names, b.names) };
  return { complement: false, names: common(a.names, b.names) };
}

function union(a: EventTypes, b: EventTypes): EventTypes {
  if (!a.complement && !b.complement) return { complement: false, names: joined(a.names, b.names) };
  if (!a.complement) return { complement: true, names: without(b.names, a.names) };
  if (!b.complement) return { complement: true, names: without(a.names, b.names) };
  return { complement: true, names: common(a.names, b.names) };
}

function joined(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  return new Set([...a, ...b]);
}

function common(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  return new Set([...a].filter((name) => b.has(name)));
}

function without(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  return new Set([...a].filter((name) => !b.has(name)));
}
