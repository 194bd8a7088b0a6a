// The readers of a spool, one for each output, where they are asked or told something together.
import type { SpoolOptions } from './spool-options.js';
import { SpoolReader, type SpoolSource } from './spool-reader.js';

/** All readers of one spool. */
export class SpoolReaders {
  readonly #byName: ReadonlyMap<string, SpoolReader>;

  /** @param sourceOf what the reader of that output asks */
  constructor(outputs: SpoolOptions['outputs'], sourceOf: (name: string) => SpoolSource) {
    this.#byName = new Map(
      outputs.map(({ name, wants }) => [name, new SpoolReader(sourceOf(name), wants)]),
    );
  }

  /** The reader of an output. */
  get(output: string): SpoolReader | undefined {
    return this.#byName.get(output);
  }

  /** The first alert that some output is not done with; infinite without outputs. */
  get position(): number {
    return Math.min(...[...this.#byName.values()].map((reader) => reader.position));
  }

  /** Where each output stands, by its name. */
  positions(): [name: string, position: number][] {
    return [...this.#byName].map(([name, { position }]) => [name, position]);
  }

  /** Alerts that the slowest output has yet to deliver, of a spool from `first` to before `end`. */
  queued(first: number, end: number): number {
    return Math.max(0, ...[...this.#byName.values()].map((reader) => reader.queued(first, end)));
  }

  /** Alerts before `limit` are no more; returns how many the output that misses most will not get. */
  dropBelow(limit: number): number {
    let most = 0;
    for (const reader of this.#byName.values()) most = Math.max(most, reader.dropBelow(limit));
    return most;
  }

  /** So many alerts were dropped before they were on disk. */
  pass(alerts: number): void {
    for (const reader of this.#byName.values()) reader.pass(alerts);
  }

  /** Positions got another meaning: each goes on where the store says, or at `end`. */
  startOver(positions: ReadonlyMap<string, number>, end: number): void {
    for (const [name, reader] of this.#byName) reader.startOver(positions.get(name) ?? end);
  }

  /** There is something new to read. */
  wake(): void {
    for (const reader of this.#byName.values()) reader.wake();
  }

  /** Nothing is read any more. */
  close(): void {
    for (const reader of this.#byName.values()) reader.close();
  }
}
