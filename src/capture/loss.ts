// What the kernel side did with each kind of event: seen = filtered + suppressed + sent + lost.

import { abi_limit, counter } from '../abi/layout.js';
import { type BpfMap, u32Key } from '../bpf/map.js';

/** Events of one type, by their fate. */
export interface Fates {
  seen: number;
  filtered: number;
  /** Throttled or sampled. */
  suppressed: number;
  sent: number;
  /** There was no room in the ring. */
  lost: number;
}

/** What went missing since the last look. */
export interface LossReport {
  /** How long the interval was. */
  interval_ms: number;
  /** Events by type; types that lost nothing are absent. */
  lost: ReadonlyMap<number, number>;
}

const WORDS = counter.size / 8;

/** Reads the counters of all CPUs and keeps the last reading, to tell what an interval lost. */
export class LossWatch {
  private readonly sums = new Float64Array(WORDS);
  private readonly transfer: Buffer;
  private readonly keys: readonly Buffer[];
  private readonly before = new Map<number, number>();
  private beforeMs: number;

  /** @param clock milliseconds that never go back; a test may set it */
  constructor(
    private readonly counters: BpfMap,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.transfer = Buffer.alloc(counters.transfer_bytes);
    this.keys = Array.from({ length: abi_limit.EVENT_TYPE_COUNT }, (_, type) => u32Key(type));
    this.beforeMs = clock();
  }

  /** The counters of every type that was seen, since the object was loaded. */
  read(): Map<number, Fates> {
    const found = new Map<number, Fates>();
    for (const [type, key] of this.keys.entries()) {
      this.counters.sum(key, this.sums, this.transfer);
      const fates = {
        seen: this.word(counter.seen),
        filtered: this.word(counter.filtered),
        suppressed: this.word(counter.suppressed),
        sent: this.word(counter.sent),
        lost: this.word(counter.lost),
      };
      if (fates.seen > 0 || fates.lost > 0) found.set(type, fates);
    }
    return found;
  }

  /** What was lost since the last call; `undefined` when nothing was. */
  check(fates: ReadonlyMap<number, Fates> = this.read()): LossReport | undefined {
    const nowMs = this.clock();
    const interval_ms = nowMs - this.beforeMs;
    this.beforeMs = nowMs;
    const lost = new Map<number, number>();
    for (const [type, { lost: total }] of fates) {
      const more = total - (this.before.get(type) ?? 0);
      if (more > 0) lost.set(type, more);
      this.before.set(type, total);
    }
    return lost.size === 0 ? undefined : { interval_ms, lost };
  }

  private word(offset: number): number {
    return this.sums[offset / 8] ?? 0;
  }
}
