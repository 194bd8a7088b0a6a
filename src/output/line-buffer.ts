// Lines as bytes, in memory that is used again and again: as texts they would live until they are
// handed over, and moving them through the young generation cost 16 of 29 us per alert.
import type { LinePool } from './line-pool.js';

/** Collects lines until they are taken together. */
export class LineBuffer {
  #memory = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** Adds a line; a newline is added to a text, bytes have theirs. */
  add(line: string | Uint8Array): void {
    if (typeof line !== 'string') {
      this.#reserve(line.length);
      this.#memory.set(line, this.#length);
      this.#length += line.length;
      return;
    }
    this.#reserve(MAX_UTF8 * line.length + 1);
    const memory = this.#memory;
    this.#length += memory.write(line, this.#length, 'utf8');
    memory[this.#length] = NEWLINE;
    this.#length += 1;
  }

  /** The lines since the last time, for another thread: in the pool, or else in memory of their own. */
  take(pool?: LinePool): Uint8Array {
    const lines = this.#memory.subarray(0, this.#length);
    const taken = pool?.put(lines) ?? new Uint8Array(lines);
    this.#length = 0;
    // One line may have been very long.
    if (this.#memory.length > KEPT_BYTES) this.#memory = Buffer.allocUnsafeSlow(FIRST_BYTES);
    return taken;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#memory.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#memory.length));
    this.#memory.copy(larger, 0, 0, this.#length);
    this.#memory = larger;
  }
}

const FIRST_BYTES = 16 * 1024;
const KEPT_BYTES = 1024 * 1024;
/** Bytes of UTF-8 that a UTF-16 code unit takes at most. */
const MAX_UTF8 = 3;
const NEWLINE = 10;
