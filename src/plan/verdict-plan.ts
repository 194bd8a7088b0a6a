// From rules that deny to what the kernel looks up: for each fact that parts of their clauses rest on, the
// clauses whose part it makes true. What is missing in a set does not hold: there is no "maybe" in it.

import { object_kind, verdict_dimension, verdict_operation } from '../abi/layout.js';
import { NOBODY } from '../decode/event.js';
import type { Check } from '../rules/ast.js';
import type { ExactClause } from './exact.js';
import { type Atom, type Formula, Truth } from './kleene.js';
import { uidsIn } from './live.js';
import { OPERATIONS, operationOf } from './operations.js';
import { agreed, SyntheticCall, SyntheticDeed } from './synthetic.js';
import { mustBits, type VerdictBits, type VerdictEntry } from './verdict-bits.js';
import {
  NET_KINDS,
  otherFamilies,
  otherThanInternet,
  type VerdictNets,
  verdictNets,
} from './verdict-net.js';
import { exactText, type PartKind } from './verdict-parts.js';
import { type VerdictPaths, verdictPaths } from './verdict-paths.js';

/** What becomes of a match. */
export interface VerdictMode {
  /** Place of the rule among those of its load. */
  readonly rule: number;
  /** `audit`: it is told only. */
  readonly mode: 'audit' | 'on';
  /** What cannot be decided counts as a match. */
  readonly denyOnError: boolean;
}

/** A clause of the plan. */
export interface VerdictClause extends ExactClause, VerdictMode {}

/** By exact value, and what holds for all others. */
export interface VerdictValues<Value> {
  readonly values: ReadonlyMap<Value, VerdictBits>;
  readonly other: VerdictBits;
}

/** Everything that decides in the kernel what is denied; plain data. */
export interface VerdictPlan {
  /** By number; at most VERDICT_CLAUSES. */
  readonly rules: readonly VerdictMode[];
  /** The clauses that an operation can match. */
  readonly operations: ReadonlyMap<number, VerdictBits>;
  /** The clauses that have a part in a dimension. */
  readonly depends: ReadonlyMap<verdict_dimension, VerdictBits>;
  /** The clauses for which a path must be looked at. */
  readonly walks: VerdictBits;
  readonly deny: VerdictBits;
  readonly audit: VerdictBits;
  readonly error_deny: VerdictBits;
  /** By O_ACCMODE. */
  readonly modes: readonly VerdictBits[];
  /** By `enum object_kind`. */
  readonly kinds: readonly VerdictBits[];
  /** A directory that is opened as one. */
  readonly directories: VerdictBits;
  readonly comm: VerdictValues<string>;
  readonly uid: VerdictValues<number>;
  readonly gid: VerdictValues<number>;
  readonly path: VerdictPaths;
  readonly path2: VerdictPaths;
  readonly net: VerdictNets;
  /** The clauses for which a socket or a number must be looked at. */
  readonly nets: VerdictBits;
  /** The clauses that need LSM hooks: those of cgroups do not see all that they are about. */
  readonly lsm: VerdictBits;
}

/** VERDICT_CLAUSES of bpf/abi.h: a set is one word. */
export const MAX_VERDICT_CLAUSES = 64;

/** Plans clauses, at most MAX_VERDICT_CLAUSES, numbered as they come. */
export function verdictPlan(
  clauses: readonly VerdictClause[],
  atoms: readonly Atom[],
): VerdictPlan {
  const all = (1n << BigInt(clauses.length)) - 1n;
  const calls = new SyntheticCall();
  const entriesOf = (kind: PartKind): VerdictEntry[] =>
    clauses.flatMap(({ parts }, clause) => {
      const formula = parts.get(kind);
      return formula === undefined ? [] : [{ clause, formula }];
    });
  const bitsWhere = (holds: (clause: VerdictClause) => boolean): VerdictBits =>
    clauses.reduce((bits, clause, at) => (holds(clause) ? bits | (1n << BigInt(at)) : bits), 0n);
  const depends = new Map<verdict_dimension, VerdictBits>();
  for (const [dimension, kinds] of DIMENSIONS) {
    const bits = bitsWhere(({ parts }) => kinds.some((kind) => parts.has(kind)));
    if (bits !== 0n) depends.set(dimension, bits);
  }
  const operations = new Map<number, VerdictBits>();
  for (const { number } of OPERATIONS) {
    const bits = bitsWhere((clause) => clause.operations.has(number));
    if (bits !== 0n) operations.set(number, bits);
  }
  const bits = (kind: PartKind, truthOf: (atom: number) => Truth): VerdictBits =>
    mustBits(entriesOf(kind), all, truthOf);
  const paths = (at: '' | '2'): VerdictPaths =>
    verdictPaths(
      {
        whole: entriesOf(`path${at}`),
        directory: entriesOf(`directory${at}`),
        last: entriesOf(`last${at}`),
      },
      atoms,
      all,
    );
  const kinds = Object.values(object_kind);
  const kindBits = (kind: number, open_flags: number): VerdictBits =>
    bits('kind', (atom) => {
      const facts = { ret: 3, kind, open_flags, path: '/x' };
      return agreed([atom], atoms, OPENAT, [facts], calls).get(atom) ?? Truth.UNKNOWN;
    });
  const net = verdictNets(entriesOf, atoms, all, calls);
  return {
    net,
    nets: bitsWhere(({ parts }) => NET_KINDS.some((kind) => parts.has(kind))),
    lsm: lsmBits(clauses, net),
    rules: clauses.map(({ rule, mode, denyOnError }) => ({ rule, mode, denyOnError })),
    operations,
    depends,
    walks: bitsWhere(({ parts }) => WALKING.some((kind) => parts.has(kind))),
    deny: bitsWhere(({ mode }) => mode === 'on'),
    audit: bitsWhere(({ mode }) => mode === 'audit'),
    error_deny: bitsWhere(({ denyOnError }) => denyOnError),
    modes: [0n, 1n, 2n, 3n].map((flags) =>
      bits('mode', (atom) => {
        const facts = { args: [flags, flags, flags], extra: Number(flags) };
        return agreed([atom], atoms, OPENAT, [facts], calls).get(atom) ?? Truth.UNKNOWN;
      }),
    ),
    kinds: kinds.map((kind) => kindBits(kind, 0)),
    directories: kindBits(object_kind.OBJECT_DIRECTORY, O_DIRECTORY),
    comm: commValues(entriesOf('comm'), atoms, all),
    uid: idValues(entriesOf('uid'), atoms, all, 'uid'),
    gid: idValues(entriesOf('gid'), atoms, all, 'gid'),
    path: paths(''),
    path2: paths('2'),
  };
}

/** The programs that the plan needs. */
export function verdictPrograms({ operations }: VerdictPlan, hasLsm = true): string[] {
  return [...operations.keys()].flatMap((number) => {
    const operation = operationOf(number);
    return (hasLsm ? operation?.programs : operation?.withoutLsm) ?? [];
  });
}

/** The rules that need LSM hooks, by their place among those of their load. */
export function lsmRules({ rules, lsm }: VerdictPlan): Set<number> {
  return new Set(
    rules.filter((_, at) => (lsm & (1n << BigInt(at))) !== 0n).map(({ rule }) => rule),
  );
}

// What is sent over a connected socket no hook of a cgroup sees: without the clause's connect it could be.
function lsmBits(clauses: readonly VerdictClause[], net: VerdictNets): VerdictBits {
  const notInternet = otherThanInternet(net);
  const families = otherFamilies(net);
  let bits = 0n;
  for (const [at, { operations }] of clauses.entries()) {
    const bit = 1n << BigInt(at);
    const needs = [...operations].some((number) => {
      if ((operationOf(number)?.withoutLsm.length ?? 0) === 0) return true;
      if (number === verdict_operation.VERDICT_SOCKET) return (notInternet & families & bit) !== 0n;
      if (number === verdict_operation.VERDICT_SEND)
        if (!operations.has(verdict_operation.VERDICT_CONNECT)) return true;
      return (notInternet & bit) !== 0n;
    });
    if (needs) bits |= bit;
  }
  return bits;
}

function commValues(
  entries: readonly VerdictEntry[],
  atoms: readonly Atom[],
  all: VerdictBits,
): VerdictValues<string> {
  const names = new Set(
    entries.flatMap(({ formula }) =>
      checksOf(formula, atoms).flatMap((check) => exactText(check)?.texts ?? []),
    ),
  );
  const values = new Map<string, VerdictBits>();
  const of = (comm: string): VerdictBits => byProcess(entries, atoms, all, { comm });
  for (const comm of names) if (comm.length <= MAX_COMM) values.set(comm, of(comm));
  let other = 'a';
  while (names.has(other)) other += 'a';
  return { values, other: of(other.slice(0, MAX_COMM)) };
}

function idValues(
  entries: readonly VerdictEntry[],
  atoms: readonly Atom[],
  all: VerdictBits,
  id: 'uid' | 'gid',
): VerdictValues<number> {
  const ids = new Set(
    entries.flatMap(({ formula }) => checksOf(formula, atoms).flatMap((check) => uidsIn(check))),
  );
  const of = (value: number): VerdictBits => byProcess(entries, atoms, all, { [id]: value });
  let other = 0xffff_fff0;
  while (ids.has(other)) other -= 1;
  return { values: new Map([...ids].map((value) => [value, of(value)])), other: of(other) };
}

function byProcess(
  entries: readonly VerdictEntry[],
  atoms: readonly Atom[],
  all: VerdictBits,
  facts: { comm?: string; uid?: number; gid?: number },
): VerdictBits {
  const event = new SyntheticDeed().event({ ...NOBODY, ...facts });
  return mustBits(entries, all, (atom) => {
    const holds = atoms[atom]?.holds(event);
    return holds === undefined ? Truth.UNKNOWN : holds ? Truth.TRUE : Truth.FALSE;
  });
}

function checksOf(formula: Formula, atoms: readonly Atom[]): Check[] {
  const found: Check[] = [];
  const visit = (part: Formula): void => {
    if (part.kind === 'literal') {
      const check = atoms[part.atom]?.check;
      if (check !== undefined) found.push(check);
    } else if (part.kind !== 'constant') part.parts.forEach(visit);
  };
  visit(formula);
  return found;
}

const DIMENSIONS: readonly (readonly [verdict_dimension, readonly PartKind[]])[] = [
  [verdict_dimension.VERDICT_BY_MODE, ['mode']],
  [verdict_dimension.VERDICT_BY_KIND, ['kind']],
  [verdict_dimension.VERDICT_BY_COMM, ['comm']],
  [verdict_dimension.VERDICT_BY_UID, ['uid']],
  [verdict_dimension.VERDICT_BY_GID, ['gid']],
  [verdict_dimension.VERDICT_BY_LAST, ['last']],
  [verdict_dimension.VERDICT_BY_PATH, ['path', 'directory']],
  [verdict_dimension.VERDICT_BY_LAST2, ['last2']],
  [verdict_dimension.VERDICT_BY_PATH2, ['path2', 'directory2']],
  [verdict_dimension.VERDICT_BY_NUMBER, ['number']],
  [verdict_dimension.VERDICT_BY_SOCKET, ['socket']],
  [verdict_dimension.VERDICT_BY_SERVER, ['server']],
  [verdict_dimension.VERDICT_BY_SERVER_PORT, ['server_port']],
  [verdict_dimension.VERDICT_BY_REMOTE, ['remote']],
  [verdict_dimension.VERDICT_BY_REMOTE_PORT, ['remote_port']],
];

const WALKING: readonly PartKind[] = ['last', 'path', 'directory', 'last2', 'path2', 'directory2'];
const OPENAT = operationOf(0)?.types[0] ?? 0;
const O_DIRECTORY = 0o200000;
const MAX_COMM = 15; // TASK_COMM_LEN - 1
