// The live event stream: events that fulfil somebody's condition, as lines of text or JSON.
import type { Event } from '../decode/event.js';
import { Matcher } from '../match/matcher.js';
import { type AlertValue, jsonText, terminalText } from '../output/alert.js';
import { Masker } from '../output/mask.js';
import { AlertTemplate } from '../output/template.js';
import type { Rule } from '../rules/rule.js';
import { resolveField } from './alerts.js';
import { readsMetadata } from './late.js';
import {
  type FromSensor,
  GAUGE_EVENT_BYTES,
  MAX_EVENT_BYTES,
  type SensorOptions,
} from './protocol.js';

/** One stream. */
interface Tap {
  id: number;
  matcher: Matcher;
  template: AlertTemplate;
  readsMetadata: boolean;
  json: boolean;
  text: string;
  dropped: number;
}

/** Streams that were asked for, until they are taken away. */
export class Taps {
  /** Event types that a stream wants to see. */
  readonly types = new Set<number>();
  readonly #taps = new Map<number, Tap>();
  readonly #gauges: Int32Array;
  /** As in alerts: what is shown here is copied into tickets and chats. */
  readonly #masker: Masker;

  constructor(
    { gauges, alerts }: Pick<SensorOptions, 'gauges' | 'alerts'>,
    private readonly post: (message: FromSensor) => void,
  ) {
    this.#gauges = new Int32Array(gauges);
    this.#masker = new Masker(alerts.mask ?? { enabled: false, patterns: [] });
  }

  get any(): boolean {
    return this.#taps.size > 0;
  }

  /** Whether a stream shows or asks what container runtimes know. */
  get readsMetadata(): boolean {
    return [...this.#taps.values()].some((tap) => tap.readsMetadata);
  }

  add(id: number, rule: Rule, json: boolean): void {
    const matcher = new Matcher([rule], resolveField);
    const template = new AlertTemplate(rule, {}, resolveField);
    const reads = readsMetadata(rule);
    const text = '';
    this.#taps.set(id, { id, matcher, template, readsMetadata: reads, json, text, dropped: 0 });
    this.#updateTypes();
  }

  remove(id: number): void {
    this.#taps.delete(id);
    this.#updateTypes();
  }

  take(event: Event): void {
    for (const tap of this.#taps.values()) {
      if (!this.#matches(tap, event)) continue;
      const under_way = Atomics.load(this.#gauges, GAUGE_EVENT_BYTES) + tap.text.length;
      if (under_way > MAX_EVENT_BYTES) tap.dropped += 1;
      else tap.text += `${this.#line(tap, event)}\n`;
    }
  }

  #line({ json, template }: Tap, event: Event): string {
    const { comm } = event.process;
    if (!json) return terminalText(this.#masker.text(template.message(event), comm));
    const values = this.#masker.values(template.values(event), comm);
    const fields = template.fieldNames.map((name, index) => `"${name}":${jsonOf(values[index])}`);
    return `{"time_ns":${event.time_ns},${fields.join(',')}}`;
  }

  // Leaves the event in the reading that matched.
  #matches({ matcher }: Tap, event: Event): boolean {
    if (matcher.match(event.read(false)).length > 0) return true;
    return event.claim !== undefined && matcher.match(event.read(true)).length > 0;
  }

  /** Hands over what `take` collected. */
  flush(): void {
    for (const tap of this.#taps.values()) {
      if (tap.text === '' && tap.dropped === 0) continue;
      const { id, text, dropped } = tap;
      Atomics.add(this.#gauges, GAUGE_EVENT_BYTES, text.length);
      this.post({ kind: 'events', id, text, gaugeBytes: text.length, dropped });
      tap.text = '';
      tap.dropped = 0;
    }
  }

  #updateTypes(): void {
    this.types.clear();
    for (const { matcher } of this.#taps.values()) {
      for (const type of matcher.wantedTypes()) this.types.add(type);
    }
  }
}

function jsonOf(value: AlertValue): string {
  if (value === undefined) return 'null';
  if (typeof value === 'string') return `"${jsonText(value)}"`;
  if (typeof value === 'object') return `[${value.map((one) => jsonOf(one)).join(',')}]`;
  return String(value);
}
