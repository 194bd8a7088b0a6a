// Lines in memory that two threads share, and the queue that copies them out of it.
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { isShared, LinePool, release } from '../../../src/output/line-pool.js';
import { LineQueue } from '../../../src/output/line-queue.js';

test('places are taken until they are released, by whoever got the lines', () => {
  const pool = new LinePool();
  const { port1, port2 } = new MessageChannel();
  const sent: string[] = [];
  for (;;) {
    const text = `line ${sent.length}\n`;
    const lines = pool.put(Buffer.from(text));
    if (lines === undefined) break;
    sent.push(text);
    port1.postMessage(lines);
  }
  expect(sent.length).toBeGreaterThan(1);
  const received: string[] = [];
  for (const _ of sent) {
    const lines: Uint8Array = receiveMessageOnPort(port2)?.message;
    received.push(Buffer.from(lines).toString());
    expect(isShared(lines)).toBe(true);
    if (received.length !== 2) release(lines);
  }
  expect(received).toEqual(sent);
  const again = sent.map(() => pool.put(Buffer.from('x')));
  expect(again.filter((lines) => lines === undefined)).toHaveLength(1);
  port1.close();
});

test('what is too long for a place is not taken, and what is of no pool is left alone', () => {
  expect(new LinePool().put(new Uint8Array(1 << 20))).toBeUndefined();
  const lines = Buffer.from('own\n');
  release(lines);
  expect(lines.toString()).toBe('own\n');
});

test('a queue has what it was given, whatever becomes of the memory that it was in', async () => {
  let written = '';
  let given = '';
  let dropped = 0;
  const queue = new LineQueue(
    async (bytes) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      written += Buffer.from(bytes).toString();
    },
    1 << 30,
    (_, count) => {
      dropped += count;
    },
  );
  const memory = Buffer.alloc(100_000);
  for (let round = 0; round < 200; round++) {
    const text = `${String(round).repeat(1 + ((round * 7919) % 20_000))}\n`;
    given += text;
    queue.write(memory.subarray(0, memory.write(text)), 1);
    memory.fill(0);
    if (round % 13 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await queue.close(10_000);
  expect(written === given).toBe(true);
  expect(queue.counts()).toEqual({ queued: 0, delivered: 200, retried: 0, dropped });
  expect(dropped).toBe(0);
});
