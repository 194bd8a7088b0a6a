// What the parts of a condition cost, so that the cheap ones are tried first.

import type { Check, Operand } from '../rules/ast.js';
import { findField } from '../rules/fields.js';
import { operandType } from '../rules/transformers.js';
import { typeKind } from '../rules/values.js';

/** What a check costs, in units of about two nanoseconds; only the order matters. */
export function checkCost(check: Check): number {
  const times = check.modifier === undefined ? 1 : constantCount(check);
  const right = check.right?.kind === 'transformer' ? operandCost(check.right) : 0;
  return operandCost(check.left) + right + (OPERATOR_COST[check.operator] ?? 1) * times;
}

/** What reading a field or call costs, in the same units. */
export function operandCost(operand: Operand): number {
  if (operand.kind === 'transformer') {
    return operand.args.reduce(
      (sum, arg) =>
        sum + (arg.kind === 'field' || arg.kind === 'transformer' ? operandCost(arg) : 2),
      10,
    );
  }
  const typed = operandType(operand);
  if ('error' in typed) return 1;
  if (typed.list || typed.field?.many === true) return 20;
  const name = findField(operand.name)?.name ?? operand.name;
  if (name === 'evt.arg') return 8;
  if (name === 'evt.args' || name === 'evt.info' || name === 'proc.env') return 30;
  if (typeKind(typed.type) !== 'text') return 1;
  return name.startsWith('proc.') || name.startsWith('container.') ? 2 : 4;
}

function constantCount(check: Check): number {
  if (check.right?.kind === 'list') return check.right.values.length;
  return check.right === undefined ? 0 : 1;
}

const OPERATOR_COST: Readonly<Record<string, number | undefined>> = {
  contains: 4,
  icontains: 8,
  bcontains: 6,
  glob: 8,
  iglob: 12,
  regex: 80,
  pmatch: 10,
  in: 2,
  intersects: 2,
};
