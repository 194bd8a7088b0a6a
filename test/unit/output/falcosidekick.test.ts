// Whether falcosidekick would take our alerts. It is a program in Go that no package mirror has; the
// receiver below decides as it does (falcosecurity/falcosidekick: handlers.go, types/types.go, types/priority.go).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_TLS_FILES } from '../../../src/output/http-client.js';
import { ownAlert } from '../../../src/output/internal.js';
import type { SpooledAlert } from '../../../src/output/remote.js';
import { readSpoolLine } from '../../../src/output/spool-line.js';
import { HttpOutput } from '../../../src/output/to-http.js';
import { PRIORITIES } from '../../../src/rules/rule.js';
import { random } from '../../seeded.js';
import { alertLine, fullAlert, hostileAlert } from './alert-lines.js';
import { HttpReceiver } from './http-receiver.js';
import { asFalco } from './printers.js';

let receiver: HttpReceiver;
let output: HttpOutput;
beforeAll(async () => {
  receiver = await HttpReceiver.open();
  receiver.answer = ({ method, body }) => ({
    status: method === 'POST' && isTaken(body) ? 200 : 400,
    body: 'Please send a valid request body',
  });
  output = new HttpOutput({
    name: 'http',
    url: receiver.url,
    format: 'falco',
    batch: 'none',
    batch_alerts: 100,
    hmac_secret: '',
    headers: {},
    tls: NO_TLS_FILES,
    timeout_ms: 5000,
    keep_alive: true,
    compress: false,
    version: '1',
  });
});
afterAll(async () => {
  await output.close();
  await receiver.close();
});

/** What encoding/json of Go decodes into its payload, and what `Check` then asks of it. */
function isTaken(body: string): boolean {
  const payload: Record<string, unknown> = JSON.parse(body);
  const { output: text, priority, rule, time, output_fields, source, tags, hostname } = payload;
  // A wrong type of any of them fails the whole object; null and absent are the empty value.
  if ([text, rule, source, hostname, priority].some((one) => !isText(one))) return false;
  if (!(tags === undefined || (Array.isArray(tags) && tags.every(isText)))) return false;
  // time.RFC3339 with a fraction of any length.
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(String(time))) return false;
  if (!KNOWN.includes(String(priority).toLowerCase())) return false;
  if (rule === undefined || rule === '') return false;
  if (typeof output_fields !== 'object' || output_fields === null) return false;
  const fields: [string, unknown][] = Object.entries(output_fields);
  // Its outputs print texts, numbers and truth values; these two it takes for texts without asking.
  if (fields.some(([, value]) => typeof value === 'object' && value !== null)) return false;
  if (fields.some(([key, value]) => SURE.includes(key) && !isText(value))) return false;
  return fields.length > 0;
}

const KNOWN = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'informational',
  'debug',
];
const SURE = ['k8s.ns.name', 'k8s.pod.name'];

function isText(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

async function send(lines: readonly string[]): Promise<void> {
  const alerts = lines.map((line, at): SpooledAlert => {
    const alert = readSpoolLine(line, at);
    if (alert === undefined) throw new Error(`no alert: ${line}`);
    return alert;
  });
  expect(await output.send(alerts)).toEqual({ accepted: alerts.length, refused: [] });
}

test('it refuses what it should, so that what follows means something', () => {
  const line = fullAlert();
  expect(isTaken(line.replace('"priority":"Warning"', '"priority":"Info"'))).toBe(false);
  expect(isTaken(line.replace('"k8s.ns.name":"shop"', '"k8s.ns.name":7'))).toBe(false);
  expect(isTaken(line.replace(/"time":"[^"]*Z"/, '"time":"2023-11-14 22:13:20"'))).toBe(false);
  expect(isTaken(line.replace(/"output_fields":{[^}]*}/, '"output_fields":{}'))).toBe(false);
});

test('alerts of every priority', async () => {
  await send(PRIORITIES.map((_, priority) => alertLine({ 'proc.pid': 1 }, { priority })));
});

test('absent values, lists, large numbers, truth values, and no field of the rule at all', async () => {
  await send([
    fullAlert({ 'k8s.ns.name': undefined, 'k8s.pod.name': undefined, 'proc.args': ['a', 'b'] }),
    fullAlert({ 'proc.pid': 2n ** 63n, 'user.uid': -1, 'proc.duration': 1e21 }),
    alertLine({}),
    alertLine({ 'proc.cmdline': 'x'.repeat(200_000) }, { tags: [] }),
  ]);
});

test('what an attacker wrote', async () => {
  const seeded = random();
  await send(Array.from({ length: 300 }, () => hostileAlert(seeded)));
});

test('alerts about the agent itself', async () => {
  const print = asFalco({
    hostname: 'tower',
    iso8601: true,
    includeOutput: true,
    includeMessage: true,
    includeTags: true,
    includeOutputFields: true,
  });
  const saker = { event_id: 'x-1', pid: 1, start_ns: 0n, lineage: [] };
  await send([
    print({ ...ownAlert('started', 'Saker watches', {}), saker }),
    print({ ...ownAlert('rules refused', 'It keeps the old', { reason: '"\n\u001b' }), saker }),
  ]);
});
