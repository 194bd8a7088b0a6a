// First components of paths as the kernel looks them up (`struct head_table`): a word of each, at the place
// that its product with a multiplier begins with. One look finds it, where a hash took a call of a function.

import { abi_limit, head_class, head_table } from '../abi/layout.js';

const { HEAD_BITS } = abi_limit;
const WORD_BYTES = 8;
const GOLDEN = 0x9e37_79b9_7f4a_7c15n; // 2^64 divided by the golden ratio: its multiples spread words well
const MAX_MULTIPLIERS = 512n;

/**
 * `struct head_table`.
 *
 * @param sets by first component, at most eight bytes of it; the place of its set in array sets, not 0
 * @returns `undefined` where no multiplier keeps them apart: they are too many
 * @throws RangeError when one is longer
 */
export function headPlaces(sets: ReadonlyMap<string, number>): Buffer | undefined {
  const words = [...sets].map(([head, set]) => [wordOf(head), set] as const);
  const multiplier = multiplierFor(words.map(([word]) => word));
  if (multiplier === undefined) return undefined;
  const value = Buffer.alloc(head_table.size);
  value.writeBigUInt64LE(multiplier, head_table.multiplier);
  for (const [word, set] of words) {
    const at = head_table.places.at + placeOf(word, multiplier) * head_table.places.stride;
    value.writeBigUInt64LE(word, at + head_class.word);
    value.writeUInt32LE(set, at + head_class.set);
  }
  return value;
}

// As it lies in memory, NUL after it.
function wordOf(head: string): bigint {
  if (head.length > WORD_BYTES) throw new RangeError(`${head.length} bytes of a head`);
  const bytes = Buffer.alloc(WORD_BYTES);
  bytes.write(head, 'latin1');
  return bytes.readBigUInt64LE();
}

function placeOf(word: bigint, multiplier: bigint): number {
  return Number(BigInt.asUintN(64, word * multiplier) >> BigInt(64 - HEAD_BITS));
}

function multiplierFor(words: readonly bigint[]): bigint | undefined {
  for (let n = 1n; n <= MAX_MULTIPLIERS; n++) {
    const multiplier = BigInt.asUintN(64, (2n * n - 1n) * GOLDEN);
    if (areApart(words, multiplier)) return multiplier;
  }
  return undefined;
}

function areApart(words: readonly bigint[], multiplier: bigint): boolean {
  const taken = new Set<number>();
  return words.every((word) => taken.size < taken.add(placeOf(word, multiplier)).size);
}
