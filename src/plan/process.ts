// The process dimension: which clauses a process can still satisfy, by what only user space knows of it.

import {
  type ContainerView,
  type Event,
  NOWHERE,
  type ProcessView,
  type Surroundings,
} from '../decode/event.js';
import { allBits } from './bits.js';
import { ClassBits, type Entry } from './classes.js';
import type { Clause } from './clauses.js';
import type { ProcessFact } from './dimensions.js';
import type { ClauseBits, ProcessBits } from './kernel-plan.js';
import { ALWAYS, type Atom, type Formula, Formulas, mayHold, restricted, Truth } from './kleene.js';
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
  /** What is left of each clause where all of a process is known, and where no more than its program is. */
  readonly #whole: readonly Part[];
  readonly #fixed: readonly Part[];
  readonly #deed = new SyntheticDeed();
  readonly #kin = new SyntheticDeed();
  /** Highest distance that a rule asks about. */
  readonly #reach: number;
  readonly #truths: Uint8Array;
  readonly #kinTruths: Uint8Array;
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
    this.#whole = this.#partsFor((facts) => facts !== undefined);
    this.#fixed = this.#partsFor((facts) => facts !== undefined && isOnly(facts, 'program'));
    this.#reach = Math.max(
      1,
      ...this.#atoms.filter((atom) => this.#about[atom.index]?.has('ancestors')).map(reachOf),
    );
    this.#truths = new Uint8Array(this.#atoms.length);
    this.#kinTruths = new Uint8Array(this.#atoms.length);
    this.#namesKnown = surroundings !== undefined;
    const user: Surroundings['user'] = (uid, process) => surroundings?.user(uid, process);
    this.#deed.inner.surroundings = { ...NOWHERE, user };
  }

  /** The bits of a process as it is now. */
  bits(process: ProcessView): PlannedProcess {
    if (!process.known || process.uncertain) return this.#unknown();
    const event = this.#deed.event(process);
    const closed = this.#unusable(process);
    const truths = this.#truths.fill(NOT_YET);
    const look = (atom: number): Truth => {
      const known = truths[atom];
      if (known !== NOT_YET) return known ?? Truth.UNKNOWN;
      return this.#keep(truths, atom, closed, event);
    };
    const sureAncestors = !closed.has('ancestors');
    const bits = this.#all.slice();
    const child_bits = this.#all.slice();
    let uses_ancestors = false;
    for (const { clause, formula, asksAncestors } of this.#whole) {
      if (!asksAncestors) {
        if (mayHold(formula, look)) continue;
        clear(bits, clause);
        clear(child_bits, clause);
        continue;
      }
      // What is false without them does not rest on them.
      if (!mayHold(formula, this.#without(look))) {
        clear(bits, clause);
        clear(child_bits, clause);
        continue;
      }
      if (!sureAncestors) continue;
      if (!mayHold(formula, look)) {
        clear(bits, clause);
        uses_ancestors = true;
      }
      if (!this.#mayHoldBelow(formula, process, look)) {
        clear(child_bits, clause);
        uses_ancestors = true;
      }
    }
    const fixed_bits = this.#all.slice();
    for (const { clause, formula } of this.#fixed)
      if (!mayHold(formula, look)) clear(fixed_bits, clause);
    return { bits, fixed_bits, child_bits, uses_ancestors };
  }

  /** The bits of a cgroup that belongs to a container, to the host (`id` host), or to nobody knows what. */
  containerBits(container: ContainerView | undefined): ClauseBits {
    if (container === undefined) return this.#all;
    const process = inContainer(container);
    const closed = new Set<ProcessFact>(container.metadata === undefined ? METADATA : []);
    if (container.id === 'host') closed.clear();
    const event = this.#kin.event(process);
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
      return [{ clause, formula: left, asksAncestors: this.#asksAncestors(left) }];
    });
  }

  #asksAncestors(formula: Formula): boolean {
    switch (formula.kind) {
      case 'constant':
        return false;
      case 'literal':
        return this.#about[formula.atom]?.has('ancestors') === true;
      default:
        return formula.parts.some((part) => this.#asksAncestors(part));
    }
  }

  // A child that has not called exec has its parent's program under it; so has that one's child, with
  // one more of it in between, and so on: beyond what rules reach they are all the same.
  #mayHoldBelow(formula: Formula, process: ProcessView, look: (atom: number) => Truth): boolean {
    const isOther = (atom: number): boolean => this.#about[atom]?.has('ancestors') === true;
    let parent = process;
    for (let depth = 1; depth <= this.#reach; depth += 1) {
      const child = childOf(parent);
      const event = this.#kin.event(child);
      const truths = this.#kinTruths.fill(NOT_YET);
      const below = (atom: number): Truth => {
        if (!isOther(atom)) return look(atom);
        const known = truths[atom];
        if (known !== NOT_YET) return known ?? Truth.UNKNOWN;
        const found = truth(this.#atoms[atom]?.holds(event));
        truths[atom] = found;
        return found;
      };
      if (mayHold(formula, below)) return true;
      parent = child;
    }
    return false;
  }

  #without(look: (atom: number) => Truth): (atom: number) => Truth {
    return (atom) => (this.#about[atom]?.has('ancestors') ? Truth.UNKNOWN : look(atom));
  }

  #keep(truths: Uint8Array, atom: number, closed: ReadonlySet<ProcessFact>, event: Event): Truth {
    const found = this.#evaluate(atom, closed, event);
    truths[atom] = found;
    return found;
  }

  #evaluate(atom: number, closed: ReadonlySet<ProcessFact>, event: Event): Truth {
    const facts = this.#about[atom];
    if (facts === undefined) return Truth.UNKNOWN;
    for (const fact of facts) if (closed.has(fact)) return Truth.UNKNOWN;
    return truth(this.#atoms[atom]?.holds(event));
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
const METADATA: readonly ProcessFact[] = ['metadata'];
const CONTAINER: readonly ProcessFact[] = ['container', 'metadata'];
/** Parents are followed no further: nothing real is that deep. */
const MAX_DEPTH = 4096;

function clear(bits: ClauseBits, clause: number): void {
  const word = clause >> 6;
  bits[word] = (bits[word] ?? 0n) & ~(1n << BigInt(clause & 63));
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

// A process that differs from another in its parent alone. Its getters see it through the prototype.
function childOf(parent: ProcessView): ProcessView {
  const child: ProcessView = Object.create(parent, { parent: { value: parent } });
  return child;
}
