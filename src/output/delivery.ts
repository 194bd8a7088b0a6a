// One queue per remote output: takes alerts from the spool in their order, sends them in batches until
// the other side has confirmed them, and waits longer from failure to failure. Nothing here holds up
// another output: what an output does not take stays on disk.
import { setTimeout as sleep } from 'node:timers/promises';
import { SinkError } from '../errors.js';
import type { Logger } from '../log.js';
import type { RefusedFile } from './delivery-refused.js';
import type { SinkCounts } from './line-queue.js';
import type { RemoteOutput, SendResult, SpooledAlert } from './remote.js';
import type { SpoolReader } from './spool-reader.js';
import { reasonOf } from './spool-store.js';

/** What a delivery needs besides its output. */
export interface DeliveryOptions {
  reader: SpoolReader;
  /** Alerts in the spool that this output has yet to deliver. */
  queued(): number;
  refused: RefusedFile;
  log: Logger;
  /** Takes the place of the pauses between attempts. */
  backoff?: Backoff;
  /** Takes the place of the clock; rejects when `signal` says that the agent ends. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Pauses between attempts, each twice the one before, less a random part. */
export interface Backoff {
  first_ms: number;
  longest_ms: number;
}

/** How an output is. */
export interface DeliveryCounts extends SinkCounts {
  /** Of those dropped: put aside in the dead-letter file. */
  refused: number;
  /** From the first failure to the next success. */
  failing: boolean;
  /** The age of the oldest alert that waits; 0 when none does. */
  lag_s: number;
  /** The last failure, also after it has passed. */
  last_error?: string;
  /** When that was, since 1970. */
  last_error_s?: number;
}

/** Sends what its reader gives, from `start` to `close`. */
export class Delivery {
  readonly name: string;
  #delivered = 0;
  #retried = 0;
  #refused = 0;
  /** Alerts of the batch that failed, to be counted when they are sent again. */
  #again = 0;
  #failures = 0;
  #down_since_ms: number | undefined;
  #last_error: string | undefined;
  #last_error_ms = 0;
  readonly #told = new Set<string>();
  #running: Promise<void> | undefined;
  #closing = false;
  readonly #stop = new AbortController();

  constructor(
    private readonly output: RemoteOutput,
    private readonly options: DeliveryOptions,
  ) {
    this.name = output.name;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  counts(): DeliveryCounts {
    const { reader, queued } = this.options;
    const counts: DeliveryCounts = {
      queued: queued(),
      delivered: this.#delivered,
      retried: this.#retried,
      dropped: this.#refused + reader.dropped,
      refused: this.#refused,
      failing: this.#down_since_ms !== undefined,
      lag_s: lagSeconds(reader.head),
    };
    if (this.#last_error === undefined) return counts;
    return { ...counts, last_error: this.#last_error, last_error_s: this.#last_error_ms / 1000 };
  }

  /**
   * Sends what is there, for at most so long, and ends the connections. An output that is down is
   * tried once more; what it does not take stays in the spool. May be called twice.
   */
  async close(limit_ms: number): Promise<void> {
    const end_ms = Date.now() + limit_ms;
    this.#closing = true;
    this.#stop.abort();
    this.options.reader.wake();
    if (this.#running !== undefined) await within(this.#running, limit_ms);
    this.options.reader.close();
    await within(this.output.close(Math.max(1, end_ms - Date.now())), end_ms - Date.now());
  }

  async #run(): Promise<void> {
    const { reader } = this.options;
    const { alerts, bytes } = this.output.batch;
    while (!reader.closed) {
      await reader.fill(alerts, bytes);
      if (reader.length === 0) {
        if (this.#closing) return;
        await reader.wait();
        continue;
      }
      const { generation } = reader;
      // What failed is sent again as it was: a receiver may know it from then.
      let batch = reader.peek(this.#again || alerts, bytes);
      if (batch.length === reader.length && batch.length < alerts && this.#again === 0) {
        await this.#pause(this.output.batch.linger_ms);
        await reader.fill(alerts, bytes);
        batch = reader.peek(alerts, bytes);
      }
      if (generation !== reader.generation) continue;
      const wait_ms = await this.#send(batch, generation);
      if (wait_ms === undefined) continue;
      if (this.#closing) return;
      await this.#pause(wait_ms);
    }
  }

  /** @returns how long to wait before the next attempt, after a failure. */
  async #send(batch: readonly SpooledAlert[], generation: number): Promise<number | undefined> {
    const { reader, refused } = this.options;
    const { alerts, bytes } = this.output.batch;
    this.#retried += Math.min(this.#again, batch.length);
    this.#again = 0;
    // The next batch is read while this one is under way; reading tells its own failures.
    void reader.fill(alerts * 2, bytes * 2);
    let result: SendResult;
    try {
      result = await this.output.send(batch);
    } catch (error) {
      this.#again = batch.length;
      return this.#failed(error);
    }
    const accepted = Math.min(result.accepted, batch.length);
    if (result.refused.length > 0) await this.#putAside(refused, result);
    reader.accept(generation, accepted);
    this.#delivered += accepted - result.refused.length;
    if (accepted > 0) this.#succeeded();
    if (accepted === batch.length) return undefined;
    this.#again = batch.length - accepted;
    if (accepted === 0) return this.#failed(new SinkError('SINK_SEND', 'nothing was accepted'));
    return this.#backoff().first_ms;
  }

  async #putAside(file: RefusedFile, { refused }: SendResult): Promise<void> {
    await file.add(this.name, refused);
    this.#refused += refused.length;
    const reason = refused[0]?.reason ?? '';
    this.#last_error = reason;
    this.#last_error_ms = Date.now();
    if (this.#toldOnce(`refused ${reason}`))
      this.options.log.warn(
        { output: this.name, alerts: refused.length, file: file.file, reason },
        'alerts were refused for good and put aside',
      );
  }

  #failed(error: unknown): number {
    const reason = reasonOf(error);
    const retryable = !(error instanceof SinkError) || error.retryable;
    const asked_ms = error instanceof SinkError ? error.retry_after_ms : undefined;
    this.#last_error = error instanceof SinkError ? error.message : reason;
    this.#last_error_ms = Date.now();
    if (this.#down_since_ms === undefined) this.#told.clear();
    this.#down_since_ms ??= Date.now();
    if (this.#toldOnce(`down ${this.#last_error}`)) {
      const hint = error instanceof SinkError ? error.hint : undefined;
      this.options.log.error(
        { output: this.name, reason: this.#last_error, hint, retryable },
        'an output does not take alerts: they wait on disk',
      );
    }
    const { first_ms, longest_ms } = this.#backoff();
    const exponent = retryable ? this.#failures : this.#failures + PATIENCE;
    this.#failures++;
    const pause_ms = Math.min(longest_ms, first_ms * 2 ** Math.min(exponent, 30));
    // Half of it random: many agents must not come back at the same moment.
    return Math.max(asked_ms ?? 0, pause_ms * (0.5 + Math.random() / 2));
  }

  #succeeded(): void {
    this.#failures = 0;
    if (this.#down_since_ms === undefined) return;
    const down_s = (Date.now() - this.#down_since_ms) / 1000;
    this.#down_since_ms = undefined;
    const queued = this.options.queued();
    this.options.log.info({ output: this.name, down_s, queued }, 'an output takes alerts again');
  }

  // An outage may have many faces; each is told once, and not without end.
  #toldOnce(what: string): boolean {
    if (this.#told.has(what) || this.#told.size >= MAX_TOLD) return false;
    this.#told.add(what);
    return true;
  }

  async #pause(ms: number): Promise<void> {
    if (this.#closing || ms <= 0) return;
    try {
      const { signal } = this.#stop;
      await (this.options.sleep?.(ms, signal) ?? sleep(ms, undefined, { signal }));
    } catch {
      // Woken: the agent ends.
    }
  }

  #backoff(): Backoff {
    return this.options.backoff ?? BACKOFF;
  }
}

const BACKOFF: Backoff = { first_ms: 250, longest_ms: 20_000 };
/** Doublings that are skipped when somebody has to change something first. */
const PATIENCE = 4;
const MAX_TOLD = 8;

function lagSeconds(head: SpooledAlert | undefined): number {
  if (head === undefined) return 0;
  return Math.max(0, Date.now() - Number(head.time_ns / 1_000_000n)) / 1000;
}

async function within(work: Promise<void>, limit_ms: number): Promise<void> {
  const timer = new AbortController();
  const limit = sleep(Math.max(0, limit_ms), undefined, { signal: timer.signal }).catch(() => {}); // in time
  await Promise.race([work.finally(() => timer.abort()), limit]);
}
