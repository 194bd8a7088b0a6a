// The webhook against a web server: what it sends, what it makes of each answer.
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NO_TLS_FILES } from '../../../src/output/http-client.js';
import { HttpOutput, type HttpOutputOptions } from '../../../src/output/to-http.js';
import { alertLine } from './alert-lines.js';
import { type Certificates, makeCertificates, serverOptions } from './certificates.js';
import { HttpReceiver } from './http-receiver.js';
import { several, spooled } from './spooled.js';

let receiver: HttpReceiver;
const opened: HttpOutput[] = [];
beforeEach(async () => {
  receiver = await HttpReceiver.open();
});
afterEach(async () => {
  for (const output of opened.splice(0)) await output.close();
  await receiver.close();
});

function open(changes: Partial<HttpOutputOptions> = {}): HttpOutput {
  const output = new HttpOutput({
    name: 'http',
    url: receiver.url,
    format: 'falco',
    batch: 'none',
    batch_alerts: 10,
    hmac_secret: '',
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

test('one object a request, in order, by one connection, as falcosidekick takes it', async () => {
  const alerts = several(5);
  expect(await open().send(alerts)).toEqual({ accepted: 5, refused: [] });
  expect(receiver.received.map(({ body }) => body)).toEqual(alerts.map(({ json }) => json));
  expect(new Set(receiver.received.map(({ connection }) => connection)).size).toBe(1);
  for (const { method, path, headers, body } of receiver.received) {
    expect([method, path, headers['content-type']]).toEqual([
      'POST',
      '/alerts',
      'application/json',
    ]);
    expect(falcoPayload(body)).toEqual([]);
  }
});

test('lists among the fields become text, for receivers of flat objects', async () => {
  const alert = { ...spooled(1), json: alertLine({ 'proc.args': ['-a', '-b'] }) };
  await open().send([alert]);
  expect(falcoPayload(receiver.received[0]?.body ?? '')).toEqual([]);
  expect(receiver.received[0]?.body).toContain('"proc.args":"(-a,-b)"');
});

test.each([
  ['array', 'application/json'],
  ['lines', 'application/x-ndjson'],
] as const)('several alerts in one request: %s', async (batch, type) => {
  const alerts = several(25);
  expect(await open({ batch }).send(alerts)).toEqual({ accepted: 25, refused: [] });
  const bodies = receiver.received.map(({ body }) => body);
  const parsed = bodies.map((body): unknown[] =>
    batch === 'array'
      ? JSON.parse(body)
      : body
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
  );
  expect(parsed.map((list) => list.length)).toEqual([10, 10, 5]);
  expect(parsed.flat()).toEqual(alerts.map(({ json }) => JSON.parse(json)));
  expect(receiver.received[0]?.headers['content-type']).toBe(type);
});

describe('an answer', () => {
  test.each([429, 500, 502, 503, 408])('%i says later, and when', async (status) => {
    receiver.answer = () => ({ status, headers: { 'retry-after': '7' } });
    await expect(open().send(several(1))).rejects.toMatchObject({
      code: 'SINK_SEND',
      retryable: true,
      retry_after_ms: 7000,
    });
  });

  test('Retry-After may be a date', async () => {
    const date = new Date(Date.now() + 30_000).toUTCString();
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': date } });
    const failure = await open()
      .send(several(1))
      .catch((error) => error);
    expect(failure.retry_after_ms).toBeGreaterThan(0);
    expect(failure.retry_after_ms).toBeLessThanOrEqual(30_000);
  });

  test.each([401, 404, 301])('%i waits for somebody who repairs it', async (status) => {
    receiver.answer = () => ({ status });
    await expect(open().send(several(1))).rejects.toMatchObject({ retryable: false });
  });

  test.each([400, 403, 413, 422])('%i refuses the alert and not its neighbours', async (status) => {
    receiver.answer = ({ body }) =>
      body.includes('alert 2') ? { status, body: 'not  this\none' } : { status: 202 };
    const alerts = several(3);
    expect(await open().send(alerts)).toEqual({
      accepted: 3,
      refused: [{ alert: alerts[1], reason: `POST to http: status ${status}: not this one` }],
    });
  });

  test('in the middle that says later leaves the rest for the next time', async () => {
    receiver.answer = ({ body }) => ({ status: body.includes('alert 3') ? 503 : 200 });
    expect(await open().send(several(5))).toEqual({ accepted: 2, refused: [] });
    expect(receiver.received).toHaveLength(3);
  });
});

test('a connection that breaks, and a server that is silent, are tried again', async () => {
  const output = open({ timeout_ms: 200 });
  receiver.answer = () => 'hang up';
  await expect(output.send(several(1))).rejects.toMatchObject({ retryable: true });
  receiver.answer = () => 'silence';
  await expect(output.send(several(1))).rejects.toMatchObject({ retryable: true });
  receiver.answer = () => ({ status: 200 });
  expect(await output.send(several(1))).toMatchObject({ accepted: 1 });
});

test('a server that is away is tried again', async () => {
  const { port } = receiver;
  await receiver.close();
  const output = open({ url: `http://127.0.0.1:${port}/` });
  await expect(output.send(several(1))).rejects.toMatchObject({
    code: 'SINK_SEND',
    retryable: true,
  });
  receiver = await HttpReceiver.open(undefined, port);
  expect(await output.send(several(1))).toMatchObject({ accepted: 1 });
});

test('the signature is over time and body, with the headers asked for', async () => {
  const output = open({
    hmac_secret: 'key',
    headers: { 'x-team': 'blue', authorization: 'Bearer t' },
  });
  await output.send(several(1));
  const { headers = {}, body } = receiver.received[0] ?? {};
  const time = String(headers['x-saker-timestamp']);
  const expected = createHmac('sha256', 'key').update(`${time}.${body}`).digest('hex');
  expect(headers['x-saker-signature']).toBe(`sha256=${expected}`);
  expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(60);
  expect(headers).toMatchObject({ 'x-team': 'blue', authorization: 'Bearer t' });
});

test('the body is compressed when asked', async () => {
  const alerts = several(1);
  await open({ compress: true }).send(alerts);
  expect(receiver.received[0]).toMatchObject({
    body: alerts[0]?.json,
    headers: { 'content-encoding': 'gzip' },
  });
});

test.each([
  ['ecs', 'application/json'],
  ['cef', 'text/plain; charset=utf-8'],
] as const)('other forms have their own content type: %s', async (format, type) => {
  await open({ format }).send(several(1));
  expect(receiver.received[0]?.headers['content-type']).toBe(type);
});

test('what is no alert is put aside', async () => {
  const broken = { ...spooled(1), json: '[]' };
  expect(await open().send([broken, spooled(2)])).toEqual({
    accepted: 2,
    refused: [{ alert: broken, reason: 'is no alert' }],
  });
});

test.each(['ftp://x', 'no address', ''])('%j is refused as an address', (url) => {
  expect(() => open({ url })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});

describe('over TLS', () => {
  let folder = '';
  let files: Certificates;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'saker-tls-'));
    files = makeCertificates(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function listen(mutual: boolean): Promise<void> {
    await receiver.close();
    receiver = await HttpReceiver.open(serverOptions(files, mutual));
  }

  test('the server must be signed by whom we trust', async () => {
    await listen(false);
    const trusting = open({ tls: { ...NO_TLS_FILES, ca_cert: files.ca } });
    expect(await trusting.send(several(1))).toMatchObject({ accepted: 1 });
    for (const ca_cert of ['', files.otherCa])
      await expect(
        open({ tls: { ...NO_TLS_FILES, ca_cert } }).send(several(1)),
      ).rejects.toMatchObject({ retryable: true });
    const careless = open({ tls: { ...NO_TLS_FILES, insecure: true } });
    expect(await careless.send(several(1))).toMatchObject({ accepted: 1 });
    expect(receiver.received).toHaveLength(2);
  });

  test('we show our own certificate', async () => {
    await listen(true);
    const tls = { ...NO_TLS_FILES, ca_path: folder };
    await expect(open({ tls }).send(several(1))).rejects.toMatchObject({ code: 'SINK_SEND' });
    const known = { ...tls, client_cert: files.clientCert, client_key: files.clientKey };
    expect(await open({ tls: known }).send(several(1))).toMatchObject({ accepted: 1 });
    expect(receiver.received.map(({ clientName }) => clientName)).toEqual(['agent']);
  });

  test('a file that is not there is told at the start', () => {
    expect(() =>
      open({ url: 'https://localhost/', tls: { ...NO_TLS_FILES, ca_cert: '/no/such' } }),
    ).toThrow(expect.objectContaining({ code: 'CONFIG_READ' }));
  });
});

/**
 * What falcosidekick would refuse or misread, by the structure that it decodes: texts `output` (not
 * empty), `priority`, `rule`, `source`, `hostname`, a `time` of RFC 3339, texts in `tags`, any flat
 * values in `output_fields`.
 */
function falcoPayload(body: string): string[] {
  const payload: Record<string, unknown> = JSON.parse(body);
  const problems = ['output', 'priority', 'rule', 'source', 'hostname', 'time']
    .filter((key) => typeof payload[key] !== 'string' || payload[key] === '')
    .map((key) => `${key} is no text`);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/.test(String(payload.time))) problems.push('time');
  if (!PRIORITIES.includes(String(payload.priority).toLowerCase())) problems.push('priority');
  const tags = payload.tags;
  if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== 'string')) problems.push('tags');
  for (const [key, value] of Object.entries(payload.output_fields ?? {}))
    if (typeof value === 'object' && value !== null) problems.push(`${key} is not flat`);
  return problems;
}

const PRIORITIES = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'informational',
  'debug',
];
