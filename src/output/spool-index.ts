// What lies in the spool, in segments of many chunks: enough to keep its bounds, and small however
// much waits.
import type { ChunkExtent } from './spool-store.js';

interface Segment {
  first: number;
  /** Behind the last alert. */
  end: number;
  bytes: number;
  oldest_ms: number;
  newest_ms: number;
}

/** The segments of a spool, oldest first. */
export class SpoolIndex {
  #segments: Segment[] = [];
  #bytes = 0;

  constructor(
    private readonly max_bytes: number,
    private readonly max_age_ms: number,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Behind the last alert; 0 when there is none. */
  get end(): number {
    return this.#segments.at(-1)?.end ?? 0;
  }

  /** The first alert, if there is one. */
  get first(): number | undefined {
    return this.#segments[0]?.first;
  }

  /** Takes the next chunk. */
  add({ first, count, time_ms, bytes }: ChunkExtent): void {
    this.#bytes += bytes;
    const end = first + count;
    const last = this.#segments.at(-1);
    const small = last !== undefined && last.bytes + bytes <= this.#segmentBytes();
    if (small && time_ms - last.oldest_ms <= this.max_age_ms / SEGMENTS) {
      last.end = end;
      last.bytes += bytes;
      last.newest_ms = Math.max(last.newest_ms, time_ms);
    } else {
      this.#segments.push({ first, end, bytes, oldest_ms: time_ms, newest_ms: time_ms });
    }
  }

  /** Where the segments end of which all alerts are before `position`; 0 when there is none. */
  doneBelow(position: number): number {
    let below = 0;
    for (const { end } of this.#segments) {
      if (end > position) break;
      below = end;
    }
    return below;
  }

  /** Where the segments end that are too old, or too many; 0 when there is none. */
  boundBelow(now_ms: number): number {
    let below = 0;
    let bytes = this.#bytes;
    for (const { end, newest_ms, bytes: own } of this.#segments) {
      if (bytes <= this.max_bytes && newest_ms >= now_ms - this.max_age_ms) break;
      below = end;
      bytes -= own;
    }
    return below;
  }

  /** Forgets the segments that end there or before. */
  cut(below: number): void {
    let count = 0;
    for (const { end, bytes } of this.#segments) {
      if (end > below) break;
      this.#bytes -= bytes;
      count++;
    }
    this.#segments.splice(0, count);
  }

  #segmentBytes(): number {
    return Math.min(SEGMENT_BYTES, this.max_bytes / SEGMENTS);
  }
}

// The bounds are kept to a hundredth; a thousand segments for a gigabyte.
const SEGMENTS = 100;
const SEGMENT_BYTES = 1024 * 1024;
