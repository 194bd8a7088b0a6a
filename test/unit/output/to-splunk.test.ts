// Splunk's collector: what is sent, when it is done, and what becomes of each answer.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NO_TLS_FILES } from '../../../src/output/http-client.js';
import { SplunkOutput, type SplunkOutputOptions } from '../../../src/output/to-splunk.js';
import { SplunkReceiver } from './splunk-receiver.js';
import { several, spooled } from './spooled.js';

const TOKEN = '0b5c6a1e-token';
let collector: SplunkReceiver;
const opened: SplunkOutput[] = [];
beforeEach(async () => {
  collector = await SplunkReceiver.open(TOKEN);
});
afterEach(async () => {
  for (const output of opened.splice(0)) await output.close();
  await collector.http.close();
});

function open(changes: Partial<SplunkOutputOptions> = {}): SplunkOutput {
  const output = new SplunkOutput({
    name: 'splunk',
    url: collector.url,
    token: TOKEN,
    format: 'falco',
    hostname: 'tower',
    index: '',
    source: 'saker',
    sourcetype: 'falco',
    acknowledge: true,
    ack_poll_ms: 5,
    ack_timeout_ms: 2000,
    batch: { alerts: 100, bytes: 1 << 20, linger_ms: 0 },
    headers: {},
    tls: NO_TLS_FILES,
    timeout_ms: 5000,
    keep_alive: true,
    compress: false,
    version: '1.2.3',
    ...changes,
  });
  opened.push(output);
  return output;
}

test('events carry time, host and id, and are done when they are acknowledged', async () => {
  const alerts = several(3);
  expect(await open({ index: 'security' }).send(alerts)).toEqual({ accepted: 3, refused: [] });
  expect(collector.written).toEqual(
    alerts.map(({ json }, index) => ({
      time: 1_700_000_000.012,
      host: 'tower',
      index: 'security',
      source: 'saker',
      sourcetype: 'falco',
      fields: { event_id: `test-${index + 1}` },
      event: JSON.parse(json),
    })),
  );
  expect(collector.http.received[0]?.body).toContain('"start_ns":9007199254740993');
});

test('nothing is done before Splunk has written it', async () => {
  collector.writesAtOnce = false;
  let isDone = false;
  const sending = open({ ack_timeout_ms: 60_000 })
    .send(several(2))
    .then((result) => {
      isDone = true;
      return result;
    });
  while (collector.http.received.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
  expect([isDone, collector.events.length, collector.written.length]).toEqual([false, 2, 0]);
  collector.write();
  expect(await sending).toEqual({ accepted: 2, refused: [] });
});

test('what is not acknowledged in time is an error, and sent again', async () => {
  collector.forgets = 1;
  const output = open({ ack_timeout_ms: 50 });
  await expect(output.send(several(2))).rejects.toMatchObject({
    code: 'SINK_SEND',
    retryable: true,
  });
  expect(await output.send(several(2))).toEqual({ accepted: 2, refused: [] });
  expect([collector.events.length, collector.written.length]).toEqual([4, 2]);
  expect(collector.channels.size).toBe(1);
});

test('an event that is invalid is put aside, its neighbours arrive', async () => {
  const alerts = [spooled(1), spooled(2, 'invalid'), spooled(3), spooled(4, 'invalid')];
  expect(await open().send(alerts)).toEqual({
    accepted: 4,
    refused: [alerts[1], alerts[3]].map((alert) => ({
      alert,
      reason: expect.stringContaining('Invalid data format'),
    })),
  });
  expect(collector.written.map(({ fields }) => fields?.event_id)).toEqual(['test-1', 'test-3']);
});

test('a wrong token waits for somebody who repairs it', async () => {
  await expect(open({ token: 'wrong' }).send(several(1))).rejects.toMatchObject({
    retryable: false,
    message: expect.stringContaining('Invalid token'),
  });
});

test('a busy collector is tried again', async () => {
  collector.http.answer = () => ({ status: 503, body: '{"text":"Server is busy","code":9}' });
  await expect(open().send(several(1))).rejects.toMatchObject({ retryable: true });
});

test('a token without acknowledgement is told, and works when it is not asked for', async () => {
  collector.acknowledges = false;
  await expect(open().send(several(1))).rejects.toMatchObject({ retryable: false });
  expect(await open({ acknowledge: false }).send(several(1))).toMatchObject({ accepted: 1 });
});

test('a request that is too long is halved until it fits', async () => {
  const { answer } = collector.http;
  collector.http.answer = (request) =>
    request.body.split('\n').length > 2 ? { status: 413 } : answer(request);
  const output = open();
  const alerts = several(7);
  const sent: number[] = [];
  while (alerts.length > 0) {
    const { accepted } = await output.send(alerts);
    sent.push(accepted);
    alerts.splice(0, accepted);
  }
  expect(sent.reduce((sum, count) => sum + count, 0)).toBe(7);
  expect(collector.written).toHaveLength(7);
});

test('lines of text are events of text', async () => {
  await open({ format: 'cef' }).send(several(1));
  expect(collector.written[0]?.event).toMatch(/^CEF:0\|Saker\|/);
});

test('closing ends the wait for an acknowledgement', async () => {
  collector.writesAtOnce = false;
  const output = open({ ack_poll_ms: 60_000, ack_timeout_ms: 600_000 });
  const sending = output.send(several(1)).catch((error) => error);
  while (collector.http.received.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  await output.close();
  expect(await sending).toMatchObject({ code: 'SINK_SEND' });
});
