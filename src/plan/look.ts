// Evaluates formulas on one event, each atom at most once. What `mayHold` of kleene.ts says, faster: the
// bits of a process are computed at every exec, from hundreds of tests.

import type { Event } from '../decode/event.js';
import { type Atom, type Formula, Truth } from './kleene.js';

/** A formula as this file evaluates it; all of one shape. */
export interface Node {
  readonly kind: NodeKind;
  readonly atom: number;
  /** The truth of the atom that makes it false. */
  readonly refuted: number;
  readonly parts: readonly Node[];
}

/** Turns a formula into nodes. */
export function nodeOf(formula: Formula): Node {
  switch (formula.kind) {
    case 'constant':
      return { kind: formula.value ? ALL : ANY, atom: 0, refuted: 0, parts: [] };
    case 'literal': {
      const refuted = formula.negated ? Truth.TRUE : Truth.FALSE;
      return { kind: LITERAL, atom: formula.atom, refuted, parts: [] };
    }
    default: {
      const kind = formula.kind === 'all' ? ALL : ANY;
      return { kind, atom: 0, refuted: 0, parts: formula.parts.map(nodeOf) };
    }
  }
}

/** One event, and what atoms come to on it. */
export class Look {
  readonly #truths: Uint8Array;
  #event: Event | undefined;

  /**
   * @param own another look that knows the atoms that are not `apart`
   */
  constructor(
    private readonly atoms: readonly Atom[],
    private readonly own?: Look,
    private readonly apart: readonly boolean[] = [],
  ) {
    this.#truths = new Uint8Array(atoms.length);
  }

  /**
   * Begins with another event.
   *
   * @param unknown by atom: `Truth.UNKNOWN`, or NOT_YET for those to be found out
   */
  begin(event: Event | undefined, unknown: Uint8Array): void {
    this.#event = event;
    this.#truths.set(unknown);
  }

  /** Whether the formula is not false. */
  mayHold(node: Node): boolean {
    if (node.kind === LITERAL) return this.truth(node.atom) !== node.refuted;
    const isAll = node.kind === ALL;
    const { parts } = node;
    for (let at = 0; at < parts.length; at += 1) {
      const part = parts[at];
      if (part === undefined) continue;
      const may =
        part.kind === LITERAL ? this.truth(part.atom) !== part.refuted : this.mayHold(part);
      if (may !== isAll) return may;
    }
    return isAll;
  }

  truth(atom: number): number {
    const known = this.#truths[atom] ?? Truth.UNKNOWN;
    return known === NOT_YET ? this.#findOut(atom) : known;
  }

  #findOut(atom: number): number {
    const found =
      this.own !== undefined && this.apart[atom] !== true
        ? this.own.truth(atom)
        : this.#evaluate(atom);
    this.#truths[atom] = found;
    return found;
  }

  #evaluate(atom: number): number {
    if (this.#event === undefined) return Truth.UNKNOWN;
    return this.atoms[atom]?.holds(this.#event) === true ? Truth.TRUE : Truth.FALSE;
  }
}

/** An atom that nobody has looked at. */
export const NOT_YET = 3;

type NodeKind = 0 | 1 | 2;
const LITERAL = 0;
const ALL = 1;
const ANY = 2;
