// The process dimension: which clauses a process can still satisfy, by what only user space knows of it.

import { abi_limit } from '../abi/layout.js';
import {
  type ContainerView,
  NOWHERE,
  type ProcessView,
  type Surroundings,
} from '../decode/event.js';
import { allBits } from './bits.js';
import { ClassBits, type Entry } from './classes.js';
import type { Clause } from './clauses.js';
import { ForkedView } from './forked.js';
import type { ClauseBits, ProcessBits } from './kernel-plan.js';
import {
  ALWAYS,
  type Atom,
  type Formula,
  Formulas,
  formulaKey,
  ordered,
  restricted,
  Truth,
} from './kleene.js';
import { inContainer, isAbout, processFactsOf, truth } from './live.js';
import { Look, NOT_YET, type Node, nodeOf } from './look.js';
import { formulaOf } from './planner.js';
import type { ProcessFact } from './process-facts.js';
import { SyntheticDeed } from './synthetic.js';

/** The bits of one process and what they rest on. */
export interface PlannedProcess extends ProcessBits {
  /** Facts of ancestors were looked at for `bits` or `child_bits`: a change among them ends both. */
  uses_ancestors: boolean;
}

/** Computes the bits of processes and containers for one plan. */
export class ProcessPlanner {
  readonly #all: ClauseBits;
  readonly #halves: Uint32Array;
  readonly #atoms: readonly Atom[];
  readonly #entries: readonly Entry[];
  readonly #about: readonly (ReadonlySet<ProcessFact> | undefined)[];
  readonly #isAncestral: readonly boolean[];
  /** What is left of each clause where all of a process is known, and where no more than its program is. */
  readonly #whole: readonly Part[];
  readonly #fixed: readonly Part[];
  readonly #deed = new SyntheticDeed();
  readonly #own: Look;
  /** As if nothing were known of ancestors. */
  readonly #withoutKin: Look;
  /** Children that have not called exec, by how many forks lie in between. */
  readonly #kin: readonly { readonly deed: SyntheticDeed; readonly look: Look }[];
  readonly #beginnings = new Map<string, { own: Uint8Array; withoutKin: Uint8Array }>();
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
    const { atoms } = formulas;
    this.#atoms = atoms;
    this.#all = allBits(clauses.length);
    this.#halves = new Uint32Array(this.#all.buffer);
    this.#about = atoms.map(processFactsOf);
    this.#isAncestral = this.#about.map((facts) => facts?.has('ancestors') === true);
    this.#whole = this.#partsFor((facts) => facts !== undefined);
    this.#fixed = this.#partsFor((facts) => facts !== undefined && isOnly(facts, 'program'));
    const reach = Math.max(
      1,
      ...atoms.filter(({ index }) => this.#isAncestral[index]).map(reachOf),
    );
    this.#own = new Look(atoms);
    this.#withoutKin = new Look(atoms, this.#own, this.#isAncestral);
    // Beyond what rules reach they are all the same.
    this.#kin = Array.from({ length: Math.min(reach, abi_limit.MAX_COPIES) }, () => ({
      deed: new SyntheticDeed(),
      look: new Look(atoms, this.#own, this.#isAncestral),
    }));
    this.#namesKnown = surroundings !== undefined;
    const user: Surroundings['user'] = (uid, process) => surroundings?.user(uid, process);
    this.#deed.inner.surroundings = { ...NOWHERE, user };
    for (const { deed } of this.#kin) deed.inner.surroundings = this.#deed.inner.surroundings;
  }

  /** The bits of a process as it is now. */
  bits(process: ProcessView): PlannedProcess {
    if (!process.known || process.uncertain) return this.#unknown();
    const closed = this.#unusable(process);
    const beginning = this.#beginning(closed);
    this.#own.begin(this.#deed.event(process), beginning.own);
    this.#withoutKin.begin(undefined, beginning.withoutKin);
    const kin = this.#kinOf(process, beginning.own);
    // In halves, as every machine that we run on keeps them: no bigint for each clause.
    const words = this.#halves.length;
    const halves = new Uint32Array(4 * words);
    for (let at = 0; at < halves.length; at += words) halves.set(this.#halves, at);
    const sureAncestors = !closed.includes('ancestors');
    let uses_ancestors = false;
    for (const { clauses, node, asksAncestors } of this.#whole) {
      const may = this.#own.mayHold(node);
      const asksKin = asksAncestors && sureAncestors;
      const childMay = asksKin ? kin.mayHold(node) : may;
      if (may && childMay) continue;
      if (!may) clear(halves, clauses, 0);
      if (!childMay) clear(halves, clauses, 2 * words);
      // What is false without ancestors does not rest on them.
      if (asksKin && this.#withoutKin.mayHold(node)) uses_ancestors = true;
      else clear(halves, clauses, 3 * words);
    }
    for (const { clauses, node } of this.#fixed)
      if (!this.#own.mayHold(node)) clear(halves, clauses, words);
    const set = (place: number) =>
      new BigUint64Array(halves.buffer, 4 * place * words, this.#all.length);
    const [bits, fixed_bits, child_bits, kinless_bits] = [set(0), set(1), set(2), set(3)];
    return { bits, fixed_bits, child_bits, kinless_bits, uses_ancestors };
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
    const parts = new Map<string, Part>();
    for (const { clause, formula } of this.#entries) {
      const left = restricted(formula, (atom) => isKnown(this.#about[atom]));
      if (left === ALWAYS || (left.kind === 'constant' && left.value)) continue;
      const quick = ordered(left, (atom) => this.#atoms[atom]?.cost ?? 0);
      const key = formulaKey(quick);
      const asksAncestors = this.#asksAncestors(left);
      const part = parts.get(key) ?? { clauses: [], node: nodeOf(quick), asksAncestors };
      part.clauses.push(clause);
      parts.set(key, part);
    }
    return [...parts.values()];
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
  // one more of it in between, and so on.
  #kinOf(process: ProcessView, unknown: Uint8Array): { mayHold(node: Node): boolean } {
    let begun = 0;
    let parent = process;
    return {
      mayHold: (node) => {
        for (let forks = 0; forks < this.#kin.length; forks += 1) {
          const kin = this.#kin[forks];
          if (kin === undefined) return true;
          if (forks === begun) {
            const child = new ForkedView(parent);
            kin.look.begin(kin.deed.event(child), unknown);
            parent = child;
            begun += 1;
          }
          if (kin.look.mayHold(node)) return true;
        }
        return false;
      },
    };
  }

  // By atom: unknown from the start, or to be found out when it is asked for.
  #beginning(closed: readonly ProcessFact[]): { own: Uint8Array; withoutKin: Uint8Array } {
    const key = closed.join();
    const known = this.#beginnings.get(key);
    if (known !== undefined) return known;
    const begin = (also: readonly ProcessFact[]): Uint8Array =>
      Uint8Array.from(this.#about, (facts) => {
        const isOpen = facts !== undefined && ![...also, ...closed].some((one) => facts.has(one));
        return isOpen ? NOT_YET : Truth.UNKNOWN;
      });
    const made = { own: begin([]), withoutKin: begin(['ancestors']) };
    this.#beginnings.set(key, made);
    return made;
  }

  // What of this process is not known, or not known for good.
  #unusable(process: ProcessView): ProcessFact[] {
    const closed: ProcessFact[] = [];
    const { container } = process;
    const isOfHost = container?.id === 'host';
    if (container === undefined) closed.push('container');
    if (!isOfHost && container?.metadata === undefined) closed.push('metadata');
    if (!isOfHost || !this.#namesKnown) closed.push('names');
    if (!hasSureAncestors(process)) closed.push('ancestors');
    return closed;
  }

  #unknown(): PlannedProcess {
    const all = this.#all;
    const bits = { bits: all, fixed_bits: all, child_bits: all, kinless_bits: all };
    return { ...bits, uses_ancestors: false };
  }
}

/** What is left of some clauses, of all the same. */
interface Part {
  readonly clauses: number[];
  readonly node: Node;
  readonly asksAncestors: boolean;
}

const METADATA: readonly ProcessFact[] = ['metadata'];
const CONTAINER: readonly ProcessFact[] = ['container', 'metadata'];
/** Parents are followed no further: nothing real is that deep. */
const MAX_DEPTH = 4096;

// `from` is the first word of the set.
function clear(bits: Uint32Array, clauses: readonly number[], from: number): void {
  for (const clause of clauses) {
    const word = from + (clause >> 5);
    bits[word] = (bits[word] ?? 0) & ~(1 << (clause & 31));
  }
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
