// What the kernel looks up about the task itself, whatever it does: its name and its user.

import {
  type Account,
  type ContainerView,
  NOBODY,
  NOWHERE,
  type ProcessView,
} from '../decode/event.js';
import type { Check } from '../rules/ast.js';
import { allBits, sameBits, unite } from './bits.js';
import { ClassBits, type Entry } from './classes.js';
import type { ClassTable, ClauseBits } from './kernel-plan.js';
import { type Atom, eachLiteral, Truth } from './kleene.js';
import { type ProcessFact, processFacts } from './process-facts.js';
import { SyntheticDeed } from './synthetic.js';
import { type TextTest, textTest } from './texts.js';

/** Facts about the process on which an atom rests; `undefined` when one of them is unknown. */
export function processFactsOf(atom: Atom | undefined): ReadonlySet<ProcessFact> | undefined {
  if (atom === undefined) return undefined;
  const known = FACTS.get(atom) ?? factsOf(atom);
  FACTS.set(atom, known);
  return known.size === 0 ? undefined : known;
}

const FACTS = new WeakMap<Atom, ReadonlySet<ProcessFact>>();

// None where one of them is unknown.
function factsOf({ fields }: Atom): ReadonlySet<ProcessFact> {
  const facts = new Set<ProcessFact>();
  for (const field of fields) {
    const found = processFacts(field);
    if (found === undefined) return new Set();
    for (const fact of found) facts.add(fact);
  }
  return facts;
}

/** Whether all facts of an atom are among those given. */
export function isAbout(atom: Atom | undefined, given: readonly ProcessFact[]): boolean {
  const facts = processFactsOf(atom);
  if (facts === undefined) return false;
  for (const fact of facts) if (!given.includes(fact)) return false;
  return true;
}

/** By comm. */
export function commTable(
  entries: readonly Entry[],
  atoms: readonly Atom[],
  all: ClauseBits,
): ClassTable<string> {
  const classes = new ClassBits(entries, (atom) => isAbout(atoms[atom], ['comm']), all);
  const deed = new SyntheticDeed();
  /** By name: the tests that mention it. */
  const names = new Map<string, Set<number>>();
  /** What a test comes to for a name that it does not mention. */
  const others = new Map<number, Truth>();
  const open: number[] = [];
  for (const atom of classes.atoms) {
    const test = plainTest(atoms[atom]?.check);
    for (const text of test?.texts ?? []) {
      if (text.length > COMM_CHARS) continue;
      const mentioning = names.get(text) ?? new Set();
      names.set(text, mentioning.add(atom));
    }
    const unnamed = unmentioned(test?.kind);
    others.set(atom, unnamed);
    if (unnamed === Truth.UNKNOWN) open.push(atom);
  }
  const otherwise = (atom: number): Truth => others.get(atom) ?? Truth.UNKNOWN;
  const other = classes.bits(otherwise);
  const bitsOf = classes.unlike(otherwise);
  const values = new Map<string, ClauseBits>();
  for (const [comm, mentioning] of names) {
    const event = deed.event({ ...NOBODY, comm });
    const truths = new Map<number, Truth>();
    for (const atom of [...mentioning, ...open]) truths.set(atom, truth(atoms[atom]?.holds(event)));
    const bits = bitsOf(truths);
    if (!sameBits(bits, other)) values.set(comm, bits);
  }
  return { values, other };
}

function unmentioned(kind: TextTest['kind'] | undefined): Truth {
  switch (kind) {
    case 'equal':
      return Truth.FALSE;
    case 'differs':
    case 'exists':
      return Truth.TRUE;
    default:
      return Truth.UNKNOWN;
  }
}

/**
 * By effective uid. Names of users are those of the host, so what a name makes false is so only for a
 * process of the host, or of nobody knows what.
 */
export function uidTable(
  entries: readonly Entry[],
  atoms: readonly Atom[],
  all: ClauseBits,
  users: ReadonlyMap<number, Account> | undefined,
): ClassTable<number> {
  const known: ProcessFact[] = users === undefined ? ['uid'] : ['uid', 'names'];
  const isOfUser = (atom: number): boolean => isAbout(atoms[atom], known);
  const mine = entries.filter(({ formula }) => {
    let found = false;
    eachLiteral(formula, (atom) => {
      found ||= isOfUser(atom);
    });
    return found;
  });
  const isOfHost = (atom: number): boolean => isHostTest(atoms[atom]?.check);
  const classes = new ClassBits(mine, (atom) => isOfUser(atom) || isOfHost(atom), all);
  const deed = new SyntheticDeed();
  const table = users ?? new Map<number, Account>();
  deed.inner.surroundings = { ...NOWHERE, user: (uid) => table.get(uid) };
  const bitsOf = (uid: number, isListed: boolean): ClauseBits => {
    const bits = allBits(0);
    for (const container of [HOST, SOME_CONTAINER, undefined]) {
      const event = deed.event({ ...NOBODY, uid, container });
      const found = classes.bits((atom) => {
        const facts = processFactsOf(atoms[atom]);
        if (facts?.has('names') && container === SOME_CONTAINER) return Truth.UNKNOWN;
        if (
          !isListed &&
          facts?.has('uid') &&
          !facts.has('names') &&
          !isEquality(atoms[atom]?.check)
        )
          return Truth.UNKNOWN;
        return truth(atoms[atom]?.holds(event));
      });
      unite(bits, found);
    }
    return bits;
  };
  const uids = new Set<number>([0]);
  for (const atom of classes.atoms) for (const uid of uidsIn(atoms[atom]?.check)) uids.add(uid);
  if ([...classes.atoms].some((atom) => processFactsOf(atoms[atom])?.has('names')))
    for (const uid of table.keys()) uids.add(uid);
  let unlisted = 0xffff_fff0;
  while (uids.has(unlisted)) unlisted -= 1;
  const other = bitsOf(unlisted, false);
  const values = new Map<number, ClauseBits>();
  for (const uid of uids) {
    const bits = bitsOf(uid, true);
    if (!sameBits(bits, other)) values.set(uid, bits);
  }
  return { values, other };
}

/** What every process of the host has for a container. */
export const HOST: ContainerView = {
  id: 'host',
  full_id: '',
  type: 'host',
  pod_uid: undefined,
  metadata: undefined,
};

/** What a process of some container has. */
export const SOME_CONTAINER: ContainerView = {
  id: '3ad7b26ded6d',
  full_id: '3ad7b26ded6d',
  type: 'docker',
  pod_uid: undefined,
  metadata: undefined,
};

const COMM_CHARS = 15; // TASK_COMM_LEN - 1

/** What a boolean is in three-valued logic. */
export function truth(holds: boolean | undefined): Truth {
  return holds === undefined ? Truth.UNKNOWN : holds ? Truth.TRUE : Truth.FALSE;
}

/** A process of which nothing is known but its container. */
export function inContainer(container: ContainerView): ProcessView {
  return { ...NOBODY, container };
}

function plainTest(check: Check | undefined) {
  return check === undefined ? undefined : textTest(check);
}

// Tells the host from containers, not one container from another.
function isHostTest(check: Check | undefined): boolean {
  if (check?.left.kind !== 'field' || check.left.name !== 'container.id') return false;
  const test = textTest(check);
  if (test?.kind !== 'equal' && test?.kind !== 'differs') return false;
  return test.texts.every((text) => text === 'host');
}

function isEquality(check: Check | undefined): boolean {
  if (check?.left.kind !== 'field' || check.modifier !== undefined) return false;
  if (check.right?.kind === 'transformer') return false;
  return ['=', '==', '!=', 'in'].includes(check.operator);
}

/** The users or groups, by number, that a check names. */
export function uidsIn(check: Check | undefined): number[] {
  const right = check?.right;
  if (right === undefined || right.kind === 'transformer') return [];
  const texts = right.kind === 'value' ? [right.value] : right.values;
  return texts.flatMap((text) =>
    /^[+-]?\d{1,20}$/.test(text) ? [Number(BigInt.asUintN(32, BigInt(text)))] : [],
  );
}
