// The ring on memory made by hand: wrap, records being written, given up, and lengths that lie.

import { expect, test } from 'vitest';
import { Ring, ring_bits } from '../../../src/capture/ring.js';
import { RingError } from '../../../src/errors.js';
import { random } from '../../seeded.js';

const PAGE_BYTES = 4096;

/** A ring and the producer's side of it, as the kernel would play it. */
class Producer {
  readonly ring: Ring;
  closed = 0;
  private readonly consumer = new ArrayBuffer(PAGE_BYTES);
  private readonly producer: ArrayBuffer;
  private readonly words: Int32Array;
  private readonly bytes: Uint8Array;
  private position: number;

  constructor(
    readonly size: number,
    start = 0,
  ) {
    this.producer = new ArrayBuffer(PAGE_BYTES + 2 * size);
    this.words = new Int32Array(this.producer, PAGE_BYTES);
    this.bytes = new Uint8Array(this.producer, PAGE_BYTES);
    this.position = start;
    new BigUint64Array(this.consumer)[0] = BigInt(start);
    new BigUint64Array(this.producer, 0, 1)[0] = BigInt(start);
    this.ring = new Ring({
      consumer: this.consumer,
      producer: this.producer,
      page_bytes: PAGE_BYTES,
      data_bytes: size,
      close: () => {
        this.closed += 1;
      },
    });
  }

  get consumed(): number {
    return Number(new BigUint64Array(this.consumer)[0]);
  }

  get room(): number {
    return this.size - (this.position - this.consumed);
  }

  /** Reserves, and leaves the record busy; returns where its header is. */
  reserve(payload: Uint8Array): number {
    const at = this.position % this.size;
    const total = (payload.length + 8 + 7) & ~7;
    expect(total).toBeLessThanOrEqual(this.room);
    for (const [i, byte] of payload.entries()) this.both(at + 8 + i, byte);
    this.head(at, payload.length | ring_bits.BUSY);
    this.position += total;
    new BigUint64Array(this.producer, 0, 1)[0] = BigInt(this.position);
    return at;
  }

  commit(at: number, length: number, bits = 0): void {
    this.head(at, length | bits);
  }

  put(payload: Uint8Array, bits = 0): void {
    this.commit(this.reserve(payload), payload.length, bits);
  }

  drain(limit = Number.POSITIVE_INFINITY): Buffer[] {
    const got: Buffer[] = [];
    this.ring.drain((memory, offset, length) => {
      got.push(Buffer.from(memory.subarray(offset, offset + length)));
    }, limit);
    return got;
  }

  private head(at: number, word: number): void {
    this.words[at / 4] = word;
    this.words[at / 4 + 1] = 0;
  }

  /** The kernel maps the data twice; here each byte is written twice. */
  private both(at: number, byte: number): void {
    this.bytes[at % this.size] = byte;
    this.bytes[(at % this.size) + this.size] = byte;
    if (at >= this.size) this.bytes[at] = byte;
  }
}

/** Comparing buffers element by element takes seconds here. */
const digest = (records: readonly Buffer[]): string =>
  records.map((bytes) => bytes.toString('base64')).join(' ');

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

test('records come out in the order they went in, and the ring is empty then', () => {
  const producer = new Producer(1024);
  expect(producer.ring.ready).toBe(false);
  producer.put(text('first'));
  producer.put(text('the second record'));
  expect(producer.ring.ready).toBe(true);
  expect(producer.drain().map(String)).toEqual(['first', 'the second record']);
  expect(producer.ring.waiting_bytes).toBe(0);
  expect(producer.room).toBe(1024);
});

test('a record that is being written holds back those after it', () => {
  const producer = new Producer(1024);
  producer.put(text('a'));
  const busy = producer.reserve(text('b'));
  producer.put(text('c'));
  expect(producer.drain().map(String)).toEqual(['a']);
  expect(producer.ring.ready).toBe(false);
  expect(producer.ring.waiting_bytes).toBe(32);
  producer.commit(busy, 1);
  expect(producer.drain().map(String)).toEqual(['b', 'c']);
});

test('a record that was given up is passed over and counted', () => {
  const producer = new Producer(1024);
  producer.put(text('gone'), ring_bits.DISCARD);
  producer.put(text('kept'));
  expect(producer.drain().map(String)).toEqual(['kept']);
  expect(producer.ring.discarded).toBe(1);
  expect(producer.room).toBe(1024);
});

test('a limit leaves the rest for the next batch', () => {
  const producer = new Producer(1024);
  for (const name of ['a', 'b', 'c']) producer.put(text(name));
  expect(producer.drain(2).map(String)).toEqual(['a', 'b']);
  expect(producer.drain(2).map(String)).toEqual(['c']);
});

test('room is given back during a long batch, not only at its end', () => {
  const producer = new Producer(1024);
  for (let i = 0; i < 8; i++) producer.put(Buffer.alloc(120));
  const rooms: number[] = [];
  producer.ring.drain(() => rooms.push(producer.room), 100);
  expect(rooms[7]).toBeGreaterThan(rooms[0] ?? Number.POSITIVE_INFINITY);
});

test('a sink that throws loses its own record and no other', () => {
  const producer = new Producer(1024);
  producer.put(text('bad'));
  producer.put(text('good'));
  expect(() =>
    producer.ring.drain(() => {
      throw new Error('sink');
    }, 10),
  ).toThrow('sink');
  expect(producer.drain().map(String)).toEqual(['good']);
});

test.each([0, 2 ** 32 - 64, 2 ** 40, 2 ** 52])(
  'random records survive many turns of the ring from position %d',
  (start) => {
    const { seed, below, bytes } = random();
    const producer = new Producer(4096, start);
    let expected: Buffer[] = [];
    let discarded = 0;
    for (let round = 0; round < 600; round++) {
      for (;;) {
        const payload = bytes(below(400));
        if (payload.length + 16 > producer.room) break;
        const discard = below(10) === 0;
        producer.put(payload, discard ? ring_bits.DISCARD : 0);
        if (discard) discarded += 1;
        else expected.push(payload);
        if (below(6) === 0) break;
      }
      const got = producer.drain(1 + below(12));
      expect(digest(got), `seed ${seed} round ${round}`).toBe(
        digest(expected.slice(0, got.length)),
      );
      expected = expected.slice(got.length);
    }
    expect(digest(producer.drain())).toBe(digest(expected));
    expect(producer.ring.discarded).toBe(discarded);
  },
);

test('a length that leaves the ring is a RingError, and the ring stays unusable', () => {
  const producer = new Producer(1024);
  producer.put(text('fine'));
  const at = producer.reserve(text('liar'));
  producer.commit(at, 1 << 20);
  const got: string[] = [];
  const take = (): number =>
    producer.ring.drain((memory, offset, length) => {
      got.push(memory.toString('latin1', offset, offset + length));
    }, 10);
  expect(take).toThrow(expect.objectContaining({ code: 'RING_CORRUPT' }));
  expect(got).toEqual(['fine']);
  producer.commit(at, 4);
  expect(take).toThrow(RingError);
});

test('a position that is more than a ring ahead is a RingError', () => {
  const consumer = new ArrayBuffer(PAGE_BYTES);
  const producer = new ArrayBuffer(PAGE_BYTES + 2048);
  new BigUint64Array(producer, 0, 1)[0] = 1_000_000n;
  const parts = { consumer, producer, page_bytes: PAGE_BYTES, data_bytes: 1024, close: () => {} };
  const ring = new Ring(parts);
  expect(() => ring.drain(() => {}, 10)).toThrow(RingError);
});

test('random memory never hands out bytes from outside of the ring', () => {
  const { seed, below, bytes } = random();
  for (let round = 0; round < 300; round++) {
    const consumer = new ArrayBuffer(PAGE_BYTES);
    const producer = new ArrayBuffer(PAGE_BYTES + 2048);
    new Uint8Array(producer, PAGE_BYTES).set(bytes(2048));
    const words = new Int32Array(producer, PAGE_BYTES);
    for (const [i, word] of words.entries()) if (below(2) === 0) words[i] = word & 0x4000_007f;
    new BigUint64Array(producer, 0, 1)[0] = BigInt(8 * below(129));
    const parts = { consumer, producer, page_bytes: PAGE_BYTES, data_bytes: 1024, close: () => {} };
    const ring = new Ring(parts);
    try {
      ring.drain((memory, offset, length) => {
        expect(offset + length, `seed ${seed}`).toBeLessThanOrEqual(memory.length);
      }, 1000);
    } catch (error) {
      expect(error).toBeInstanceOf(RingError);
    }
  }
});

test('parts that do not fit together are refused', () => {
  const parts = { consumer: new ArrayBuffer(8), page_bytes: PAGE_BYTES, close: () => {} };
  for (const size of [0, 1000, 1536]) {
    const producer = new ArrayBuffer(PAGE_BYTES + 2 * size);
    expect(() => new Ring({ ...parts, producer, data_bytes: size })).toThrow(RingError);
  }
  const producer = new ArrayBuffer(PAGE_BYTES + 512);
  expect(() => new Ring({ ...parts, producer, data_bytes: 1024 })).toThrow(RingError);
});

test('a record that begins at the end and is longer than what is mapped behind is a RingError', () => {
  const consumer = new ArrayBuffer(PAGE_BYTES);
  const producer = new ArrayBuffer(PAGE_BYTES + 1024 + 64);
  new BigUint64Array(consumer)[0] = 1016n;
  new BigUint64Array(producer, 0, 1)[0] = 1016n + 80n;
  const words = new Int32Array(producer, PAGE_BYTES);
  const parts = { consumer, producer, page_bytes: PAGE_BYTES, data_bytes: 1024, close: () => {} };
  words[1016 / 4] = 72;
  expect(() => new Ring(parts).drain(() => {}, 1)).toThrow(RingError);
  words[1016 / 4] = 64;
  expect(new Ring(parts).drain(() => {}, 1)).toBe(1);
});

test('a closed ring hands out nothing', () => {
  const producer = new Producer(1024);
  producer.put(text('late'));
  producer.ring.close();
  expect(producer.drain()).toEqual([]);
  expect(producer.ring.waiting_bytes).toBe(0);
  expect(producer.closed).toBe(1);
});
