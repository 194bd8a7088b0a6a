// The frequent comparisons as closures without a call in between; they mean what `operators.ts` says.

import type { Event, Reader } from '../decode/event.js';
import type { Check } from '../rules/ast.js';
import type { TypedOperand } from '../rules/transformers.js';
import { typeKind } from '../rules/values.js';
import { constantOf, lowerAscii } from './operators.js';

type Condition = (event: Event) => boolean;

/**
 * The closure of a comparison of one value with constants; `undefined` where there is no shortcut.
 */
export function shortcut(
  check: Check,
  typed: TypedOperand,
  read: Reader,
  constants: readonly string[],
): Condition | undefined {
  if (check.operator === 'exists') return (event) => read(event) !== undefined;
  const value = constantOf(typed, constants[0] ?? '');
  if (value === undefined || typed.type === 'IPNET') return undefined;
  switch (check.operator) {
    case '=':
    case '==':
      return (event) => read(event) === value;
    case '!=':
      return (event) => {
        const found = read(event);
        return found !== undefined && found !== value;
      };
    case 'in':
    case 'intersects':
      return among(read, [...new Set(constants.map((text) => constantOf(typed, text)))]);
    default:
      break;
  }
  if (typeof value === 'number') return numberShortcut(check, read, value);
  if (typeof value !== 'string' || typeKind(typed.type) !== 'text') return undefined;
  return textShortcut(check, read, value);
}

function numberShortcut(check: Check, read: Reader, value: number): Condition | undefined {
  switch (check.operator) {
    case '<':
      return (event) => {
        const found = read(event);
        return typeof found === 'number' ? found < value : isBig(found) && found < value;
      };
    case '<=':
      return (event) => {
        const found = read(event);
        return typeof found === 'number' ? found <= value : isBig(found) && found <= value;
      };
    case '>':
      return (event) => {
        const found = read(event);
        return typeof found === 'number' ? found > value : isBig(found) && found > value;
      };
    case '>=':
      return (event) => {
        const found = read(event);
        return typeof found === 'number' ? found >= value : isBig(found) && found >= value;
      };
    default:
      return undefined;
  }
}

function isBig(value: unknown): value is bigint {
  return typeof value === 'bigint';
}

function textShortcut(check: Check, reader: Reader, value: string): Condition | undefined {
  const read = isWithinParts(check, value) ? (reader.unjoined ?? reader) : reader;
  switch (check.operator) {
    case 'startswith':
      return (event) => {
        const found = read(event);
        return typeof found === 'string' && found.startsWith(value);
      };
    case 'endswith':
      return (event) => {
        const found = read(event);
        return typeof found === 'string' && found.endsWith(value);
      };
    case 'contains':
      return (event) => {
        const found = read(event);
        return typeof found === 'string' && found.includes(value);
      };
    case 'icontains': {
      const holds = containsAnyCase(value);
      return (event) => {
        const found = read(event);
        return typeof found === 'string' && holds(found);
      };
    }
    default:
      return undefined;
  }
}

/** Is what the check asks for inside of one part of a joined text, if it is there at all? */
function isWithinParts({ operator }: Check, value: string): boolean {
  return (operator === 'contains' || operator === 'icontains') && !/[ \0]/.test(value);
}

/** As `icontains` of operators.ts, without a text in lower case, where no other case of `part` is beyond ASCII. */
function containsAnyCase(part: string): (text: string) => boolean {
  if (!IS_ASCII.test(part)) {
    const lower = lowerAscii(part);
    return (text) => lowerAscii(text).includes(lower);
  }
  // Without the flag `u` no character beyond ASCII is the other case of one within it.
  const pattern = new RegExp(part.replace(SPECIAL, '\\$&'), 'i');
  return (text) => pattern.test(text);
}

const IS_ASCII = /^[\x20-\x7e]*$/;
const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;

// Up to four comparisons are faster than hashing the value.
function among(read: Reader, values: readonly unknown[]): Condition {
  const [a, b, c, d] = values;
  switch (values.length) {
    case 0:
      return () => false;
    case 1:
      return (event) => read(event) === a;
    case 2:
      return (event) => {
        const found = read(event);
        return found === a || found === b;
      };
    case 3:
    case 4:
      return (event) => {
        const found = read(event);
        if (found === undefined) return false;
        return found === a || found === b || found === c || found === d;
      };
    default: {
      const set = new Set(values);
      return (event) => set.has(read(event));
    }
  }
}
