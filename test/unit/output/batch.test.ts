// Batches of alerts between the threads, and their bound.
import { expect, test, vi } from 'vitest';
import type { Alert, AlertOptions } from '../../../src/output/alert.js';
import { type AlertBatch, AlertBatcher, type Lane } from '../../../src/output/batch.js';
import { toBytes } from '../../../src/rules/bytes.js';

const options: AlertOptions = {
  hostname: 'tower',
  iso8601: false,
  includeOutput: true,
  includeMessage: false,
  includeTags: true,
  includeOutputFields: true,
};
const rule = { name: 'r', priority: 5, source: 'syscall', tags: [], fieldNames: [] };
const alert: Alert = { rule, time_ns: 5n, message: 'hit', values: [] };

const LANES: Lane[] = [
  { key: 'text', format: 'text' },
  { key: 'falco', format: 'falco' },
];

function batcher(limitBytes: number) {
  const posted: AlertBatch[] = [];
  const gauge = new Int32Array(new SharedArrayBuffer(4));
  const made = new AlertBatcher(LANES, options, gauge, 0, limitBytes, (batch) =>
    posted.push(batch),
  );
  return { made, posted, gauge };
}

test('a batch holds every alert once per format, each on a line of its own', () => {
  const { made, posted } = batcher(1 << 20);
  made.add(alert);
  made.add({ ...alert, message: 'line\nbreak' });
  made.flush();
  made.flush();
  expect(posted).toHaveLength(1);
  expect(posted[0]?.count).toBe(2);
  expect(textOf(posted[0]?.lines.text).split('\n')).toHaveLength(3);
  expect(
    textOf(posted[0]?.lines.falco)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toHaveLength(2);
});

test('alerts are dropped and counted while too much is under way, and flow again after', () => {
  const { made, posted, gauge } = batcher(100);
  for (let index = 0; index < 10; index++) {
    made.add(alert);
    made.flush();
  }
  expect(made.dropped).toBeGreaterThan(0);
  expect(made.dropped + posted.length).toBe(10);
  for (const batch of posted) Atomics.sub(gauge, 0, batch.gaugeBytes);
  expect(gauge[0]).toBe(0);
  const before = posted.length;
  made.add(alert);
  made.flush();
  expect(posted).toHaveLength(before + 1);
});

test('a long drain posts by itself before its end', () => {
  const { made, posted } = batcher(1 << 26);
  for (let index = 0; index < 3000; index++) made.add({ ...alert, message: 'x'.repeat(100) });
  expect(posted.length).toBeGreaterThan(1);
});

test('what comes after a pause goes at once, what follows gathers for a moment', () => {
  const { made, posted } = batcher(1 << 20);
  expect(made.pause_ms(100)).toBe(100);
  made.add(alert);
  made.flushDue();
  expect(posted).toHaveLength(1);
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    made.add(alert);
    made.flush();
    made.add(alert);
    made.flushDue();
    expect(posted).toHaveLength(2);
    const pause_ms = made.pause_ms(100);
    expect(pause_ms).toBeGreaterThan(0);
    vi.advanceTimersByTime(pause_ms);
    expect(made.pause_ms(100)).toBe(0);
    made.flushDue();
    expect(posted).toHaveLength(3);
  } finally {
    vi.useRealTimers();
  }
});

test('lines keep every character, whatever their length', () => {
  const { made, posted } = batcher(1 << 26);
  const messages = ['Ö', '\u{1f427}', 'x'.repeat(100_000), 'é'.repeat(50_000)];
  for (const message of messages) made.add({ ...alert, message: toBytes(message) });
  made.flush();
  const lines = posted
    .map(({ lines }) => textOf(lines.text))
    .join('')
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => line.slice(line.indexOf('Notice ') + 7))).toEqual(messages);
});

function textOf(lines: Uint8Array | undefined): string {
  return Buffer.from(lines ?? []).toString();
}
