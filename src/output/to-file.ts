// Alerts appended to a file, which is put aside when it is full or old. A full disk or a vanished
// folder costs alerts, which are counted and told once; it never stops the agent.
import { closeSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import {
  LineQueue,
  LinesWrittenError,
  QUEUE_BYTES,
  type Sink,
  type SinkCounts,
} from './line-queue.js';
import { NO_ROTATION, Rotation, type RotationOptions } from './rotation.js';
import { PartialWriteError, writeAll } from './to-stdout.js';

/** What the owner wants to know about the file. */
export interface FileEvents {
  /** The first failure after a success. */
  failed(error: unknown): void;
  /** The first success after failures, which cost so many alerts. */
  recovered(lost: number): void;
  /** The file could not be put aside, or an old one not compressed or removed; writing goes on. */
  notRotated?(error: unknown): void;
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
  readonly #rotation: Rotation;
  #rotateAfterMs = 0;

  /** @throws when the file cannot be opened for appending now: a wrong name is noticed at start. */
  constructor(
    private readonly filename: string,
    private readonly keepAlive: boolean,
    private readonly events: FileEvents,
    rotation: RotationOptions = NO_ROTATION,
  ) {
    this.#rotation = new Rotation(filename, rotation, (error) => events.notRotated?.(error));
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
    await this.#rotation.idle();
  }

  async #append(bytes: Uint8Array): Promise<void> {
    if (this.#reopen) this.#release();
    this.#reopen = false;
    for (let at = 0; at < bytes.length; ) {
      const rest = bytes.subarray(at);
      const end = rest.indexOf(LF) + 1 || rest.length;
      const fd = this.#fileFor(end);
      const piece = rest.subarray(0, this.#rotation.room(fstatSync(fd).size, rest));
      try {
        await this.#writePiece(fd, piece);
      } catch (error) {
        const written = error instanceof PartialWriteError ? piece.subarray(0, error.done) : EMPTY;
        const lines = countLines(bytes.subarray(0, at)) + countLines(written);
        throw new LinesWrittenError(lines, error);
      }
      at += piece.length;
    }
    if (!this.keepAlive) this.#release();
    if (this.#failing) this.events.recovered(this.#lost);
    this.#failing = false;
    this.#lost = 0;
  }

  // A line that broke off must not swallow the next one, and half a line helps nobody: it is taken
  // back, unless somebody else has written behind it.
  async #writePiece(fd: number, piece: Uint8Array): Promise<void> {
    const before = fstatSync(fd);
    const lead = this.#cutLine ? NEWLINE : EMPTY;
    try {
      await writeAll(fd, this.#cutLine ? Buffer.concat([lead, piece]) : piece);
      this.#cutLine = false;
    } catch (error) {
      if (!(error instanceof PartialWriteError) || error.done === 0) throw error;
      const done = Math.max(error.done - lead.length, 0);
      const whole = piece.subarray(0, done).lastIndexOf(LF) + 1;
      this.#cutLine = whole < done;
      if (this.#cutLine && before.isFile() && fstatSync(fd).size === before.size + error.done) {
        ftruncateSync(fd, before.size + lead.length + whole);
        this.#cutLine = false;
      }
      throw new PartialWriteError(whole, error.cause);
    }
  }

  /** The open file, a new one when the old one is full or of a time that has passed. */
  #fileFor(coming: number): number {
    const fd = this.#fd ?? this.#open();
    const now_ms = Date.now();
    if (now_ms < this.#rotateAfterMs || !this.#rotation.isDue(fstatSync(fd), coming, now_ms))
      return fd;
    try {
      this.#rotation.putAside(now_ms);
    } catch (error) {
      this.#rotateAfterMs = now_ms + ROTATION_PAUSE_MS;
      this.events.notRotated?.(error);
      return fd;
    }
    this.#release();
    return this.#open();
  }

  #failed(error: unknown, count: number): void {
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

const LF = 10;
const NEWLINE = Buffer.from('\n');
const EMPTY = Buffer.alloc(0);

// A folder that is not ours to change stays so: it is tried, and told, once a minute.
const ROTATION_PAUSE_MS = 60_000;

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) lines++;
  return lines;
}
