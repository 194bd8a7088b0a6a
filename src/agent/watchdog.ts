// Asks the sensor again and again whether it is there: a live main thread alone would see nothing.
import type { SensorStats } from '../sensor/protocol.js';

/** What a watchdog works with. */
export interface WatchdogOptions {
  /** Resolves when the sensor has answered, with `undefined` when it has ended. */
  ask(): Promise<SensorStats | undefined>;
  /** How often. */
  interval_ms: number;
  /** No answer for so long: it stands still. */
  limit_ms: number;
  answered(stats: SensorStats, after_ms: number): void;
  /** Called once, until it has recovered. */
  still(for_ms: number): void;
  recovered(after_ms: number): void;
}

/** Watches until it is closed. */
export class Watchdog {
  readonly #timer: NodeJS.Timeout;
  #askedMs: number | undefined;
  #tickMs = performance.now();
  #still = false;
  #closed = false;

  constructor(private readonly options: WatchdogOptions) {
    this.#timer = setInterval(() => this.#tick(), options.interval_ms).unref();
    this.#tick();
  }

  /** The sensor has not answered for too long. */
  get isStill(): boolean {
    return this.#still;
  }

  /** May be called twice. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now_ms = performance.now();
    const { interval_ms, limit_ms, still } = this.options;
    // Who was stopped himself (SIGSTOP, a paused machine) cannot say that the other was slow.
    const late = now_ms - this.#tickMs > 2 * interval_ms + limit_ms / 2;
    this.#tickMs = now_ms;
    if (this.#askedMs === undefined) {
      void this.#ask(now_ms);
      return;
    }
    if (late) this.#askedMs = now_ms;
    const waited_ms = now_ms - this.#askedMs;
    if (waited_ms < limit_ms || this.#still) return;
    this.#still = true;
    still(waited_ms);
  }

  async #ask(now_ms: number): Promise<void> {
    this.#askedMs = now_ms;
    const stats = await this.options.ask();
    if (this.#closed || stats === undefined) return;
    const after_ms = performance.now() - now_ms;
    this.#askedMs = undefined;
    this.options.answered(stats, after_ms);
    if (!this.#still) return;
    this.#still = false;
    this.options.recovered(after_ms);
  }
}
