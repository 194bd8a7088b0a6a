// From rules to what the kernel filter looks up: clauses, classes, bits.

import { directUse, isOpenOrCreat } from '../decode/descriptors.js';
import type { Account } from '../decode/event.js';
import { sourcesOf } from '../decode/param-sources.js';
import { typesOf } from '../decode/types.js';
import type { MatchableRule } from '../match/matcher.js';
import { eventName, NATIVE_CALLS } from '../rules/events.js';
import { addressTable, type Side } from './addresses.js';
import { allBits, isEmpty, noBits, sameBits, setBit } from './bits.js';
import { ClassBits, type Entry } from './classes.js';
import { type Clause, clausesOf } from './clauses.js';
import { textRoles } from './dimensions.js';
import { integerTables } from './integers.js';
import type { AddressTable, ClauseBits, KernelPlan, PathTable, TypePlan } from './kernel-plan.js';
import { type Atom, decided, type Formula, Formulas, restricted, Truth } from './kleene.js';
import { commTable, isAbout, processFactsOf, truth, uidTable } from './live.js';
import { NamedEntries } from './named.js';
import { keyOf, pathTests } from './path-input.js';
import { pathTable } from './paths.js';
import type { ProcessFact } from './process-facts.js';
import { type CallInput, type FactMask, factsOf, kindTable, resultTable } from './results.js';
import { SyntheticCall } from './synthetic.js';
import { needsDots, textTest } from './texts.js';

/** What planning may use besides the rules. */
export interface PlanOptions {
  /** Users of the host by uid; names are not told apart without it. A change of them makes a new plan. */
  users?: ReadonlyMap<number, Account>;
}

/** The plan of a set of rules; plain data, made in the thread that loads rules. */
export interface RulePlan {
  /** By number. */
  readonly clauses: readonly Clause[];
  readonly kernel: KernelPlan;
}

/** Plans rules; they are checked, their macros expanded, and their places are those of the matcher. */
export function planRules(rules: readonly MatchableRule[], options: PlanOptions = {}): RulePlan {
  const clauses = clausesOf(rules);
  const formulas = new Formulas();
  const entries = clauses.map((clause, number) => ({
    clause: number,
    formula: formulaOf(clause, formulas),
  }));
  const planner = new TypePlanner(entries, formulas.atoms);
  const types = new Map<number, TypePlan>();
  for (const type of NATIVE_CALLS.keys()) {
    const plan = planner.plan(type);
    if (plan !== undefined) types.set(type, plan);
  }
  const all = allBits(clauses.length);
  const comm = commTable(entries, formulas.atoms, all);
  const uid = uidTable(entries, formulas.atoms, all, options.users);
  const kernel: KernelPlan = {
    clause_count: clauses.length,
    types,
    paths: planner.paths,
    addresses: planner.addresses,
    comm,
    uid,
    cgroup_unknown: all,
  };
  const names = options.users === undefined ? [] : ['names' as const];
  planner.markLive(types, ['uid', ...names]);
  return { clauses, kernel };
}

/** A clause's formula: that of any of its parts. */
export function formulaOf({ parts }: Clause, formulas: Formulas): Formula {
  const at = { line: 0, column: 0, offset: 0 };
  const [only] = parts;
  const conditions = [...new Set(parts.map((part) => part.condition))];
  return only !== undefined && parts.length === 1
    ? formulas.of(only.condition)
    : formulas.of({ kind: 'or', parts: conditions, at });
}

/** Plans one type of event after the other; tables that are the same are made once. */
class TypePlanner {
  readonly paths: PathTable[] = [];
  readonly addresses: AddressTable[] = [];
  readonly #calls = new SyntheticCall();
  readonly #all: ClauseBits;
  readonly #byKey = new Map<string, number | undefined>();
  /** Of types that differ in nothing that a rule asks about. */
  readonly #plain = new Map<string, TypePlan>();
  readonly #named: NamedEntries;
  readonly #ofProcess: readonly boolean[];
  readonly #classesOf: readonly { facts: readonly ProcessFact[]; clauses: ReadonlySet<number> }[];

  constructor(
    entries: readonly Entry[],
    private readonly atoms: readonly Atom[],
  ) {
    this.#named = new NamedEntries(entries, atoms);
    this.#all = allBits(entries.length);
    this.#ofProcess = atoms.map((atom) => processFactsOf(atom) !== undefined);
    this.#classesOf = [COMM, UID, [...UID, 'names' as const], CGROUP, PROCESS].map((facts) => ({
      facts,
      clauses: new Set(
        new ClassBits(entries, (atom) => isAbout(atoms[atom], facts), this.#all).clauses,
      ),
    }));
  }

  plan(type: number): TypePlan | undefined {
    const name = eventName(type);
    const possible = this.#named.of(name);
    if (possible.length === 0) return undefined;
    const { atoms } = this;
    const masks = atoms.map(() => -1);
    let key = kinOf(type);
    const known = new Map<number, Truth>();
    const ofType = (atom: number): Truth => {
      const before = known.get(atom);
      if (before !== undefined) return before;
      const found = this.#ofType(atoms[atom], type, name, masks);
      known.set(atom, found);
      key += ` ${atom}:${found}/${masks[atom]}`;
      return found;
    };
    const bits = noBits();
    const entries = possible.flatMap(({ clause, formula }) => {
      const left = decided(formula, ofType);
      if (left.kind === 'constant' && !left.value) return [];
      setBit(bits, clause);
      return [{ clause, formula: left }];
    });
    if (isEmpty(bits)) return undefined;
    const same = this.#plain.get(`${key} ${bits}`);
    if (same !== undefined) return { ...same };
    const plan: TypePlan = {
      bits,
      integers: [],
      uses_process: false,
      uses_comm: false,
      uses_uid: false,
      uses_cgroup: false,
    };
    this.#fill(plan, {
      type,
      entries: this.#ofCall(entries),
      atoms,
      masks,
      all: this.#all,
      calls: this.#calls,
    });
    this.#plain.set(`${key} ${bits}`, plan);
    return plan;
  }

  /** Notes for each type which facts of its process can clear one of its bits. */
  markLive(types: ReadonlyMap<number, TypePlan>, uid: readonly ProcessFact[]): void {
    for (const plan of types.values()) {
      const clears = (facts: readonly ProcessFact[]): boolean => {
        const found = this.#classesOf.find((one) => one.facts.join() === facts.join());
        for (const clause of found?.clauses ?? [])
          if (((plan.bits[clause >> 6] ?? 0n) >> BigInt(clause & 63)) % 2n === 1n) return true;
        return false;
      };
      plan.uses_comm = clears(COMM);
      plan.uses_uid = clears(uid);
      plan.uses_cgroup = clears(CGROUP);
      plan.uses_process = clears(PROCESS);
    }
  }

  #fill(plan: TypePlan, input: CallInput): void {
    const result = resultTable(input);
    if (result !== undefined) plan.result = result;
    plan.integers = integerTables(input);
    const kinds = kindTable(input);
    if (kinds !== undefined) plan.kinds = kinds;
    for (const side of ['remote', 'local'] as const) {
      const place = this.#addresses(input, side);
      if (place !== undefined) plan[side] = place;
    }
    const claimed = this.#paths(input, 'claimed');
    // A call that shows both its own path and a descriptor's is told apart by what it names.
    const isOpening = isOpenOrCreat(input.type);
    const path = claimed === undefined || isOpening ? this.#paths(input, 'path') : undefined;
    if (claimed !== undefined) plan.claimed = claimed;
    if (path !== undefined) plan.path = path;
    // What failed opens are told apart by says nothing about those that worked.
    if (isOpening && claimed !== undefined && path === undefined) plan.path = this.#indifferent();
    const dots = this.#noDots(input);
    if (dots !== undefined) plan.no_dots = dots;
  }

  // What of the clauses a look at the call can decide.
  #ofCall(entries: readonly Entry[]): Entry[] {
    return entries.flatMap(({ clause, formula }) => {
      const left = restricted(formula, (atom) => this.#ofProcess[atom] !== true);
      return left.kind === 'constant' && left.value ? [] : [{ clause, formula: left }];
    });
  }

  // What the type alone decides; the matcher's own word on an event of which only the type is looked at.
  #ofType(atom: Atom | undefined, type: number, name: string, masks: FactMask[]): Truth {
    if (atom === undefined) return Truth.UNKNOWN;
    if (atom.ofType !== undefined) return truth(atom.ofType(name));
    if (this.#ofProcess[atom.index] === true) return Truth.UNKNOWN;
    const facts = factsOf(atom, type);
    masks[atom.index] = facts;
    if (facts !== 0) return Truth.UNKNOWN;
    return truth(atom.holds(this.#calls.event(type, {})));
  }

  #paths(input: CallInput, source: 'path' | 'claimed'): number | undefined {
    const tests = pathTests(input, source);
    if (tests.size === 0) return undefined;
    const key = keyOf(input, source, tests);
    if (this.#byKey.has(key)) return this.#byKey.get(key);
    const { type, entries, all } = input;
    const table = pathTable({ type, source, tests, entries, all }, input.atoms, input.calls);
    const place = table === undefined ? undefined : this.paths.push(table) - 1;
    this.#byKey.set(key, place);
    return place;
  }

  #indifferent(): number {
    const place = this.#byKey.get('') ?? this.paths.push(nothing(this.#all)) - 1;
    this.#byKey.set('', place);
    return place;
  }

  #addresses(input: CallInput, side: Side): number | undefined {
    const table = addressTable(input, side);
    if (table === undefined) return undefined;
    const same = this.addresses.findIndex((one) => sameAddresses(one, table));
    return same >= 0 ? same : this.addresses.push(table) - 1;
  }

  #noDots({ type, entries, atoms, all }: CallInput): ClauseBits | undefined {
    const isKnown = (atom: number): boolean => {
      const check = atoms[atom]?.check;
      if (check?.left.kind !== 'field') return false;
      const isRaw = textRoles(check.left, type).some((role) => role.is_raw);
      const test = isRaw ? textTest(check) : undefined;
      return test !== undefined && needsDots(test);
    };
    const classes = new ClassBits(entries, isKnown, all);
    if (classes.size === 0) return undefined;
    const bits = classes.bits((atom) => (isKnown(atom) ? Truth.FALSE : Truth.UNKNOWN));
    return sameBits(bits, all) ? undefined : bits;
  }
}

// A call of which no parameter and no descriptor is known: nothing but its name and its result.
function isPlain(type: number): boolean {
  return directUse(type) === undefined && sourcesOf(eventName(type)).size === 0;
}

// Types whose plans are the same where the same facts make the same tests true.
function kinOf(type: number): string {
  if (isPlain(type)) return 'plain';
  return OPENS.has(type) ? 'open' : `${type}`;
}

const OPENS = typesOf('open openat openat2');

/** Facts that the kernel looks up by itself, and all that user space knows of a process. */
const COMM: readonly ProcessFact[] = ['comm'];
const UID: readonly ProcessFact[] = ['uid'];
const CGROUP: readonly ProcessFact[] = ['container', 'metadata'];
const PROCESS: readonly ProcessFact[] = [
  'program',
  'comm',
  'uid',
  'names',
  'container',
  'metadata',
  'ancestors',
];

function nothing(all: ClauseBits): PathTable {
  return { exact: new Map(), prefixes: new Map(), deeper: new Map(), other: all };
}

function sameAddresses(a: AddressTable, b: AddressTable): boolean {
  const flat = ({ v4, v6, other_v4, other_v6, none }: AddressTable) => [
    ...[...v4, ...v6].map(
      (one) =>
        `${Buffer.from(one.address, 'latin1').toString('hex')}/${one.prefix_bits} ${one.bits}`,
    ),
    String(other_v4),
    String(other_v6),
    String(none),
  ];
  return flat(a).join() === flat(b).join();
}
