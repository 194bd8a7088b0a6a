// The process dimension: which clauses a process can still satisfy, by what only user space knows of it.

import {
  type ContainerView,
  type Event,
  NOBODY,
  NOWHERE,
  type ProcessView,
  type Surroundings,
} from '../decode/event.js';
import { allBits } from './bits.js';
import { ClassBits, type Entry } from './classes.js';
import type { Clause } from './clauses.js';
import type { ProcessFact } from './dimensions.js';
import { ForkedView } from './forked.js';
import type { ClauseBits, ProcessBits } from './kernel-plan.js';
import { ALWAYS, type Atom, type Formula, Formulas, ordered, restricted, Truth } from './kleene.js';
import { inContainer, isAbout, processFactsOf, truth } from './live.js';
import { formulaOf } from './planner.js';
import { SyntheticDeed } from './synthetic.js';

/** The bits of one process and what they rest on. */
export interface PlannedProcess extends ProcessBits {
  /** Facts of ancestors were looked at for `bits` or `child_bits`: a change among them ends both. */
  uses_ancestors: boolean;
}

/** Computes the bits of processes and containers for one plan. */
export class ProcessPlanner {
  readonly #all: ClauseBits;
  readonly #atoms: readonly Atom[];
  readonly #entries: readonly Entry[];
  readonly #about: readonly (ReadonlySet<ProcessFact> | undefined)[];
  readonly #isAncestral: readonly boolean[];
  /** What is left of each clause where all of a process is known, and where no more than its program is. */
  readonly #whole: readonly Part[];
  readonly #fixed: readonly Part[];
  readonly #deed = new SyntheticDeed();
  /** Of the process whose bits are computed. */
  #event: Event = this.#deed.inner;
  #process: ProcessView = NOBODY;
  /** By how many forks lie in between. */
  readonly #kin: {
    readonly deed: SyntheticDeed;
    readonly truths: Uint8Array;
    event: Event | undefined;
  }[];
  /** Highest distance that a rule asks about. */
  readonly #reach: number;
  readonly #truths: Uint8Array;
  readonly #namesKnown: boolean;

  /**
   * @param clauses of the plan
   * @param surroundings tell the users of the host; without them names are not told apart
   */
  constructor(clauses: readonly Clause[], surroundings?: Pick<Surroundings, 'user'>) {
    const formulas = new Formulas();
    this.#entries = clauses.map((clause, number) => ({
      clause: number,
      formula: formulaOf(clause, formulas),
    }));
    this.#atoms = formulas.atoms;
    this.#all = allBits(clauses.length);
    this.#about = this.#atoms.map(processFactsOf);
    this.#isAncestral = this.#about.map((facts) => facts?.has('ancestors') === true);
    this.#whole = this.#partsFor((facts) => facts !== undefined);
    this.#fixed = this.#partsFor((facts) => facts !== undefined && isOnly(facts, 'program'));
    this.#reach = Math.max(
      1,
      ...this.#atoms.filter((atom) => this.#about[atom.index]?.has('ancestors')).map(reachOf),
    );
    this.#truths = new Uint8Array(this.#atoms.length);
    this.#kin = Array.from({ length: this.#reach }, () => ({
      deed: new SyntheticDeed(),
      truths: new Uint8Array(this.#atoms.length),
      event: undefined,
    }));
    this.#namesKnown = surroundings !== undefined;
    const user: Surroundings['user'] = (uid, process) => surroundings?.user(uid, process);
    this.#deed.inner.surroundings = { ...NOWHERE, user };
  }

  /** The bits of a process as it is now. */
  bits(process: ProcessView): PlannedProcess {
    if (!process.known || process.uncertain) return this.#unknown();
    this.#event = this.#deed.event(process);
    this.#process = process;
    const closed = this.#unusable(process);
    const atoms = this.#atoms.length;
    for (let atom = 0; atom < atoms; atom += 1) this.#truths[atom] = this.#begin(atom, closed);
    for (const kin of this.#kin) kin.event = undefined;
    const told = {
      bits: this.#all.slice(),
      fixed_bits: this.#all.slice(),
      child_bits: this.#all.slice(),
    };
    const bits = halves(told.bits);
    const child_bits = halves(told.child_bits);
    const fixed_bits = halves(told.fixed_bits);
    const sureAncestors = !closed.has('ancestors');
    let uses_ancestors = false;
    for (const { clause, formula, asksAncestors } of this.#whole) {
      // What is false without ancestors does not rest on them.
      if (!this.#mayHold(formula, asksAncestors ? WITHOUT_KIN : OWN)) {
        clear(bits, clause);
        clear(child_bits, clause);
        continue;
      }
      if (!asksAncestors || !sureAncestors) continue;
      if (!this.#mayHold(formula, OWN)) {
        clear(bits, clause);
        uses_ancestors = true;
      }
      if (!this.#mayHoldBelow(formula)) {
        clear(child_bits, clause);
        uses_ancestors = true;
      }
    }
    for (const { clause, formula } of this.#fixed)
      if (!this.#mayHold(formula, OWN)) clear(fixed_bits, clause);
    return { ...told, uses_ancestors };
  }

  /** The bits of a cgroup that belongs to a container, to the host (`id` host), or to nobody knows what. */
  containerBits(container: ContainerView | undefined): ClauseBits {
    if (container === undefined) return this.#all;
    const process = inContainer(container);
    const closed = new Set<ProcessFact>(container.metadata === undefined ? METADATA : []);
    if (container.id === 'host') closed.clear();
    const event = new SyntheticDeed().event(process);
    const known = (atom: number): boolean => isAbout(this.#atoms[atom], CONTAINER);
    const classes = new ClassBits(this.#entries, known, this.#all);
    return classes.bits((atom) => {
      const facts = this.#about[atom];
      if (facts?.has('metadata') && closed.has('metadata')) return Truth.UNKNOWN;
      return truth(this.#atoms[atom]?.holds(event));
    });
  }

  #partsFor(isKnown: (facts: ReadonlySet<ProcessFact> | undefined) => boolean): Part[] {
    return this.#entries.flatMap(({ clause, formula }) => {
      const left = restricted(formula, (atom) => isKnown(this.#about[atom]));
      if (left === ALWAYS || (left.kind === 'constant' && left.value)) return [];
      const quick = ordered(left, (atom) => this.#atoms[atom]?.cost ?? 0);
      return [{ clause, formula: quick, asksAncestors: this.#asksAncestors(left) }];
    });
  }

  #asksAncestors(formula: Formula): boolean {
    switch (formula.kind) {
      case 'constant':
        return false;
      case 'literal':
        return this.#isAncestral[formula.atom] === true;
      default:
        return formula.parts.some((part) => this.#asksAncestors(part));
    }
  }

  // A child that has not called exec has its parent's program under it; so has that one's child, with
  // one more of it in between, and so on: beyond what rules reach they are all the same.
  #mayHoldBelow(formula: Formula): boolean {
    let parent = this.#process;
    for (let forks = 1; forks <= this.#reach; forks += 1) {
      const kin = this.#kin[forks - 1];
      if (kin === undefined) return true;
      const child = new ForkedView(parent);
      parent = child;
      if (kin.event === undefined) {
        kin.event = kin.deed.event(child);
        kin.truths.fill(NOT_YET);
      }
      if (this.#mayHold(formula, forks)) return true;
    }
    return false;
  }

  // `mayHold` of kleene.ts, without a function for each look: a process comes with every exec.
  #mayHold(formula: Formula, forks: number): boolean {
    switch (formula.kind) {
      case 'literal':
        return this.#truth(formula.atom, forks) !== (formula.negated ? Truth.TRUE : Truth.FALSE);
      case 'all':
        for (const part of formula.parts) if (!this.#mayHold(part, forks)) return false;
        return true;
      case 'any':
        for (const part of formula.parts) if (this.#mayHold(part, forks)) return true;
        return false;
      default:
        return formula.value;
    }
  }

  #truth(atom: number, forks: number): Truth {
    let truths = this.#truths;
    let event = this.#event;
    if (forks !== OWN && this.#isAncestral[atom] === true) {
      if (forks === WITHOUT_KIN) return Truth.UNKNOWN;
      const kin = this.#kin[forks - 1];
      if (kin?.event === undefined) return Truth.UNKNOWN;
      ({ truths, event } = kin);
    }
    const known = truths[atom];
    if (known !== NOT_YET) return known ?? Truth.UNKNOWN;
    const found = truth(this.#atoms[atom]?.holds(event));
    truths[atom] = found;
    return found;
  }

  // Unknown from the start, or to be found out when it is asked for.
  #begin(atom: number, closed: ReadonlySet<ProcessFact>): number {
    const facts = this.#about[atom];
    if (facts === undefined) return Truth.UNKNOWN;
    if (closed.size > 0) for (const fact of facts) if (closed.has(fact)) return Truth.UNKNOWN;
    return NOT_YET;
  }

  // What of this process is not known, or not known for good.
  #unusable(process: ProcessView): Set<ProcessFact> {
    const closed = new Set<ProcessFact>();
    const { container } = process;
    if (container === undefined) {
      closed.add('container').add('metadata').add('names');
    } else if (container.id !== 'host') {
      closed.add('names');
      if (container.metadata === undefined) closed.add('metadata');
    }
    if (!this.#namesKnown) closed.add('names');
    if (!hasSureAncestors(process)) closed.add('ancestors');
    return closed;
  }

  #unknown(): PlannedProcess {
    const all = this.#all;
    return { bits: all, fixed_bits: all, child_bits: all, uses_ancestors: false };
  }
}

interface Part extends Entry {
  asksAncestors: boolean;
}

const NOT_YET = 3;
/** In the place of a number of forks. */
const OWN = 0;
const WITHOUT_KIN = -1;
const METADATA: readonly ProcessFact[] = ['metadata'];
const CONTAINER: readonly ProcessFact[] = ['container', 'metadata'];
/** Parents are followed no further: nothing real is that deep. */
const MAX_DEPTH = 4096;

// In halves, as every machine that we run on keeps them: no bigint for each clause.
function halves(bits: ClauseBits): Uint32Array {
  return new Uint32Array(bits.buffer);
}

function clear(bits: Uint32Array, clause: number): void {
  bits[clause >> 5] = (bits[clause >> 5] ?? 0) & ~(1 << (clause & 31));
}

function isOnly(facts: ReadonlySet<ProcessFact>, one: ProcessFact): boolean {
  return facts.size === 1 && facts.has(one);
}

// How far up a test looks: `proc.aname[3]`.
function reachOf(atom: Atom): number {
  const distances = atom.fields.map(({ argument }) =>
    argument !== undefined && /^\d+$/.test(argument) ? Number(argument) : 1,
  );
  return atom.fields.some((field) => field.name.startsWith('proc.a')) ? Math.max(...distances) : 1;
}

// All the way up to who has no parent, and nothing lost on the way.
function hasSureAncestors(process: ProcessView): boolean {
  let at: ProcessView = process;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    if (!at.known || at.uncertain) return false;
    if (at.parent === undefined) return at.pid === 1 || at.pid === 2;
    at = at.parent;
  }
  return false;
}
