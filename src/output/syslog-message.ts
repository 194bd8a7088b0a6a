// One alert as a syslog message: RFC 5424 for the network, the older form for the local /dev/log.

import type { OutputFormat } from '../config/http-outputs.js';
import { FACILITIES, type SyslogOutputConfig } from '../config/syslog-output.js';
import { TimeText } from './alert.js';
import { type LineFormatter, lineFormatter } from './format.js';
import { wellFormed } from './json-line.js';
import type { SpooledAlert } from './remote.js';

/** What all messages of an output have in common. */
export interface SyslogMessageOptions {
  facility: SyslogOutputConfig['facility'];
  format: OutputFormat;
  hostname: string;
  app_name: string;
  /** A longer message is sent as text and cut; 480 is the least that any receiver must take. */
  limit_bytes: number;
  /** Of Saker. */
  version: string;
}

/** Makes the messages of one output. */
export class SyslogMessages {
  readonly #line: LineFormatter;
  readonly #text: LineFormatter;
  readonly #clock = new TimeText();
  readonly #hostname: string;
  readonly #appName: string;

  constructor(private readonly options: SyslogMessageOptions) {
    this.#line = lineFormatter(options.format, options.version);
    this.#text = lineFormatter('text', options.version);
    this.#hostname = printable(options.hostname, 255);
    this.#appName = printable(options.app_name, 48);
  }

  /** The bytes for the network, without framing; `undefined` when the text is no alert. */
  networkMessage(alert: SpooledAlert): Buffer | undefined {
    const line = this.#line(alert.json);
    if (line === undefined) return undefined;
    const whole = Buffer.from(`${this.#header(alert, false)} ${line}`, 'utf8');
    if (whole.length <= this.options.limit_bytes) return whole;
    // Half an object is no object: what does not fit goes as text, which may end anywhere.
    const text = this.#text(alert.json) ?? '';
    return cut(Buffer.from(`${this.#header(alert, true)} ${text}`), this.options.limit_bytes);
  }

  /** What syslog(3) sends to /dev/log; the local daemon adds the host. */
  localMessage(alert: SpooledAlert, pid: number): string | undefined {
    const line = this.#line(alert.json);
    if (line === undefined) return undefined;
    const time = new Date(Number(alert.time_ns / 1_000_000n));
    const stamp = `${MONTHS[time.getMonth()]} ${String(time.getDate()).padStart(2)} ${clockText(time)}`;
    const message = `<${this.#priority(alert)}>${stamp} ${this.#appName}[${pid}]: ${line}`;
    return cut(Buffer.from(message), this.options.limit_bytes).toString('utf8');
  }

  #header(alert: SpooledAlert, isCut: boolean): string {
    // At most six digits of a second.
    const time = `${this.#clock.utc(alert.time_ns).slice(0, 26)}Z`;
    const data = [
      `event_id="${parameter(alert.event_id)}"`,
      `rule="${parameter(alert.rule)}"`,
      ...(isCut ? ['cut="true"'] : []),
    ].join(' ');
    return `<${this.#priority(alert)}>1 ${time} ${this.#hostname} ${this.#appName} - - [${DATA_ID} ${data}]`;
  }

  /** Falco's eight priorities are those of syslog. */
  #priority({ priority }: SpooledAlert): number {
    return FACILITIES.indexOf(this.options.facility) * 8 + Math.min(Math.max(priority, 0), 7);
  }
}

// 32473 is the number that RFC 5612 sets aside for those who have none of their own.
const DATA_ID = 'saker@32473';
const LONGEST_PARAMETER = 256;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** A header field: printable ASCII, no space, a dash for nothing. */
function printable(text: string, length: number): string {
  return text.replace(/[^!-~]/g, '_').slice(0, length) || '-';
}

/** RFC 5424, section 6.3.3: quote, backslash and bracket are escaped; controls are shown. */
function parameter(text: string): string {
  return wellFormed(text.slice(0, LONGEST_PARAMETER))
    .replace(/["\\\]]/g, '\\$&')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

function clockText(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** At most so many bytes, never half a character. */
function cut(bytes: Buffer, limit: number): Buffer {
  if (bytes.length <= limit) return bytes;
  let end = limit;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
