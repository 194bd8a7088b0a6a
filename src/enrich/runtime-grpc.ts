// gRPC over a Unix socket, as containerd and CRI runtimes speak it: HTTP/2 from Node, one message
// behind five bytes. Protocol: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { createConnection } from 'node:net';
import { RuntimeError } from '../errors.js';
import { MAX_ANSWER_BYTES, REQUEST_MS } from './runtime.js';
import { Message } from './runtime-proto.js';

/** The server understood and said no. */
export class GrpcRefusal extends RuntimeError {
  constructor(
    /** google.rpc.Code. */
    readonly status: number,
    message: string,
  ) {
    super('RUNTIME_ANSWER', message);
  }
}

/** google.rpc.Code NOT_FOUND. */
export const NOT_FOUND = 5;
/** google.rpc.Code UNIMPLEMENTED: the server has no such service. */
export const UNIMPLEMENTED = 12;

/** Speaks to one socket over one connection, which is made when it is needed. */
export class GrpcClient {
  #session: ClientHttp2Session | undefined;

  constructor(private readonly socket: string) {}

  /**
   * One question, one answer.
   *
   * @param method `/package.Service/Method`
   * @throws GrpcRefusal when the server says no; RuntimeError after REQUEST_MS, when the answer is
   *   too long, when nobody listens.
   */
  async call(method: string, request: Buffer, namespace?: string): Promise<Message> {
    let answer: Message | undefined;
    await this.#exchange(
      method,
      request,
      namespace,
      AbortSignal.timeout(REQUEST_MS),
      () => {},
      (message) => {
        answer = message;
      },
    );
    if (answer === undefined) throw this.#failure(method, 'no answer');
    return answer;
  }

  /** One question, answers until the server ends them or `signal` fires. Errors as for `call`. */
  async stream(
    method: string,
    request: Buffer,
    signal: AbortSignal,
    opened: () => void,
    take: (message: Message) => void,
  ): Promise<void> {
    try {
      await this.#exchange(method, request, undefined, signal, opened, take);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  close(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  #exchange(
    method: string,
    request: Buffer,
    namespace: string | undefined,
    signal: AbortSignal,
    opened: () => void,
    take: (message: Message) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown) =>
        reject(cause instanceof RuntimeError ? cause : this.#failure(method, 'failed', cause));
      let stream: ClientHttp2Stream;
      let session: ClientHttp2Session;
      try {
        session = this.#connection();
        stream = session.request(
          {
            ':method': 'POST',
            ':path': method,
            'content-type': 'application/grpc',
            te: 'trailers',
            ...(namespace === undefined ? {} : { 'containerd-namespace': namespace }),
          },
          { signal },
        );
      } catch (cause) {
        fail(cause);
        return;
      }
      const onSession = (cause: unknown) => fail(cause);
      session.once('error', onSession);
      const frames = new Frames(take);
      let headers: IncomingHttpHeaders = {};
      stream.on('ready', opened);
      stream.on('response', (said) => {
        headers = said; // an error without an answer has its status here
      });
      stream.on('trailers', (said) => {
        headers = said;
      });
      stream.on('data', (chunk: Buffer) => {
        try {
          frames.add(chunk);
        } catch (cause) {
          fail(cause);
          stream.close(constants.NGHTTP2_CANCEL);
        }
      });
      stream.on('error', fail);
      stream.on('close', () => {
        session.off('error', onSession);
        const status = Number(headers['grpc-status'] ?? Number.NaN);
        if (status === 0) resolve();
        else if (Number.isNaN(status)) fail(this.#failure(method, 'broke off'));
        else fail(new GrpcRefusal(status, `${this.socket}${method}: status ${status}`));
      });
      stream.end(frameOf(request));
    });
  }

  #connection(): ClientHttp2Session {
    if (this.#session !== undefined && !this.#session.closed && !this.#session.destroyed)
      return this.#session;
    const session = connect('http://localhost', {
      createConnection: () => createConnection(this.socket),
      maxSessionMemory: 16,
    });
    session.setMaxListeners(0); // one for each request under way
    const forget = () => {
      if (this.#session === session) this.#session = undefined;
    };
    session.on('error', forget); // the requests under way hear of it too
    session.on('goaway', forget);
    session.on('close', forget);
    this.#session = session;
    return session;
  }

  #failure(method: string, what: string, cause?: unknown): RuntimeError {
    return new RuntimeError('RUNTIME_ANSWER', `${this.socket}${method}: ${what}`, { cause });
  }
}

/** Cuts the stream of bytes into messages. */
class Frames {
  #waiting: Buffer[] = [];
  #size = 0;
  /** How much must be there before it is worth looking again. */
  #needed = PREFIX_BYTES;

  constructor(private readonly take: (message: Message) => void) {}

  add(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return;
    let bytes = Buffer.concat(this.#waiting);
    this.#needed = PREFIX_BYTES;
    while (bytes.length >= PREFIX_BYTES) {
      const length = bytes.readUInt32BE(1);
      if (bytes[0] !== 0 || length > MAX_ANSWER_BYTES)
        throw new RuntimeError('RUNTIME_ANSWER', 'an answer is compressed or too long');
      if (bytes.length < PREFIX_BYTES + length) {
        this.#needed = PREFIX_BYTES + length;
        break;
      }
      this.take(new Message(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length)));
      bytes = bytes.subarray(PREFIX_BYTES + length);
    }
    this.#waiting = [bytes];
    this.#size = bytes.length;
  }
}

/** One byte: not compressed; four: the length. */
const PREFIX_BYTES = 5;

function frameOf(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
