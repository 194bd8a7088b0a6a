// Datagrams to a syslog server, one message each.
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { SinkError } from '../errors.js';

/** Sends by UDP. A server that is away is noticed only where its host says so. */
export class SyslogDatagrams {
  #socket: Socket | undefined;
  #failure: Error | undefined;

  constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  /** @throws SinkError when the name has no address, or the host refuses datagrams. */
  async send(messages: readonly Buffer[]): Promise<void> {
    try {
      this.#socket ??= await this.#open();
      const socket = this.#socket;
      for (const message of messages)
        await new Promise<void>((resolve, reject) =>
          socket.send(message, (error) => (error === null ? resolve() : reject(error))),
        );
      if (this.#failure !== undefined) throw this.#failure;
    } catch (cause) {
      this.close();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SinkError('SINK_SEND', `syslog ${this.host}:${this.port}/udp: ${reason}`, {
        cause,
      });
    }
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.#failure = undefined;
  }

  // A connected socket hears of ICMP's "port unreachable", one that is not connected does not.
  async #open(): Promise<Socket> {
    const { address, family } = await lookup(this.host);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    socket.on('error', (error) => {
      if (socket === this.#socket) this.#failure = error;
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(this.port, address, resolve);
    });
    return socket;
  }
}
