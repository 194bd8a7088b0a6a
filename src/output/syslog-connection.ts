// One connection to a syslog server, opened when it is needed and again when it breaks.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TlsFilesConfig } from '../config/http-outputs.js';
import { SinkError } from '../errors.js';
import { secureOptions } from './http-client.js';

/** Where to, and how patiently. */
export interface SyslogConnectionOptions {
  host: string;
  port: number;
  /** `undefined`: plain TCP. */
  tls: TlsFilesConfig | undefined;
  /** For the connection, and for each batch of messages. */
  timeout_ms: number;
}

/**
 * Sends framed messages (`LENGTH SP MESSAGE`). What was sent within `KEPT_MS`, up to `KEPT_BYTES`, is
 * sent again on a new connection, since nobody knows whether the server had read it.
 */
export class SyslogConnection {
  #socket: Socket | undefined;
  #failure: Error | undefined;
  #sent: { frame: Buffer; at_ms: number }[] = [];
  #sentBytes = 0;
  #repeat: Buffer[] = [];
  #turn: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @throws ConfigError when a certificate cannot be read. */
  constructor(private readonly options: SyslogConnectionOptions) {
    if (options.tls !== undefined) secureOptions(options.tls);
  }

  /** Resolves when the kernel has taken all; @throws SinkError when the connection broke before. */
  send(messages: readonly Buffer[]): Promise<void> {
    const turn = this.#turn.then(() => this.#sendNow(messages));
    this.#turn = turn.catch(() => {}); // whoever waits for this turn is told; the next goes on
    return turn;
  }

  /** Says goodbye, so that the server reads what is under way. */
  async close(limit_ms: number): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined || socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limit_ms);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.end();
    });
    socket.destroy();
  }

  async #sendNow(messages: readonly Buffer[]): Promise<void> {
    try {
      if (this.#failure !== undefined) this.#drop();
      if (messages.length === 0 && this.#repeat.length === 0) return;
      this.#socket ??= await this.#open();
      const frames = [...this.#repeat, ...messages.map(framed)];
      await this.#write(this.#socket, Buffer.concat(frames));
      this.#repeat = [];
      this.#keep(frames);
    } catch (cause) {
      this.#drop();
      const { host, port, tls } = this.options;
      const reason = cause instanceof Error ? cause.message : String(cause);
      const place = `${host}:${port}/${tls === undefined ? 'tcp' : 'tls'}`;
      throw new SinkError('SINK_SEND', `syslog ${place}: ${reason}`, { cause });
    }
  }

  // The next alert may be hours away: what may be lost is sent again without waiting for it.
  #repeatLater(wait_ms: number): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#repeat.length === 0) return;
    this.#timer = setTimeout(() => {
      this.send([]).catch(() => this.#repeatLater(Math.min(wait_ms * 2, LONGEST_WAIT_MS)));
    }, wait_ms);
    this.#timer.unref();
  }

  #open(): Promise<Socket> {
    const { host, port, tls, timeout_ms } = this.options;
    this.#failure = undefined;
    return new Promise((resolve, reject) => {
      const socket =
        tls === undefined
          ? connectTcp({ host, port, keepAlive: true }, ready)
          : connectTls(
              // RFC 6066: the name of a server is never an address.
              {
                host,
                port,
                ...(isIP(host) === 0 ? { servername: host } : {}),
                ...secureOptions(tls),
              },
              ready,
            );
      const timer = setTimeout(
        () => socket.destroy(new Error(`no connection within ${timeout_ms} ms`)),
        timeout_ms,
      );
      function ready(): void {
        clearTimeout(timer);
        resolve(socket);
      }
      const broken = (error: Error): void => {
        clearTimeout(timer);
        if (this.#socket === socket && this.#failure === undefined) {
          this.#failure = error;
          this.#recall();
          this.#repeatLater(FIRST_WAIT_MS);
        }
        reject(error);
      };
      socket.on('error', broken);
      // The server says nothing in syslog: what can be read is the end.
      socket.on('end', () => broken(new Error('the server closed the connection')));
      socket.on('close', () => broken(new Error('the connection was closed')));
      socket.resume();
    });
  }

  #write(socket: Socket, bytes: Buffer): Promise<void> {
    const { timeout_ms } = this.options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => socket.destroy(new Error(`the server takes nothing for ${timeout_ms} ms`)),
        timeout_ms,
      );
      const lost = (): void => finish(this.#failure ?? new Error('the connection was closed'));
      const finish = (error: Error | null | undefined): void => {
        clearTimeout(timer);
        socket.off('close', lost);
        if (error) reject(error);
        else resolve();
      };
      socket.once('close', lost);
      // Node reports a write that was under way when the socket was destroyed as a success.
      socket.write(bytes, (error) => (error || !socket.destroyed ? finish(error) : lost()));
    });
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#failure = undefined;
    this.#recall();
    if (this.#repeat.length > 0) this.#repeatLater(FIRST_WAIT_MS);
  }

  // Now, not when it is sent again: what counts is how long the server had time to read it.
  #recall(): void {
    this.#forget();
    this.#repeat = [...this.#repeat, ...this.#sent.map(({ frame }) => frame)];
    this.#sent = [];
    this.#sentBytes = 0;
  }

  #keep(frames: readonly Buffer[]): void {
    const at_ms = performance.now();
    for (const frame of frames) {
      this.#sent.push({ frame, at_ms });
      this.#sentBytes += frame.length;
    }
    this.#forget();
  }

  #forget(): void {
    const oldest_ms = performance.now() - KEPT_MS;
    let first = 0;
    for (const { frame, at_ms } of this.#sent) {
      if (at_ms >= oldest_ms && this.#sentBytes <= KEPT_BYTES) break;
      this.#sentBytes -= frame.length;
      first++;
    }
    if (first > 0) this.#sent.splice(0, first);
  }
}

// A server that reads at all has read within ten seconds; the bound is for one that is flooded.
const KEPT_MS = 10_000;
const KEPT_BYTES = 4 * 1024 * 1024;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

function framed(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}
