// Up to which change among ancestors user space has seen them all: what it may stamp into entries.

/**
 * Follows the epochs that records of exec, exit and rename carry. Two processors may send them in another
 * order than they raised them in, so an epoch counts as seen once all before it were.
 *
 * One that was lost holds `seen` back for ever; after a loss: take `control.epoch`, read all processes
 * anew, then `restart` with what was taken.
 */
export class Epochs {
  #seen: bigint;
  readonly #early = new Set<bigint>();

  /** @param seen `control.epoch` from before the processes were read */
  constructor(seen = 0n) {
    this.#seen = seen;
  }

  /** The highest epoch that an entry may be stamped with. */
  get seen(): bigint {
    return this.#seen;
  }

  /** Takes the epoch of a record whose change is in the process tree by now; 0 says nothing. */
  take(epoch: bigint): void {
    if (epoch <= this.#seen) return;
    this.#early.add(epoch);
    while (this.#early.delete(this.#seen + 1n)) this.#seen += 1n;
  }

  /** All changes up to this one are known from elsewhere. */
  restart(seen: bigint): void {
    if (seen <= this.#seen) return;
    this.#seen = seen;
    for (const epoch of this.#early) if (epoch <= seen) this.#early.delete(epoch);
    while (this.#early.delete(this.#seen + 1n)) this.#seen += 1n;
  }
}
