// HTTP over a Unix socket, as docker and podman speak it: bounded in time and size.
import { Agent, type IncomingMessage, request } from 'node:http';
import { RuntimeError } from '../errors.js';
import { MAX_ANSWER_BYTES, REQUEST_MS } from './runtime.js';

/** An answer that came whole. */
export interface HttpAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Speaks to one socket, over a few connections that stay open. */
export class HttpClient {
  #agent = newAgent();

  constructor(private readonly socket: string) {}

  /** @throws RuntimeError RUNTIME_ANSWER after REQUEST_MS, or when the answer is too long. */
  async get(path: string): Promise<HttpAnswer> {
    // One limit for connecting and the whole body: a drip of bytes does not extend it.
    const signal = AbortSignal.timeout(REQUEST_MS);
    const answer = await this.#open(path, signal, this.#agent);
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of answer) {
        if (!Buffer.isBuffer(chunk)) continue;
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) throw this.#failure(path, 'the answer is too long');
        chunks.push(chunk);
      }
    } catch (cause) {
      throw cause instanceof RuntimeError ? cause : this.#failure(path, 'broke off', cause);
    } finally {
      answer.destroy();
    }
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
  }

  /**
   * Reads a stream of lines until it ends or `signal` fires.
   *
   * @throws RuntimeError RUNTIME_ANSWER when it cannot be had, breaks off, or a line is too long.
   */
  async lines(
    path: string,
    signal: AbortSignal,
    opened: () => void,
    take: (line: string) => void,
  ): Promise<void> {
    const opening = new AbortController();
    const timer = setTimeout(() => opening.abort(), REQUEST_MS);
    const answer = await this.#open(
      path,
      AbortSignal.any([signal, opening.signal]),
      undefined,
    ).finally(() => clearTimeout(timer));
    if (answer.statusCode !== 200) {
      answer.destroy();
      throw this.#failure(path, `status ${answer.statusCode}`);
    }
    opened();
    let rest = '';
    try {
      answer.setEncoding('latin1');
      for await (const chunk of answer) {
        const lines = String(chunk).split('\n');
        for (const part of lines.slice(0, -1)) {
          take(Buffer.from(rest + part, 'latin1').toString('utf8'));
          rest = '';
        }
        rest += lines.at(-1) ?? '';
        if (rest.length > MAX_LINE_BYTES) throw this.#failure(path, 'a line is too long');
      }
    } catch (cause) {
      if (signal.aborted) return;
      throw cause instanceof RuntimeError ? cause : this.#failure(path, 'broke off', cause);
    } finally {
      answer.destroy();
    }
  }

  close(): void {
    this.#agent.destroy();
    this.#agent = newAgent();
  }

  #open(path: string, signal: AbortSignal, agent: Agent | undefined): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asked = request({
        socketPath: this.socket,
        path,
        // Not the path of the socket: Go's server refuses it as a host name.
        headers: { host: 'localhost', accept: 'application/json' },
        agent: agent ?? false,
        signal,
        maxHeaderSize: 16 * 1024,
      });
      asked.once('response', resolve);
      asked.on('error', (cause) => reject(this.#failure(path, 'no answer', cause)));
      asked.end();
    });
  }

  #failure(path: string, what: string, cause?: unknown): RuntimeError {
    return new RuntimeError('RUNTIME_ANSWER', `${this.socket}${path}: ${what}`, { cause });
  }
}

const MAX_LINE_BYTES = 1024 * 1024;

function newAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 8, maxFreeSockets: 2, timeout: 30_000 });
}
