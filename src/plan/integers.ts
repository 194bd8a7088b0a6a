// Classes of small integers: arguments, flags, families, protocols and ports.

import { object_kind } from '../abi/layout.js';
import { isOpen, isOpenOrCreat } from '../decode/descriptors.js';
import { errnoNumber, signalNumber } from '../decode/errno.js';
import { TRANSLATIONS } from '../decode/kernel-values.js';
import type { Param } from '../decode/params.js';
import { typesOf } from '../decode/types.js';
import type { Check } from '../rules/ast.js';
import { sameBits } from './bits.js';
import { ClassBits } from './classes.js';
import { paramOf, sourceOf } from './dimensions.js';
import type { ClauseBits, IntegerSource, IntegerTable } from './kernel-plan.js';
import { MAX_INTEGERS } from './kernel-plan.js';
import { type Atom, Truth } from './kleene.js';
import {
  ACCEPTS,
  type CallInput,
  CONNECTS,
  FAMILIES,
  maskOf,
  rests,
  socketsOf,
} from './results.js';
import { agreed, type CallFacts } from './synthetic.js';

/** The tables of a type, those first that clear most; at most MAX_INTEGERS. */
export function integerTables(input: CallInput): IntegerTable[] {
  const tables = [
    ...ARGS.flatMap((arg) => argumentTables(input, arg)),
    ...flagTables(input),
    ...familyTables(input),
    ...protocolTables(input),
    ...portTables(input),
  ];
  const counted = tables.map((table) => ({ table, clauses: table.clauses }));
  counted.sort((a, b) => b.clauses - a.clauses);
  const kept = new Set(counted.slice(0, MAX_INTEGERS).map(({ table }) => table));
  return tables
    .filter((one) => kept.has(one))
    .map(({ source, shift, mask, values, other }) => ({ source, shift, mask, values, other }));
}

interface Counted extends IntegerTable {
  /** How many clauses it can make false. */
  clauses: number;
}

type Arg = (typeof ARGS)[number];
const ARGS = ['arg0', 'arg1', 'arg2', 'arg3', 'arg4', 'arg5'] as const;
const FULL = 0xffff_ffffn;
/** Bits that tests of one flag word may ask for together. */
const MAX_BITS = 8;
const MAX_VALUES = 128;

function argumentTables(input: CallInput, arg: Arg): Counted[] {
  const { type, atoms } = input;
  const index = ARGS.indexOf(arg);
  const make = (value: bigint): CallFacts[] => {
    const args = Array.from({ length: 6 }, (_, at) => (at === index ? value : 0n));
    return [{ args }];
  };
  const on = maskOf([arg]);
  const mine = (atom: number): boolean => rests(input, atom, on);
  const bitsOf = (atom: number): bigint | undefined =>
    mine(atom) ? flagBits(atoms[atom], type) : undefined;
  const flags = bitTable(input, arg, bitsOf, make);
  const values = valueTable(input, arg, (atom) => mine(atom) && bitsOf(atom) === undefined, make);
  return [flags, values].filter((table) => table !== undefined);
}

function flagTables(input: CallInput): Counted[] {
  const { type, atoms } = input;
  if (!isOpen(type)) return [];
  const bitsOf = (atom: number): bigint | undefined =>
    rests(input, atom, OF_FLAGS) ? flagBits(atoms[atom], type) : undefined;
  const make = (value: bigint): CallFacts[] =>
    [0n, 0o777n].flatMap((mode) =>
      [0, ALL_OPENED].flatMap((object_flags) =>
        [3, -2].map((ret) => ({ ...asked(type, value, mode), object_flags, ret })),
      ),
    );
  const table = bitTable(input, 'extra', bitsOf, make);
  return table === undefined ? [] : [table];
}

const OF_FLAGS = maskOf(['flags', 'mode', 'opened']);
const AF_INET = 2n;
const AF_INET6 = 10n;
const OF_SOCKET = maskOf(['kind', 'socket']);
const OF_ENDS = maskOf(['kind', 'socket', 'ends']);

// OBJECT_UPPER_LAYER, OBJECT_LOWER_LAYER and OBJECT_CREATED.
const ALL_OPENED = 7;

function asked(type: number, flags: bigint, mode: bigint): CallFacts {
  const args = OPEN.has(type) ? [0n, flags, mode, 0n] : [0n, 0n, flags, mode];
  return { args, extra: Number(flags), extra2: Number(mode) };
}

const OPEN = typesOf('open');

// Of an open the object may be another than what was opened, see decode/claim.ts.
function familyTables(input: CallInput): Counted[] {
  if (isOpenOrCreat(input.type)) return [];
  const mine = (atom: number): boolean => rests(input, atom, OF_ENDS);
  // Sockets that are not of the internet have no ends.
  const ofAny = (atom: number): boolean => rests(input, atom, OF_SOCKET);
  const decides = (family: bigint | undefined, atom: number): boolean =>
    (family !== AF_INET && family !== AF_INET6) || ofAny(atom);
  const values = new Map(FAMILIES.slice(1, -1).map((one) => [BigInt(one), socketsOf([one])]));
  const rest = socketsOf(FAMILIES.slice(-1));
  const table = listedTable(input, 'object_family', mine, values, rest, [0n], FULL, decides);
  return table === undefined ? [] : [table];
}

function protocolTables(input: CallInput): Counted[] {
  const { type, atoms } = input;
  if (isOpenOrCreat(type)) return [];
  const mine = (atom: number): boolean =>
    rests(input, atom, OF_SOCKET) &&
    atoms[atom]?.fields.every((field) => field.name === 'fd.l4proto') === true;
  const families = FAMILIES.slice(1);
  const values = new Map(
    [6, 17, 1, 58, 255].map((one) => [BigInt(one), socketsOf(families, [one])]),
  );
  const rest = socketsOf(families, [132]);
  const table = listedTable(input, 'object_protocol', mine, values, rest, [0n]);
  return table === undefined ? [] : [table];
}

// The port of the server, or of either side. A connect whose socket has no peer yet goes by the address
// that it was given, so port 0 says nothing.
function portTables(input: CallInput): Counted[] {
  const { type, atoms } = input;
  const isConnect = CONNECTS.has(type);
  if (!isConnect && !ACCEPTS.has(type)) return [];
  const tables: (Counted | undefined)[] = [];
  for (const side of ['remote', 'local'] as const) {
    const isServer = (side === 'remote') === isConnect;
    const mine = (atom: number): boolean =>
      rests(input, atom, OF_ENDS) &&
      isPortTest(atoms[atom]?.check, isServer ? /^fd\.s?port$/ : /^fd\.c?port$/);
    const ports = new ClassBits(input.entries, mine, input.all).atoms;
    const numbers = [...ports].flatMap((atom) => portsIn(atoms[atom]?.check));
    // Tests of either side: one port at the other side that makes each true, and one that makes none.
    const either = [...ports].filter((atom) => isPortTest(atoms[atom]?.check, /^fd\.port$/));
    const telling = either.flatMap((atom) => portsIn(atoms[atom]?.check).slice(0, 1));
    const others = [...new Set([...telling, unlisted(numbers)])];
    const make = (port: number): CallFacts[] =>
      others.flatMap((other) =>
        [0, -115, -111].flatMap((ret) => ends(side, port, other, ret, type)),
      );
    const values = new Map([...new Set(numbers)].map((one) => [BigInt(one), make(one)]));
    values.delete(0n);
    const source = side === 'remote' ? 'object_remote_port' : 'object_local_port';
    tables.push(listedTable(input, source, mine, values, make(unlisted(numbers)), [0n]));
  }
  return tables.filter((table) => table !== undefined);
}

function ends(
  side: 'remote' | 'local',
  port: number,
  other: number,
  ret: number,
  type: number,
): CallFacts[] {
  const found = {
    kind: object_kind.OBJECT_SOCKET,
    family: 2,
    ret,
    remote_port: side === 'remote' ? port : other,
    local_port: side === 'local' ? port : other,
  };
  // An accept that failed has no socket.
  return ACCEPTS.has(type) && ret < 0 ? [{ ret }] : [found];
}

function isPortTest(check: Check | undefined, fields: RegExp): boolean {
  if (check?.left.kind !== 'field' || !fields.test(check.left.name)) return false;
  if (check.modifier !== undefined || check.right?.kind === 'transformer') return false;
  if (!['=', '==', '!=', 'in'].includes(check.operator)) return false;
  return constants(check).every((text) => /^\d{1,5}$/.test(text) && Number(text) < 65536);
}

function portsIn(check: Check | undefined): number[] {
  return constants(check).map(Number);
}

function unlisted(numbers: readonly number[]): number {
  let port = 40_000;
  while (numbers.includes(port)) port += 1;
  return port;
}

/**
 * What of a flag word a test asks for, in the kernel's bits; `undefined` when it is not a few of them.
 */
function flagBits(atom: Atom | undefined, type: number): bigint | undefined {
  const check = atom?.check;
  if (check?.left.kind !== 'field' || check.right?.kind === 'transformer') return undefined;
  switch (check.left.name) {
    case 'evt.is_open_read':
    case 'evt.is_open_write':
      return 3n;
    case 'evt.is_open_exec':
      return isOpen(type) ? O_CREAT | O_TMPFILE : ANY_EXECUTE;
    default:
      return namedBits(check, type);
  }
}

function namedBits(check: Check, type: number): bigint | undefined {
  if (check.left.kind !== 'field' || !check.left.name.startsWith('evt.arg')) return undefined;
  if (check.operator !== 'contains' || check.modifier !== undefined) return undefined;
  const [name = '', more] = constants(check);
  if (more !== undefined || !/^[A-Za-z0-9_]+$/.test(name)) return undefined;
  const param = paramOf(check.left, type);
  if (param?.flags === undefined || !/^(FLAGS|MODE)/.test(param.type)) return undefined;
  const wanted = param.flags.filter((flag) => flag.name.includes(name)).map(({ value }) => value);
  if (wanted.some((value) => value === 0) || '0'.includes(name)) return undefined;
  let bits = wanted.reduce((sum, value) => (sum | value) >>> 0, 0);
  // A name that shares a bit with one of them may stand in its place.
  for (let before = -1; before !== bits; ) {
    before = bits;
    for (const { value } of param.flags) if ((value & bits) !== 0) bits = (bits | value) >>> 0;
  }
  return kernelBits(bits, sourceOf(type, param), param);
}

// The kernel's bits that decide about the rule's.
function kernelBits(rule: number, source: string | undefined, param: Param): bigint | undefined {
  const translation = source === 'open' ? 'open' : source?.split('.')[1];
  if (translation === undefined) return BigInt(rule) & widthOf(param);
  const { toKernel } = TRANSLATIONS[translation] ?? {};
  if (toKernel === undefined || !BITWISE.has(translation)) return undefined;
  let bits = 0n;
  for (let bit = 0; bit < 32; bit += 1) {
    const flag = 2 ** bit;
    if (Math.floor(rule / flag) % 2 === 0) continue;
    if (translation === 'open' && flag < 4) bits |= 3n;
    else bits |= BigInt(toKernel(flag) >>> 0);
  }
  return bits;
}

const BITWISE: ReadonlySet<string> = new Set([
  'open',
  'fdflags',
  'clone',
  'prot',
  'mmap',
  'flock',
  'semget',
]);
const O_CREAT = 0o100n;
const O_TMPFILE = 0o20200000n;
const ANY_EXECUTE = 0o111n;

/** All combinations of the bits that tests ask for. */
function bitTable(
  input: CallInput,
  source: IntegerSource,
  bitsOf: (atom: number) => bigint | undefined,
  make: (value: bigint) => CallFacts[],
): Counted | undefined {
  const { type, entries, atoms, all, calls } = input;
  const probe = new ClassBits(entries, (atom) => bitsOf(atom) !== undefined, all);
  let mask = 0n;
  const known = new Set<number>();
  const byNeed = [...probe.atoms].map((atom) => ({ atom, bits: bitsOf(atom) ?? 0n }));
  byNeed.sort((a, b) => countOf(a.bits) - countOf(b.bits) || a.atom - b.atom);
  for (const { atom, bits } of byNeed) {
    if (countOf(mask | bits) > MAX_BITS) continue;
    mask |= bits;
    known.add(atom);
  }
  if (known.size === 0 || mask === 0n) return undefined;
  const classes = new ClassBits(entries, (atom) => known.has(atom), all);
  if (classes.size === 0) return undefined;
  const shift = lowestBit(mask);
  const found = combinations(mask).map((value): [bigint, ClauseBits] => {
    const truths = agreed(classes.atoms, atoms, type, make(value), calls);
    return [value >> BigInt(shift), classes.bits((atom) => truths.get(atom) ?? Truth.UNKNOWN)];
  });
  const other = mostFrequent(found.map(([, bits]) => bits)) ?? all;
  const values = new Map(found.filter(([, bits]) => !sameBits(bits, other)));
  if (values.size === 0 && sameBits(other, all)) return undefined;
  return { source, shift, mask: mask >> BigInt(shift), values, other, clauses: classes.size };
}

/** The values that tests of a number or of an enumeration name, and all others. */
function valueTable(
  input: CallInput,
  source: IntegerSource,
  isKnown: (atom: number) => boolean,
  make: (value: bigint) => CallFacts[],
): Counted | undefined {
  const { type, entries, atoms, all } = input;
  const params = new Map<number, { param: Param; source: string }>();
  const usable = (atom: number): boolean => {
    if (!isKnown(atom)) return false;
    const check = atoms[atom]?.check;
    if (check?.left.kind !== 'field' || check.right?.kind === 'transformer') return false;
    if (check.modifier !== undefined) return false;
    const param = paramOf(check.left, type);
    if (param === undefined) return false;
    params.set(atom, { param, source: sourceOf(type, param) ?? '' });
    return true;
  };
  const probe = new ClassBits(entries, usable, all);
  if (probe.size === 0) return undefined;
  const listed = new Set<bigint>();
  let mask = 0n;
  for (const atom of probe.atoms) {
    const found = params.get(atom);
    if (found === undefined) continue;
    for (const value of valuesOf(atoms[atom]?.check, found.param, found.source)) listed.add(value);
    mask |= found.source.includes('.') ? FULL : widthOf(found.param);
  }
  if (listed.size > MAX_VALUES) return undefined;
  const values = new Map([...listed].map((one) => [one & mask, make(one & mask)]));
  const decides = (value: bigint | undefined, atom: number): boolean => {
    if (value !== undefined) return true;
    const found = params.get(atom);
    return found !== undefined && isOtherKnown(atoms[atom]?.check, found.param, mask, found.source);
  };
  let other = 0x5a5n & mask;
  while (values.has(other)) other += 1n;
  return listedTable(input, source, usable, values, make(other), [], mask, decides);
}

// Values of the argument that may make a difference.
function valuesOf(check: Check | undefined, param: Param, source: string): bigint[] {
  const translation = source.split('.')[1];
  const { toKernel } = TRANSLATIONS[translation ?? ''] ?? {};
  const kernel = (rule: number): bigint =>
    BigInt.asUintN(64, BigInt(toKernel === undefined ? rule : toKernel(rule)));
  const numbers = constants(check).flatMap((text) => {
    if (/^[+-]?\d{1,15}$/.test(text)) return [Number(text)];
    const signal = signalNumber(text) ?? errnoNumber(text);
    return signal === undefined ? [] : [signal];
  });
  const named = (param.flags ?? []).map((flag) => flag.value);
  return [...numbers, ...named].map(kernel);
}

// Whether a value that is not listed makes the test what any other such value makes it.
function isOtherKnown(
  check: Check | undefined,
  param: Param,
  mask: bigint,
  source: string,
): boolean {
  if (check?.left.kind !== 'field') return false;
  // A wider table than the parameter: its value would repeat.
  const width = widthOf(param);
  if (!source.includes('.') && width !== mask) return false;
  if (!['=', '==', '!=', 'in', 'contains'].includes(check.operator)) return false;
  if (check.left.name.startsWith('evt.rawarg')) {
    if (source.includes('.') || check.operator === 'contains') return false;
    return constants(check).every((text) => /^[+-]?\d{1,15}$/.test(text));
  }
  if (source.includes('.') && !source.endsWith('.ptrace') && !source.endsWith('.fcntl'))
    return false;
  if (param.type !== 'SIGTYPE' && !param.type.startsWith('ENUM')) return false;
  if (param.type === 'SIGTYPE' && check.operator === 'contains') return false;
  // Shown by its number where it has no name; numbers that a check names are listed.
  const isNumber = (text: string): boolean =>
    check.operator !== 'contains' && param.print === 'dec' && /^(0|[1-9]\d{0,14})$/.test(text);
  return constants(check).every((text) => /[^0-9A-Fa-f-]/.test(text) || isNumber(text));
}

function listedTable(
  input: CallInput,
  source: IntegerSource,
  isKnown: (atom: number) => boolean,
  values: ReadonlyMap<bigint, readonly CallFacts[]>,
  rest: readonly CallFacts[],
  open: readonly bigint[],
  mask = FULL,
  decides: (value: bigint | undefined, atom: number) => boolean = () => true,
): Counted | undefined {
  const { type, entries, atoms, all, calls } = input;
  const classes = new ClassBits(entries, isKnown, all);
  if (classes.size === 0) return undefined;
  const bits = (facts: readonly CallFacts[], value: bigint | undefined): ClauseBits => {
    const wanted = [...classes.atoms].filter((atom) => decides(value, atom));
    const truths = agreed(wanted, atoms, type, facts, calls);
    return classes.bits((atom) => truths.get(atom) ?? Truth.UNKNOWN);
  };
  const other = bits(rest, undefined);
  const found = new Map<bigint, ClauseBits>();
  for (const value of open) if (!sameBits(all, other)) found.set(value, all);
  for (const [value, facts] of values) {
    const here = bits(facts, value);
    if (!sameBits(here, other)) found.set(value, here);
  }
  if (found.size === 0 && sameBits(other, all)) return undefined;
  return { source, shift: 0, mask, values: found, other, clauses: classes.size };
}

function widthOf(param: Param): bigint {
  if (/8$/.test(param.type)) return 0xffn;
  if (/16$/.test(param.type)) return 0xffffn;
  return /64$|^DYNAMIC$|^CHARBUF$/.test(param.type) ? 0xffff_ffff_ffff_ffffn : FULL;
}

function constants(check: Check | undefined): readonly string[] {
  const right = check?.right;
  if (right === undefined || right.kind === 'transformer') return [];
  return right.kind === 'value' ? [right.value] : right.values;
}

function combinations(mask: bigint): bigint[] {
  let found = [0n];
  for (let bit = 1n; bit <= mask; bit <<= 1n)
    if ((mask & bit) !== 0n) found = found.flatMap((one) => [one, one | bit]);
  return found;
}

function countOf(mask: bigint): number {
  let count = 0;
  for (let left = mask; left > 0n; left &= left - 1n) count += 1;
  return count;
}

function lowestBit(mask: bigint): number {
  let bit = 0;
  while (((mask >> BigInt(bit)) & 1n) === 0n) bit += 1;
  return bit;
}

function mostFrequent(all: readonly ClauseBits[]): ClauseBits | undefined {
  const counts = new Map<ClauseBits, number>();
  for (const bits of all) counts.set(bits, (counts.get(bits) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
