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
  /** Takes whole lines, `count` alerts; the bytes do not change afterwards. */
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

/** Writes all the bytes, or rejects. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>;

/**
 * Serialises writes. While one is under way, later lines wait and are then written together; over
 * `limitBytes` the oldest waiting lines are dropped, because the newest say what happens now.
 */
export class LineQueue {
  readonly #waiting: { lines: Uint8Array; count: number }[] = [];
  #waitingBytes = 0;
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
    this.#waiting.push({ lines, count });
    this.#waitingBytes += lines.length;
    while (this.#waitingBytes > this.limitBytes && this.#waiting.length > 1) {
      const oldest = this.#waiting.shift();
      this.#waitingBytes -= oldest?.lines.length ?? 0;
      this.#dropped += oldest?.count ?? 0;
    }
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
    this.#waitingBytes = 0;
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
      const taken = this.#waiting.splice(0);
      this.#waitingBytes = 0;
      const count = taken.reduce((sum, entry) => sum + entry.count, 0);
      this.#writing = count;
      try {
        await this.writeBytes(joined(taken.map(({ lines }) => lines)));
        this.#delivered += count;
      } catch (error) {
        const isPartial = error instanceof LinesWrittenError;
        const written = isPartial ? Math.min(error.lines, count) : 0;
        this.#delivered += written;
        this.#dropped += count - written;
        this.failed(isPartial ? error.cause : error, count - written);
      }
    }
    this.#writing = 0;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
}

// Two seconds of 50,000 alerts of 300 bytes; a bound on memory, not a promise.
export const QUEUE_BYTES = 16 * 1024 * 1024;
