// Alerts to a web address: one a request in Falco's form, or several as JSON array or lines.
import { createHmac } from 'node:crypto';
import type { HttpOutputConfig, OutputFormat } from '../config/http-outputs.js';
import { contentType, type LineFormatter, lineFormatter } from './format.js';
import { fateOf, HttpClient, type HttpOptions, statusError } from './http-client.js';
import type {
  BatchLimits,
  RefusedAlert,
  RemoteOutput,
  SendResult,
  SpooledAlert,
} from './remote.js';

/** What the output needs to know; times in milliseconds. */
export interface HttpOutputOptions extends HttpOptions {
  name: string;
  url: string;
  format: OutputFormat;
  batch: HttpOutputConfig['batch'];
  /** The most alerts in one request, when there are several. */
  batch_alerts: number;
  /** Key of the signature; an empty text: none. */
  hmac_secret: string;
  /** Of Saker. */
  version: string;
}

/**
 * The webhook. An alert is done when its request was answered with a status of 200 to 299. What says
 * "later" (408, 425, 429, 5xx) or that nobody listens there (401, 404, 407, 3xx) is tried again; any
 * other status refuses the alert.
 *
 * One request at a time: several at once could pass each other on the way.
 */
export class HttpOutput implements RemoteOutput {
  readonly name: string;
  readonly batch: BatchLimits;
  readonly #client: HttpClient;
  readonly #format: LineFormatter;

  /** @throws ConfigError for an address or certificates that cannot work. */
  constructor(private readonly options: HttpOutputOptions) {
    this.name = options.name;
    const { batch, batch_alerts } = options;
    this.batch =
      batch === 'none'
        ? { alerts: 100, bytes: BATCH_BYTES, linger_ms: 0 }
        : { alerts: batch_alerts, bytes: BATCH_BYTES, linger_ms: LINGER_MS };
    this.#client = new HttpClient(options.url, options);
    this.#format = lineFormatter(options.format, options.version);
  }

  async send(alerts: readonly SpooledAlert[]): Promise<SendResult> {
    const refused: RefusedAlert[] = [];
    const size = this.options.batch === 'none' ? 1 : this.options.batch_alerts;
    for (let accepted = 0; accepted < alerts.length; accepted += size) {
      try {
        refused.push(...(await this.#post(alerts.slice(accepted, accepted + size))));
      } catch (error) {
        // What is done must not be sent again: the failure shows itself once more with the next call.
        if (accepted === 0) throw error;
        return { accepted, refused };
      }
    }
    return { accepted: alerts.length, refused };
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  async #post(alerts: readonly SpooledAlert[]): Promise<RefusedAlert[]> {
    const refused: RefusedAlert[] = [];
    const sent: SpooledAlert[] = [];
    const lines: string[] = [];
    for (const alert of alerts) {
      const line = this.#format(alert.json);
      if (line === undefined) refused.push({ alert, reason: 'is no alert' });
      else {
        sent.push(alert);
        lines.push(line);
      }
    }
    if (lines.length === 0) return refused;
    const body = this.#body(lines);
    const answer = await this.#client.request('POST', '', body, this.#headers(body));
    const fate = fateOf(answer.status);
    if (fate === 'done') return refused;
    const failure = statusError(`POST to ${this.name}`, answer);
    if (fate !== 'refused') throw failure;
    return [...refused, ...sent.map((alert) => ({ alert, reason: failure.message }))];
  }

  #body(lines: readonly string[]): string {
    switch (this.options.batch) {
      case 'none':
        return lines[0] ?? '';
      case 'array':
        return `[${lines.map((line) => this.#member(line)).join(',')}]`;
      case 'lines':
        return lines.map((line) => `${line}\n`).join('');
    }
  }

  /** A line of text is a JSON string among others. */
  #member(line: string): string {
    const { format } = this.options;
    return format === 'cef' || format === 'text' ? JSON.stringify(line) : line;
  }

  #headers(body: string): Record<string, string> {
    const { batch, format, hmac_secret } = this.options;
    const type =
      batch === 'array'
        ? 'application/json'
        : batch === 'lines' && contentType(format) === 'application/json'
          ? 'application/x-ndjson'
          : contentType(format);
    if (hmac_secret === '') return { 'content-type': type };
    // The time is signed too, so that a receiver can refuse what was recorded and sent again.
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', hmac_secret)
      .update(`${timestamp}.${body}`)
      .digest('hex');
    return {
      'content-type': type,
      'x-saker-timestamp': timestamp,
      'x-saker-signature': `sha256=${signature}`,
    };
  }
}

const BATCH_BYTES = 1024 * 1024;
const LINGER_MS = 500;
