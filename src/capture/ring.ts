// The ring buffer's memory: positions, busy and discard bits, wrap. Knows memory only, not libbpf.
// Layout and protocol: kernel/bpf/ringbuf.c, Documentation/bpf/ringbuf.rst.

import { RingError } from '../errors.js';

/** The three parts of a ring buffer as `mmap` gives them. */
export interface RingMemory {
  /** The consumer's page, writable: the position up to which records were taken. */
  readonly consumer: ArrayBuffer;
  /** The producer's page, then the data, then its beginning once more, so that no record is broken by the end. */
  readonly producer: ArrayBuffer;
  /** Bytes of the producer's page, before the data. */
  readonly page_bytes: number;
  /** Bytes of the data, a power of two. */
  readonly data_bytes: number;
  /** Gives the memory back; views read zeros from then on. */
  close(): void;
}

/** Takes one record. The bytes are valid until the call returns; `memory` is the same object each time. */
export type RecordSink = (memory: Buffer, offset: number, length: number) => void;

// struct bpf_ringbuf_hdr: u32 length with two bits, u32 page offset.
const HEADER_BYTES = 8;
const BUSY = 0x8000_0000 | 0;
const DISCARD = 0x4000_0000;
const LENGTH = 0x3fff_ffff;

/** Parts of the ring after which taken records are given back, so that a long batch makes room early. */
const RELEASE_PARTS = 16;

/**
 * Reads records out of a ring buffer's memory, in order.
 *
 * A record's header word is read with `Atomics` (the kernel commits by writing it), the producer's
 * position once per pass and the consumer's written once per sixteenth of the ring: positions are
 * 64-bit and a bigint per record was measured at a third of the whole cost. Inside of a batch
 * everything is a small integer.
 */
export class Ring {
  /** The records' memory. Valid until `close()`. */
  readonly memory: Buffer;
  /** Bytes of data, a power of two. */
  readonly size: number;
  /** Records that the kernel side reserved and gave up, seen so far. */
  discarded = 0;

  private readonly consumer: BigUint64Array;
  private readonly producer: BigUint64Array;
  private readonly words: Int32Array;
  private readonly mask: number;
  /** Position up to which records were taken, exact up to 2^53. */
  private taken: number;
  private broken: RingError | undefined;
  private open = true;

  /** @throws RingError when the parts do not fit together */
  constructor(private readonly parts: RingMemory) {
    const size = parts.data_bytes;
    const mapped = parts.producer.byteLength - parts.page_bytes;
    if (!(size >= HEADER_BYTES) || 2 ** Math.round(Math.log2(size)) !== size || mapped < size) {
      throw new RingError('RING_CORRUPT', `a ring of ${size} bytes is not a power of two`);
    }
    this.size = size;
    this.mask = size - 1;
    this.memory = Buffer.from(parts.producer, parts.page_bytes, mapped);
    this.words = new Int32Array(parts.producer, parts.page_bytes, size / 4);
    this.consumer = new BigUint64Array(parts.consumer, 0, 1);
    this.producer = new BigUint64Array(parts.producer, 0, 1);
    this.taken = Number(Atomics.load(this.consumer, 0));
  }

  /** Bytes that wait to be taken, headers and unfinished records included. */
  get waiting_bytes(): number {
    return this.open ? Number(Atomics.load(this.producer, 0)) - this.taken : 0;
  }

  /** True when the oldest record is there and finished. */
  get ready(): boolean {
    if (this.waiting_bytes < HEADER_BYTES) return false;
    return Atomics.load(this.words, (this.taken & this.mask) >>> 2) >= 0;
  }

  /**
   * Hands each finished record to `sink`, oldest first, and gives the room back.
   *
   * Stops at the first record that is still being written, and after `limit` records. When `sink`
   * throws, the record counts as taken and the error goes on to the caller.
   *
   * @returns how many records were handed out
   * @throws RingError when a length leaves the ring; the ring is then unusable
   */
  drain(sink: RecordSink, limit: number): number {
    if (this.broken !== undefined) throw this.broken;
    if (!this.open) return 0;
    const { memory, words, mask } = this;
    const part = this.size / RELEASE_PARTS;
    let count = 0;
    let left = this.waiting_bytes;
    if (left < 0 || left > this.size) throw this.corrupt(left, this.size);
    let unreleased = 0;
    let at = this.taken & mask;
    try {
      while (left >= HEADER_BYTES && count < limit) {
        const word = Atomics.load(words, at >>> 2);
        if (word < 0) break; // BUSY
        const length = word & LENGTH;
        const total = (length + HEADER_BYTES + 7) & ~7;
        const offset = at + HEADER_BYTES;
        if (total > left || offset + length > memory.length) throw this.corrupt(length, left);
        at = (at + total) & mask;
        left -= total;
        unreleased += total;
        if ((word & DISCARD) !== 0) {
          this.discarded += 1;
        } else {
          count += 1;
          sink(memory, offset, length);
        }
        if (unreleased >= part) {
          this.release(unreleased);
          unreleased = 0;
        }
      }
    } finally {
      if (unreleased > 0) this.release(unreleased);
    }
    return count;
  }

  /** Gives the memory back. May be called twice, and from within a sink. */
  close(): void {
    this.open = false;
    this.parts.close();
  }

  private release(bytes: number): void {
    this.taken += bytes;
    if (this.open) Atomics.store(this.consumer, 0, BigInt(this.taken));
  }

  private corrupt(length: number, left: number): RingError {
    this.broken = new RingError(
      'RING_CORRUPT',
      `ring buffer: a record of ${length} bytes where ${left} are left, at position ${this.taken}`,
      { hint: 'restart the agent; if it happens again, report the kernel version' },
    );
    return this.broken;
  }
}

/** The word that marks a record as being written; for those who build rings, in tests. */
export const ring_bits = { BUSY, DISCARD } as const;
