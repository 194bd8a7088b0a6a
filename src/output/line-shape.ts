// Lines of alerts by what changes between them. Alerts come in bursts of the same, where one differs from
// the one before in its times and its id only: such a line is the bytes of the one before with other digits.
import { type Alert, type AlertFormatter, TimeText } from './alert.js';

/**
 * What stands where a line changes: a time as `YYYY-MM-DDTHH:MM:SS.nnnnnnnnn`, as `HH:MM:SS.nnnnnnnnn` or as
 * nanoseconds, or the id of the event.
 */
export type Hole = 'utc' | 'local' | 'digits' | 'event_id';

/** The shape of an alert's line: the same object as for the alert before where only holes differ. */
export type AlertShaper = (alert: Alert) => LineShape;

/** A formatter from a shaper. */
export function formatterOf(shape: AlertShaper): AlertFormatter {
  const clock = new TimeText();
  return (alert) => shape(alert).text(alert, clock);
}

/** Collects the parts of a line in their order. */
export class ShapeMaker {
  readonly #texts: string[] = [];
  readonly #holes: Hole[] = [];
  #text = '';

  add(text: string): this {
    this.#text += text;
    return this;
  }

  hole(hole: Hole): this {
    this.#texts.push(this.#text);
    this.#holes.push(hole);
    this.#text = '';
    return this;
  }

  made(): LineShape {
    return new LineShape([...this.#texts, this.#text], this.#holes);
  }
}

/** A line with holes. */
export class LineShape {
  /** The last line and its newline. */
  #bytes: Uint8Array | undefined;
  /** Of the fraction of each time. */
  readonly #fractions: number[] = [];
  #id = 0;
  #idLength = 0;
  #second = 0;
  #used = false;

  /** @param texts before, between and behind the holes, in all one more than these */
  constructor(
    private readonly texts: readonly string[],
    private readonly holes: readonly Hole[],
  ) {}

  /** The line without newline. */
  text(alert: Alert, clock: TimeText): string {
    const { texts, holes } = this;
    let line = texts[0] ?? '';
    for (let at = 0; at < holes.length; at++)
      line += filling(holes[at], alert, clock) + texts[at + 1];
    return line;
  }

  /**
   * The line as UTF-8 with its newline, valid until the next call.
   *
   * @returns `undefined` the first time: of most shapes there is one line, and its text is made sooner
   */
  bytes(alert: Alert, clock: TimeText): Uint8Array | undefined {
    if (!this.#used) {
      this.#used = true;
      return undefined;
    }
    const within = clock.within(alert.time_ns);
    const id = alert.saker?.event_id ?? '';
    if (this.#bytes === undefined || clock.second !== this.#second || id.length !== this.#idLength)
      return this.#remade(alert, clock);
    const bytes = this.#bytes;
    for (let at = 0; at < id.length; at++) bytes[this.#id + at] = id.charCodeAt(at);
    for (const at of this.#fractions) {
      let left = within;
      for (let place = at + FRACTION_DIGITS - 1; place >= at; place--) {
        const rest = Math.floor(left / 10);
        bytes[place] = ZERO + left - 10 * rest;
        left = rest;
      }
    }
    return bytes;
  }

  // Everything anew: a second begins, or the id is longer than the last.
  #remade(alert: Alert, clock: TimeText): Uint8Array {
    const { texts, holes } = this;
    this.#fractions.length = 0;
    this.#idLength = 0;
    let length = Buffer.byteLength(texts[0] ?? '');
    holes.forEach((hole, at) => {
      const text = filling(hole, alert, clock);
      if (hole === 'event_id') {
        this.#id = length;
        this.#idLength = text.length;
      } else this.#fractions.push(length + text.length - FRACTION_DIGITS);
      length += text.length + Buffer.byteLength(texts[at + 1] ?? '');
    });
    this.#second = clock.second;
    const bytes = new Uint8Array(Buffer.from(`${this.text(alert, clock)}\n`));
    // Nanoseconds of the first second of 1970 are fewer digits.
    this.#bytes = clock.second > 0 ? bytes : undefined;
    return bytes;
  }
}

function filling(hole: Hole | undefined, { time_ns, saker }: Alert, clock: TimeText): string {
  switch (hole) {
    case 'utc':
      return clock.utc(time_ns);
    case 'local':
      return clock.local(time_ns);
    case 'digits':
      return clock.digits(time_ns);
    default:
      return saker?.event_id ?? '';
  }
}

const FRACTION_DIGITS = 9;
const ZERO = 48;
