// Alerts on standard output, whatever that is. Node's own stdout writes to pipes synchronously, and
// a reader that stalls would stall the agent with it; here such a reader only fills the queue.
import { constants, fstatSync, openSync, write } from 'node:fs';
import { Socket } from 'node:net';
import {
  LineQueue,
  QUEUE_BYTES,
  type Sink,
  type SinkCounts,
  type WriteBytes,
} from './line-queue.js';

/** What the owner wants to know about standard output. */
export interface StdoutEvents {
  /** Nobody reads it any more; called once, nothing is written from then on. */
  gone(error: unknown): void;
  /** The first failure after a success, where a later write may succeed. */
  failed(error: unknown): void;
}

/** Writes to descriptor 1. */
export class StdoutSink implements Sink {
  readonly name = 'stdout';
  readonly #queue: LineQueue;
  #gone = false;
  #failing = false;

  constructor(
    private readonly events: StdoutEvents,
    fd = 1,
  ) {
    const writeBytes = writer(fd);
    this.#queue = new LineQueue(
      async (bytes) => {
        await writeBytes(bytes);
        this.#failing = false;
      },
      QUEUE_BYTES,
      (error) => this.#failed(error),
    );
  }

  write(lines: Uint8Array, count: number): void {
    this.#queue.write(lines, count);
  }

  counts(): SinkCounts {
    return this.#queue.counts();
  }

  reopen(): void {
    // Nothing to reopen: the descriptor was given to us.
  }

  close(limitMs: number): Promise<void> {
    return this.#queue.close(limitMs);
  }

  #failed(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (FULL.has(code)) {
      if (!this.#failing) this.events.failed(error);
      this.#failing = true;
    } else if (!this.#gone) {
      this.#gone = true;
      this.#queue.abandon();
      this.events.gone(error);
    }
  }
}

// Redirected to a file, and its disk is full: that may pass.
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function writer(fd: number): WriteBytes {
  const kind = fstatSync(fd);
  if (kind.isFIFO()) return pipeWriter(fd);
  if (kind.isSocket()) return socketWriter(fd);
  // Files, terminals and devices, by libuv's thread pool.
  return (bytes) => writeAll(fd, bytes);
}

// A descriptor of our own on the same pipe: O_NONBLOCK belongs to the open file, which other
// processes may share. open(2) on a pipe's /proc entry gives a new one, see proc(5).
function pipeWriter(fd: number): WriteBytes {
  try {
    return socketWriter(openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch {
    // ENXIO: nobody reads, which the first write will tell. EACCES: the pipe belongs to another
    // user. Both are left to the thread pool, where a stalled reader holds one thread.
    return (bytes) => writeAll(fd, bytes);
  }
}

function socketWriter(fd: number): WriteBytes {
  const socket = new Socket({ fd, readable: false, writable: true });
  let failure: Error | undefined;
  socket.on('error', (error) => {
    failure = error;
  });
  socket.unref();
  return (bytes) =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) reject(failure);
      else socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
}

/** Writes all of `bytes` at the end of the file or to the device. */
export async function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    done += await new Promise<number>((resolve, reject) =>
      write(fd, bytes, done, (error, count) =>
        error === null ? resolve(count) : reject(new PartialWriteError(done, error)),
      ),
    );
  }
}

/** A write that failed after `done` bytes. */
export class PartialWriteError extends Error {
  constructor(
    readonly done: number,
    override readonly cause: NodeJS.ErrnoException,
  ) {
    super(cause.message);
    this.name = 'PartialWriteError';
  }

  get code(): string | undefined {
    return this.cause.code;
  }
}
