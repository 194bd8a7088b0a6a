// The host names that conditions compare addresses with: what has to be resolved for them.

import { type Check, type Expression, eachCheck } from './ast.js';
import { HOST_NAMES } from './fields.js';

/**
 * Collects the names that conditions compare `fd.sip.name` and its kin with, each once, sorted.
 *
 * Only names as a whole: what `contains` or `glob` look for is no name that could be resolved, and
 * neither is a text that no host can be called.
 *
 * @param conditions macros expanded
 */
export function comparedHostNames(conditions: Iterable<Expression>): string[] {
  const names = new Set<string>();
  for (const condition of conditions) {
    eachCheck(condition, (check) => {
      for (const name of namesOf(check)) if (CAN_BE_NAME.test(name)) names.add(name);
    });
  }
  return [...names].sort();
}

function namesOf({ left, operator, right }: Check): readonly string[] {
  if (left.kind !== 'field' || !HOST_NAMES.has(left.name) || !WHOLE.has(operator)) return [];
  if (right === undefined || right.kind === 'transformer') return [];
  return right.kind === 'value' ? [right.value] : right.values;
}

const WHOLE: ReadonlySet<string> = new Set(['=', '==', '!=', 'in', 'intersects']);

// Letters of any script, because resolvers know how to write those; an address stands for itself.
const CAN_BE_NAME = /^[\p{L}\p{N}_:][\p{L}\p{N}\p{M}_:.-]{0,252}$/u;
