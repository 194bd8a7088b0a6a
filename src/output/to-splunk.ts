// Alerts to Splunk's HTTP Event Collector, with its acknowledgement: an alert is done when Splunk says
// that it has been written, not when it has been received.
// https://docs.splunk.com/Documentation/Splunk/latest/Data/AboutHECIDXAck
import { randomUUID } from 'node:crypto';
import type { OutputFormat } from '../config/http-outputs.js';
import { SinkError } from '../errors.js';
import { isMapping, parseJson, textOf } from './alert-object.js';
import { contentType, type LineFormatter, lineFormatter } from './format.js';
import {
  fateOf,
  type HttpAnswer,
  HttpClient,
  type HttpOptions,
  statusError,
} from './http-client.js';
import { jsonLine } from './json-line.js';
import type {
  BatchLimits,
  RefusedAlert,
  RemoteOutput,
  SendResult,
  SpooledAlert,
} from './remote.js';

/** What the output needs to know; times in milliseconds. */
export interface SplunkOutputOptions extends HttpOptions {
  name: string;
  /** Of the collector, without `/services/collector`. */
  url: string;
  token: string;
  format: OutputFormat;
  hostname: string;
  /** Empty texts: what the token says. */
  index: string;
  source: string;
  sourcetype: string;
  /** Whether the token has indexer acknowledgement switched on. */
  acknowledge: boolean;
  ack_poll_ms: number;
  /** Not acknowledged for so long: sent again. */
  ack_timeout_ms: number;
  batch: BatchLimits;
  /** Of Saker. */
  version: string;
}

/** Splunk. Without acknowledgement an alert is done when the collector has taken it. */
export class SplunkOutput implements RemoteOutput {
  readonly name: string;
  readonly batch: BatchLimits;
  readonly #client: HttpClient;
  readonly #format: LineFormatter;
  // Numbers of acknowledgement count within a channel.
  readonly #channel = randomUUID();
  #closed = false;
  #wake: (() => void) | undefined;

  /** @throws ConfigError for an address or certificates that cannot work. */
  constructor(private readonly options: SplunkOutputOptions) {
    this.name = options.name;
    this.batch = options.batch;
    this.#client = new HttpClient(options.url, options);
    this.#format = lineFormatter(options.format, options.version);
  }

  async send(alerts: readonly SpooledAlert[]): Promise<SendResult> {
    const refused: RefusedAlert[] = [];
    const events: { alert: SpooledAlert; event: string }[] = [];
    for (const alert of alerts) {
      const line = this.#format(alert.json);
      if (line === undefined) refused.push({ alert, reason: 'is no alert' });
      else events.push({ alert, event: this.#event(alert, line) });
    }
    while (events.length > 0) {
      const answer = await this.#post(events.map(({ event }) => event).join('\n'));
      if (fateOf(answer.status) === 'done') {
        await this.#acknowledged(answer);
        break;
      }
      // Longer than the collector takes at once.
      if (answer.status === 413 && alerts.length > 1)
        return this.send(alerts.slice(0, Math.ceil(alerts.length / 2)));
      const at = invalidEvent(answer, events.length);
      const [bad] = at === undefined ? [] : events.splice(at, 1);
      if (bad === undefined) throw collectorError(answer);
      refused.push({ alert: bad.alert, reason: statusError('the collector', answer).message });
    }
    return { accepted: alerts.length, refused };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    this.#client.close();
  }

  #event(alert: SpooledAlert, line: string): string {
    const { hostname, index, source, sourcetype, format } = this.options;
    const isJson = contentType(format) === 'application/json';
    const envelope = jsonLine({
      // Seconds with a fraction: Splunk keeps no more than milliseconds.
      time: Number(alert.time_ns / 1_000_000n) / 1000,
      host: hostname || undefined,
      index: index || undefined,
      source: source || undefined,
      sourcetype: sourcetype || undefined,
      fields: { event_id: alert.event_id || undefined },
    });
    // The event is JSON already, with all digits of its numbers.
    return `${envelope.slice(0, -1)},"event":${isJson ? line : JSON.stringify(line)}}`;
  }

  #post(body: string): Promise<HttpAnswer> {
    return this.#client.request('POST', '/services/collector/event', body, this.#headers());
  }

  #headers(): Record<string, string> {
    return {
      authorization: `Splunk ${this.options.token}`,
      'content-type': 'application/json',
      'x-splunk-request-channel': this.#channel,
    };
  }

  async #acknowledged(answer: HttpAnswer): Promise<void> {
    if (!this.options.acknowledge) return;
    const tree = parseJson(answer.body);
    const ackId = isMapping(tree) ? textOf(tree.ackId) : '';
    if (!/^\d+$/.test(ackId))
      throw new SinkError('SINK_SEND', 'the collector gave no number of acknowledgement', {
        hint: 'switch indexer acknowledgement on for the token, or acknowledge off here',
        retryable: false,
      });
    const { ack_poll_ms, ack_timeout_ms } = this.options;
    let waited_ms = 0;
    for (; waited_ms < ack_timeout_ms && !this.#closed; waited_ms += ack_poll_ms) {
      if (await this.#isAcknowledged(ackId)) return;
      if (!this.#closed) await this.#pause(ack_poll_ms);
    }
    throw new SinkError('SINK_SEND', `not acknowledged within ${waited_ms} ms`);
  }

  async #isAcknowledged(ackId: string): Promise<boolean> {
    const path = `/services/collector/ack?channel=${this.#channel}`;
    const answer = await this.#client.request('POST', path, `{"acks":[${ackId}]}`, this.#headers());
    if (fateOf(answer.status) !== 'done') throw collectorError(answer);
    const tree = parseJson(answer.body);
    const acks = isMapping(tree) && isMapping(tree.acks) ? tree.acks : {};
    return acks[ackId] === true;
  }

  async #pause(wait_ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, wait_ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

/**
 * Codes of the collector that speak of one event: no data, invalid format, event missing, event blank.
 * It names the event's place, counted from 0, or leaves it out when there was only one.
 */
const EVENT_CODES = new Set([5, 6, 12, 13, 15]);

function invalidEvent(answer: HttpAnswer, count: number): number | undefined {
  if (answer.status === 413 && count === 1) return 0;
  const tree = parseJson(answer.body);
  if (!isMapping(tree) || !EVENT_CODES.has(Number(tree.code))) return undefined;
  const place = tree['invalid-event-number'];
  if (typeof place === 'number' && place >= 0 && place < count) return place;
  return count === 1 ? 0 : undefined;
}

// Other codes are of the token, the channel or the index: they wait for somebody to repair it.
function collectorError(answer: HttpAnswer): SinkError {
  const { message, retry_after_ms } = statusError('the collector', answer);
  return new SinkError('SINK_SEND', message, {
    retryable: fateOf(answer.status) === 'later',
    retry_after_ms,
  });
}
