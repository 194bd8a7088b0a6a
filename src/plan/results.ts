// Classes of what a call returned, and of what its descriptor is.

import { object_flag, object_kind } from '../abi/layout.js';
import { isOpenOrCreat } from '../decode/descriptors.js';
import { errnoName, errnoNumber } from '../decode/errno.js';
import { typesOf } from '../decode/types.js';
import type { Check } from '../rules/ast.js';
import { sameBits } from './bits.js';
import { ClassBits, type Entry } from './classes.js';
import { CALL_FACTS, type CallFact, callFacts } from './dimensions.js';
import type { ClauseBits, ResultTable } from './kernel-plan.js';
import type { Atom } from './kleene.js';
import { Truth } from './kleene.js';
import { agreed, type CallFacts, type SyntheticCall } from './synthetic.js';

/** What classes of calls are made from. */
export interface CallInput {
  type: number;
  entries: readonly Entry[];
  atoms: readonly Atom[];
  /** The facts of atoms, see `factsOf`; of those that are in no entry -1. */
  masks: readonly FactMask[];
  all: ClauseBits;
  calls: SyntheticCall;
}

/** Facts as bits of a number. */
export type FactMask = number;

/** The bits of facts. */
export function maskOf(facts: readonly CallFact[]): FactMask {
  return facts.reduce((mask, fact) => mask | (1 << CALL_FACTS.indexOf(fact)), 0);
}

/** The facts of both sides of a check; -1 when one is unknown to the kernel. */
export function factsOf(atom: Atom, type: number): FactMask {
  let mask = 0;
  for (const field of atom.fields) {
    const found = callFacts(field, type);
    if (found === undefined) return -1;
    mask |= maskOf(found);
  }
  return mask;
}

/** Whether all facts of an atom, at least one, are among those given. */
export function rests(input: CallInput, atom: number, on: FactMask): boolean {
  const mask = input.masks[atom] ?? -1;
  return mask > 0 && (mask & ~on) === 0;
}

/** By return value; `undefined` when it makes no clause false. */
export function resultTable(input: CallInput): ResultTable | undefined {
  const { type, entries, atoms, all, calls } = input;
  const inSuccess = (atom: number): boolean =>
    rests(input, atom, SUCCESS) && isRange(atoms[atom]?.check);
  // Of a connect that failed nobody knows the ends, unless it still goes on.
  const isOfEnds = (atom: number): boolean =>
    CONNECTS.has(type) && rests(input, atom, NO_SOCKET) && showsOneEnd(atoms[atom]);
  const inFailure = (atom: number): boolean => rests(input, atom, FAILURE) || isOfEnds(atom);
  const success = new ClassBits(entries, inSuccess, all);
  const failure = new ClassBits(entries, inFailure, all);
  if (success.size === 0 && failure.size === 0) return undefined;
  const numbers = [...new Set([...success.atoms, ...failure.atoms])].flatMap((atom) =>
    integersIn(atoms[atom]?.check),
  );
  const good = [0n, 1n, 3n, 1n << 40n, ...numbers.flatMap((one) => [one - 1n, one, one + 1n])];
  const truths = agreed(
    success.atoms,
    atoms,
    type,
    good.filter((ret) => ret >= 0n).map((ret) => ({ ret: small(ret), object_flags: CREATED })),
    calls,
  );
  const notMade = agreed(success.atoms, atoms, type, [{ ret: 0 }, { ret: 3 }], calls);
  const other = new Set(
    [...failure.atoms].flatMap((atom) => errnosIn(atoms[atom]?.check)).filter((one) => one > 0),
  );
  if ([...failure.atoms].some(isOfEnds)) other.add(EINPROGRESS);
  const failed = (errno: number): ClauseBits => {
    const events = [0, CREATED].map((object_flags) => ({ ret: -errno, object_flags }));
    const found = agreed(failure.atoms, atoms, type, events, calls);
    return failure.bits((atom) => {
      if (errno === EINPROGRESS && isOfEnds(atom)) return Truth.UNKNOWN;
      return found.get(atom) ?? Truth.UNKNOWN;
    });
  };
  // An error that nobody names: by one whose name and number are in no rule.
  const unnamed = [...Array(133).keys()].find(
    (errno) => errno > 0 && !other.has(errno) && errnoName(-errno) !== undefined,
  );
  const rest = agreed(failure.atoms, atoms, type, [{ ret: -(unnamed ?? 1) }], calls);
  const otherBits = failure.bits((atom) => {
    const check = atoms[atom]?.check;
    if (unnamed === undefined || !isErrorTest(check)) return Truth.UNKNOWN;
    return rest.get(atom) ?? Truth.UNKNOWN;
  });
  const errors = new Map<number, ClauseBits>();
  for (const errno of [...other].sort((a, b) => a - b)) {
    const bits = failed(errno);
    if (errors.size < MAX_ERRORS && !sameBits(bits, otherBits)) errors.set(errno, bits);
    else if (!sameBits(bits, otherBits)) return undefined;
  }
  const successBits = success.bits((atom) => {
    const truth = truths.get(atom);
    return truth !== undefined && truth === notMade.get(atom) ? truth : Truth.UNKNOWN;
  });
  const table = { success: successBits, errors, other_error: otherBits };
  const isIdle = [successBits, otherBits, ...errors.values()].every((bits) => sameBits(bits, all));
  return isIdle ? undefined : table;
}

/** By kind of object; `undefined` when no kind makes a clause false. */
export function kindTable(input: CallInput): ClauseBits[] | undefined {
  const { type, entries, atoms, all, calls } = input;
  const kinds = Object.values(object_kind).filter((one) => typeof one === 'number');
  const made = new Map<FactMask, ClassBits>();
  const found = [...Array(Math.max(...kinds) + 1).keys()].map((kind) => {
    // What was opened may not be what lies behind the descriptor: decode/claim.ts reads a file there.
    if (isOpenOrCreat(type) && kind !== object_kind.OBJECT_NONE) return all;
    const covered = coveredBy(kind, type);
    const classes =
      made.get(covered) ?? new ClassBits(entries, (atom) => rests(input, atom, covered), all);
    made.set(covered, classes);
    if (classes.size === 0) return all;
    const truths = agreed(classes.atoms, atoms, type, objectsOf(kind), calls);
    return classes.bits((atom) => truths.get(atom) ?? Truth.UNKNOWN);
  });
  return found.every((bits) => sameBits(bits, all)) ? undefined : found;
}

/** Sockets of some families that differ in all that tests without addresses ask for. */
export function socketsOf(
  families: readonly number[],
  protocols: readonly number[] = PROTOCOLS,
): readonly CallFacts[] {
  const key = `${families} ${protocols}`;
  const known = SOCKETS.get(key) ?? makeSockets(families, protocols);
  SOCKETS.set(key, known);
  return known;
}

// Each type of event asks for the same few.
const SOCKETS = new Map<string, readonly CallFacts[]>();

function makeSockets(families: readonly number[], protocols: readonly number[]): CallFacts[] {
  const [any = 0] = protocols;
  // Of the types a raw socket alone is called by its type.
  const transports = [...protocols.map((protocol) => [SOCK_STREAM, protocol]), [SOCK_RAW, any]];
  const sockets: CallFacts[] = [];
  // Those that differ most come first: a test on which two do not agree is not asked again.
  for (const [object_flags, ret] of ROLES)
    for (const [socket_type, protocol] of transports)
      for (const family of families)
        for (const remote_address of family === AF_INET6 ? [V6, V4] : [V4])
          sockets.push({
            kind: object_kind.OBJECT_SOCKET,
            family,
            remote_address,
            local_address: remote_address,
            protocol,
            socket_type,
            object_flags,
            ret,
          });
  return sockets;
}

/** Families of which any other is like the last. */
export const FAMILIES = [0, 1, 2, 10, 16, 17];
export const AF_INET6 = 10;

const SUCCESS = maskOf(['result', 'opened']);
const FAILURE = maskOf(['result', 'opened', 'failure', 'worked_paths']);
const NO_SOCKET = maskOf(['kind', 'socket', 'ends']);
const NO_PATH = maskOf(['kind', 'socket', 'directory', 'filename']);
const NO_ENTRY_OF_OPEN = NO_SOCKET | maskOf(['filename']);
const NO_ENTRY = NO_ENTRY_OF_OPEN | maskOf(['directory', 'name']);
const MAX_ERRORS = 64;
const CREATED: number = object_flag.OBJECT_CREATED;
const V4 = '\x0a\0\0\x01';
const V6 = `\x20\x01${'\0'.repeat(14)}`;
const SOCK_STREAM = 1;
const SOCK_RAW = 3;
// TCP, UDP, ICMP, ICMPv6, IPPROTO_RAW, and one that has no name.
const PROTOCOLS = [6, 17, 1, 58, 255, 132];
// With and without known ends: accepted, connected, bound, none of it, a connect that failed.
const ROLES: readonly (readonly [number, number])[] = [
  [object_flag.OBJECT_ACCEPTED, 0],
  [object_flag.OBJECT_CONNECTED, 0],
  [object_flag.OBJECT_BOUND, 0],
  [0, 0],
  [0, -111],
];

const ANONYMOUS =
  'eventfd signalfd eventpoll inotify timerfd userfaultfd io_uring pidfd bpf-map btf unknown'.split(
    ' ',
  );
const O_DIRECTORY = 0o200000;
const O_TMPFILE = 0o20200000;

function objectsOf(kind: number): readonly CallFacts[] {
  switch (kind) {
    case object_kind.OBJECT_SOCKET:
      return socketsOf(FAMILIES);
    case object_kind.OBJECT_DIRECTORY:
      return [0, O_DIRECTORY, O_TMPFILE].map((open_flags) => ({ kind, open_flags, path: '/d' }));
    case object_kind.OBJECT_PIPE:
    case object_kind.OBJECT_OTHER:
      return [{ kind }, { kind, path: '/p' }];
    case object_kind.OBJECT_ANON:
      return ANONYMOUS.flatMap((name) => [
        { kind, path: `[${name}]` },
        { kind, path: `anon_inode:${name}` },
      ]).concat({ kind, path: '' });
    case object_kind.OBJECT_NONE:
      return [{ ret: -2 }, { ret: 0 }];
    default:
      return [{ kind, path: '/f' }];
  }
}

function coveredBy(kind: number, type: number): FactMask {
  switch (kind) {
    case object_kind.OBJECT_NONE:
      return isOpenOrCreat(type) ? NO_ENTRY_OF_OPEN : NO_ENTRY;
    case object_kind.OBJECT_SOCKET:
      return NO_PATH;
    case object_kind.OBJECT_MEMFD:
    case object_kind.OBJECT_ANON:
      return NO_PATH | NO_SOCKET;
    default:
      return NO_SOCKET;
  }
}

// Numbers are found out at those of the check and beside them; the rest is the same for all results.
function isRange(check: Check | undefined): boolean {
  if (check?.left.kind !== 'field') return false;
  if (!/^(evt\.rawres|fd\.num|evt\.rawarg)/.test(check.left.name)) return true;
  return check.right?.kind !== 'transformer' && check.modifier === undefined;
}

/** Whether a test of a result comes to the same for every error that it does not name. */
export function isErrorTest(check: Check | undefined): boolean {
  if (check?.left.kind !== 'field' || check.right?.kind === 'transformer') return false;
  if (check.modifier !== undefined) return false;
  const { name } = check.left;
  if (name === 'evt.res' || name.startsWith('evt.arg')) {
    if (!['=', '==', '!=', 'in'].includes(check.operator)) return false;
    return constants(check).every((text) => !/^-?\d/.test(text));
  }
  if (/^(evt\.rawres|evt\.rawarg(\..*)?)$/.test(name)) {
    if (['=', '==', '!=', 'in'].includes(check.operator)) return true;
    return integersIn(check).every((one) => one >= 0n || one < -4096n);
  }
  return true;
}

function constants(check: Check | undefined): readonly string[] {
  const right = check?.right;
  if (right === undefined || right.kind === 'transformer') return [];
  return right.kind === 'value' ? [right.value] : right.values;
}

function integersIn(check: Check | undefined): bigint[] {
  return constants(check).flatMap((text) => (/^[+-]?\d{1,20}$/.test(text) ? BigInt(text) : []));
}

/** Positive numbers of errors that a check names, by name or by number, and those beside them. */
export function errnosIn(check: Check | undefined): number[] {
  const named = constants(check).flatMap((text) => {
    const errno = errnoNumber(text);
    return errno === undefined ? [] : -errno;
  });
  const numbered = integersIn(check).flatMap((one) => [
    Number(-one) - 1,
    Number(-one),
    Number(-one) + 1,
  ]);
  return [...named, ...numbered.filter((one) => one > 0 && one <= MAX_ERRNO)];
}

function showsOneEnd(atom: Atom | undefined): boolean {
  return atom?.fields.every(({ name }) => ONE_END.test(name)) === true;
}

const ONE_END = /^fd\.[cslr](ip|net|port|proto|ip\.name)$/;
const EINPROGRESS = 115;

function small(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

const MAX_ERRNO = 4095;
/** Types that accept a connection: the socket is what they return. */
export const ACCEPTS = typesOf('accept accept4');
export const CONNECTS = typesOf('connect');
