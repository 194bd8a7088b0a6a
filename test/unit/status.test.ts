// Health and metrics over HTTP: who is answered what, on a port and on a socket.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { StatusConfig } from '../../src/config/status.js';
import { isLocal, listenPlace, type StatusAnswers, StatusServer } from '../../src/status.js';

const CONFIG: StatusConfig = {
  enabled: true,
  listen: '127.0.0.1:0',
  healthz_path: '/healthz',
  metrics: true,
  tls_certificate: '',
};

async function serve(
  config: Partial<StatusConfig> = {},
  answers: Partial<StatusAnswers> = {},
): Promise<StatusServer> {
  const server = await StatusServer.listen(
    { ...CONFIG, ...config },
    {
      health: () => ({ ok: true, status: 'ok' }),
      ready: () => ({ ok: false, status: 'starting' }),
      metrics: async () => 'a 1\n',
      ...answers,
    },
  );
  onTestFinished(() => server.close());
  return server;
}

interface Answer {
  status: number | undefined;
  type: string | undefined;
  body: string;
}

function ask(
  where: { port?: number; socketPath?: string; ca?: string },
  path: string,
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = where.ca === undefined ? request : secureRequest;
    const asked = send({ host: '127.0.0.1', ...where, path, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => {
        const type = response.headers['content-type'];
        resolve({ status: response.statusCode, type, body });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'saker-status-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test('health is 200 or 503, with a word why', async () => {
  const { port } = await serve();
  expect(await ask({ port }, '/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}\n' });
  const ready = await ask({ port }, '/readyz');
  expect(ready).toMatchObject({ status: 503, body: '{"status":"starting"}\n' });
});

test('metrics have the type that Prometheus asks for', async () => {
  const { port } = await serve();
  const answer = await ask({ port }, '/metrics?x=1');
  expect(answer).toMatchObject({ status: 200, body: 'a 1\n' });
  expect(answer.type).toBe('text/plain; version=0.0.4; charset=utf-8');
});

test('metrics that cannot be had are a 500 with the reason', async () => {
  const metrics = async () => {
    throw new Error('the sensor has ended');
  };
  const { port } = await serve({}, { metrics });
  const answer = await ask({ port }, '/metrics');
  expect(answer).toMatchObject({ status: 500, body: 'the sensor has ended\n' });
});

test('who asks while somebody is answered gets the same page', async () => {
  let asked = 0;
  let release: (text: string) => void = () => {};
  const metrics = () => {
    asked += 1;
    return new Promise<string>((resolve) => {
      release = resolve;
    });
  };
  const { port } = await serve({}, { metrics });
  const both = Promise.all([ask({ port }, '/metrics'), ask({ port }, '/metrics')]);
  while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await ask({ port }, '/healthz'); // the other question has come by now
  release('page\n');
  expect((await both).map(({ body }) => body)).toEqual(['page\n', 'page\n']);
  expect(asked).toBe(1);
});

test.each([
  ['/', 'GET', 404],
  ['/metrics', 'POST', 405],
  ['/../etc/passwd', 'GET', 404],
])('%s by %s is %i', async (path, method, status) => {
  const { port } = await serve();
  expect((await ask({ port }, path, method)).status).toBe(status);
});

test('metrics can be left out, and health be found elsewhere too', async () => {
  const { port } = await serve({ metrics: false, healthz_path: '/health' });
  expect((await ask({ port }, '/metrics')).status).toBe(404);
  expect((await ask({ port }, '/health')).status).toBe(200);
});

test('a unix socket is for its owner alone, and that of a dead agent is replaced', async () => {
  const path = join(folder(), 'status.sock');
  execFileSync('python3', [
    '-c',
    'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])',
    path,
  ]);
  await serve({ listen: path });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect((await ask({ socketPath: path }, '/healthz')).status).toBe(200);
});

test('a socket that somebody listens on is left alone', async () => {
  const path = join(folder(), 'status.sock');
  const other = createServer().listen(path);
  await new Promise((resolve) => other.once('listening', resolve));
  onTestFinished(() => void other.close());
  await expect(serve({ listen: path })).rejects.toMatchObject({ code: 'STATUS_SERVER' });
});

test('a port that is taken stops the start', async () => {
  const { port } = await serve();
  await expect(serve({ listen: `127.0.0.1:${port}` })).rejects.toMatchObject({
    code: 'STATUS_SERVER',
  });
});

test('with a certificate and its key in one file it is HTTPS', async () => {
  const dir = folder();
  const pem = join(dir, 'both.pem');
  const files = ['-keyout', join(dir, 'key'), '-out', join(dir, 'crt')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject], {
    stdio: 'ignore',
  });
  const text = execFileSync('cat', [join(dir, 'key'), join(dir, 'crt')], { encoding: 'utf8' });
  writeFileSync(pem, text);
  chmodSync(pem, 0o600);
  const { port } = await serve({ tls_certificate: pem });
  expect((await ask({ port, ca: text }, '/healthz')).status).toBe(200);
});

test.each([
  ['127.0.0.1:80', { host: '127.0.0.1', port: 80 }, true],
  ['[::1]:80', { host: '::1', port: 80 }, true],
  ['localhost:80', { host: 'localhost', port: 80 }, true],
  ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }, false],
  ['example.org:80', { host: 'example.org', port: 80 }, false],
  ['/run/a.sock', { path: '/run/a.sock' }, true],
  ['unix:///run/a.sock', { path: '/run/a.sock' }, true],
  ['127.0.0.1', undefined, true],
  ['127.0.0.1:70000', undefined, true],
])('%s is understood', (text, place, local) => {
  expect(listenPlace(text)).toEqual(place);
  expect(isLocal(text)).toBe(local);
});
