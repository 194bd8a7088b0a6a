// Collects the alerts of one drain as lines, in every format that an output wants, for the other
// thread, which gets the memory and copies nothing.
import type { Alert, AlertFormat, AlertFormatter, AlertOptions } from './alert.js';
import { asFalco } from './as-falco.js';
import { asTerminal, asText } from './as-text.js';
import { LineBuffer } from './line-buffer.js';

/** Whole lines of UTF-8, each ended by a newline. */
export type AlertLines = Uint8Array<ArrayBuffer>;

/** What `AlertBatcher` hands over. */
export interface AlertBatch {
  count: number;
  lines: Partial<Record<AlertFormat, AlertLines>>;
  /** Taken from the limit until the receiver gives it back. */
  gaugeBytes: number;
}

/** The formatter of a format. */
export function alertFormatter(format: AlertFormat, options: AlertOptions): AlertFormatter {
  switch (format) {
    case 'falco':
      return asFalco(options);
    case 'text':
      return asText(options);
    case 'terminal':
      return asTerminal(options);
  }
}

/**
 * Formats alerts and posts them in batches. The receiver subtracts `gaugeBytes` from `gauge[slot]`
 * when it has taken a batch; while more than `limitBytes` is under way, alerts are dropped here and
 * counted, because a queue between threads has no bound of its own.
 */
export class AlertBatcher {
  /** Alerts that were not handed over. */
  dropped = 0;
  readonly #formats: { format: AlertFormat; print: AlertFormatter; lines: LineBuffer }[];
  #count = 0;
  #bytes = 0;

  constructor(
    formats: readonly AlertFormat[],
    options: AlertOptions,
    private readonly gauge: Int32Array,
    private readonly slot: number,
    private readonly limitBytes: number,
    private readonly post: (batch: AlertBatch) => void,
  ) {
    this.#formats = formats.map((format) => ({
      format,
      print: alertFormatter(format, options),
      lines: new LineBuffer(),
    }));
  }

  /** Formats one alert; posts by itself when a batch has grown large. */
  add(alert: Alert): void {
    if (Atomics.load(this.gauge, this.slot) + this.#bytes > this.limitBytes) {
      this.dropped++;
      return;
    }
    for (const entry of this.#formats) {
      const before = entry.lines.length;
      entry.lines.add(entry.print(alert));
      this.#bytes += entry.lines.length - before;
    }
    this.#count++;
    if (this.#bytes > BATCH_BYTES) this.flush();
  }

  /** Posts what was added since the last time; to be called at the end of each drain. */
  flush(): void {
    if (this.#count === 0) return;
    const batch: AlertBatch = { count: this.#count, lines: {}, gaugeBytes: this.#bytes };
    for (const { format, lines } of this.#formats) batch.lines[format] = lines.take();
    Atomics.add(this.gauge, this.slot, this.#bytes);
    this.#count = 0;
    this.#bytes = 0;
    this.post(batch);
  }
}

// Large enough that posting (some 10 µs) does not count, small enough for a short pause over there.
const BATCH_BYTES = 256 * 1024;
