// System calls by their numbers, for those that neither Node nor the C library has a function for.

import koffi from 'koffi';
import { addressOf, libc } from './libc.js';

const INT = 'int64_t';
const nativeCall = libc.func('syscall', INT, [INT, INT, INT, INT, INT, INT, INT]);

/** Memory is passed by its address; keep it alive. */
export type RawArgument = number | bigint | Buffer;

/**
 * Makes a system call.
 *
 * @param number of this machine's native table
 * @returns its result, or the negative error number
 */
export function rawCall(number: number, ...given: readonly RawArgument[]): number {
  const [a, b, c, d, e, f] = given.map((one) => (Buffer.isBuffer(one) ? addressOf(one) : one));
  const result = Number(nativeCall(number, a ?? 0, b ?? 0, c ?? 0, d ?? 0, e ?? 0, f ?? 0));
  return result < 0 ? -koffi.errno() : result;
}
