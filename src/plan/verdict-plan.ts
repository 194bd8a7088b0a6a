// From rules that deny to what the kernel looks up: for each fact that parts of their clauses rest on, the
// clauses whose part it makes true. What is missing in a set does not hold: there is no "maybe" in it.

import { object_kind, verdict_dimension } from '../abi/layout.js';
import { type ContainerView, NOBODY } from '../decode/event.js';
import { killEvents } from './kill-events.js';
import { type Atom, eachLiteral, type Formula, opposed, type Truth } from './kleene.js';
import { HOST, SOME_CONTAINER, truth } from './live.js';
import { OPERATIONS, type Operation, operationOf } from './operations.js';
import { type CallFacts, SyntheticCall, SyntheticDeed } from './synthetic.js';
import { type VerdictArgument, verdictArguments } from './verdict-arguments.js';
import { bitsOfCall, mustBits, type VerdictBits, type VerdictEntry } from './verdict-bits.js';
import type { KillRate, VerdictClause, VerdictMode } from './verdict-clause.js';
import { lsmBits, type VerdictNets, verdictNets } from './verdict-net.js';
import { NET_KINDS, type PartKind, TARGET_KINDS, VALUES, WALKING_KINDS } from './verdict-part.js';
import { type VerdictPaths, verdictPaths } from './verdict-paths.js';
import { commValues, idValues, targetValues, type VerdictValues } from './verdict-values.js';

/** Everything that decides in the kernel what is denied; plain data. */
export interface VerdictPlan {
  /** By number; at most VERDICT_CLAUSES. */
  readonly rules: readonly VerdictMode[];
  /** The clauses that an operation can match. */
  readonly operations: ReadonlyMap<number, VerdictBits>;
  /** The clauses that have a part in a dimension, by `enum verdict_dimension`. */
  readonly depends: ReadonlyMap<number, VerdictBits>;
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
  /** Of a process of the host, and of any other. */
  readonly host: VerdictBits;
  readonly container: VerdictBits;
  readonly path: VerdictPaths;
  readonly path2: VerdictPaths;
  /** By the path of the program of the process, of its parent, of some ancestor. */
  readonly exe: VerdictPaths;
  readonly parent: VerdictPaths;
  readonly ancestor: VerdictPaths;
  readonly parent_comm: VerdictValues<string>;
  readonly ancestor_comm: VerdictValues<string>;
  /** Clauses that ask for no ancestor with such a program, or name. */
  readonly no_ancestor: VerdictBits;
  readonly no_ancestor_comm: VerdictBits;
  /** The clauses for which whom it is aimed at must be looked at: program, name, number. */
  readonly targets: VerdictBits;
  readonly target: VerdictPaths;
  readonly target_comm: VerdictValues<string>;
  readonly target_pid: VerdictValues<number>;
  readonly net: VerdictNets;
  /** The clauses for which a socket or a number must be looked at. */
  readonly nets: VerdictBits;
  /** The clauses that need LSM hooks: those of cgroups do not see all that they are about. */
  readonly lsm: VerdictBits;
  /** The clauses that kill; no operation has them. */
  readonly kill: VerdictBits;
  /** Those that an event can match, by native number or `enum kill_event`. */
  readonly kills: ReadonlyMap<number, VerdictBits>;
  /** Those that ask for a directory, or for the end of a path. */
  readonly parts: VerdictBits;
  /** By the arguments of these events. */
  readonly arguments: readonly VerdictArgument[];
  readonly kill_rate: KillRate;
}

/** Plans clauses, at most VERDICT_CLAUSES, numbered as they come. */
export function verdictPlan(
  clauses: readonly VerdictClause[],
  atoms: readonly Atom[],
  kill_rate: KillRate,
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
  const depends = new Map<number, VerdictBits>();
  for (const [dimension, kinds] of DIMENSIONS) {
    const bits = bitsWhere(({ parts }) => kinds.some((kind) => parts.has(kind)));
    if (bits !== 0n) depends.set(dimension, bits);
  }
  const byNumber = (of: VerdictMode['action'], all: readonly Operation[]) =>
    new Map(
      all.flatMap(({ number }) => {
        const bits = bitsWhere(({ action, operations }) => action === of && operations.has(number));
        return bits === 0n ? [] : [[number, bits] as const];
      }),
    );
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
  const programs = (whole: VerdictEntry[], last: VerdictEntry[]): VerdictPaths =>
    verdictPaths({ whole, directory: [], last }, atoms, all);
  const isIn =
    (container: ContainerView) =>
    (atom: number): Truth =>
      truth(atoms[atom]?.holds(new SyntheticDeed().event({ ...NOBODY, container })));
  const ofOpen = (kind: PartKind, facts: CallFacts): VerdictBits =>
    bitsOfCall(entriesOf(kind), all, atoms, calls, OPENAT, facts);
  const kinds = Object.values(object_kind);
  const kindBits = (kind: number, open_flags: number): VerdictBits =>
    ofOpen('kind', { ret: 3, kind, open_flags, path: '/x' });
  const net = verdictNets(entriesOf, atoms, all, calls);
  const kills = byNumber('kill', killEvents());
  return {
    net,
    nets: bitsWhere(({ parts }) => NET_KINDS.some((kind) => parts.has(kind))),
    lsm: lsmBits(clauses, net),
    rules: clauses.map(({ rule, action, mode, denyOnError }) => ({
      rule,
      action,
      mode,
      denyOnError,
    })),
    operations: byNumber('deny', OPERATIONS),
    kill: bitsWhere(({ action }) => action === 'kill'),
    kills,
    parts: bitsWhere(
      ({ action, parts }) => action === 'kill' && PARTS.some((kind) => parts.has(kind)),
    ),
    arguments: verdictArguments(entriesOf, atoms, all, calls, kills),
    kill_rate,
    depends,
    walks: bitsWhere(({ parts }) => WALKING_KINDS.some((kind) => parts.has(kind))),
    deny: bitsWhere(({ action, mode }) => action === 'deny' && mode === 'on'),
    audit: bitsWhere(({ action, mode }) => action === 'deny' && mode === 'audit'),
    error_deny: bitsWhere(({ denyOnError }) => denyOnError),
    modes: [0n, 1n, 2n, 3n].map((flags) =>
      ofOpen('mode', { args: [flags, flags, flags], extra: Number(flags) }),
    ),
    kinds: kinds.map((kind) => kindBits(kind, 0)),
    directories: kindBits(object_kind.OBJECT_DIRECTORY, O_DIRECTORY),
    comm: commValues(entriesOf('comm'), atoms, all),
    uid: idValues(entriesOf('uid'), atoms, all, 'uid'),
    gid: idValues(entriesOf('gid'), atoms, all, 'gid'),
    host: bits('container', isIn(HOST)),
    container: bits('container', isIn(SOME_CONTAINER)),
    path: paths(''),
    path2: paths('2'),
    exe: programs(entriesOf('exe'), entriesOf('exe_last')),
    parent: programs(entriesOf('pexe'), entriesOf('pexe_last')),
    ancestor: programs(someAncestor(entriesOf('aexe')), []),
    parent_comm: commValues(entriesOf('pcomm'), atoms, all),
    ancestor_comm: commValues(someAncestor(entriesOf('acomm')), atoms, all),
    targets: bitsWhere(({ parts }) => TARGET_KINDS.some((kind) => parts.has(kind))),
    target: programs(entriesOf('target'), entriesOf('target_last')),
    target_comm: commValues(entriesOf('target_comm'), atoms, all),
    target_pid: targetValues(entriesOf('target_pid'), atoms, all, calls),
    no_ancestor: negated(entriesOf('aexe')),
    no_ancestor_comm: negated(entriesOf('acomm')),
  };
}

// Whether some ancestor is so, and the opposite of it, which is made from that in the kernel.
function someAncestor(entries: readonly VerdictEntry[]): VerdictEntry[] {
  return entries.map(({ clause, formula }) => ({
    clause,
    formula: isNegated(formula) ? opposed(formula) : formula,
  }));
}

function negated(entries: readonly VerdictEntry[]): VerdictBits {
  let bits = 0n;
  for (const { clause, formula } of entries) if (isNegated(formula)) bits |= 1n << BigInt(clause);
  return bits;
}

function isNegated(formula: Formula): boolean {
  let found = false;
  eachLiteral(formula, (_, isNot) => {
    found ||= isNot;
  });
  return found;
}

/** By `enum verdict_dimension`; the arguments and the result follow the first of them. */
const DIMENSIONS: readonly (readonly [number, readonly PartKind[]])[] = [
  [verdict_dimension.VERDICT_BY_MODE, ['mode']],
  [verdict_dimension.VERDICT_BY_KIND, ['kind']],
  [verdict_dimension.VERDICT_BY_COMM, ['comm']],
  [verdict_dimension.VERDICT_BY_UID, ['uid']],
  [verdict_dimension.VERDICT_BY_GID, ['gid']],
  [verdict_dimension.VERDICT_BY_CONTAINER, ['container']],
  [verdict_dimension.VERDICT_BY_EXE, ['exe', 'exe_last']],
  [verdict_dimension.VERDICT_BY_PARENT, ['pexe', 'pexe_last']],
  [verdict_dimension.VERDICT_BY_PARENT_COMM, ['pcomm']],
  [verdict_dimension.VERDICT_BY_ANCESTOR, ['aexe']],
  [verdict_dimension.VERDICT_BY_ANCESTOR_COMM, ['acomm']],
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
  [verdict_dimension.VERDICT_BY_TARGET, ['target', 'target_last']],
  [verdict_dimension.VERDICT_BY_TARGET_COMM, ['target_comm']],
  [verdict_dimension.VERDICT_BY_TARGET_PID, ['target_pid']],
  ...VALUES.map((kind, at) => [verdict_dimension.VERDICT_BY_ARGUMENT + at, [kind]] as const),
];

const PARTS: readonly PartKind[] = ['directory', 'directory2', 'last', 'last2'];

const OPENAT = operationOf(0)?.types[0] ?? 0;
const O_DIRECTORY = 0o200000;
