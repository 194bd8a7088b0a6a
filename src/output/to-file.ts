// Alerts appended to a file. A full disk or a vanished folder costs alerts, which are counted and
// told once; it never stops the agent.
import { closeSync, openSync } from 'node:fs';
import { LineQueue, QUEUE_BYTES, type Sink, type SinkCounts } from './line-queue.js';
import { PartialWriteError, writeAll } from './to-stdout.js';

/** What the owner wants to know about the file. */
export interface FileEvents {
  /** The first failure after a success. */
  failed(error: unknown): void;
  /** The first success after failures, which cost so many alerts. */
  recovered(lost: number): void;
}

/** Appends to `filename`; without `keepAlive` the file is opened anew for every batch. */
export class FileSink implements Sink {
  readonly name = 'file';
  readonly #queue: LineQueue;
  #fd: number | undefined;
  #reopen = false;
  #lost = 0;
  #failing = false;
  #cutLine = false;

  /** @throws when the file cannot be opened for appending now: a wrong name is noticed at start. */
  constructor(
    private readonly filename: string,
    private readonly keepAlive: boolean,
    private readonly events: FileEvents,
  ) {
    this.#open();
    if (!keepAlive) this.#release();
    this.#queue = new LineQueue(
      (bytes) => this.#append(bytes),
      QUEUE_BYTES,
      (error, count) => this.#failed(error, count),
    );
  }

  write(lines: Uint8Array, count: number): void {
    this.#queue.write(lines, count);
  }

  counts(): SinkCounts {
    return this.#queue.counts();
  }

  reopen(): void {
    this.#reopen = true; // by the next write: one may be under way
  }

  async close(limitMs: number): Promise<void> {
    await this.#queue.close(limitMs);
    // A write that is still under way keeps its descriptor; the end of the process closes it.
    if (this.#queue.counts().queued === 0) this.#release();
  }

  async #append(bytes: Uint8Array): Promise<void> {
    if (this.#reopen) this.#release();
    this.#reopen = false;
    const fd = this.#fd ?? this.#open();
    // A line that broke off must not swallow the next one.
    await writeAll(fd, this.#cutLine ? Buffer.concat([NEWLINE, bytes]) : bytes);
    this.#cutLine = false;
    if (!this.keepAlive) this.#release();
    if (this.#failing) this.events.recovered(this.#lost);
    this.#failing = false;
    this.#lost = 0;
  }

  #failed(error: unknown, count: number): void {
    if (error instanceof PartialWriteError && error.done > 0) this.#cutLine = true;
    this.#lost += count;
    this.#release();
    if (this.#failing) return;
    this.#failing = true;
    this.events.failed(error);
  }

  #open(): number {
    // 0600: alerts tell an attacker what is seen and what is not. An existing file keeps its mode.
    this.#fd = openSync(this.filename, 'a', 0o600);
    return this.#fd;
  }

  #release(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    try {
      closeSync(fd);
    } catch {
      // EIO, ENOSPC of a network file system: the descriptor is gone all the same, see close(2).
    }
  }
}

const NEWLINE = Buffer.from('\n');
