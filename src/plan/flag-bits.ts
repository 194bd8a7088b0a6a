// Flag words: which of the kernel's bits a test asks for, and what their combinations make of it.

import { isOpen } from '../decode/descriptors.js';
import { TRANSLATIONS } from '../decode/kernel-values.js';
import type { Param } from '../decode/params.js';
import type { Check } from '../rules/ast.js';
import { sameBits } from './bits.js';
import { ClassBits } from './classes.js';
import { paramOf, sourceOf } from './dimensions.js';
import type { ClauseBits, IntegerSource } from './kernel-plan.js';
import { type Atom, Truth } from './kleene.js';
import { type Counted, constants, FULL } from './listed.js';
import type { CallInput } from './results.js';
import { agreed, type CallFacts } from './synthetic.js';

/**
 * What of a flag word a test asks for, in the kernel's bits; `undefined` when it is not a few of them.
 */
export function flagBits(atom: Atom | undefined, type: number): bigint | undefined {
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
export function bitTable(
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

/** The bits that a parameter has. */
export function widthOf(param: Param): bigint {
  if (/8$/.test(param.type)) return 0xffn;
  if (/16$/.test(param.type)) return 0xffffn;
  return /64$|^DYNAMIC$|^CHARBUF$/.test(param.type) ? 0xffff_ffff_ffff_ffffn : FULL;
}

/** Bits that tests of one flag word may ask for together. */
const MAX_BITS = 8;

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
