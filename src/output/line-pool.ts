// Memory for lines on their way to another thread, used again and again: fresh memory for each batch costs
// its pages, and at 50,000 alerts a second, some 70 MB, a collection of garbage every second in both threads.

/** Lines in shared memory; whoever takes them says so with `release`. */
export class LinePool {
  #states: Int32Array | undefined;

  /**
   * Copies lines to where another thread can read them.
   *
   * @returns `undefined` when all places are taken, or none is large enough
   */
  put(lines: Uint8Array): Uint8Array | undefined {
    if (lines.length > PLACE_BYTES) return undefined;
    this.#states ??= new Int32Array(
      new SharedArrayBuffer(HEAD_BYTES + PLACES * PLACE_BYTES),
      0,
      PLACES,
    );
    // The first that is free: memory that was used is likely to be in a cache, and what is not needed
    // at the same time is never touched.
    for (let place = 0; place < PLACES; place++) {
      if (Atomics.load(this.#states, place) !== FREE) continue;
      Atomics.store(this.#states, place, TAKEN);
      const start = HEAD_BYTES + place * PLACE_BYTES;
      const shared = new Uint8Array(this.#states.buffer, start, lines.length);
      shared.set(lines);
      return shared;
    }
    return undefined;
  }
}

/** Gives lines of a pool back to it; of others nothing happens. */
export function release(lines: Uint8Array): void {
  if (!isShared(lines)) return;
  const place = (lines.byteOffset - HEAD_BYTES) / PLACE_BYTES;
  Atomics.store(new Int32Array(lines.buffer, 0, PLACES), place, FREE);
}

/** Whether they lie in a pool: nothing else that is handed over is shared. */
export function isShared(lines: Uint8Array): boolean {
  return lines.buffer instanceof SharedArrayBuffer;
}

const FREE = 0;
const TAKEN = 1;
/** A batch (`AlertBatcher`) and the line that made it large enough. */
const PLACE_BYTES = 288 * 1024;
/** 50 ms at 50,000 alerts a second; what finds no place is handed over in memory of its own. */
const PLACES = 24;
const HEAD_BYTES = 4096;
