// What the kernel side did with each kind of event: seen = filtered + suppressed + sent + lost.

import { counter } from '../abi/layout.js';
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
  /** `filtered` by `enum filter_dimension`. */
  filtered_at: number[];
}

/** What went missing since the last look. */
export interface LossReport {
  /** How long the interval was. */
  interval_ms: number;
  /** Events by type; types that lost nothing are absent. */
  lost: ReadonlyMap<number, number>;
}

/** Reads the counters of all CPUs and keeps the last reading, to tell what an interval lost. */
export class LossWatch {
  private readonly values: Buffer;
  /** The same memory. */
  private readonly halves: Uint32Array;
  /** Lost by type. */
  private readonly before: Float64Array;
  private beforeMs: number;

  /** @param clock milliseconds that never go back; a test may set it */
  constructor(
    private readonly counters: BpfMap,
    private readonly clock: () => number = () => performance.now(),
  ) {
    const memory = new ArrayBuffer(counters.transfer_bytes * counters.max_entries);
    this.values = Buffer.from(memory);
    this.halves = new Uint32Array(memory);
    this.before = new Float64Array(counters.max_entries);
    this.beforeMs = clock();
  }

  /** The counters of every type that was seen, since the object was loaded. */
  read(): Map<number, Fates> {
    const { counters, values } = this;
    const stride = counters.transfer_bytes;
    this.fill();
    const found = new Map<number, Fates>();
    for (let type = 0; type < counters.max_entries; type++) {
      const fates = sum(values, type * stride, (type + 1) * stride);
      if (fates.seen > 0 || fates.lost > 0) found.set(type, fates);
    }
    return found;
  }

  /** What was lost since the last call; `undefined` when nothing was. */
  check(): LossReport | undefined {
    const { counters, halves, before } = this;
    const nowMs = this.clock();
    const interval_ms = nowMs - this.beforeMs;
    this.beforeMs = nowMs;
    this.fill();
    const lost = new Map<number, number>();
    // Once a second for as long as the agent runs: all counters of all types took 1.5 ms of it.
    const words = counters.transfer_bytes / 4;
    for (let type = 0; type < counters.max_entries; type++) {
      let total = 0;
      const end = (type + 1) * words;
      for (let at = type * words + counter.lost / 4; at < end; at += counter.size / 4)
        total += (halves[at] ?? 0) + (halves[at + 1] ?? 0) * 0x1_0000_0000;
      const more = total - (before[type] ?? 0);
      if (more <= 0) continue;
      lost.set(type, more);
      before[type] = total;
    }
    return lost.size === 0 ? undefined : { interval_ms, lost };
  }

  private fill(): void {
    const { counters, values } = this;
    // One call takes 0.2 ms; one for each of 520 types takes 3 ms.
    if (counters.getAll(values)) return;
    const stride = counters.transfer_bytes;
    for (let type = 0; type < counters.max_entries; type++)
      counters.get(u32Key(type), values.subarray(type * stride, (type + 1) * stride));
  }
}

/** Adds up what the CPUs counted. Exact up to 2^53. */
function sum(values: Buffer, start: number, end: number): Fates {
  const filtered_at = new Array<number>(counter.filtered_at.count).fill(0);
  const fates = { seen: 0, filtered: 0, suppressed: 0, sent: 0, lost: 0, filtered_at };
  for (let at = start; at < end; at += counter.size) {
    fates.seen += u64(values, at + counter.seen);
    fates.filtered += u64(values, at + counter.filtered);
    fates.suppressed += u64(values, at + counter.suppressed);
    fates.sent += u64(values, at + counter.sent);
    fates.lost += u64(values, at + counter.lost);
    for (let dimension = 0; dimension < filtered_at.length; dimension++) {
      const before = filtered_at[dimension] ?? 0;
      filtered_at[dimension] = before + u64(values, at + counter.filtered_at.at + 8 * dimension);
    }
  }
  return fates;
}

function u64(values: Buffer, at: number): number {
  return values.readUInt32LE(at + 4) * 0x1_0000_0000 + values.readUInt32LE(at);
}
