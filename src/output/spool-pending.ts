// Alerts on their way to the disk, or kept in memory because it refuses.
import type { Chunk } from './spool-store.js';

interface PendingChunk extends Chunk {
  /** Tells whoever appended them; later calls mean nothing. */
  written: (stored: boolean) => void;
}

/** A queue of chunks with a bound. */
export class PendingChunks {
  bytes = 0;
  readonly #chunks: PendingChunk[] = [];
  /** So many from the start are being written. */
  #writing = 0;

  constructor(readonly limit_bytes: number) {}

  get length(): number {
    return this.#chunks.length;
  }

  get first(): number | undefined {
    return this.#chunks[0]?.first;
  }

  /** @returns whether they were stored, as soon as that is known. */
  add(chunk: Chunk): Promise<boolean> {
    this.bytes += chunk.lines.length;
    return new Promise((written) => this.#chunks.push({ ...chunk, written }));
  }

  /** The oldest chunks until so many bytes, small ones made one; they stay here until `stored`. */
  take(limit_bytes: number): Chunk[] {
    let bytes = 0;
    this.#writing = 0;
    while (this.#writing < this.#chunks.length && bytes < limit_bytes)
      bytes += this.#chunks[this.#writing++]?.lines.length ?? 0;
    return joined(this.#chunks.slice(0, this.#writing));
  }

  /** What `take` gave is on disk. */
  stored(): void {
    for (const { written, lines } of this.#chunks.splice(0, this.#writing)) {
      this.bytes -= lines.length;
      written(true);
    }
    this.#writing = 0;
  }

  /** What `take` gave is not on disk, and nothing will be for a while. */
  refused(): void {
    this.#writing = 0;
    for (const { written } of this.#chunks) written(false);
  }

  /** Takes out the oldest over the bound, except what is being written and the newest. */
  overBound(): Chunk[] {
    const dropped: Chunk[] = [];
    while (this.bytes > this.limit_bytes && this.#chunks.length > this.#writing + 1)
      for (const chunk of this.#chunks.splice(this.#writing, 1)) dropped.push(this.#out(chunk));
    return dropped;
  }

  /** Takes out all that ends before `position`. */
  release(position: number): void {
    let count = 0;
    for (const chunk of this.#chunks) {
      if (chunk.first + chunk.count > position) break;
      count++;
    }
    for (const chunk of this.#chunks.splice(0, count)) this.#out(chunk);
  }

  /** Takes out everything. */
  clear(): Chunk[] {
    return this.#chunks.splice(0).map((chunk) => this.#out(chunk));
  }

  /** Gives all alerts other positions. */
  shift(by: number): void {
    for (const chunk of this.#chunks) chunk.first += by;
  }

  /** The chunks from the one that holds `position` on, until so many bytes. */
  read(position: number, limit_bytes: number): Chunk[] {
    return chunksFrom(this.#chunks, position, limit_bytes);
  }

  #out(chunk: PendingChunk): Chunk {
    this.bytes -= chunk.lines.length;
    chunk.written(false);
    return chunk;
  }
}

/** The chunks that were written last: an output that keeps up need not read them from the disk. */
export class RecentChunks {
  #chunks: Chunk[] = [];
  #bytes = 0;

  constructor(private readonly limit_bytes: number) {}

  add(chunk: Chunk): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.lines.length;
    let count = 0;
    while (this.#bytes > this.limit_bytes) this.#bytes -= this.#chunks[count++]?.lines.length ?? 0;
    if (count > 0) this.#chunks.splice(0, count);
  }

  /** Nobody wants what ends before `position`. */
  release(position: number): void {
    let count = 0;
    for (const { first, count: alerts, lines } of this.#chunks) {
      if (first + alerts > position) break;
      this.#bytes -= lines.length;
      count++;
    }
    if (count > 0) this.#chunks.splice(0, count);
  }

  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }

  /** As `PendingChunks.read`; `undefined` when what lies at `position` is no longer here. */
  read(position: number, limit_bytes: number): Chunk[] | undefined {
    const [first] = this.#chunks;
    if (first === undefined || position < first.first) return undefined;
    return chunksFrom(this.#chunks, position, limit_bytes);
  }
}

function chunksFrom(chunks: readonly Chunk[], position: number, limit_bytes: number): Chunk[] {
  const found: Chunk[] = [];
  let bytes = 0;
  for (const chunk of chunks) {
    if (chunk.first + chunk.count <= position) continue;
    found.push(chunk);
    bytes += chunk.lines.length;
    if (bytes >= limit_bytes) break;
  }
  return found;
}

/** How many alerts there are in them. */
export function countOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, { count }) => sum + count, 0);
}

/** Neighbours made one, as long as they are small: a write costs the same for one alert or many. */
export function joined(chunks: readonly Chunk[]): Chunk[] {
  const groups: Chunk[][] = [];
  let bytes = 0;
  let end = -1;
  for (const chunk of chunks) {
    const last = groups.at(-1);
    bytes += chunk.lines.length;
    if (last !== undefined && bytes <= JOINED_BYTES && chunk.first === end) last.push(chunk);
    else {
      groups.push([chunk]);
      bytes = chunk.lines.length;
    }
    end = chunk.first + chunk.count;
  }
  return groups.flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return {
      first: first.first,
      count: countOf(group),
      time_ms: first.time_ms,
      lines: group.length === 1 ? first.lines : Buffer.concat(group.map(({ lines }) => lines)),
    };
  });
}

const JOINED_BYTES = 128 * 1024;
