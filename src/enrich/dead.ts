// Processes that have ended, for as long as an event may still name them.

import type { Process } from './process.js';

/** A bounded queue of the dead in the order of their death. What has left it is not held here any longer. */
export class Dead {
  readonly #limit: number;
  readonly #places: (Process | undefined)[];
  #first = 0;
  #count = 0;

  /** @param limit how many are kept at most, 1 or more */
  constructor(limit: number) {
    this.#limit = limit;
    this.#places = new Array(limit);
  }

  /** @returns who had to make room: the oldest of a full queue */
  add(process: Process): Process | undefined {
    const gone = this.#count === this.#limit ? this.#take() : undefined;
    this.#places[(this.#first + this.#count) % this.#limit] = process;
    this.#count += 1;
    return gone;
  }

  /** The oldest, if it had died by that time of the tree's clock; it leaves the queue. */
  takeUntil(ms: number): Process | undefined {
    const oldest = this.#places[this.#first];
    return oldest !== undefined && oldest.ended_ms <= ms ? this.#take() : undefined;
  }

  #take(): Process | undefined {
    const process = this.#places[this.#first];
    this.#places[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#limit;
    this.#count -= 1;
    return process;
  }
}
