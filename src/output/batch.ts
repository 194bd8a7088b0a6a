// Collects the alerts of one drain as lines, in every format that an output wants, for the other
// thread, which gets the memory and copies nothing.
import { type Alert, type AlertFormat, type AlertOptions, TimeText } from './alert.js';
import { falcoShapes } from './as-falco.js';
import { terminalShapes, textShapes } from './as-text.js';
import { LineBuffer } from './line-buffer.js';
import { LinePool } from './line-pool.js';
import type { AlertShaper } from './line-shape.js';

/** Whole lines of UTF-8, each ended by a newline; `release` says that they were taken. */
export type AlertLines = Uint8Array;

/** Alerts of one form for one or more outputs that want the same of them. */
export interface Lane {
  /** Unique; its place in `AlertBatch.lines`. */
  key: string;
  format: AlertFormat;
  /** Left out are alerts that name it in `not_for`. */
  output?: string;
  /** What is less urgent is left out. */
  minimum_priority?: number;
}

/** What `AlertBatcher` hands over. */
export interface AlertBatch {
  count: number;
  /** By the key of the lane; a lane without alerts is not there. */
  lines: Partial<Record<string, AlertLines>>;
  /** How many alerts there are in each. */
  counts: Partial<Record<string, number>>;
  /** Taken from the limit until the receiver gives it back. */
  gaugeBytes: number;
}

/** The lines of a format. */
export function alertShapes(format: AlertFormat, options: AlertOptions): AlertShaper {
  switch (format) {
    case 'falco':
      return falcoShapes(options);
    case 'text':
      return textShapes(options);
    case 'terminal':
      return terminalShapes(options);
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
  readonly #formats: readonly { shapes: AlertShaper; lanes: readonly LaneBuffer[] }[];
  readonly #clock = new TimeText();
  readonly #pool = new LinePool();
  #count = 0;
  #bytes = 0;
  /** When what was added is posted, of the clock of `performance.now`. */
  #due_ms = 0;

  constructor(
    lanes: readonly Lane[],
    options: AlertOptions,
    private readonly gauge: Int32Array,
    private readonly slot: number,
    private readonly limitBytes: number,
    private readonly post: (batch: AlertBatch) => void,
  ) {
    const formats = [...new Set(lanes.map(({ format }) => format))];
    this.#formats = formats.map((format) => ({
      shapes: alertShapes(format, options),
      lanes: lanes
        .filter((lane) => lane.format === format)
        .map((lane) => ({ lane, lines: new LineBuffer(), count: 0 })),
    }));
  }

  /** Formats one alert; posts by itself when a batch has grown large. */
  add(alert: Alert): void {
    if (Atomics.load(this.gauge, this.slot) + this.#bytes > this.limitBytes) {
      this.dropped++;
      return;
    }
    for (const { shapes, lanes } of this.#formats) {
      let line: string | Uint8Array | undefined;
      for (const entry of lanes) {
        if (!wants(entry.lane, alert)) continue;
        line ??= this.#lineOf(shapes, alert);
        const before = entry.lines.length;
        entry.lines.add(line);
        entry.count += 1;
        this.#bytes += entry.lines.length - before;
      }
    }
    this.#count++;
    if (this.#bytes > BATCH_BYTES) this.flush();
  }

  #lineOf(shapes: AlertShaper, alert: Alert): string | Uint8Array {
    const shape = shapes(alert);
    return shape.bytes(alert, this.#clock) ?? shape.text(alert, this.#clock);
  }

  /**
   * Posts what was added if it is time to; to be called at the end of each drain. What comes after a pause
   * goes at once. In a flood alerts gather: 500 batches a second cost the receiver twice as much as 200.
   */
  flushDue(): void {
    if (this.#count > 0 && performance.now() >= this.#due_ms) this.flush();
  }

  /** Time until `flushDue` has something to do, at most `limit_ms`. */
  pause_ms(limit_ms: number): number {
    if (this.#count === 0) return limit_ms;
    return Math.min(limit_ms, Math.max(0, Math.ceil(this.#due_ms - performance.now())));
  }

  /** Posts what was added since the last time. */
  flush(): void {
    if (this.#count === 0) return;
    this.#due_ms = performance.now() + GATHER_MS;
    const batch: AlertBatch = {
      count: this.#count,
      lines: {},
      counts: {},
      gaugeBytes: this.#bytes,
    };
    for (const { lanes } of this.#formats)
      for (const entry of lanes) {
        if (entry.count === 0) continue;
        batch.lines[entry.lane.key] = entry.lines.take(this.#pool);
        batch.counts[entry.lane.key] = entry.count;
        entry.count = 0;
      }
    Atomics.add(this.gauge, this.slot, this.#bytes);
    this.#count = 0;
    this.#bytes = 0;
    this.post(batch);
  }
}

interface LaneBuffer {
  readonly lane: Lane;
  readonly lines: LineBuffer;
  count: number;
}

/** The memory that goes over to the other thread with a batch. */
export function memoryOf({ lines }: AlertBatch): ArrayBuffer[] {
  return Object.values(lines).flatMap((one) =>
    one?.buffer instanceof ArrayBuffer ? one.buffer : [],
  );
}

/** Whether an alert belongs into a lane. */
export function wants({ output, minimum_priority = 7 }: Lane, { rule, saker }: Alert): boolean {
  if (rule.priority > minimum_priority) return false;
  return output === undefined || saker?.not_for === undefined || !saker.not_for.includes(output);
}

/** How long alerts gather after others. */
const GATHER_MS = 5;
// Large enough that posting (some 10 µs) does not count, small enough for a short pause over there.
const BATCH_BYTES = 256 * 1024;
