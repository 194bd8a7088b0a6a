// The Elasticsearch output against a real OpenSearch.
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { NO_TLS_FILES } from '../../src/output/http-client.js';
import { ElasticOutput, type ElasticOutputOptions } from '../../src/output/to-elastic.js';
import { random } from '../seeded.js';
import { fullAlert, hostileAlert, networkAlert } from '../unit/output/alert-lines.js';
import { makeCertificates, serverOptions } from '../unit/output/certificates.js';
import { several, spooled } from '../unit/output/spooled.js';
import { OpenSearch } from './opensearch.js';

let node: OpenSearch;
const opened: ElasticOutput[] = [];
beforeAll(async () => {
  node = await OpenSearch.start();
});
afterAll(() => node?.stop());
afterEach(async () => {
  for (const output of opened.splice(0)) await output.close();
});

function open(data_stream: string, changes: Partial<ElasticOutputOptions> = {}): ElasticOutput {
  const output = new ElasticOutput({
    name: 'elasticsearch',
    url: node.url,
    data_stream,
    format: 'ecs',
    create_template: true,
    batch: { alerts: 500, bytes: 4 << 20, linger_ms: 0 },
    headers: {},
    tls: NO_TLS_FILES,
    timeout_ms: 30_000,
    keep_alive: true,
    compress: false,
    version: '1.2.3',
    ...changes,
  });
  opened.push(output);
  return output;
}

test('alerts become documents of a data stream, with the types of ECS', async () => {
  const alerts = [
    ...several(3),
    { ...spooled(4), json: networkAlert('10.0.0.7', '2001:db8::1') },
    { ...spooled(5), json: fullAlert() },
  ];
  expect(await open('saker-a').send(alerts)).toEqual({ accepted: 5, refused: [] });

  const documents = await node.documents('saker-a');
  expect([...documents.keys()].sort()).toEqual(alerts.map(({ event_id }) => event_id));
  expect(documents.get('test-2')).toMatchObject({ message: 'alert 2', process: { pid: 812 } });
  const streams = JSON.stringify(await node.ask('GET', '_data_stream/saker-a'));
  expect(streams).toContain('"name":"saker-a"');
  // An index that knows the types answers questions about networks and ranges.
  const found = await node.ask('POST', 'saker-a/_search', {
    query: {
      bool: {
        filter: [
          { term: { 'source.ip': '10.0.0.0/8' } },
          { range: { 'process.pid': { gte: 800, lte: 900 } } },
          { term: { 'event.category': 'network' } },
          { range: { '@timestamp': { gte: '2023-11-14', lt: '2023-11-15' } } },
        ],
      },
    },
  });
  expect(JSON.stringify(found)).toContain('"_id":"test-4"');
});

test('what is sent twice is there once', async () => {
  const output = open('saker-b');
  expect(await output.send(several(3))).toMatchObject({ accepted: 3 });
  expect(await output.send(several(5))).toEqual({ accepted: 5, refused: [] });
  expect((await node.documents('saker-b')).size).toBe(5);
});

test('a document that the mapping refuses is put aside with the reason, its neighbours arrive', async () => {
  await node.ask('PUT', '_index_template/strict', {
    index_patterns: ['saker-c'],
    data_stream: {},
    priority: 400,
    template: { mappings: { properties: { rule: { properties: { name: { type: 'long' } } } } } },
  });
  const good = {
    ...spooled(2),
    json: spooled(2).json.replace('"rule":"Read sensitive file"', '"rule":"7"'),
  };
  const alerts = [spooled(1), good, spooled(3)];
  const { accepted, refused } = await open('saker-c').send(alerts);
  expect(accepted).toBe(3);
  expect(refused.map(({ alert }) => alert)).toEqual([alerts[0], alerts[2]]);
  expect(refused[0]?.reason).toMatch(
    /^400 mapper_parsing_exception: failed to parse field \[rule.name\]/,
  );
  expect([...(await node.documents('saker-c')).keys()]).toEqual(['test-2']);
});

test('a request longer than the node takes is halved; an alert that is too long alone is put aside', async () => {
  // The node's limit cannot be changed while it runs, so a proxy has one.
  const proxy = await Gate.open({ limit: 6000 });
  const output = open('saker-d', { url: proxy.url, tls: { ...NO_TLS_FILES, ca_cert: proxy.ca } });
  const alerts = [...several(6), spooled(7, 'x'.repeat(7000)), spooled(8)];
  const left = [...alerts];
  const refused: string[] = [];
  while (left.length > 0) {
    const result = await output.send(left);
    expect(result.accepted).toBeGreaterThan(0);
    refused.push(...result.refused.map(({ alert }) => alert.event_id));
    left.splice(0, result.accepted);
  }
  expect(refused).toEqual(['test-7']);
  expect((await node.documents('saker-d')).size).toBe(7);
  await proxy.close();
});

test('an index that is blocked, as on a full disk, takes the alerts later', async () => {
  const output = open('saker-e');
  await output.send(several(1));
  await node.ask('PUT', 'saker-e/_settings', { 'index.blocks.write': true });
  await expect(output.send(several(3).slice(1))).rejects.toMatchObject({ code: 'SINK_SEND' });
  await node.ask('PUT', 'saker-e/_settings', { 'index.blocks.write': false });
  expect(await output.send(several(3))).toEqual({ accepted: 3, refused: [] });
  expect((await node.documents('saker-e')).size).toBe(3);
});

test('credentials and TLS', async () => {
  const proxy = await Gate.open({ authorization: 'ApiKey c2VjcmV0' });
  const tls = { ...NO_TLS_FILES, ca_cert: proxy.ca };
  const url = proxy.url;
  await expect(
    open('saker-f', { url, tls, headers: { authorization: 'ApiKey wrong' } }).send(several(1)),
  ).rejects.toMatchObject({ retryable: false });
  await expect(open('saker-f', { url }).send(several(1))).rejects.toMatchObject({
    retryable: true,
  });
  const output = open('saker-f', { url, tls, headers: { authorization: 'ApiKey c2VjcmV0' } });
  expect(await output.send(several(2))).toEqual({ accepted: 2, refused: [] });
  await proxy.close();
});

test.each(['falco', 'ocsf'] as const)('documents in the form of %s have a time', async (format) => {
  await open(`saker-${format}`, { format }).send(several(2));
  const [document] = (await node.documents(`saker-${format}`)).values();
  expect(document).toMatchObject({ '@timestamp': '2023-11-14T22:13:20.012345678Z' });
});

test("no alert with an attacker's text is refused", async () => {
  const source = random();
  const alerts = Array.from({ length: 300 }, (_, index) => ({
    ...spooled(index + 1),
    json: hostileAlert(source),
  }));
  const { accepted, refused } = await open('saker-g').send(alerts);
  expect({ accepted, refused }, `SEED=${source.seed}`).toEqual({ accepted: 300, refused: [] });
  expect((await node.documents('saker-g')).size).toBe(300);
});

test('a node that is killed and comes back takes what is sent again, nothing doubled', {
  timeout: 180_000,
}, async () => {
  const output = open('saker-h');
  expect(await output.send(several(100))).toMatchObject({ accepted: 100 });
  await node.kill();
  await expect(output.send(several(200))).rejects.toMatchObject({ retryable: true });
  await node.run();
  let left = several(200);
  while (left.length > 0) {
    // Right after its start it has no shards yet, and says so item by item.
    const { accepted } = await output.send(left).catch(() => ({ accepted: 0 }));
    left = left.slice(accepted);
    if (accepted === 0) await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect((await node.documents('saker-h')).size).toBe(200);
});

/** Stands in front of the node: TLS, a limit, credentials. */
class Gate {
  private constructor(
    private readonly server: Server,
    private readonly folder: string,
    readonly url: string,
    readonly ca: string,
  ) {}

  static async open(rules: { limit?: number; authorization?: string }): Promise<Gate> {
    const folder = mkdtempSync(join(tmpdir(), 'saker-proxy-'));
    const files = makeCertificates(folder);
    const server = createServer(serverOptions(files, false), (incoming, outgoing) => {
      const refuse = (status: number): void => void outgoing.writeHead(status).end('{}');
      const length = Number(incoming.headers['content-length'] ?? 0);
      if (
        rules.authorization !== undefined &&
        incoming.headers.authorization !== rules.authorization
      )
        return refuse(401);
      if (rules.limit !== undefined && length > rules.limit) return refuse(413);
      const { method, url: path = '/', headers } = incoming;
      const forward = request(`${node.url}${path}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      forward.on('error', () => refuse(502));
      incoming.pipe(forward);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return new Gate(server, folder, `https://localhost:${port}`, files.ca);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
