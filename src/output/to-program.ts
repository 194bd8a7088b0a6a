// Alerts on the standard input of a program that the operator names, as Falco's `program_output` has
// it. The command line is the operator's and goes to a shell as it stands; alerts are input, never
// part of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { toOrdinaryPriority } from '../bpf/ordinary-priority.js';
import {
  LineQueue,
  LinesWrittenError,
  QUEUE_BYTES,
  type Sink,
  type SinkCounts,
} from './line-queue.js';

/** What the owner wants to know about the program. */
export interface ProgramEvents {
  /** The first failure after a success. */
  failed(error: unknown): void;
}

/**
 * Writes to `program`. With `keepAlive` it runs on and is started again when it has ended; without, it
 * is started for every alert and its input closed behind it.
 */
export class ProgramSink implements Sink {
  readonly name = 'program';
  readonly #queue: LineQueue;
  #child: ChildProcess | undefined;
  #failing = false;
  #reopen = false;

  constructor(
    private readonly program: string,
    private readonly keepAlive: boolean,
    private readonly events: ProgramEvents,
  ) {
    this.#queue = new LineQueue(
      (bytes) => this.#write(bytes),
      QUEUE_BYTES,
      (error) => {
        if (!this.#failing) this.events.failed(error);
        this.#failing = true;
      },
    );
  }

  write(lines: Uint8Array, count: number): void {
    this.#queue.write(lines, count);
  }

  counts(): SinkCounts {
    return this.#queue.counts();
  }

  /** After SIGHUP the program is started anew, as Falco does. */
  reopen(): void {
    this.#reopen = true; // by the next write: one may be under way
  }

  async close(limitMs: number): Promise<void> {
    await this.#queue.close(limitMs);
    const child = this.#child;
    this.#end();
    // It takes nothing, and would outlive the agent with what it has of it.
    if (child !== undefined && (child.stdin?.writableLength ?? 0) > 0) killGroup(child);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#reopen) this.#end();
    this.#reopen = false;
    if (this.keepAlive) {
      await this.#feed(bytes);
    } else {
      let lines = 0;
      for (let at = 0; at < bytes.length; lines++) {
        const end = bytes.indexOf(LF, at) + 1 || bytes.length;
        try {
          await this.#finished(await this.#feed(bytes.subarray(at, end)));
        } catch (error) {
          throw new LinesWrittenError(lines, error);
        }
        at = end;
      }
    }
    this.#failing = false;
  }

  async #feed(bytes: Uint8Array): Promise<ChildProcess> {
    const child = this.#child ?? this.#start();
    await new Promise<void>((resolve, reject) => {
      const { stdin } = child;
      if (stdin === null) return reject(new Error('the program has no standard input'));
      const gone = (): void => finish(new Error('the program ended before it read all alerts'));
      const finish = (error?: Error | null): void => {
        child.off('exit', gone);
        child.off('error', finish);
        if (error) reject(error);
        else resolve();
      };
      child.once('exit', gone);
      child.once('error', finish);
      if (hasEnded(child)) gone();
      // A write that the end of the program broke off may count as a success for Node.
      else stdin.write(bytes, (error) => (error || !stdin.destroyed ? finish(error) : gone()));
    }).catch((error) => {
      this.#end();
      throw error;
    });
    return child;
  }

  #start(): ChildProcess {
    const child = spawn('/bin/sh', ['-c', this.program], {
      stdio: ['pipe', 'inherit', 'inherit'],
      // Ctrl-C is for the agent: the program ends when its input does, with the last alerts.
      detached: true,
    });
    if (child.pid !== undefined) toOrdinaryPriority(child.pid);
    // A program that cannot start, or ends early, is noticed by the write.
    child.on('error', () => {});
    child.stdin?.on('error', () => {});
    child.on('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    this.#child = child;
    return child;
  }

  /** One program at a time: the next alert waits until this one has ended. */
  #finished(child: ChildProcess): Promise<void> {
    this.#end();
    if (hasEnded(child)) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => killGroup(child), LONGEST_RUN_MS);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #end(): void {
    this.#child?.stdin?.end();
    this.#child = undefined;
  }
}

const LF = 10;

// Without keep_alive: a program that has all its input and does not end would hold up the rest.
const LONGEST_RUN_MS = 60_000;

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

// With what the shell has started.
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: it has ended by itself in this moment.
  }
}
