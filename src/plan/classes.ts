// The bits of one dimension's classes: each clause by what is left of it there.

import { clearBit, hasBit, noBits, setBit } from './bits.js';
import type { ClauseBits } from './kernel-plan.js';
import { ALWAYS, atomsOf, type Formula, mayHold, restricted, Truth } from './kleene.js';

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
  /** By atom, of the class that is looked at. */
  readonly #truths: Truth[] = [];

  /**
   * @param isKnown whether the dimension can say something about an atom
   * @param all what the bits of the other clauses are
   */
  constructor(
    entries: readonly Entry[],
    isKnown: (atom: number) => boolean,
    private readonly all: ClauseBits,
  ) {
    const { used, clausesOf, settled } = askedBy(entries);
    const known = new Set(used.filter(isKnown));
    const asking = new Set(settled);
    for (const atom of known) for (const at of clausesOf.get(atom) ?? []) asking.add(at);
    const atoms = new Set<number>();
    const left: Entry[] = [];
    for (const at of [...asking].sort((a, b) => a - b)) {
      const { clause, formula } = entries[at] ?? NOTHING;
      const rest = restricted(formula, (atom) => known.has(atom));
      if (rest.kind === 'constant' && rest.value) continue;
      for (const atom of atomsOf(rest)) atoms.add(atom);
      left.push({ clause, formula: rest });
    }
    this.#entries = left;
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
      if (some(atomsOf(formula), isOne)) setBit(bits, clause);
    return bits;
  }

  /** The bits of a class; the same object for classes in which all atoms come to the same. */
  bits(truthOf: (atom: number) => Truth): ClauseBits {
    const truths = this.#truths;
    let key = '';
    for (const atom of this.atoms) {
      const truth = truthOf(atom);
      truths[atom] = truth;
      key += truth;
    }
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const look = (atom: number): Truth => truths[atom] ?? Truth.UNKNOWN;
    const bits = this.all.slice();
    for (const { clause, formula } of this.#entries)
      if (!mayHold(formula, look)) clearBit(bits, clause);
    this.#known.set(key, bits);
    return bits;
  }

  /**
   * The bits of classes in which few atoms come to something else than usual.
   *
   * @returns makes them from what is not as usual
   */
  unlike(usual: (atom: number) => Truth): (other: ReadonlyMap<number, Truth>) => ClauseBits {
    const usualBits = this.bits(usual);
    const truths: Truth[] = [];
    for (const atom of this.atoms) truths[atom] = usual(atom);
    const { clausesOf } = askedBy(this.#entries);
    return (other) => {
      const asking = new Set<number>();
      for (const [atom, truth] of other)
        if (truth !== truths[atom]) for (const at of clausesOf.get(atom) ?? []) asking.add(at);
      const look = (atom: number): Truth => other.get(atom) ?? truths[atom] ?? Truth.UNKNOWN;
      const bits = usualBits.slice();
      for (const at of asking) {
        const { clause, formula } = this.#entries[at] ?? NOTHING;
        if (hasBit(this.all, clause) && mayHold(formula, look)) setBit(bits, clause);
        else clearBit(bits, clause);
      }
      return bits;
    };
  }
}

/** The atoms that some clauses ask for. */
export function atomsIn(entries: readonly Entry[]): readonly number[] {
  return askedBy(entries).used;
}

/** Which atoms some clauses ask for. */
interface Asked {
  readonly used: readonly number[];
  /** By atom: the places of the clauses that ask for it. */
  readonly clausesOf: ReadonlyMap<number, readonly number[]>;
  /** Those that ask for none. */
  readonly settled: readonly number[];
}

// Each dimension of a type asks about the same clauses, most of which know nothing of it.
function askedBy(entries: readonly Entry[]): Asked {
  const known = ASKED.get(entries);
  if (known !== undefined) return known;
  const clausesOf = new Map<number, number[]>();
  const settled: number[] = [];
  for (const [at, { formula }] of entries.entries()) {
    if (formula.kind === 'constant') settled.push(at);
    for (const atom of atomsOf(formula)) {
      const places = clausesOf.get(atom);
      if (places === undefined) clausesOf.set(atom, [at]);
      else places.push(at);
    }
  }
  const asked = { used: [...clausesOf.keys()], clausesOf, settled };
  ASKED.set(entries, asked);
  return asked;
}

const ASKED = new WeakMap<readonly Entry[], Asked>();
const NOTHING: Entry = { clause: 0, formula: ALWAYS };

function some(atoms: ReadonlySet<number>, isOne: (atom: number) => boolean): boolean {
  for (const atom of atoms) if (isOne(atom)) return true;
  return false;
}
