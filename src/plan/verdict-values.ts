// Tables of verdicts by single values: names of processes, users and groups.

import { NOBODY } from '../decode/event.js';
import { typeNumber } from '../rules/events.js';
import type { Atom } from './kleene.js';
import { truth, uidsIn } from './live.js';
import { type SyntheticCall, SyntheticDeed } from './synthetic.js';
import {
  bitsOfCall,
  checksOf,
  mustBits,
  type VerdictBits,
  type VerdictEntry,
} from './verdict-bits.js';
import { isTrueOf } from './verdict-paths.js';
import { textOf } from './verdict-texts.js';

/** By exact value, and what holds for all others. */
export interface VerdictValues<Value> {
  readonly values: ReadonlyMap<Value, VerdictBits>;
  readonly other: VerdictBits;
}

/** By the name of a process. */
export function commValues(
  entries: readonly VerdictEntry[],
  atoms: readonly Atom[],
  all: VerdictBits,
): VerdictValues<string> {
  const names = new Set(checksOf(entries, atoms).flatMap((check) => textOf(check)?.texts ?? []));
  const values = new Map<string, VerdictBits>();
  const of = (comm: string): VerdictBits =>
    mustBits(entries, all, (atom) => {
      const check = atoms[atom]?.check;
      const test = check === undefined ? undefined : textOf(check);
      return truth(test && isTrueOf(test, comm));
    });
  for (const comm of names) if (comm.length <= MAX_COMM) values.set(comm, of(comm));
  let other = 'a';
  while (names.has(other)) other += 'a';
  return { values, other: of(other.slice(0, MAX_COMM)) };
}

/** By the number of the process that a signal or tracing is aimed at. */
export function targetValues(
  entries: readonly VerdictEntry[],
  atoms: readonly Atom[],
  all: VerdictBits,
  calls: SyntheticCall,
): VerdictValues<number> {
  const of = (target_pid: number): VerdictBits =>
    bitsOfCall(entries, all, atoms, calls, SOME_SIGNAL, { target_pid });
  return valuesOf(new Set(checksOf(entries, atoms).flatMap(uidsIn)), of);
}

/** By the user or group of a process. */
export function idValues(
  entries: readonly VerdictEntry[],
  atoms: readonly Atom[],
  all: VerdictBits,
  id: 'uid' | 'gid',
): VerdictValues<number> {
  const ids = new Set(checksOf(entries, atoms).flatMap((check) => uidsIn(check)));
  return valuesOf(ids, (value) => byProcess(entries, atoms, all, { [id]: value }));
}

function valuesOf(
  listed: ReadonlySet<number>,
  of: (value: number) => VerdictBits,
): VerdictValues<number> {
  let other = 0xffff_fff0;
  while (listed.has(other)) other -= 1;
  return { values: new Map([...listed].map((value) => [value, of(value)])), other: of(other) };
}

function byProcess(
  entries: readonly VerdictEntry[],
  atoms: readonly Atom[],
  all: VerdictBits,
  facts: { uid?: number; gid?: number },
): VerdictBits {
  const event = new SyntheticDeed().event({ ...NOBODY, ...facts });
  return mustBits(entries, all, (atom) => truth(atoms[atom]?.holds(event)));
}

const SOME_SIGNAL = typeNumber('kill') ?? 0;
const MAX_COMM = 15; // TASK_COMM_LEN - 1
