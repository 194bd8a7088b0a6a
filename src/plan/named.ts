// What the name of an event's type leaves of clauses: most are of a few types, and that is found out first.

import { constantsOf } from '../match/type-checks.js';
import type { Check } from '../rules/ast.js';
import type { Entry } from './classes.js';
import { type Atom, decided, Truth } from './kleene.js';

/** Clauses by the names of types. */
export class NamedEntries {
  /** Comparisons with the name. */
  readonly #tests: readonly { atom: number; holds: (name: string) => boolean }[];
  /** What these name; `undefined` where one asks for more than whether the name is the same. */
  readonly #mentioned: ReadonlySet<string> | undefined;
  /** By name, '' for all that are not mentioned. */
  readonly #byName = new Map<string, readonly Entry[]>();
  /** By what the comparisons come to. Most types are the same to all of them. */
  readonly #byOutcome = new Map<string, readonly Entry[]>();

  constructor(
    private readonly entries: readonly Entry[],
    atoms: readonly Atom[],
  ) {
    const named = atoms.flatMap((atom) => (atom.ofType === undefined ? [] : [atom]));
    this.#tests = named.map(({ index, ofType }) => ({
      atom: index,
      holds: (name) => ofType?.(name) === true,
    }));
    this.#mentioned = namesIn(named.map(({ check }) => check));
  }

  /** The clauses that a type of this name does not make false, with what is left of them. */
  of(name: string): readonly Entry[] {
    const key = this.#mentioned?.has(name) === false ? '' : name;
    const left = this.#byName.get(key) ?? this.#leftFor(name);
    this.#byName.set(key, left);
    return left;
  }

  #leftFor(name: string): readonly Entry[] {
    const truths = new Map<number, Truth>();
    for (const { atom, holds } of this.#tests)
      truths.set(atom, holds(name) ? Truth.TRUE : Truth.FALSE);
    const outcome = [...truths.values()].join('');
    const left = this.#byOutcome.get(outcome) ?? this.#decided(truths);
    this.#byOutcome.set(outcome, left);
    return left;
  }

  #decided(truths: ReadonlyMap<number, Truth>): Entry[] {
    return this.entries.flatMap(({ clause, formula }) => {
      const left = decided(formula, (atom) => truths.get(atom) ?? Truth.UNKNOWN);
      return left.kind === 'constant' && !left.value ? [] : [{ clause, formula: left }];
    });
  }
}

function namesIn(checks: readonly Check[]): Set<string> | undefined {
  return checks.every(isPlain) ? new Set(checks.flatMap(constantsOf)) : undefined;
}

function isPlain({ left, operator, modifier, right }: Check): boolean {
  if (left.kind !== 'field' || left.name !== 'evt.type') return false;
  if (modifier !== undefined || right?.kind === 'transformer') return false;
  return ['=', '==', '!=', 'in'].includes(operator);
}
