// Capture files: what goes in comes out; what is cut or made up is said.

import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { record_header } from '../../../src/abi/layout.js';
import { CaptureWriter, MAX_CAPTURED_BYTES, readCapture } from '../../../src/capture/file.js';
import { SakerError } from '../../../src/errors.js';
import { random } from '../../seeded.js';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-capture-'));
  path = join(folder, 'host.cap');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function record(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(record_header.size), bytes]);
}

function write(records: readonly Buffer[], limit_bytes?: number): CaptureWriter {
  const writer = new CaptureWriter(path, { hostname: 'web-1', boot_ns: 17 }, limit_bytes);
  for (const bytes of records) writer.add(bytes, 0, bytes.length);
  writer.close();
  return writer;
}

function read(): { got: Buffer[]; notes: unknown[]; cut_bytes: number; facts: unknown } {
  const got: Buffer[] = [];
  const notes: unknown[] = [];
  const capture = readCapture(path, {
    record: (memory, offset, length) =>
      got.push(Buffer.from(memory.subarray(offset, offset + length))),
    note: (value) => notes.push(value),
  });
  expect(capture.records).toBe(got.length);
  return { got, notes, cut_bytes: capture.cut_bytes, facts: capture.facts };
}

test('random records come back as they were, more than one chunk of them', () => {
  const { bytes, below } = random();
  const block = bytes(30_000);
  const records = Array.from({ length: 200 }, () => record(block.subarray(below(30_000))));
  const writer = write(records);
  expect(writer.records).toBe(200);
  expect(writer.refused).toBe(0);
  const { got, cut_bytes, facts } = read();
  expect(Buffer.concat(got).equals(Buffer.concat(records))).toBe(true);
  expect(got.map((bytes) => bytes.length)).toEqual(records.map((bytes) => bytes.length));
  expect(cut_bytes).toBe(0);
  expect(facts).toMatchObject({ hostname: 'web-1', boot_ns: 17 });
});

test('the file is readable by its owner alone, and an existing one is not touched', () => {
  write([]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(() => write([])).toThrow(expect.objectContaining({ code: 'CAPTURE_FILE' }));
});

test('a file at its limit refuses records and counts them', () => {
  const records = Array.from({ length: 100 }, () => record(Buffer.alloc(1000, 7)));
  const writer = write(records, 20_000);
  expect(writer.records + writer.refused).toBe(100);
  expect(writer.refused).toBeGreaterThan(0);
  expect(statSync(path).size).toBeLessThanOrEqual(20_000);
  expect(read().got).toHaveLength(writer.records);
});

test('notes stand between the records where they were made', () => {
  const writer = new CaptureWriter(path, {});
  const one = record(text('one'));
  const seen: string[] = [];
  writer.add(one, 0, one.length);
  expect(writer.note({ user: 'caf\u00e9', list: [1, 2] })).toBe(true);
  writer.add(one, 0, one.length);
  expect(writer.note('x'.repeat(MAX_CAPTURED_BYTES))).toBe(false);
  writer.close();
  expect(statSync(path).size).toBe(writer.bytes);
  readCapture(path, {
    facts: () => seen.push('facts'),
    record: () => seen.push('record'),
    note: (value) => seen.push(JSON.stringify(value)),
  });
  expect(seen).toEqual(['facts', 'record', '{"user":"caf\u00e9","list":[1,2]}', 'record']);
});

test('a cut tail is left out and said', () => {
  write([record(text('one')), record(text('two'))]);
  truncateSync(path, statSync(path).size - 2);
  const { got, cut_bytes } = read();
  expect(got).toEqual([record(text('one'))]);
  expect(cut_bytes).toBe(4 + record_header.size + 1);
});

test('a record longer than any can be is refused when writing and when reading', () => {
  const writer = write([record(Buffer.alloc(MAX_CAPTURED_BYTES))]);
  expect(writer.refused).toBe(1);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(MAX_CAPTURED_BYTES + 1);
  appendFileSync(path, Buffer.concat([length, Buffer.alloc(64)]));
  expect(read).toThrow(expect.objectContaining({ code: 'CAPTURE_FILE' }));
});

test('a file of another layout, of another format, or of random bytes is refused', () => {
  write([record(text('one'))]);
  const good = readFileSync(path);
  const { seed, below, bytes } = random();
  const head = good.indexOf('"abi"') + 20;
  const inputs = [bytes(500), Buffer.alloc(0), text('SAKERCAP'), good.subarray(0, 30)];
  for (let round = 0; round < 100; round++) {
    const broken = Buffer.from(good);
    broken[below(head)] = below(256);
    inputs.push(broken);
  }
  for (const input of inputs) {
    writeFileSync(path, input);
    try {
      read();
    } catch (error) {
      expect(error, `seed ${seed}`).toBeInstanceOf(SakerError);
      expect(error).toMatchObject({ code: 'CAPTURE_FILE' });
    }
  }
  const other = Buffer.from(good.toString('latin1').replace(/"abi":"./, '"abi":"#'), 'latin1');
  writeFileSync(path, other);
  expect(read).toThrow(/another version/);
});

function text(value: string): Buffer {
  return Buffer.from(value);
}
