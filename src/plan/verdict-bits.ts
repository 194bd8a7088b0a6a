// Sets of clauses of verdicts, as the kernel keeps them.

import { type Formula, Truth, whole } from './kleene.js';

/** A set of clauses: clause `c` is bit `c`. */
export type VerdictBits = bigint;

/** A part of a clause that rests on one fact. */
export interface VerdictEntry {
  readonly clause: number;
  readonly formula: Formula;
}

/** The clauses whose part is true; those without a part are in every set. */
export function mustBits(
  entries: readonly VerdictEntry[],
  all: VerdictBits,
  truthOf: (atom: number) => Truth,
): VerdictBits {
  let bits = all;
  for (const { clause, formula } of entries)
    if (whole(formula, truthOf) !== Truth.TRUE) bits &= ~(1n << BigInt(clause));
  return bits;
}
