// Kafka's records, encoded in the place of kafkajs: of what a message cost, its encoder took most (a
// buffer of 512 bytes for each record and each header, several for each number), and its grouping by
// partition copies a batch once for every message of it. `npm run bench -- delivery` shows the gain.
// To be imported before kafkajs, which looks these two functions up when it is loaded.
import { createRequire } from 'node:module';

/** What kafkajs takes for text. */
export type RecordText = Buffer | string | null | undefined;

/** One message as kafkajs hands it over. */
export interface RecordParts {
  offsetDelta?: number;
  /** Milliseconds since the first of its batch. */
  timestampDelta?: number;
  key?: RecordText;
  value?: RecordText;
  headers?: Readonly<Record<string, RecordText | readonly RecordText[]>>;
}

/** As much of kafkajs's `Encoder` as who takes a record asks for. */
export interface EncodedRecord {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

/**
 * One record of a batch of version 2.
 *
 * Layout: kafka.apache.org/documentation/#record, numbers zigzag-encoded as in protocol buffers.
 */
export function encodeRecord(parts: RecordParts): EncodedRecord {
  const { offsetDelta = 0, timestampDelta = 0, key, value, headers = {} } = parts;
  const names: string[] = [];
  const values: RecordText[] = [];
  for (const [name, one] of Object.entries(headers))
    for (const each of isList(one) ? one : [one]) {
      names.push(name);
      values.push(each);
    }
  let size =
    1 + sizeOfNumber(timestampDelta) + sizeOfNumber(offsetDelta) + sizeOf(key) + sizeOf(value);
  size += sizeOfNumber(names.length);
  for (let at = 0; at < names.length; at++) size += sizeOf(names[at]) + sizeOf(values[at]);

  const record = room(sizeOfNumber(size) + size);
  let at = putNumber(record, 0, size);
  record[at++] = 0; // attributes: none is used yet
  at = putNumber(record, at, timestampDelta);
  at = putNumber(record, at, offsetDelta);
  at = put(record, at, key);
  at = put(record, at, value);
  at = putNumber(record, at, names.length);
  for (let each = 0; each < names.length; each++)
    at = put(record, put(record, at, names[each]), values[each]);
  return { buf: record, buffer: record };
}

/** What kafkajs asks when it groups a batch. */
export interface GroupQuestion<M> {
  topic: string;
  partitionMetadata: readonly unknown[];
  messages: readonly M[];
  partitioner(question: {
    topic: string;
    partitionMetadata: readonly unknown[];
    message: M;
  }): number;
}

/** Messages by their partition, in their order. */
export function groupByPartition<M>({
  topic,
  partitionMetadata,
  messages,
  partitioner,
}: GroupQuestion<M>): Record<number, M[]> {
  const groups: Record<number, M[]> = {};
  if (partitionMetadata.length === 0) return groups;
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message });
    const group = groups[partition];
    if (group === undefined) groups[partition] = [message];
    else group.push(message);
  }
  return groups;
}

/** The version whose insides are known. Of another one nothing is replaced: it is slower, not wrong. */
const KNOWN_VERSION = '2.2.4';
const REPLACED: readonly (readonly [path: string, by: unknown])[] = [
  ['kafkajs/src/protocol/recordBatch/record/v0/index.js', encodeRecord],
  ['kafkajs/src/producer/groupMessagesPerPartition.js', groupByPartition],
];

replace();

function replace(): void {
  const load = createRequire(import.meta.url);
  const { version }: { version: string } = load('kafkajs/package.json');
  if (version !== KNOWN_VERSION) return;
  for (const [path, by] of REPLACED) {
    load(path);
    const loaded = load.cache[load.resolve(path)];
    if (loaded !== undefined) loaded.exports = by;
  }
}

// Records are parts of larger pieces of memory; these are gone when the last of their batch is.
const ROOM_BYTES = 256 * 1024;
let piece = Buffer.allocUnsafeSlow(ROOM_BYTES);
let used = 0;

function room(bytes: number): Buffer {
  if (bytes > ROOM_BYTES / 4) return Buffer.allocUnsafeSlow(bytes);
  if (used + bytes > ROOM_BYTES) {
    piece = Buffer.allocUnsafeSlow(ROOM_BYTES);
    used = 0;
  }
  used += bytes;
  return piece.subarray(used - bytes, used);
}

function isList(of: RecordText | readonly RecordText[]): of is readonly RecordText[] {
  return Array.isArray(of);
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function sizeOfNumber(value: number): number {
  let bytes = 1;
  for (let left = zigzag(value); left >= 0x80; left = Math.floor(left / 0x80)) bytes++;
  return bytes;
}

function putNumber(into: Buffer, at: number, value: number): number {
  let left = zigzag(value);
  while (left >= 0x80) {
    into[at++] = (left % 0x80) | 0x80;
    left = Math.floor(left / 0x80);
  }
  into[at++] = left;
  return at;
}

function sizeOf(text: RecordText): number {
  if (text === null || text === undefined) return 1;
  const bytes = bytesOf(text);
  return sizeOfNumber(bytes) + bytes;
}

function bytesOf(text: Buffer | string): number {
  if (typeof text !== 'string') return text.length;
  return isShort(text) ? text.length : Buffer.byteLength(text);
}

function put(into: Buffer, from: number, text: RecordText): number {
  if (text === null || text === undefined) return putNumber(into, from, -1);
  const bytes = bytesOf(text);
  const at = putNumber(into, from, bytes);
  if (typeof text !== 'string') into.set(text, at);
  else if (bytes === text.length && text.length <= SHORT)
    for (let each = 0; each < bytes; each++) into[at + each] = text.charCodeAt(each);
  else into.write(text, at, bytes === text.length ? 'latin1' : 'utf8');
  return at + bytes;
}

// What a call into native code costs more than a loop.
const SHORT = 40;

function isShort(text: string): boolean {
  if (text.length > SHORT) return false;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
