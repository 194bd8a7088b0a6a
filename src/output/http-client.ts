// Requests to one address: kept connections, TLS with own certificates, a time limit, and failures
// as `SinkError`, told apart by whether the same request may succeed later.
import { readdirSync, readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { TlsFilesConfig } from '../config/http-outputs.js';
import { ConfigError, SinkError } from '../errors.js';

/** Without any file: the system's list, no certificate of our own. */
export const NO_TLS_FILES: TlsFilesConfig = {
  ca_cert: '',
  ca_path: '',
  client_cert: '',
  client_key: '',
  insecure: false,
};

/** How to talk to the address. */
export interface HttpOptions {
  headers: Readonly<Record<string, string>>;
  tls: TlsFilesConfig;
  /** From the start of a request to the end of its answer. */
  timeout_ms: number;
  keep_alive: boolean;
  compress: boolean;
}

/** What came back. */
export interface HttpAnswer {
  status: number;
  /** At most `ANSWER_BYTES`; more is an error. */
  body: string;
  /** What `Retry-After` asked for. */
  retry_after_ms: number | undefined;
}

/** One receiver of requests. */
export class HttpClient {
  readonly #url: URL;
  #agent: HttpAgent | undefined;

  /** @throws ConfigError CONFIG_INVALID for an address or certificates that cannot work. */
  constructor(
    url: string,
    private readonly options: HttpOptions,
  ) {
    this.#url = httpUrl(url);
    this.#agent = this.#open();
  }

  /**
   * Sends one request.
   *
   * @param path joined to the path of the address; empty for the address itself.
   * @throws SinkError SINK_SEND, to be retried, when there was no whole answer.
   */
  async request(
    method: string,
    path: string,
    body: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpAnswer> {
    const compress = this.options.compress && body !== '';
    const bytes = compress ? await promisify(gzip)(body) : Buffer.from(body, 'utf8');
    try {
      return await this.#exchange(method, this.#target(path), bytes, {
        'content-length': String(bytes.length),
        ...(compress ? { 'content-encoding': 'gzip' } : {}),
        ...this.options.headers,
        ...headers,
      });
    } catch (cause) {
      // Certificates may have been renewed meanwhile: the next request reads them again.
      this.close();
      const reason = cause instanceof Error ? reasonOf(cause) : String(cause);
      throw new SinkError('SINK_SEND', `${method} ${this.#shown(path)}: ${reason}`, {
        hint: hintOf(reason),
        cause,
        retryable: true,
      });
    }
  }

  /** Ends the connections; a later request opens new ones. */
  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  #exchange(
    method: string,
    target: URL,
    body: Buffer,
    headers: Record<string, string>,
  ): Promise<HttpAnswer> {
    this.#agent ??= this.#open();
    const { timeout_ms } = this.options;
    const agent = this.#agent;
    return new Promise((resolve, reject) => {
      const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = send(target, { method, headers, agent }, (response) =>
        readAnswer(response).then(resolve, reject).finally(stop),
      );
      const timer = setTimeout(
        () => request.destroy(new Error(`no answer within ${timeout_ms} ms`)),
        timeout_ms,
      );
      function stop(): void {
        clearTimeout(timer);
      }
      request.on('error', (error) => {
        stop();
        reject(error);
      });
      request.end(body);
    });
  }

  #open(): HttpAgent {
    const { keep_alive: keepAlive, tls } = this.options;
    if (this.#url.protocol === 'http:') return new HttpAgent({ keepAlive });
    return new HttpsAgent({ keepAlive, ...secureOptions(tls) });
  }

  #target(path: string): URL {
    const target = new URL(this.#url);
    if (path !== '') {
      const [pathname = '', query = ''] = path.split('?');
      target.pathname = join(target.pathname, pathname);
      if (query !== '') target.search = query;
    }
    return target;
  }

  // Without user, password and query, which may be secret.
  #shown(path: string): string {
    const { origin, pathname } = this.#target(path);
    return `${origin}${pathname}`;
  }
}

/** Certificates and trust for a TLS connection. @throws ConfigError when a file cannot be read. */
export function secureOptions(
  tls: TlsFilesConfig,
): SecureContextOptions & { rejectUnauthorized: boolean } {
  const trusted = [
    ...(tls.ca_cert === '' ? [] : [readPem(tls.ca_cert)]),
    ...(tls.ca_path === '' ? [] : readFolder(tls.ca_path)),
  ];
  return {
    rejectUnauthorized: !tls.insecure,
    minVersion: 'TLSv1.2',
    ca: trusted.length > 0 ? trusted : undefined,
    cert: tls.client_cert === '' ? undefined : readPem(tls.client_cert),
    key: tls.client_key === '' ? undefined : readPem(tls.client_key),
  };
}

/** What a status says of the same request at a later time. */
export function fateOf(status: number): 'done' | 'later' | 'repair' | 'refused' {
  if (status >= 200 && status < 300) return 'done';
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'later';
  // Credentials, address, a redirection: not the alert's fault, and every alert would fare alike.
  if (status < 400 || status === 401 || status === 404 || status === 407) return 'repair';
  return 'refused';
}

/** The failure that a status means. */
export function statusError(what: string, answer: HttpAnswer): SinkError {
  const body = answer.body.slice(0, SHOWN_ANSWER).replace(/\s+/g, ' ').trim();
  return new SinkError('SINK_SEND', `${what}: status ${answer.status}${body && `: ${body}`}`, {
    retryable: fateOf(answer.status) !== 'repair',
    retry_after_ms: answer.retry_after_ms,
  });
}

// Ten thousand refused documents with their reasons; a receiver that sends more is broken.
const ANSWER_BYTES = 16 * 1024 * 1024;
const SHOWN_ANSWER = 300;
const LONGEST_WAIT_MS = 10 * 60_000;

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > ANSWER_BYTES) throw new Error(`the answer is longer than ${ANSWER_BYTES} bytes`);
    chunks.push(bytes);
  }
  return {
    status: response.statusCode ?? 0,
    body: Buffer.concat(chunks).toString('utf8'),
    retry_after_ms: retryAfterMs(response.headers['retry-after']),
  };
}

// RFC 9110, section 10.2.3: seconds, or a date.
function retryAfterMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const wait_ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(wait_ms) ? undefined : Math.min(Math.max(wait_ms, 0), LONGEST_WAIT_MS);
}

function httpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new ConfigError('CONFIG_INVALID', `${JSON.stringify(text)} is no http or https address`, {
    hint: 'write it as https://HOST:PORT/PATH',
  });
}

function readFolder(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => /\.(pem|crt|cer)$/.test(name))
    .map((name) => readPem(join(folder, name)));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): ConfigError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ConfigError('CONFIG_READ', `cannot read the certificate or key ${file}: ${reason}`, {
    hint: 'name a file that the agent may read',
    cause,
  });
}

// An AggregateError of several tried addresses has an empty message of its own.
function reasonOf(error: Error): string {
  if (error.message !== '') return error.message;
  return error instanceof AggregateError ? error.errors.map(String).join('; ') : error.name;
}

function hintOf(reason: string): string | undefined {
  return /self.signed|issuer|unable to verify|unknown ca/i.test(reason)
    ? 'name the certificate of whoever signed the receiver with ca_cert'
    : undefined;
}
