// The queue of one output: order, retries, what is put aside, and what it says about itself.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SinkError } from '../../../src/errors.js';
import { Delivery, type DeliveryOptions } from '../../../src/output/delivery.js';
import { RefusedFile } from '../../../src/output/delivery-refused.js';
import type { RemoteOutput, SendResult, SpooledAlert } from '../../../src/output/remote.js';
import type { Spool } from '../../../src/output/spool.js';
import { alertLines, ids, listeningLog, openSpool, readerOf, type Said } from './spool-lines.js';

/** What an output of a test does with a batch; `undefined`: takes all. */
type Act = (alerts: readonly SpooledAlert[]) => SendResult | Promise<SendResult> | undefined;

class ScriptedOutput implements RemoteOutput {
  readonly name = 'sink';
  readonly batch = { alerts: 10, bytes: 1e6, linger_ms: 0 };
  readonly attempts: string[][] = [];
  readonly taken: string[] = [];
  closed = 0;
  underWay = 0;

  /** @param acts one for each attempt; after the last one all is taken */
  constructor(private readonly acts: Act[] = []) {}

  async send(alerts: readonly SpooledAlert[]): Promise<SendResult> {
    expect(++this.underWay).toBe(1);
    try {
      this.attempts.push(alerts.map(({ event_id }) => event_id));
      const result = (await this.acts.shift()?.(alerts)) ?? {
        accepted: alerts.length,
        refused: [],
      };
      const refused = new Set(result.refused.map(({ alert }) => alert));
      for (const alert of alerts.slice(0, result.accepted))
        if (!refused.has(alert)) this.taken.push(alert.event_id);
      return result;
    } finally {
      this.underWay--;
    }
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

let folder: string;
let spool: Spool;
let said: Said[];
let delivery: Delivery | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saker-delivery-'));
  spool = await openSpool(join(folder, 'spool'));
});
afterEach(async () => {
  await delivery?.close(0);
  delivery = undefined;
  await spool.close();
  rmSync(folder, { recursive: true, force: true });
});

function deliver(output: RemoteOutput, changes: Partial<DeliveryOptions> = {}): Delivery {
  const listening = listeningLog();
  said = listening.said;
  delivery = new Delivery(output, {
    reader: readerOf(spool),
    queued: () => spool.queued('sink'),
    refused: new RefusedFile(join(folder, 'refused.jsonl'), 1e6, listening.log),
    log: listening.log,
    backoff: { first_ms: 1, longest_ms: 4 },
    ...changes,
  });
  delivery.start();
  return delivery;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

function fails(reason = 'down', detail = {}): Act {
  return () => {
    throw new SinkError('SINK_SEND', reason, detail);
  };
}

describe('what an output does not take', () => {
  test('is sent again as it was, until it is taken, in order', async () => {
    await spool.append(alertLines(0, 10), 10);
    const output = new ScriptedOutput([fails(), fails(), fails()]);
    const sending = deliver(output);
    await until(() => output.attempts.length > 1);
    await spool.append(alertLines(10, 35), 25);
    await until(() => sending.counts().queued === 0);
    expect(output.taken).toEqual(ids(0, 35));
    expect(output.attempts.slice(0, 4)).toEqual(Array(4).fill(ids(0, 10)));
    expect(sending.counts()).toMatchObject({
      delivered: 35,
      retried: 30,
      dropped: 0,
      failing: false,
      last_error: 'down',
    });
  });

  test('is told once when it begins and once when it is over', async () => {
    await spool.append(alertLines(0, 1), 1);
    const output = new ScriptedOutput(Array(20).fill(fails('gone', { hint: 'turn it on' })));
    const sending = deliver(output);
    await until(() => output.attempts.length > 10);
    expect(sending.counts()).toMatchObject({ failing: true, queued: 1 });
    expect(sending.counts().lag_s).toBeGreaterThan(0);
    await until(() => sending.counts().queued === 0);
    expect(said.map(({ level, reason, hint }) => [level, reason, hint])).toEqual([
      ['error', 'gone', 'turn it on'],
      ['info', undefined, undefined],
    ]);
  });

  test('another reason is told too, but not without end', async () => {
    await spool.append(alertLines(0, 1), 1);
    let number = 0;
    const output = new ScriptedOutput(Array(40).fill(() => fails(`reason ${number++}`)([])));
    const sending = deliver(output);
    await until(() => sending.counts().queued === 0);
    expect(said.filter(({ level }) => level === 'error')).toHaveLength(8);
  });

  test('in part: the rest goes on from there', async () => {
    await spool.append(alertLines(0, 10), 10);
    const output = new ScriptedOutput([() => ({ accepted: 4, refused: [] })]);
    const sending = deliver(output);
    await until(() => sending.counts().queued === 0);
    expect(output.attempts).toEqual([ids(0, 10), ids(4, 10)]);
    expect(sending.counts()).toMatchObject({ delivered: 10, retried: 6 });
  });

  test('is tried less and less often, and not before the other side asked for it', async () => {
    await spool.append(alertLines(0, 1), 1);
    const asked = fails('slow down', { retry_after_ms: 9000 });
    const config = fails('unknown user', { retryable: false });
    const output = new ScriptedOutput([fails(), fails(), fails(), fails(), asked, config]);
    const pauses: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      pauses.push(ms);
    };
    const sending = deliver(output, { sleep, backoff: { first_ms: 100, longest_ms: 2000 } });
    await until(() => sending.counts().queued === 0);
    const longest = [100, 200, 400, 800, 9000, 2000];
    expect(pauses).toHaveLength(longest.length);
    pauses.forEach((ms, at) => {
      expect(ms).toBeLessThanOrEqual(longest[at] ?? 0);
      expect(ms).toBeGreaterThanOrEqual((longest[at] ?? 0) / 2);
    });
    expect(pauses[4]).toBe(9000);
  });

  test('any other error is a failure as well', async () => {
    await spool.append(alertLines(0, 1), 1);
    const output = new ScriptedOutput([
      () => Promise.reject(new TypeError('a defect', { cause: new Error('deep inside') })),
      () => ({ accepted: 0, refused: [] }),
    ]);
    const sending = deliver(output);
    await until(() => sending.counts().queued === 0);
    expect(said.map(({ reason }) => reason).slice(0, 2)).toEqual([
      'deep inside',
      'nothing was accepted',
    ]);
  });
});

describe('what an output refuses for good', () => {
  test('goes to the dead-letter file with the reason, and the rest goes on', async () => {
    await spool.append(alertLines(0, 5), 5);
    const output = new ScriptedOutput([
      (alerts) => ({
        accepted: 5,
        refused: alerts.slice(2, 3).map((alert) => ({ alert, reason: 'too odd' })),
      }),
    ]);
    const sending = deliver(output);
    await until(() => sending.counts().queued === 0);
    expect(output.taken).toEqual(['0', '1', '3', '4']);
    expect(sending.counts()).toMatchObject({ delivered: 4, refused: 1, dropped: 1 });
    const line: unknown = JSON.parse(readFileSync(join(folder, 'refused.jsonl'), 'utf8'));
    expect(line).toMatchObject({
      output: 'sink',
      reason: 'too odd',
      event_id: '2',
      alert: JSON.parse(alertLines(2, 3).toString()),
    });
  });
});

describe('the end', () => {
  test('sends what is there', async () => {
    const output = new ScriptedOutput();
    const sending = deliver(output);
    await spool.append(alertLines(0, 95), 95);
    await sending.close(10_000);
    expect(output.taken).toEqual(ids(0, 95));
    expect(output.closed).toBe(1);
  });

  test('leaves to the next run what an output that is down does not take', async () => {
    const output = new ScriptedOutput(Array(1000).fill(fails()));
    const sending = deliver(output);
    await spool.append(alertLines(0, 5), 5);
    await until(() => sending.counts().failing);
    await sending.close(10_000);
    await spool.close();
    spool = await openSpool(join(folder, 'spool'));
    const next = new ScriptedOutput();
    deliver(next);
    await until(() => next.taken.length === 5);
    expect(next.taken).toEqual(ids(0, 5));
  });

  test('does not wait for an output that does not answer', async () => {
    await spool.append(alertLines(0, 1), 1);
    const output = new ScriptedOutput([() => new Promise(() => {})]);
    const sending = deliver(output);
    await until(() => output.attempts.length === 1);
    await sending.close(20);
    expect(output.taken).toEqual([]);
  });
});
