// What is encoded in the place of kafkajs is, byte for byte, what kafkajs encodes.
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import '../../../src/output/to-kafka.js';
import {
  encodeRecord,
  groupByPartition,
  type RecordParts,
} from '../../../src/output/kafka-records.js';
import { random } from '../../seeded.js';

const load = createRequire(import.meta.url);
const RECORD = load.resolve('kafkajs/src/protocol/recordBatch/record/v0/index.js');
const GROUP = load.resolve('kafkajs/src/producer/groupMessagesPerPartition.js');

/** The function of kafkajs itself. */
function original(path: string): (of: unknown) => unknown {
  const replaced = load.cache[path];
  delete load.cache[path];
  const found = load(path);
  load.cache[path] = replaced;
  return found;
}

const encodeTheirs = original(RECORD);

function isSame(parts: RecordParts): boolean {
  const { buffer }: { buffer?: Buffer } = Object(encodeTheirs(parts));
  return buffer?.equals(encodeRecord(parts).buffer) ?? false;
}

const TEXTS = ['', 'a', 'rule name', 'ä', '\ud800', '日本', 'x'.repeat(63), 'x'.repeat(64)];

test('kafkajs asks ours', () => {
  expect(load(RECORD)).toBe(encodeRecord);
  expect(load(GROUP)).toBe(groupByPartition);
  expect(encodeTheirs).not.toBe(encodeRecord);
});

test.each<[string, RecordParts]>([
  ['nothing', {}],
  ['no key', { key: null, value: 'v' }],
  ['no value', { key: 'k', value: null }],
  ['bytes', { key: Buffer.from([0, 255]), value: Buffer.alloc(70_000, 7), headers: {} }],
  ['several headers of one name', { value: 'v', headers: { a: ['1', '2'], b: Buffer.from('3') } }],
  ['a batch of 68 years', { value: 'v', timestampDelta: 2 ** 41 }],
  ['a clock that went back', { value: 'v', timestampDelta: -5 }],
  ['sizes at which a number grows', { value: 'x'.repeat(8191), key: 'y'.repeat(8192) }],
])('%s', (_, parts) => {
  expect(isSame(parts)).toBe(true);
});

test('random records', () => {
  const { seed, below } = random();
  const text = () =>
    Array.from({ length: below(6) }, () => TEXTS[below(TEXTS.length)] ?? '').join('');
  for (let round = 0; round < 2000; round++) {
    const parts: RecordParts = {
      offsetDelta: below(3) * below(100_000),
      timestampDelta: below(2) * below(2 ** 31),
      key: text(),
      value: text().repeat(below(40)),
      headers: Object.fromEntries(Array.from({ length: below(5) }, () => [text(), text()])),
    };
    expect(isSame(parts), `${seed} ${round}`).toBe(true);
  }
});

test('messages keep their order in each partition', () => {
  const { below } = random();
  const messages = Array.from({ length: 500 }, (_, at) => ({ at, partition: below(4) }));
  const question = {
    topic: 't',
    partitionMetadata: [1, 2, 3, 4],
    messages,
    partitioner: ({ message }: { message: { partition: number } }) => message.partition,
  };
  expect(groupByPartition(question)).toEqual(original(GROUP)(question));
  expect(groupByPartition({ ...question, partitionMetadata: [] })).toEqual({});
});
