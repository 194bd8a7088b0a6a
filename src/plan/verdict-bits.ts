// Sets of clauses of verdicts, as the kernel keeps them.

import type { Check } from '../rules/ast.js';
import { type Atom, eachLiteral, type Formula, Truth, whole } from './kleene.js';
import { agreed, type CallFacts, type SyntheticCall } from './synthetic.js';

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

/** The same where the parts are asked of a call with these facts. */
export function bitsOfCall(
  entries: readonly VerdictEntry[],
  all: VerdictBits,
  atoms: readonly Atom[],
  calls: SyntheticCall,
  type: number,
  facts: CallFacts,
): VerdictBits {
  const truthOf = (atom: number): Truth =>
    agreed([atom], atoms, type, [facts], calls).get(atom) ?? Truth.UNKNOWN;
  return mustBits(entries, all, truthOf);
}

/** The tests of parts, each once. */
export function checksOf(entries: readonly VerdictEntry[], atoms: readonly Atom[]): Check[] {
  const found = new Set<Check>();
  for (const { formula } of entries)
    eachLiteral(formula, (atom) => {
      const check = atoms[atom]?.check;
      if (check !== undefined) found.add(check);
    });
  return [...found];
}
