// Sets of clauses as the kernel keeps them.

import { abi_limit } from '../abi/layout.js';
import type { ClauseBits } from './kernel-plan.js';

/** A set without a clause in it. */
export function noBits(): ClauseBits {
  return new BigUint64Array(abi_limit.CLAUSE_WORDS);
}

/** The set of the first `count` clauses. */
export function allBits(count: number): ClauseBits {
  const bits = noBits();
  for (let clause = 0; clause < count; clause += 1) setBit(bits, clause);
  return bits;
}

export function setBit(bits: ClauseBits, clause: number): void {
  const word = clause >> 6;
  bits[word] = (bits[word] ?? 0n) | (1n << BigInt(clause & 63));
}

export function clearBit(bits: ClauseBits, clause: number): void {
  const word = clause >> 6;
  bits[word] = (bits[word] ?? 0n) & ~(1n << BigInt(clause & 63));
}

export function hasBit(bits: ClauseBits, clause: number): boolean {
  return (((bits[clause >> 6] ?? 0n) >> BigInt(clause & 63)) & 1n) === 1n;
}

/** Takes out of `bits` what is not in `other`; true when something is left. */
export function intersect(bits: ClauseBits, other: ClauseBits): boolean {
  let left = 0n;
  for (let word = 0; word < bits.length; word += 1) {
    const both = (bits[word] ?? 0n) & (other[word] ?? 0n);
    bits[word] = both;
    left |= both;
  }
  return left !== 0n;
}

/** Adds what is in `other`. */
export function unite(bits: ClauseBits, other: ClauseBits): void {
  for (let word = 0; word < bits.length; word += 1)
    bits[word] = (bits[word] ?? 0n) | (other[word] ?? 0n);
}

/** What some of the sets lack: the clauses that knowing which of them holds can make false. */
export function lackedBySome(sets: Iterable<ClauseBits>): ClauseBits {
  const lacked = noBits();
  for (const bits of sets)
    for (let word = 0; word < lacked.length; word += 1)
      lacked[word] = (lacked[word] ?? 0n) | ~(bits[word] ?? 0n);
  return lacked;
}

/** Whether the sets have a clause in common. */
export function haveCommon(a: ClauseBits, b: ClauseBits): boolean {
  return a.some((word, at) => (word & (b[at] ?? 0n)) !== 0n);
}

export function sameBits(a: ClauseBits, b: ClauseBits): boolean {
  return a.every((word, at) => word === b[at]);
}

export function isEmpty(bits: ClauseBits): boolean {
  return bits.every((word) => word === 0n);
}

/** The numbers of the clauses in a set. */
export function clausesIn(bits: ClauseBits): number[] {
  const found: number[] = [];
  for (let clause = 0; clause < bits.length * 64; clause += 1)
    if (hasBit(bits, clause)) found.push(clause);
  return found;
}
