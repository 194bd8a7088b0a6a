// What tables of paths are made from: the tests of paths that the clauses of a type ask for.

import { isOpenOrCreat } from '../decode/descriptors.js';
import { atomsIn, type Entry } from './classes.js';
import { textRoles } from './dimensions.js';
import type { ClauseBits } from './kernel-plan.js';
import { formulaKey, restricted } from './kleene.js';
import type { CallInput } from './results.js';
import { type PathTest, textTest } from './texts.js';

/** What a table is made from. */
export interface PathTableInput {
  /** Any type of event in which the tests have these roles. */
  type: number;
  source: 'path' | 'claimed';
  /** Tests of paths by atom. */
  tests: ReadonlyMap<number, PathTest>;
  entries: readonly Entry[];
  all: ClauseBits;
}

/** Entries of one table at most; what is over the limit is not told apart. */
export const MAX_CLASSES = 4096;

/** The tests of paths of one kind, by atom. */
export function pathTests(
  { type, entries, atoms }: CallInput,
  source: 'path' | 'claimed',
): Map<number, PathTest> {
  const tests = new Map<number, PathTest>();
  for (const atom of atomsIn(entries)) {
    const check = atoms[atom]?.check;
    if (check?.left.kind !== 'field') continue;
    const role = textRoles(check.left, type).find((one) => one.source === source);
    const test = role === undefined ? undefined : textTest(check);
    if (role !== undefined && test !== undefined) tests.set(atom, { ...test, role });
  }
  return tests;
}

/** One text for inputs from which the same table is made. */
export function keyOf(
  { type, entries }: CallInput,
  source: string,
  tests: ReadonlyMap<number, PathTest>,
): string {
  const roles = [...tests].map(
    ([atom, { role }]) => `${atom}${role.part[0]}${role.maybe_missing ? '?' : ''}`,
  );
  const isTested = (atom: number): boolean => tests.has(atom);
  const formulas = entries.map(
    ({ clause, formula }) => `${clause}:${formulaKey(restricted(formula, isTested))}`,
  );
  return `${source} ${isOpenOrCreat(type)} ${roles.sort().join()} ${formulas.join(' ')}`;
}
