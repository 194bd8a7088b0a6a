// Classes of small integers: arguments, flags, families and protocols; ports are in ports.ts.

import { isOpen, isOpenOrCreat } from '../decode/descriptors.js';
import { errnoNumber, signalNumber } from '../decode/errno.js';
import { TRANSLATIONS } from '../decode/kernel-values.js';
import type { Param } from '../decode/params.js';
import { typesOf } from '../decode/types.js';
import type { Check } from '../rules/ast.js';
import { atomsIn, ClassBits } from './classes.js';
import { paramOf, sourceOf } from './dimensions.js';
import { bitTable, flagBits, widthOf } from './flag-bits.js';
import type { IntegerSource, IntegerTable } from './kernel-plan.js';
import { MAX_INTEGERS } from './kernel-plan.js';
import { eachLiteral } from './kleene.js';
import { type Counted, constants, FULL, listedTable, numbersFor } from './listed.js';
import { portTables } from './ports.js';
import { type CallInput, FAMILIES, maskOf, rests, socketsOf } from './results.js';
import type { CallFacts } from './synthetic.js';

/** The tables of a type, those first that clear most; at most MAX_INTEGERS. */
export function integerTables(input: CallInput): IntegerTable[] {
  const tables = [
    ...ARGS.flatMap((arg) => argumentTables(input, arg)),
    ...flagTables(input),
    ...returnTables(input),
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

type Arg = (typeof ARGS)[number];
const ARGS = ['arg0', 'arg1', 'arg2', 'arg3', 'arg4', 'arg5'] as const;
const MAX_VALUES = 128;

function argumentTables(input: CallInput, arg: Arg): Counted[] {
  const { type, atoms } = input;
  const index = ARGS.indexOf(arg);
  const on = maskOf([arg]);
  const mine = (atom: number): boolean => rests(input, atom, on);
  if (!atomsIn(input.entries).some(mine)) return [];
  const make = (value: bigint): CallFacts[] => {
    const args = Array.from({ length: 6 }, (_, at) => (at === index ? value : 0n));
    return [{ args }];
  };
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

// Which descriptor a call gave, say. Only what names single numbers: any other comes to the same then, but
// for `fd.num`, which is -1 for all errors.
function returnTables(input: CallInput): Counted[] {
  const { atoms } = input;
  const mine = (atom: number): boolean => {
    const check = atoms[atom]?.check;
    if (!rests(input, atom, OF_RESULT) || check?.left.kind !== 'field') return false;
    if (check.right?.kind === 'transformer' || check.modifier !== undefined) return false;
    if (!/^(evt\.rawres|fd\.num)$/.test(check.left.name)) return false;
    return ['=', '==', '!=', 'in'].includes(check.operator) && numbersOf(check) !== undefined;
  };
  const listed = new Set<number>();
  for (const { formula } of input.entries)
    eachLiteral(formula, (atom) => {
      if (mine(atom)) for (const one of numbersOf(atoms[atom]?.check) ?? []) listed.add(one);
    });
  if (listed.size === 0 || listed.size > MAX_VALUES) return [];
  const values = new Map(
    [...listed].map((ret) => [BigInt.asUintN(64, BigInt(ret)), [{ ret }]] as const),
  );
  const others = [3, -2].map((from) => {
    const step = Math.sign(from);
    let ret = from;
    while (listed.has(ret)) ret += step;
    return { ret };
  });
  const table = listedTable(input, 'ret', mine, values, others, [], WHOLE);
  return table === undefined ? [] : [table];
}

// Those that a check names; `undefined` if it names anything else.
function numbersOf(check: Check | undefined): number[] | undefined {
  const texts = constants(check);
  return texts.every((text) => /^-?\d{1,15}$/.test(text)) ? texts.map(Number) : undefined;
}

const OF_RESULT = maskOf(['result']);
const WHOLE = 0xffff_ffff_ffff_ffffn;
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
    if (/^[+-]?\d{1,15}$/.test(text)) return numbersFor(text, param);
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
