// Follows the events of one runtime for as long as the agent runs, through its restarts.
import { existsSync } from 'node:fs';
import type { Logger } from '../log.js';
import type { Runtime, RuntimeWatcher } from './runtime.js';

/** What is needed of a log. */
export type RuntimeLog = Pick<Logger, 'debug' | 'info' | 'warn'>;

/** Follows one runtime until it is closed. */
export class Follower {
  readonly #stop = new AbortController();
  /** Ends the present pause. */
  #hurry: (() => void) | undefined;
  #pause_ms = FIRST_PAUSE_MS;
  #absent = false;
  #warned = false;

  constructor(
    private readonly runtime: Runtime,
    private readonly watcher: RuntimeWatcher,
    private readonly log: RuntimeLog,
  ) {}

  /** Never rejects; settles after `close()`. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      let connected = false;
      const watcher: RuntimeWatcher = {
        connected: () => {
          connected = true;
          this.#connected();
        },
        changed: (fullId) => this.watcher.changed(fullId),
        removed: (fullId) => this.watcher.removed(fullId),
      };
      try {
        // To knock where there is no socket takes a millisecond.
        if (existsSync(this.runtime.socket)) await this.runtime.watch(watcher, signal);
        else this.#failed(NO_SOCKET);
      } catch (error) {
        if (!signal.aborted) this.#failed(error);
      }
      if (signal.aborted) break;
      if (connected) this.#lost();
      await this.#pause();
    }
  }

  /** The runtime has just answered somebody: if it was not there before, try now. */
  answered(): void {
    if (this.#absent) this.#hurry?.();
  }

  close(): void {
    this.#stop.abort();
    this.#hurry?.();
  }

  #connected(): void {
    this.#pause_ms = FIRST_PAUSE_MS;
    this.#absent = false;
    this.#warned = false;
    this.log.info(this.#fields(), 'following the events of a container runtime');
    this.watcher.connected();
  }

  #failed(error: unknown): void {
    this.#absent = isAbsent(error);
    const fields = { ...this.#fields(), err: error };
    // Most hosts have one of the runtimes at most, and not every runtime has events.
    if (this.#absent || this.#warned) this.log.debug(fields, 'no events of a container runtime');
    else this.log.info(fields, 'no events of a container runtime: asked for each container');
    this.#warned ||= !this.#absent;
  }

  #lost(): void {
    this.log.warn(this.#fields(), 'lost a container runtime, trying again');
    this.runtime.close(); // connections to the old one are of no use
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#hurry = undefined;
        resolve();
      };
      const timer = setTimeout(end, this.#pause_ms);
      timer.unref();
      this.#hurry = end;
      this.#pause_ms = Math.min(this.#pause_ms * 1.5, LAST_PAUSE_MS);
    });
  }

  #fields() {
    return { runtime: this.runtime.kind, socket: this.runtime.socket };
  }
}

/** Whether an error says that nobody listens on the socket. */
export function isAbsent(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < 4 && cause instanceof Error; depth++) {
    if ('code' in cause && NOBODY_LISTENS.includes(String(cause.code))) return true;
    cause = cause.cause;
  }
  return false;
}

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 10_000;
const NO_SOCKET = Object.assign(new Error('there is no socket'), { code: 'ENOENT' });
const NOBODY_LISTENS = ['ENOENT', 'ECONNREFUSED', 'ENOTDIR'];
