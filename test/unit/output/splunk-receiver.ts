// A collector that follows Splunk's published protocol for the HTTP Event Collector: token, channel,
// numbers of acknowledgement that count up within a channel, true once for what is written.
import { type Answer, HttpReceiver, type Received } from './http-receiver.js';

/** One event as the collector reads it. */
export interface SplunkEvent {
  time: number;
  host: string;
  sourcetype?: string;
  index?: string;
  fields?: Record<string, string>;
  event: unknown;
}

/** Holds what was received until `write` says that it is on disk. */
export class SplunkReceiver {
  /** In the order of their coming, again when they come again. */
  readonly events: SplunkEvent[] = [];
  /** What is on disk. */
  readonly written: SplunkEvent[] = [];
  writesAtOnce = true;
  /** As an indexer that ends before it writes: received, and forgotten. */
  forgets = 0;
  acknowledges = true;
  readonly channels = new Set<string>();
  #batches = new Map<string, { events: SplunkEvent[]; written: boolean }>();
  #next = 0;

  private constructor(readonly http: HttpReceiver) {}

  static async open(token: string): Promise<SplunkReceiver> {
    const receiver = new SplunkReceiver(await HttpReceiver.open());
    receiver.http.answer = (request) => receiver.#answer(request, token);
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.http.port}`;
  }

  /** Everything received is on disk now. */
  write(): void {
    for (const batch of this.#batches.values()) {
      if (!batch.written) this.written.push(...batch.events);
      batch.written = true;
    }
  }

  #answer(request: Received, token: string): Answer {
    const authorization = request.headers.authorization ?? '';
    if (authorization === '') return answer(401, 2, 'Token is required');
    if (!authorization.startsWith('Splunk ')) return answer(401, 3, 'Invalid authorization');
    if (authorization !== `Splunk ${token}`) return answer(403, 4, 'Invalid token');
    const url = new URL(request.path, 'http://collector');
    const header = request.headers['x-splunk-request-channel'];
    const channel = url.searchParams.get('channel') ?? String(header ?? '');
    if (!GUID.test(channel)) return answer(400, channel === '' ? 10 : 11, 'Data channel');
    this.channels.add(channel);
    if (url.pathname === '/services/collector/ack') return this.#acks(channel, request.body);
    if (url.pathname === '/services/collector/event') return this.#take(channel, request.body);
    return { status: 404 };
  }

  #take(channel: string, body: string): Answer {
    if (body === '') return answer(400, 5, 'No data');
    const events: SplunkEvent[] = [];
    for (const [at, text] of body.split('\n').entries()) {
      const event: SplunkEvent = JSON.parse(text);
      if (event.event === undefined) return answer(400, 12, 'Event field is required', at);
      if (event.event === '') return answer(400, 13, 'Event field cannot be blank', at);
      if (JSON.stringify(event).includes('invalid'))
        return answer(400, 6, 'Invalid data format', at);
      events.push(event);
    }
    this.events.push(...events);
    if (!this.acknowledges) return { status: 200, body: '{"text":"Success","code":0}' };
    const ackId = this.#next++;
    if (this.forgets > 0) this.forgets--;
    else this.#batches.set(`${channel} ${ackId}`, { events, written: false });
    if (this.writesAtOnce) this.write();
    return { status: 200, body: JSON.stringify({ text: 'Success', code: 0, ackId }) };
  }

  #acks(channel: string, body: string): Answer {
    if (!this.acknowledges) return answer(400, 14, 'ACK is disabled');
    const { acks }: { acks: number[] } = JSON.parse(body);
    const found = acks.map((id) => {
      const key = `${channel} ${id}`;
      const isWritten = this.#batches.get(key)?.written === true;
      // It is told once; after that the collector does not know the number any more.
      if (isWritten) this.#batches.delete(key);
      return [String(id), isWritten];
    });
    return { status: 200, body: JSON.stringify({ acks: Object.fromEntries(found) }) };
  }
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function answer(status: number, code: number, text: string, place?: number): Answer {
  const more = place === undefined ? {} : { 'invalid-event-number': place };
  return { status, body: JSON.stringify({ text, code, ...more }) };
}
