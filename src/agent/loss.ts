// Losses of the kernel side on their way to an alert: summed up, so that a flood of losses is not
// also a flood of alerts.
import type { Alert } from '../output/alert.js';
import { lossAlert } from '../output/internal.js';

/** At most one alert in this time. */
const INTERVAL_MS = 10_000;

/** Collects losses; the first is told at once, later ones when the interval is over. */
export class LossReport {
  #types: Record<string, number> = {};
  #fromNs: bigint | undefined;
  #toNs = 0n;
  #toldMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly tell: (alert: Alert, types: Readonly<Record<string, number>>) => void,
    private readonly intervalMs = INTERVAL_MS,
  ) {}

  add(types: Readonly<Record<string, number>>, fromNs: bigint, toNs: bigint): void {
    this.#fromNs ??= fromNs;
    this.#toNs = toNs;
    for (const [name, count] of Object.entries(types))
      this.#types[name] = (this.#types[name] ?? 0) + count;
    const waitMs = this.#toldMs + this.intervalMs - performance.now();
    if (waitMs <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), waitMs).unref();
  }

  /** Tells now what has not been told. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#fromNs === undefined) return;
    const types = this.#types;
    const alert = lossAlert(types, this.#fromNs, this.#toNs);
    this.#types = {};
    this.#fromNs = undefined;
    this.#toldMs = performance.now();
    this.tell(alert, types);
  }
}
