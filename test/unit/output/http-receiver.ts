// A web server that remembers what it was sent and answers as it is told.
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';

/** One request as it came. */
export interface Received {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
  /** The name in the certificate that the other side showed. */
  clientName: string | undefined;
  /** Of the connection: whether two requests came by the same one. */
  connection: number;
}

/** What to answer. */
export interface Answer {
  status: number;
  body?: string;
  headers?: Record<string, string>;
}

/** Listens on a port of its own until it is closed. */
export class HttpReceiver {
  readonly received: Received[] = [];
  answer: (request: Received) => Answer | 'hang up' | 'silence' = () => ({ status: 200 });
  readonly #server: ReturnType<typeof createServer>;
  #connections = 0;

  private constructor(private readonly tls: ServerOptions | undefined) {
    const listener: RequestListener = (request, response) => void this.#take(request, response);
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    const numbers = new WeakMap<object, number>();
    this.#server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: object) =>
      numbers.set(socket, ++this.#connections),
    );
    this.#numberOf = (socket) => numbers.get(socket) ?? 0;
  }

  readonly #numberOf: (socket: object) => number;

  static async open(tls?: ServerOptions, port = 0): Promise<HttpReceiver> {
    const receiver = new HttpReceiver(tls);
    await new Promise<void>((resolve) => receiver.#server.listen(port, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get url(): string {
    return `${this.tls === undefined ? 'http' : 'https'}://localhost:${this.port}/alerts`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    const isZipped = request.headers['content-encoding'] === 'gzip';
    const received: Received = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: (isZipped ? gunzipSync(bytes) : bytes).toString('utf8'),
      clientName: isTls(request.socket)
        ? request.socket.getPeerCertificate().subject?.CN?.toString()
        : undefined,
      connection: this.#numberOf(request.socket),
    };
    this.received.push(received);
    const answer = this.answer(received);
    if (answer === 'silence') return;
    if (answer === 'hang up') {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, answer.headers ?? {}).end(answer.body ?? '');
  }
}

function isTls(socket: object): socket is TLSSocket {
  return 'getPeerCertificate' in socket;
}
