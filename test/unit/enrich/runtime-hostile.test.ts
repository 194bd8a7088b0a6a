// Runtimes that misbehave: real sockets, served by something that is no honest runtime.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ContainerdRuntime } from '../../../src/enrich/runtime-containerd.js';
import { CriRuntime } from '../../../src/enrich/runtime-cri.js';
import { DockerRuntime, PodmanRuntime } from '../../../src/enrich/runtime-docker.js';
import { isAbsent } from '../../../src/enrich/runtime-follow.js';
import { GrpcClient, GrpcRefusal } from '../../../src/enrich/runtime-grpc.js';
import { encode } from '../../../src/enrich/runtime-proto.js';
import { RuntimeError } from '../../../src/errors.js';

const ID = 'ab'.repeat(32);

test.each([
  ['docker', (socket: string) => new DockerRuntime(socket, 100)],
  ['podman', (socket: string) => new PodmanRuntime(socket, 100)],
  ['containerd', (socket: string) => new ContainerdRuntime(socket, 100)],
  ['cri', (socket: string) => new CriRuntime(socket, 100)],
])(
  '%s: a missing socket, random bytes, silence and an early end are our own error',
  async (_, make) => {
    const socket = socketPath();
    const runtime = make(socket);
    onTestFinished(() => runtime.close());
    const missing = await failure(runtime.inspect(ID));
    expect(isAbsent(missing)).toBe(true);

    const behaviours: ((connection: Socket) => void)[] = [
      (connection) => connection.end(Buffer.from('\0\x01\x02 nonsense \r\n\r\n'.repeat(20))),
      (connection) => connection.destroy(),
      () => {}, // takes the connection and says nothing
    ];
    for (const behave of behaviours) {
      const server = await listen(
        createServer((connection) => {
          connection.on('error', () => {}); // the client went away, as it should
          connection.resume();
          behave(connection);
        }),
        socket,
      );
      expect(isAbsent(await failure(runtime.inspect(ID)))).toBe(false);
      const stop = AbortSignal.timeout(5000);
      const watcher = { connected: () => {}, changed: () => {}, removed: () => {} };
      if (behave !== behaviours[2])
        expect(await failure(runtime.watch(watcher, stop))).toBeInstanceOf(RuntimeError);
      runtime.close();
      await close(server);
    }
  },
);

test('an HTTP answer without an end is cut off', async () => {
  const socket = socketPath();
  let sent = 0;
  const server = await listen(
    createHttpServer((_, response) => {
      const more = () => {
        do sent += 65536;
        while (!response.destroyed && response.write('x'.repeat(65536)));
      };
      response.on('drain', more);
      more();
    }),
    socket,
  );
  const docker = new DockerRuntime(socket, 100);
  expect(await failure(docker.inspect(ID))).toMatchObject({ code: 'RUNTIME_ANSWER' });
  expect(sent).toBeLessThan(16 * 1024 * 1024);
  docker.close();
  await close(server);
});

test('an event line without an end is cut off', async () => {
  const socket = socketPath();
  let sent = 0;
  const server = await listen(
    createHttpServer((_, response) => {
      response.writeHead(200);
      const more = () => {
        do sent += 65536;
        while (!response.destroyed && response.write('x'.repeat(65536)));
      };
      response.on('drain', more);
      more();
    }),
    socket,
  );
  const docker = new DockerRuntime(socket, 100);
  const watcher = { connected: () => {}, changed: () => {}, removed: () => {} };
  const end = docker.watch(watcher, AbortSignal.timeout(20_000));
  expect(await failure(end)).toMatchObject({ code: 'RUNTIME_ANSWER' });
  expect(sent).toBeLessThan(16 * 1024 * 1024);
  docker.close();
  await close(server);
});

test('a docker that answers for another container than the one asked for is not believed', async () => {
  const socket = socketPath();
  const server = await listen(
    createHttpServer((_, response) => response.end(JSON.stringify({ Id: 'cd'.repeat(32) }))),
    socket,
  );
  const docker = new DockerRuntime(socket, 100);
  expect(await docker.inspect(ID)).toBeUndefined();
  docker.close();
  await close(server);
});

test.each([
  ['a length of 4 GiB', Buffer.from([0, 0xff, 0xff, 0xff, 0xff])],
  ['a compressed message', Buffer.from([1, 0, 0, 0, 0])],
  ['a message that is none', Buffer.from([0, 0, 0, 0, 2, 0x0a, 0xff])],
  ['half a message', Buffer.from([0, 0, 0, 0, 9, 0x0a])],
])('gRPC: %s is refused', async (_, bytes) => {
  const socket = socketPath();
  const server = await listen(
    grpcServer((stream) => answer(stream, [bytes], '0')),
    socket,
  );
  const grpc = new GrpcClient(socket);
  const said = await failure(grpc.call('/a.B/C', encode()));
  expect(said).toMatchObject({ code: 'RUNTIME_ANSWER' });
  grpc.close();
  await close(server);
});

test('gRPC: a message that never ends is cut off', async () => {
  const socket = socketPath();
  let sent = 0;
  const server = await listen(
    grpcServer((stream) => {
      stream.respond({ ':status': 200 });
      stream.write(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]));
      const more = () => {
        do sent += 65536;
        while (!stream.destroyed && stream.write(Buffer.alloc(65536)));
      };
      stream.on('drain', more);
      more();
    }),
    socket,
  );
  const grpc = new GrpcClient(socket);
  expect(await failure(grpc.call('/a.B/C', encode()))).toMatchObject({ code: 'RUNTIME_ANSWER' });
  expect(sent).toBeLessThan(8 * 1024 * 1024);
  grpc.close();
  await close(server);
});

test('gRPC: a message in many pieces is put together, and a refusal has its status', async () => {
  const socket = socketPath();
  const message = encode([1, 'x'.repeat(100_000)]);
  const frame = Buffer.concat([Buffer.from([0]), Buffer.alloc(4), message]);
  frame.writeUInt32BE(message.length, 1);
  const pieces = Array.from({ length: Math.ceil(frame.length / 997) }, (_, index) =>
    frame.subarray(index * 997, (index + 1) * 997),
  );
  const server = await listen(
    grpcServer((stream, path) =>
      path === '/a.B/Good' ? answer(stream, pieces, '0') : answer(stream, [], '5'),
    ),
    socket,
  );
  const grpc = new GrpcClient(socket);
  expect((await grpc.call('/a.B/Good', encode())).text(1)).toHaveLength(100_000);
  const said = await failure(grpc.call('/a.B/Bad', encode()));
  expect(said).toBeInstanceOf(GrpcRefusal);
  expect(said).toMatchObject({ status: 5 });
  grpc.close();
  await close(server);
});

function grpcServer(take: (stream: ServerHttp2Stream, path: string) => void) {
  const server = createHttp2Server();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {}); // the client gave up on it
    take(stream, String(headers[':path']));
  });
  return server;
}

function answer(stream: ServerHttp2Stream, pieces: readonly Buffer[], status: string): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
  for (const piece of pieces) stream.write(piece);
  stream.end();
}

function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'saker-runtime-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'socket');
}

const connections = new WeakMap<Server, Set<Socket>>();

function listen<S extends Server>(server: S, socket: string): Promise<S> {
  const open = new Set<Socket>();
  connections.set(server, open);
  server.on('connection', (connection: Socket) => {
    open.add(connection);
    connection.once('close', () => open.delete(connection));
  });
  return new Promise((ready) => server.listen(socket, () => ready(server)));
}

async function close(server: Server): Promise<void> {
  for (const connection of connections.get(server) ?? []) connection.destroy();
  await new Promise((done) => server.close(done));
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    expect(error).toBeInstanceOf(RuntimeError);
    return error;
  }
  throw new Error('it did not fail');
}
