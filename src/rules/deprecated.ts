// What a condition may contain but should not: deprecated fields, unsafe comparisons.

import { type Check, type Expression, eachCheck, eachField, type Position } from './ast.js';
import type { WarningCode } from './diagnostics.js';

/** A use that is worth a warning. */
export interface Discouraged {
  code: WarningCode;
  message: string;
  at: Position;
}

/**
 * The fields kept for old rule files only whose names occur in an output, as text and inside of longer
 * names too: `evt.latency.s` is two of them, as in the reference.
 */
export function deprecatedIn(output: string): string[] {
  return [...DEPRECATED].filter((field) => output.includes(field));
}

/** The discouraged uses in a condition, each deprecated field once. */
export function discouraged(condition: Expression): Discouraged[] {
  const found: Discouraged[] = [];
  const seen = new Set<string>();
  eachCheck(condition, (check) => {
    const note = ({ name, at }: { name: string; at: Position }) => {
      if (!DEPRECATED.has(name) || seen.has(name)) return;
      seen.add(name);
      const message = `the field '${name}' is deprecated`;
      found.push({ code: 'LOAD_DEPRECATED_ITEM', message, at });
    };
    eachField(check.left, note);
    if (check.right?.kind === 'transformer') eachField(check.right, note);
    if (!comparesMissing(check)) return;
    const message = "comparing with <NA> is unsafe: use 'exists'";
    found.push({ code: 'LOAD_UNSAFE_NA_CHECK', message, at: check.at });
  });
  return found;
}

const DEPRECATED = new Set([
  'evt.dir',
  'evt.latency',
  'evt.latency.s',
  'evt.latency.ns',
  'evt.latency.human',
  'evt.wait_latency',
]);
const UNSAFE_FIELD = /^(?:ka|jevt)\./;
const UNSAFE_OPERATORS = new Set(['=', '==', '!=', 'in', 'intersects', 'pmatch']);

function comparesMissing({ left, operator, right }: Check): boolean {
  if (left.kind !== 'field' || !UNSAFE_FIELD.test(left.name)) return false;
  if (!UNSAFE_OPERATORS.has(operator)) return false;
  if (right?.kind === 'list') return right.values.includes('<NA>');
  return right?.kind === 'value' && right.value === '<NA>';
}
