// Alerts into a data stream of Elasticsearch or OpenSearch, by its `_bulk` interface.

import type { ElasticOutputConfig } from '../config/http-outputs.js';
import { SinkError } from '../errors.js';
import { TimeText } from './alert.js';
import { isMapping, type JsonValue, parseJson, textOf } from './alert-object.js';
import { ecsTemplate } from './ecs-template.js';
import { type LineFormatter, lineFormatter } from './format.js';
import { fateOf, HttpClient, type HttpOptions, statusError } from './http-client.js';
import type {
  BatchLimits,
  RefusedAlert,
  RemoteOutput,
  SendResult,
  SpooledAlert,
} from './remote.js';

/** What the output needs to know; credentials are among the headers. */
export interface ElasticOutputOptions extends HttpOptions {
  name: string;
  url: string;
  data_stream: string;
  format: ElasticOutputConfig['format'];
  /** Make the index template of the data stream when there is none. */
  create_template: boolean;
  batch: BatchLimits;
  /** Of Saker. */
  version: string;
}

/**
 * Elasticsearch or OpenSearch. The document's id is the event's, and documents are only created: what
 * is sent twice is there once. An alert is done when the index has taken its document, had it already
 * (409), or refuses it for what it says (400, 413); all else is tried again.
 */
export class ElasticOutput implements RemoteOutput {
  readonly name: string;
  readonly batch: BatchLimits;
  readonly #client: HttpClient;
  readonly #format: LineFormatter;
  readonly #clock = new TimeText();
  #hasTemplate: boolean;

  /** @throws ConfigError for an address or certificates that cannot work. */
  constructor(private readonly options: ElasticOutputOptions) {
    this.name = options.name;
    this.batch = options.batch;
    this.#client = new HttpClient(options.url, options);
    this.#format = lineFormatter(options.format, options.version);
    this.#hasTemplate = !options.create_template;
  }

  async send(alerts: readonly SpooledAlert[]): Promise<SendResult> {
    if (!this.#hasTemplate) await this.#createTemplate();
    this.#hasTemplate = true;
    return this.#bulk(alerts);
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  async #bulk(alerts: readonly SpooledAlert[]): Promise<SendResult> {
    const documents = alerts.map((alert) => ({ alert, document: this.#document(alert) }));
    const body = documents
      .filter(({ document }) => document !== undefined)
      .map(({ alert, document }) => `${action(alert)}\n${document}\n`)
      .join('');
    if (body === '') return done(documents.map(({ alert }) => ({ alert, reason: NO_ALERT })));
    const path = `${encodeURIComponent(this.options.data_stream)}/_bulk`;
    const answer = await this.#client.request('POST', path, body, {
      'content-type': 'application/x-ndjson',
    });
    if (answer.status === 413) return this.#halved(alerts, answer.body);
    if (fateOf(answer.status) !== 'done') throw statusError(`POST ${path}`, answer);
    return result(documents, itemsOf(answer.body));
  }

  // Too long for the other side's limit on requests: what is too long alone will never be taken.
  async #halved(alerts: readonly SpooledAlert[], reason: string): Promise<SendResult> {
    const [only] = alerts;
    if (only !== undefined && alerts.length === 1)
      return done([{ alert: only, reason: `413: ${reason.slice(0, 200)}` }]);
    return this.#bulk(alerts.slice(0, Math.ceil(alerts.length / 2)));
  }

  /** A data stream asks for `@timestamp`, which only ECS has by itself. */
  #document(alert: SpooledAlert): string | undefined {
    const line = this.#format(alert.json);
    if (line === undefined || this.options.format === 'ecs') return line;
    return `{"@timestamp":"${this.#clock.utc(alert.time_ns)}Z",${line.slice(1)}`;
  }

  async #createTemplate(): Promise<void> {
    const { data_stream, format } = this.options;
    const path = `_index_template/${encodeURIComponent(`saker-${data_stream}`)}`;
    const found = await this.#client.request('GET', path, '');
    // 403: who may only write documents relies on somebody else's template.
    if (fateOf(found.status) === 'done' || found.status === 403) return;
    if (found.status !== 404) throw statusError(`GET ${path}`, found);
    const made = await this.#client.request(
      'PUT',
      path,
      ecsTemplate(data_stream, format === 'ecs'),
      {
        'content-type': 'application/json',
      },
    );
    if (fateOf(made.status) !== 'done' && made.status !== 403)
      throw statusError(`PUT ${path}`, made);
  }
}

const NO_ALERT = 'is no alert';

function action({ event_id }: SpooledAlert): string {
  // The longest id that Elasticsearch takes.
  const fits = event_id !== '' && Buffer.byteLength(event_id) <= 512;
  return JSON.stringify({ create: fits ? { _id: event_id } : {} });
}

function done(refused: readonly RefusedAlert[]): SendResult {
  return { accepted: refused.length, refused };
}

interface Item {
  status: number;
  type: string;
  reason: string;
}

function itemsOf(body: string): Item[] {
  const tree = parseJson(body);
  const items = isMapping(tree) ? tree.items : undefined;
  if (!Array.isArray(items))
    throw new SinkError('SINK_SEND', 'the answer to _bulk has no items', {
      hint: 'is the address that of Elasticsearch or OpenSearch?',
      retryable: false,
    });
  return items.map(itemOf);
}

function itemOf(value: JsonValue): Item {
  const create = isMapping(value) && isMapping(value.create) ? value.create : {};
  const error = isMapping(create.error) ? create.error : {};
  const cause = isMapping(error.caused_by) ? `: ${textOf(error.caused_by.reason)}` : '';
  return {
    status: Number(create.status ?? 0),
    type: textOf(error.type),
    reason: `${textOf(error.reason)}${cause}`,
  };
}

function result(
  documents: readonly { alert: SpooledAlert; document: string | undefined }[],
  items: readonly Item[],
): SendResult {
  const refused: RefusedAlert[] = [];
  let next = 0;
  for (const [accepted, { alert, document }] of documents.entries()) {
    if (document === undefined) {
      refused.push({ alert, reason: NO_ALERT });
      continue;
    }
    const item = items[next++] ?? { status: 0, type: '', reason: 'no answer for this document' };
    const fate = itemFate(item);
    if (fate === 'refused')
      refused.push({ alert, reason: `${item.status} ${item.type}: ${item.reason}` });
    if (fate !== 'later') continue;
    // Those behind it that were taken will be there already when they come again.
    if (accepted > 0) return { accepted, refused };
    throw new SinkError('SINK_SEND', `_bulk: ${item.status} ${item.type}: ${item.reason}`, {
      retryable: item.status !== 401 && item.status !== 403 && item.status !== 404,
    });
  }
  return { accepted: documents.length, refused };
}

function itemFate({ status, type }: Item): 'done' | 'refused' | 'later' {
  if ((status >= 200 && status < 300) || status === 409) return 'done';
  // A full disk blocks the index, with various statuses.
  if (type === 'cluster_block_exception') return 'later';
  return status === 400 || status === 413 ? 'refused' : 'later';
}
