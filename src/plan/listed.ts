// A table of listed values: what each makes of the tests, and what all others do.

import type { Param } from '../decode/params.js';
import type { Check } from '../rules/ast.js';
import { parseInteger } from '../rules/values.js';
import { sameBits } from './bits.js';
import { ClassBits } from './classes.js';
import type { ClauseBits, IntegerSource, IntegerTable } from './kernel-plan.js';
import { Truth } from './kleene.js';
import type { CallInput } from './results.js';
import { agreed, type CallFacts } from './synthetic.js';

/** A table and what it is good for. */
export interface Counted extends IntegerTable {
  /** How many clauses it can make false. */
  clauses: number;
}

/** The low half of an argument. */
export const FULL = 0xffff_ffffn;

/**
 * Makes the table of the values that have an entry in `values`.
 *
 * @param rest events of any other value
 * @param open values that say nothing
 * @param decides whether a value, or any other where it is `undefined`, decides an atom
 */
export function listedTable(
  input: CallInput,
  source: IntegerSource,
  isKnown: (atom: number) => boolean,
  values: ReadonlyMap<bigint, readonly CallFacts[]>,
  rest: readonly CallFacts[],
  open: readonly bigint[],
  mask = FULL,
  decides: (value: bigint | undefined, atom: number) => boolean = () => true,
): Counted | undefined {
  const { type, entries, atoms, all, calls } = input;
  const classes = new ClassBits(entries, isKnown, all);
  if (classes.size === 0) return undefined;
  const bits = (facts: readonly CallFacts[], value: bigint | undefined): ClauseBits => {
    const wanted = [...classes.atoms].filter((atom) => decides(value, atom));
    const truths = agreed(wanted, atoms, type, facts, calls);
    return classes.bits((atom) => truths.get(atom) ?? Truth.UNKNOWN);
  };
  const other = bits(rest, undefined);
  const found = new Map<bigint, ClauseBits>();
  for (const value of open) if (!sameBits(all, other)) found.set(value, all);
  for (const [value, facts] of values) {
    const here = bits(facts, value);
    if (!sameBits(here, other)) found.set(value, here);
  }
  if (found.size === 0 && sameBits(other, all)) return undefined;
  return { source, shift: 0, mask, values: found, other, clauses: classes.size };
}

/** The constants of a check; none for a comparison with a field. */
export function constants(check: Check | undefined): readonly string[] {
  const right = check?.right;
  if (right === undefined || right.kind === 'transformer') return [];
  return right.kind === 'value' ? [right.value] : right.values;
}

/** The numbers to which a decimal constant is equal: as it is written, and what the parameter's type holds of it. */
export function numbersFor(text: string, { type }: Param): number[] {
  return [Number(text), Number(parseInteger(text, type) ?? text)];
}
