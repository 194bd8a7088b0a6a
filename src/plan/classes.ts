// The bits of one dimension's classes: each clause by what is left of it there.

import { noBits, setBit } from './bits.js';
import type { ClauseBits } from './kernel-plan.js';
import { ALWAYS, eachLiteral, type Formula, mayHold, restricted, Truth } from './kleene.js';

/** A clause and its formula. */
export interface Entry {
  readonly clause: number;
  readonly formula: Formula;
}

/** Computes bits from what atoms come to; clauses that the dimension says nothing about cost nothing. */
export class ClassBits {
  /** The atoms that make a difference. */
  readonly atoms: ReadonlySet<number>;
  readonly #entries: readonly Entry[];
  readonly #known = new Map<string, ClauseBits>();

  /**
   * @param isKnown whether the dimension can say something about an atom
   * @param all what the bits of the other clauses are
   */
  constructor(
    entries: readonly Entry[],
    isKnown: (atom: number) => boolean,
    private readonly all: ClauseBits,
  ) {
    const atoms = new Set<number>();
    this.#entries = entries.flatMap(({ clause, formula }) => {
      const left = restricted(formula, isKnown);
      if (left === ALWAYS || (left.kind === 'constant' && left.value)) return [];
      eachLiteral(left, (atom) => atoms.add(atom));
      return [{ clause, formula: left }];
    });
    this.atoms = atoms;
  }

  /** How many clauses the dimension can make false. */
  get size(): number {
    return this.#entries.length;
  }

  /** The clauses that the dimension can make false. */
  get clauses(): number[] {
    return this.#entries.map(({ clause }) => clause);
  }

  /** The clauses that it can make false and that ask for one of some atoms. */
  about(isOne: (atom: number) => boolean): ClauseBits {
    const bits = noBits();
    for (const { clause, formula } of this.#entries)
      eachLiteral(formula, (atom) => {
        if (isOne(atom)) setBit(bits, clause);
      });
    return bits;
  }

  /** The bits of a class; the same object for classes in which all atoms come to the same. */
  bits(truthOf: (atom: number) => Truth): ClauseBits {
    const truths = new Map<number, Truth>();
    let key = '';
    for (const atom of this.atoms) {
      const truth = truthOf(atom);
      truths.set(atom, truth);
      key += truth;
    }
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const look = (atom: number): Truth => truths.get(atom) ?? Truth.UNKNOWN;
    const cleared = noBits();
    for (const { clause, formula } of this.#entries) {
      const word = clause >> 6;
      if (!mayHold(formula, look))
        cleared[word] = (cleared[word] ?? 0n) | (1n << BigInt(clause & 63));
    }
    const bits = this.all.map((word, at) => word & ~(cleared[at] ?? 0n));
    this.#known.set(key, bits);
    return bits;
  }
}
