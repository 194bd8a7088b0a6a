// Why a condition was false on an event: the comparisons that stood in the way, with their values.

import { addressText } from '../decode/address.js';
import type { Event, Value } from '../decode/event.js';
import { compileCondition } from '../match/compile.js';
import { operandReader, type Resolve } from '../match/transform.js';
import { type Check, type Expression, eachField, type Operand } from '../rules/ast.js';
import { fromBytes } from '../rules/bytes.js';
import { canonicalText, operandText } from '../rules/canonical.js';
import { printable } from '../rules/source.js';

/** One comparison that made the condition false. */
export interface Reason {
  /** As the rule has it, lists and macros replaced. */
  atom: string;
  /** What it was: false, or true below a `not`. */
  was: boolean;
  /** The fields it looks at, and what they were; `undefined`: missing. */
  values: readonly { field: string; value: string | undefined }[];
  /** How many groups of alternatives it lies in: none of them held. */
  depth: number;
}

/** The reasons why `condition` is false on the event; none when it is true. */
export function whyFalse(condition: Expression, event: Event, resolve: Resolve): Reason[] {
  return reasons(condition, false, { event, resolve, depth: 0 });
}

interface Look {
  event: Event;
  resolve: Resolve;
  depth: number;
}

// What makes `expression` be `was`: for an `and` that is false the parts that are false, for an `or`
// all parts, as none of them holds; below a `not` the other way round.
function reasons(expression: Expression, was: boolean, look: Look): Reason[] {
  if (compileCondition(expression, look.resolve)(look.event) !== was) return [];
  switch (expression.kind) {
    case 'not':
      return reasons(expression.part, !was, look);
    case 'and':
    case 'or': {
      const alternatives = (expression.kind === 'or') !== was;
      const inside = alternatives ? { ...look, depth: look.depth + 1 } : look;
      return expression.parts.flatMap((part) => reasons(part, was, inside));
    }
    case 'macro':
      return [];
    case 'check':
      return [reason(expression, was, look)];
  }
}

function reason(check: Check, was: boolean, { event, resolve, depth }: Look): Reason {
  const operands: Operand[] = [check.left];
  if (check.right?.kind === 'transformer') operands.push(check.right);
  const values = operands.map((operand) => ({
    field: operandText(operand),
    value: shown(operandReader(operand, resolve)(event), isAddress(operand)),
  }));
  return { atom: shortened(canonicalText(check)), was, values, depth };
}

const MAX_ATOM = 160;

function shortened(text: string): string {
  return printable(text.length > MAX_ATOM ? `${text.slice(0, MAX_ATOM - 3)}...` : text);
}

function isAddress(operand: Operand): boolean {
  let found = false;
  eachField(operand, (field) => {
    if (/^fd\.[cslr]?(ip|net)$/.test(field.name)) found = true;
  });
  return found;
}

function shown(value: Value, address: boolean): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'object') {
    return `(${Array.from<string | number, string>(value, (one) => shown(one, address) ?? '').join(', ')})`;
  }
  if (typeof value !== 'string') return String(value);
  return shortened(address ? addressText(value) : fromBytes(value));
}
