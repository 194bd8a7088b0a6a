// The syslog output against a real rsyslog.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { NO_TLS_FILES } from '../../src/output/http-client.js';
import { SyslogOutput, type SyslogOutputOptions } from '../../src/output/to-syslog.js';
import { toBytes } from '../../src/rules/bytes.js';
import { random } from '../seeded.js';
import { hostileAlert } from '../unit/output/alert-lines.js';
import { type Certificates, makeCertificates } from '../unit/output/certificates.js';
import { several, spooled } from '../unit/output/spooled.js';
import { Rsyslog } from './rsyslog.js';

let folder = '';
let files: Certificates;
let daemon: Rsyslog;
const opened: SyslogOutput[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-syslog-'));
  files = makeCertificates(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  daemon = await Rsyslog.start(files);
});
afterEach(async () => {
  for (const output of opened.splice(0)) await output.close(1000);
  await daemon.stop();
});

function open(changes: Partial<SyslogOutputOptions> = {}): SyslogOutput {
  const output = new SyslogOutput({
    name: 'syslog',
    protocol: 'tcp',
    host: '127.0.0.1',
    port: daemon.tcp,
    tls: NO_TLS_FILES,
    timeout_ms: 5000,
    facility: 'local3',
    format: 'falco',
    hostname: 'tower',
    app_name: 'saker',
    limit_bytes: 8192,
    version: '1.2.3',
    ...changes,
  });
  opened.push(output);
  return output;
}

test.each(['udp', 'tcp', 'tls'] as const)(
  'rsyslog reads every part of a message: %s',
  async (protocol) => {
    const alerts = several(5);
    const tls = { ...NO_TLS_FILES, ca_cert: files.ca };
    const output = open({ protocol, host: 'localhost', port: daemon[protocol], tls });
    expect(await output.send(alerts)).toEqual({ accepted: 5, refused: [] });
    expect(await daemon.linesOnce(5)).toEqual(
      alerts.map(({ json, event_id }) => ({
        facility: 'local3',
        severity: 'warning',
        host: 'tower',
        app: 'saker',
        time: '2023-11-14T22:13:20.012345Z',
        data: `[saker@32473 event_id="${event_id}" rule="Read sensitive file"]`,
        message: json,
      })),
    );
  },
);

test('the daemon of this host reads them from its socket', async () => {
  const output = open({ protocol: 'local', host: daemon.socket });
  expect(await output.send(several(2))).toEqual({ accepted: 2, refused: [] });
  const lines = await daemon.linesOnce(2);
  expect(lines.map(({ message }) => JSON.parse(message).saker.event_id)).toEqual([
    'test-1',
    'test-2',
  ]);
  expect(lines[0]).toMatchObject({ facility: 'local3', severity: 'warning', app: 'saker' });
});

test('a host without a daemon is told', async () => {
  const output = open({ protocol: 'local', host: join(folder, 'nobody') });
  await expect(output.send(several(1))).rejects.toMatchObject({
    code: 'SINK_SEND',
    retryable: true,
  });
});

test('a message that is too long goes as text, cut and marked', async () => {
  const output = open({ protocol: 'udp', port: daemon.udp, limit_bytes: 1024 });
  await output.send([spooled(1, toBytes('ä').repeat(3000)), spooled(2)]);
  const [first, second] = await daemon.linesOnce(2);
  expect(first?.data).toContain('cut="true"');
  expect(first?.message).toMatch(/^\d\d:\d\d:20\.012345678: Warning ä+$/);
  expect(Buffer.byteLength(first?.message ?? '')).toBeLessThan(1024);
  expect(JSON.parse(second?.message ?? '')).toMatchObject({ rule: 'Read sensitive file' });
});

test.each(['falco', 'cef', 'text', 'ecs', 'ocsf'] as const)(
  "an attacker's text stays one message: %s",
  async (format) => {
    const source = random();
    const rule = 'a"b]c\\d\n[x y="z"]';
    const alerts = Array.from({ length: 100 }, (_, index) => ({
      ...spooled(index + 1),
      rule,
      json: hostileAlert(source),
    }));
    const output = open({ format, limit_bytes: 8000 });
    expect(await output.send([...alerts, spooled(101)])).toMatchObject({ accepted: 101 });
    const lines = await daemon.linesOnce(101);
    const seed = `SEED=${source.seed}`;
    expect(lines, seed).toHaveLength(101);
    expect(
      lines.map(({ host, facility }) => `${host} ${facility}`),
      seed,
    ).toEqual(Array.from({ length: 101 }, () => 'tower local3'));
    // rsyslog keeps the escapes of structured data.
    expect(lines[0]?.data, seed).toBe(
      '[saker@32473 event_id="test-1" rule="a\\"b\\]c\\\\d\ufffd[x y=\\"z\\"\\]"]',
    );
    if (format !== 'cef' && format !== 'text')
      for (const { message, data } of lines) if (!data.includes('cut=')) JSON.parse(message);
  },
);

test('TLS: who is not trusted gets nothing', async () => {
  for (const ca_cert of ['', files.otherCa]) {
    const tls = { ...NO_TLS_FILES, ca_cert };
    const output = open({ protocol: 'tls', host: 'localhost', port: daemon.tls, tls });
    await expect(output.send(several(1))).rejects.toMatchObject({ code: 'SINK_SEND' });
  }
  expect(daemon.lines).toEqual([]);
});

test('a server that is killed and comes back gets every alert, some perhaps twice', async () => {
  const output = open();
  const ids = new Set<string>();
  let next = 1;
  for (let round = 0; round < 3; round++) {
    for (let batch = 0; batch < 20; batch++) {
      let left = Array.from({ length: 50 }, () => spooled(next++));
      for (const { event_id } of left) ids.add(event_id);
      if (batch === 10) await daemon.end('SIGKILL');
      while (left.length > 0) {
        const { accepted } = await output.send(left).catch(() => ({ accepted: 0 }));
        left = left.slice(accepted);
        if (accepted === 0) await daemon.run();
      }
    }
  }
  const seen = (): Set<string> =>
    new Set(daemon.lines.map(({ message }) => JSON.parse(message).saker.event_id));
  while (seen().size < ids.size) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(seen()).toEqual(ids);
});

test('what was under way when the server went is sent again without a further alert', async () => {
  const output = open();
  await output.send(several(1));
  await daemon.linesOnce(1);
  await daemon.end('SIGKILL');
  await daemon.run();
  const lines = await daemon.linesOnce(2);
  expect(lines.map(({ data }) => data)).toEqual([lines[0]?.data, lines[0]?.data]);
});

test('a server that is not there, and one that reads nothing, are tried again', async () => {
  // That port is open for datagrams only.
  const away = open({ port: daemon.udp });
  await expect(away.send(several(1))).rejects.toMatchObject({ retryable: true });
  const server = createServer({ pauseOnConnect: true });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const stuck = open({ port, timeout_ms: 300, limit_bytes: 1 << 20 });
  const large = Array.from({ length: 50 }, (_, index) => spooled(index, 'x'.repeat(1 << 19)));
  await expect(stuck.send(large)).rejects.toMatchObject({ code: 'SINK_SEND', retryable: true });
  await stuck.close(100);
  server.close();
});
