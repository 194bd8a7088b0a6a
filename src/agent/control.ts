// The agent's control socket: one JSON request per line, the answer starts with one JSON line.
// Who may open the socket (mode 0600) may ask everything; still, every request is bounded.
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { type ErrorCode, SakerError } from '../errors.js';
import type { DeliveryCounts } from '../output/delivery.js';
import type { SinkCounts } from '../output/line-queue.js';
import { makeFolder } from '../output/make-folder.js';
import type { SpoolCounts } from '../output/spool-options.js';
import type { EnforcementCounts } from '../respond/enforcer.js';
import type { FilterStats, SensorStats } from '../sensor/protocol.js';
import type { Mute } from './mute.js';

/** What a client may ask. */
export type ControlRequest =
  | { request: 'stats' }
  /** Mutes a rule for so long, 0: not any more; without a rule only the list is wanted. */
  | { request: 'mute'; rule?: string; for_ms: number }
  | { request: 'events'; filter: string; json: boolean };

/** The first line of every answer; after the one to `events`, lines follow without an end. */
export type ControlReply =
  | { ok: true; stats?: AgentStats; mutes?: readonly Mute[] }
  | { ok: false; code: ErrorCode; message: string; hint?: string };

/** What `saker stats --json` prints. */
export interface AgentStats
  extends Pick<SensorStats, 'types' | 'received' | 'alerts' | 'containers'> {
  /** The kernel filter. */
  filter?: FilterStats;
  /** What rules with `action: kill` came to. */
  enforcement?: EnforcementCounts;
  outputs: Record<string, SinkCounts & Partial<DeliveryCounts>>;
  /** What waits for outputs to other systems; absent without such. */
  spool?: SpoolCounts;
  /** By rule: kept back by `saker mute`. */
  alerts_muted: Record<string, number>;
  /** By rule: kept back by a rate limit, or as repetitions. */
  alerts_suppressed: Record<string, number>;
  /** Alerts that did not reach the outputs because the main thread did not keep up. */
  alerts_dropped: number;
  faults: Record<string, number>;
  cpu_s: number;
  rss_bytes: number;
  uptime_s: number;
}

/** Starts of the line that tells how many events a slow client missed; no event line looks so. */
export const DROPPED_PREFIX = '{"dropped":';

/** What the agent answers. */
export interface ControlAnswers {
  stats(): Promise<AgentStats>;
  mute(rule: string | undefined, for_ms: number): Promise<readonly Mute[]>;
  /** Calls `send` with lines until the returned function is called. */
  events(
    filter: string,
    json: boolean,
    send: (text: string, dropped: number) => void,
  ): Promise<() => void>;
}

const MAX_REQUEST_BYTES = 64 * 1024;
const MAX_CLIENTS = 16;
/** An `events` client that is this far behind misses events. */
const MAX_BACKLOG_BYTES = 4 * 1024 * 1024;

/** Listens on a unix socket. */
export class ControlServer {
  readonly #clients = new Set<Socket>();
  readonly #streaming = new WeakSet<Socket>();
  readonly #server: Server;

  private constructor(
    private readonly path: string,
    private readonly answers: ControlAnswers,
  ) {
    this.#server = createServer((client) => this.#serve(client));
    this.#server.maxConnections = MAX_CLIENTS;
  }

  /**
   * Takes the path; a socket that a dead agent left there is removed.
   *
   * @throws SakerError CONTROL_SOCKET when a live agent answers there, or the path cannot be used
   */
  static async listen(path: string, answers: ControlAnswers): Promise<ControlServer> {
    const server = new ControlServer(path, answers);
    try {
      await makeFolder(dirname(path), 0o700);
      if (await isLive(path))
        throw new SakerError('CONTROL_SOCKET', `another agent answers at ${path}`, {
          hint: 'stop it, or choose another socket with -o control_socket=PATH',
        });
      if (isSocket(path)) unlinkSync(path);
      await server.#bind();
    } catch (cause) {
      if (cause instanceof SakerError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SakerError('CONTROL_SOCKET', `cannot listen at ${path}: ${reason}`, {
        hint: 'choose another socket with -o control_socket=PATH',
        cause,
      });
    }
    return server;
  }

  /** Ends all connections and removes the socket. May be called twice. */
  close(): void {
    if (this.#server.listening) this.#server.close(); // removes the path
    for (const client of this.#clients) client.destroy();
  }

  #bind(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      // bind(2) happens inside of listen: there is no moment at which others may connect.
      const umask = process.umask(0o177);
      this.#server.listen(this.path, () => {
        this.#server.off('error', reject);
        resolve();
      });
      process.umask(umask);
      if (isSocket(this.path)) chmodSync(this.path, 0o600);
    });
  }

  #serve(client: Socket): void {
    this.#clients.add(client);
    let text = '';
    client.setEncoding('utf8');
    client.on('error', () => client.destroy()); // a client that went away
    client.on('close', () => this.#clients.delete(client));
    client.on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        void this.#answer(client, line);
      }
      if (text.length > MAX_REQUEST_BYTES) {
        text = '';
        client.removeAllListeners('data').resume();
        reply(client, { ok: false, code: 'USAGE', message: 'the request is too long' });
        client.end();
      }
    });
  }

  async #answer(client: Socket, line: string): Promise<void> {
    try {
      const request = readRequest(line);
      if (request.request === 'stats') {
        reply(client, { ok: true, stats: await this.answers.stats() });
      } else if (request.request === 'mute') {
        const { rule, for_ms } = request;
        reply(client, { ok: true, mutes: await this.answers.mute(rule, for_ms) });
      } else {
        await this.#stream(client, request.filter, request.json);
      }
    } catch (error) {
      const known = error instanceof SakerError ? error : undefined;
      const message = error instanceof Error ? error.message : String(error);
      reply(client, { ok: false, code: known?.code ?? 'INTERNAL', message, hint: known?.hint });
    }
  }

  async #stream(client: Socket, filter: string, json: boolean): Promise<void> {
    // What follows on this connection are events; and each stream is a filter that runs on every event.
    if (this.#streaming.has(client))
      throw new SakerError('USAGE', 'this connection streams events already');
    this.#streaming.add(client);
    let missed = 0;
    let started = false;
    let waiting = '';
    const stop = await this.answers.events(filter, json, (lines, dropped) => {
      missed += dropped;
      if (client.writableLength > MAX_BACKLOG_BYTES) {
        missed += lines.split('\n').length - 1;
        return;
      }
      const notice = missed > 0 ? `${DROPPED_PREFIX}${missed}}\n` : '';
      missed = 0;
      if (started) client.write(notice + lines);
      else waiting += notice + lines;
    });
    client.on('close', stop);
    if (client.destroyed) stop();
    reply(client, { ok: true });
    started = true;
    if (waiting !== '') client.write(waiting);
  }
}

function readRequest(line: string): ControlRequest {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new SakerError('USAGE', 'the request is not JSON', { cause });
  }
  const fields = new Map<string, unknown>(
    typeof value === 'object' && value !== null ? Object.entries(value) : [],
  );
  const request = fields.get('request');
  if (request === 'stats') return { request };
  if (request === 'events') {
    const filter = fields.get('filter') ?? '';
    if (typeof filter !== 'string') throw new SakerError('USAGE', 'filter is not a text');
    return { request, filter, json: fields.get('json') === true };
  }
  if (request === 'mute') {
    const rule = fields.get('rule');
    const for_ms = fields.get('for_ms') ?? 0;
    if (rule !== undefined && typeof rule !== 'string')
      throw new SakerError('USAGE', 'rule is not a text');
    if (typeof for_ms !== 'number') throw new SakerError('USAGE', 'for_ms is not a number');
    return { request, rule, for_ms };
  }
  throw new SakerError('USAGE', `unknown request ${JSON.stringify(request)}`, {
    hint: 'ask for stats, events or mute',
  });
}

function reply(client: Socket, answer: ControlReply): void {
  if (!client.destroyed) client.write(`${JSON.stringify(answer)}\n`);
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

function isLive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
