// Health and metrics over HTTP, on a local port or a unix socket: /healthz, /readyz, /metrics.
import { chmodSync, lstatSync, readFileSync, unlinkSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import type { StatusConfig } from './config/status.js';
import { SakerError } from './errors.js';
import { METRICS_TYPE } from './metrics.js';

/** What a check of health comes to. */
export interface Health {
  ok: boolean;
  /** A few words: `ok`, or what is wrong. */
  status: string;
}

/** What is told. */
export interface StatusAnswers {
  /** The process does its work: the sensor answers. */
  health(): Health;
  /** It watches. */
  ready(): Health;
  /** The page of metrics; asked at most once at a time. */
  metrics(): Promise<string>;
}

/** Serves until it is closed. */
export class StatusServer {
  readonly #server: Server;
  #page: Promise<string> | undefined;

  private constructor(
    private readonly config: StatusConfig,
    private readonly answers: StatusAnswers,
  ) {
    const serve: RequestListener = (request, response) => void this.#serve(request, response);
    const { tls_certificate } = config;
    // Falco's form: certificate and key in one file.
    const pem = tls_certificate === '' ? undefined : readFileSync(tls_certificate);
    this.#server =
      pem === undefined
        ? createServer(LIMITS, serve)
        : createTlsServer({ ...LIMITS, cert: pem, key: pem }, serve);
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('clientError', (_, socket) => socket.destroy());
  }

  /**
   * Listens where the configuration says.
   *
   * @throws SakerError STATUS_SERVER when the address cannot be had
   */
  static async listen(config: StatusConfig, answers: StatusAnswers): Promise<StatusServer> {
    try {
      const server = new StatusServer(config, answers);
      await server.#bind();
      return server;
    } catch (cause) {
      if (cause instanceof SakerError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SakerError('STATUS_SERVER', `cannot serve at ${config.listen}: ${reason}`, {
        hint: 'choose another address with -o status.listen=ADDRESS:PORT',
        cause,
      });
    }
  }

  /** The port, where it is one; with port 0 the system chooses. */
  get port(): number | undefined {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  }

  /** Ends all connections. May be called twice. */
  close(): void {
    this.#server.close(); // removes the socket's path
    this.#server.closeAllConnections();
  }

  async #bind(): Promise<void> {
    const place = listenPlace(this.config.listen);
    if (place === undefined) throw new Error('this is no address');
    if (place.path !== undefined) await clearSocket(place.path);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      // bind(2) happens inside of listen: there is no moment at which others may connect.
      const umask = process.umask(0o177);
      this.#server.listen(place, () => {
        this.#server.off('error', reject);
        this.#server.on('error', () => {}); // accept(2) failed: the next one may not
        resolve();
      });
      process.umask(umask);
    });
    if (place.path !== undefined) chmodSync(place.path, 0o600);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      send(response, 405, 'text/plain', 'only GET\n');
    } else if (path === '/healthz' || path === this.config.healthz_path) {
      sendHealth(response, this.answers.health());
    } else if (path === '/readyz') {
      sendHealth(response, this.answers.ready());
    } else if (path === '/metrics' && this.config.metrics) {
      await this.#sendMetrics(response);
    } else {
      send(response, 404, 'text/plain', 'there are /healthz, /readyz and /metrics\n');
    }
  }

  async #sendMetrics(response: ServerResponse): Promise<void> {
    // However many ask at once: the sensor is asked once.
    this.#page ??= this.answers.metrics().finally(() => {
      this.#page = undefined;
    });
    try {
      send(response, 200, METRICS_TYPE, await this.#page);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      send(response, 500, 'text/plain', `${reason}\n`);
    }
  }
}

/** Where `status.listen` means: a path, or host and port; `undefined` when it is neither. */
export function listenPlace(
  text: string,
):
  | { path: string; host?: undefined }
  | { path?: undefined; host: string; port: number }
  | undefined {
  const path = text.startsWith('unix://') ? text.slice('unix://'.length) : text;
  if (path.startsWith('/')) return Buffer.byteLength(path) <= MAX_PATH_BYTES ? { path } : undefined;
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  const host = parts?.[1] ?? parts?.[2];
  return host === undefined || port > 65535 ? undefined : { host, port };
}

/** Whether only this host can reach it. */
export function isLocal(listen: string): boolean {
  const place = listenPlace(listen);
  if (place?.host === undefined) return true;
  return /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/.test(place.host);
}

const MAX_CONNECTIONS = 16;
/** unix(7) */
const MAX_PATH_BYTES = 107;
const LIMITS = { maxHeaderSize: 8192, requestTimeout: 5000, headersTimeout: 5000 };

function sendHealth(response: ServerResponse, { ok, status }: Health): void {
  send(response, ok ? 200 : 503, 'application/json', `${JSON.stringify({ status })}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}

// A socket that a dead agent left there is removed; a live one keeps its own.
async function clearSocket(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const live = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (live) throw new Error('another process listens there');
  unlinkSync(path);
}
