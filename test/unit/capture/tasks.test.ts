// A stream of records is cut where the records say, however the reads fall.

import { expect, test } from 'vitest';
import { record_header } from '../../../src/abi/layout.js';
import { splitRecords } from '../../../src/capture/tasks.js';
import { RingError } from '../../../src/errors.js';
import { random } from '../../seeded.js';

function record(payload: Buffer): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(record_header.size), payload]);
  bytes.writeUInt32LE(bytes.length, record_header.length);
  return bytes;
}

/** A read function that hands out a stream in pieces of random size. */
function pieces(stream: Buffer, below: (limit: number) => number) {
  let at = 0;
  return (into: Buffer, start: number): number => {
    const length = Math.min(1 + below(5000), stream.length - at, into.length - start);
    stream.copy(into, start, at, at + length);
    at += length;
    return length;
  };
}

test('random records come out whole from reads of random sizes', () => {
  const { seed, below, bytes } = random();
  const block = bytes(20_000);
  const records = Array.from({ length: 300 }, () => record(block.subarray(below(20_000))));
  const got: string[] = [];
  const count = splitRecords(pieces(Buffer.concat(records), below), (memory, offset, length) => {
    got.push(memory.toString('base64', offset, offset + length));
  });
  expect(count).toBe(300);
  expect(got.join(' '), `seed ${seed}`).toBe(records.map((r) => r.toString('base64')).join(' '));
});

test('a length that no record can have, and a cut end, are a RingError', () => {
  const { below } = random();
  const short = record(Buffer.alloc(8));
  short.writeUInt32LE(record_header.size - 1, record_header.length);
  const long = record(Buffer.alloc(8));
  long.writeUInt32LE(0xffff_ffff, record_header.length);
  const cut = record(Buffer.alloc(100)).subarray(0, 90);
  for (const stream of [short, long, cut, Buffer.alloc(3)]) {
    expect(() => splitRecords(pieces(stream, below), () => {})).toThrow(RingError);
  }
});
