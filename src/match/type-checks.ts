// Checks that the type of an event decides, and the constants of checks: names of types are those of events.

import type { Check } from '../rules/ast.js';
import { eventName, typeNumber } from '../rules/events.js';
import { operandType } from '../rules/transformers.js';
import { test } from './operators.js';

/** Whether a check compares the event's type with constants, so that the type decides it. */
export function isTypeCheck(check: Check): boolean {
  const { left, right } = check;
  if (left.kind !== 'field' || left.argument !== undefined) return false;
  if (right?.kind === 'transformer') return false;
  return TYPE_FIELDS.has(left.name);
}

/** The fields that are decided by the type of the event. */
export const TYPE_FIELDS: ReadonlySet<string> = new Set(['evt.type', 'syscall.type']);

/** Makes the function that gives the outcome of a type check for events of a name. */
export function typeTest(check: Check): (eventType: string) => boolean {
  const typed = operandType(check.left);
  if ('error' in typed || check.left.kind !== 'field') return () => false;
  const holds = test(typed, check.operator, constantsOf(check), check.modifier);
  if (check.left.name !== 'syscall.type') return holds;
  return (eventType) => holds(isCall(eventType) ? eventType : undefined);
}

/** The constants on the right of a check; none for a comparison with a field. */
export function constantsOf(check: Check): readonly string[] {
  const right = check.right;
  if (right === undefined || right.kind === 'transformer') return [];
  const constants = right.kind === 'value' ? [right.value] : right.values;
  return isTypeCheck(check) ? constants.map(eventAlias) : constants;
}

/**
 * The event's name for a name of the kernel's: pread64 is the event pread. Other names come back as
 * they are.
 */
export function eventAlias(name: string): string {
  const type = typeNumber(name);
  return type === undefined ? name : eventName(type);
}

function isCall(eventType: string): boolean {
  return eventType !== 'procexit' && typeNumber(eventType) !== undefined;
}
