// Alerts to a syslog server: RFC 5424 over UDP (RFC 5426), TCP with octet counting (RFC 6587) or TLS
// (RFC 5425), or to the daemon of this host.
//
// Syslog has no acknowledgement. Over UDP and /dev/log "delivered" means handed to the kernel. Over a
// connection it means the same, but what was sent within the last seconds is kept and sent again when
// the connection breaks: a server that goes away loses what it had not read, and tells nobody what.
import { sendDatagram } from '../bpf/notify.js';
import type { TlsFilesConfig } from '../config/http-outputs.js';
import type { SyslogOutputConfig } from '../config/syslog-output.js';
import { SinkError } from '../errors.js';
import type {
  BatchLimits,
  RefusedAlert,
  RemoteOutput,
  SendResult,
  SpooledAlert,
} from './remote.js';
import { SyslogConnection } from './syslog-connection.js';
import { SyslogDatagrams } from './syslog-datagrams.js';
import { type SyslogMessageOptions, SyslogMessages } from './syslog-message.js';

/** What the output needs to know; times in milliseconds. */
export interface SyslogOutputOptions extends SyslogMessageOptions {
  name: string;
  protocol: SyslogOutputConfig['protocol'];
  /** Host name or address; for `local` the path of the socket. */
  host: string;
  port: number;
  tls: TlsFilesConfig;
  timeout_ms: number;
}

/** The output; messages leave in the order of the alerts. */
export class SyslogOutput implements RemoteOutput {
  readonly name: string;
  readonly batch: BatchLimits = { alerts: 500, bytes: 1024 * 1024, linger_ms: 0 };
  readonly #messages: SyslogMessages;
  readonly #connection: SyslogConnection | undefined;
  readonly #datagrams: SyslogDatagrams | undefined;

  /** @throws ConfigError when a certificate cannot be read. */
  constructor(private readonly options: SyslogOutputOptions) {
    this.name = options.name;
    this.#messages = new SyslogMessages(options);
    const { protocol } = options;
    if (protocol === 'tcp' || protocol === 'tls')
      this.#connection = new SyslogConnection({
        ...options,
        tls: protocol === 'tls' ? options.tls : undefined,
      });
    if (protocol === 'udp') this.#datagrams = new SyslogDatagrams(options.host, options.port);
  }

  async send(alerts: readonly SpooledAlert[]): Promise<SendResult> {
    if (this.options.protocol === 'local') return this.#sendLocally(alerts);
    const refused: RefusedAlert[] = [];
    const messages = alerts.flatMap((alert) => {
      const message = this.#messages.networkMessage(alert);
      if (message === undefined) refused.push({ alert, reason: 'is no alert' });
      return message === undefined ? [] : [message];
    });
    await this.#connection?.send(messages);
    await this.#datagrams?.send(messages);
    return { accepted: alerts.length, refused };
  }

  async close(limit_ms: number): Promise<void> {
    this.#datagrams?.close();
    await this.#connection?.close(limit_ms);
  }

  #sendLocally(alerts: readonly SpooledAlert[]): SendResult {
    const refused: RefusedAlert[] = [];
    for (const [accepted, alert] of alerts.entries()) {
      const message = this.#messages.localMessage(alert, process.pid);
      const error =
        message === undefined ? 'is no alert' : sendDatagram(this.options.host, message);
      if (error === undefined) continue;
      if (message === undefined || error === 'EMSGSIZE') refused.push({ alert, reason: error });
      else if (accepted > 0) return { accepted, refused };
      else
        throw new SinkError('SINK_SEND', `${this.options.host}: ${error}`, {
          hint: 'is a syslog daemon running on this host?',
        });
    }
    return { accepted: alerts.length, refused };
  }
}
