// The queue in front of a local output: one write under way, a bound, and counts of what happened.

/** What an output did with the alerts it was given. */
export interface SinkCounts {
  queued: number;
  delivered: number;
  retried: number;
  dropped: number;
}

/** A place for alerts; `write` never waits and never throws. */
export interface Sink {
  readonly name: string;
  /** Takes whole lines, `count` alerts; the bytes are the caller's again afterwards. */
  write(lines: Uint8Array, count: number): void;
  counts(): SinkCounts;
  /** After SIGHUP: a file may have been moved away. */
  reopen(): void;
  /** Resolves when all is written, or after `limitMs`; what is left then is counted as dropped. */
  close(limitMs: number): Promise<void>;
}

/** A write that failed when some of the lines were written. */
export class LinesWrittenError extends Error {
  constructor(
    readonly lines: number,
    override readonly cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause));
    this.name = 'LinesWrittenError';
  }
}

/** Writes all the bytes, or rejects; then they are the caller's again. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>;

/**
 * Serialises writes. While one is under way, later lines wait and are then written together; over
 * `limitBytes` the oldest waiting lines are dropped, because the newest say what happens now.
 */
export class LineQueue {
  /** The lines that wait, and how many bytes and alerts came together. */
  #lines = new WaitingLines();
  readonly #waiting: { bytes: number; count: number }[] = [];
  /** Its memory is used for the lines after those that are being written. */
  #spare = new WaitingLines();
  #writing = 0;
  #delivered = 0;
  #dropped = 0;
  #closed = false;
  readonly #idle: (() => void)[] = [];

  constructor(
    private readonly writeBytes: WriteBytes,
    private readonly limitBytes: number,
    private readonly failed: (error: unknown, count: number) => void,
  ) {}

  write(lines: Uint8Array, count: number): void {
    if (this.#closed) {
      this.#dropped += count;
      return;
    }
    while (this.#lines.length + lines.length > this.limitBytes && this.#waiting.length > 0) {
      const oldest = this.#waiting.shift();
      this.#lines.drop(oldest?.bytes ?? 0);
      this.#dropped += oldest?.count ?? 0;
    }
    this.#waiting.push({ bytes: lines.length, count });
    this.#lines.add(lines);
    if (this.#writing === 0) void this.#drain();
  }

  counts(): SinkCounts {
    const waiting = this.#waiting.reduce((sum, { count }) => sum + count, 0);
    return {
      queued: waiting + this.#writing,
      delivered: this.#delivered,
      retried: 0,
      dropped: this.#dropped,
    };
  }

  /** Nothing is taken or written any more; what waits is dropped. */
  abandon(): void {
    this.#closed = true;
    for (const { count } of this.#waiting.splice(0)) this.#dropped += count;
    this.#lines = new WaitingLines();
  }

  /** Resolves when the queue is empty, at the latest after `limitMs`. */
  async close(limitMs: number): Promise<void> {
    if (this.#writing > 0) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((resolve) => this.#idle.push(resolve)),
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, limitMs);
        }),
      ]);
      clearTimeout(timer);
    }
    this.abandon();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const count = this.#waiting.splice(0).reduce((sum, entry) => sum + entry.count, 0);
      this.#writing = count;
      const taken = this.#lines;
      this.#lines = this.#spare;
      this.#spare = taken;
      try {
        await this.writeBytes(taken.bytes);
        this.#delivered += count;
      } catch (error) {
        const isPartial = error instanceof LinesWrittenError;
        const written = isPartial ? Math.min(error.lines, count) : 0;
        this.#delivered += written;
        this.#dropped += count - written;
        this.failed(isPartial ? error.cause : error, count - written);
      }
      taken.clear();
    }
    this.#writing = 0;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** Lines one behind the other, in memory that is used again. */
class WaitingLines {
  #memory = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  get bytes(): Uint8Array {
    return this.#memory.subarray(this.#start, this.#end);
  }

  add(lines: Uint8Array): void {
    if (this.#end + lines.length > this.#memory.length) this.#makeRoom(lines.length);
    this.#memory.set(lines, this.#end);
    this.#end += lines.length;
  }

  drop(bytes: number): void {
    this.#start += bytes;
  }

  clear(): void {
    this.#start = 0;
    this.#end = 0;
    // Much of it at one time is no reason to keep it for ever.
    if (this.#memory.length > KEPT_BYTES) this.#memory = Buffer.alloc(0);
  }

  #makeRoom(bytes: number): void {
    const needed = this.length + bytes;
    const isLarge = 2 * needed <= this.#memory.length;
    const memory = isLarge
      ? this.#memory
      : Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, 2 * needed));
    this.#memory.copy(memory, 0, this.#start, this.#end);
    this.#end = this.length;
    this.#start = 0;
    this.#memory = memory;
  }
}

const FIRST_BYTES = 16 * 1024;
const KEPT_BYTES = 2 * 1024 * 1024;
// Half a second of 50,000 alerts of 1,365 bytes; a bound on memory, not a promise.
export const QUEUE_BYTES = 32 * 1024 * 1024;
