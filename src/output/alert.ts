// What an alert is, when it happened, and how its text is made safe to print.
import type { Value } from '../decode/event.js';
import { fromBytes } from '../rules/bytes.js';
import { PRIORITIES } from '../rules/rule.js';

/** `terminal` is `text` for a person in front of it: coloured, and without escaped quotes. */
export type AlertFormat = 'falco' | 'text' | 'terminal';

/** What every alert of a rule has in common; formatters prepare their work once per such object. */
export interface AlertRule {
  name: string;
  /** 0 Emergency to 7 Debug. */
  priority: number;
  source: string;
  tags: readonly string[];
  /** Keys of `output_fields`; `Alert.values` follows their order. */
  fieldNames: readonly string[];
}

/** Text is a byte string; `undefined` means that the event has no such value. */
export type AlertValue = Value;

/** What was done to the process besides telling. */
export interface ActionTaken {
  wanted: 'kill' | 'deny';
  /** The signal was sent; the operation was refused. */
  done: boolean;
  by: 'user space' | 'kernel';
  /** `audit`: nothing is done, whatever is found. */
  mode: 'audit' | 'on';
  /** From the event to the end of the action, or of what was looked at in its place. */
  after_us?: number;
  /** The operation that is denied. */
  what?: string;
  /** Why it was not done: a fixed phrase. */
  why?: string;
}

/** Whom the alert is about, beyond what the rule's author asked for. */
export interface AlertOrigin {
  /** Unique on this host since its boot. */
  event_id: string;
  pid: number;
  /** When that process started, nanoseconds since boot; with the pid it names one process. */
  start_ns: bigint;
  /** Paths of the programs of the ancestors, parent first, as byte strings. */
  lineage: readonly string[];
  /** The process's lifecycle records were not all received: what is said of it may be wrong. */
  uncertain?: boolean;
  /** Alerts of the rule that were not told before this one: repetitions, or too many at a time. */
  suppressed_since?: number;
  /** Outputs whose filter does not want it. */
  not_for?: readonly string[];
  /** The rule held with the path that the caller wrote in the place of the object's. */
  path?: 'claimed';
  /** Of a rule that does more than tell. */
  action?: ActionTaken;
}

/** What was done, for people. */
export function actionText({ wanted, done, after_us, what, why }: ActionTaken): string {
  if (wanted === 'deny')
    return `${wanted}: ${what ?? ''} ${done ? 'denied' : `not denied, ${why ?? ''}`}`;
  return done ? `${wanted}: done after ${after_us} us` : `${wanted}: not done, ${why ?? ''}`;
}

/** An event that a rule matched. Valid until its formatter returns: the caller may reuse it. */
export interface Alert {
  rule: AlertRule;
  /** Since 1970. */
  time_ns: bigint;
  /** The rule's output without time and priority; a byte string. */
  message: string;
  values: readonly AlertValue[];
  saker?: AlertOrigin;
  /** The name of the program that the event is about, a byte string. */
  program?: string;
  /** What makes it the same as another alert of its rule; a byte string. */
  key?: string;
}

/** What the configuration says about the form of alerts. */
export interface AlertOptions {
  hostname: string;
  iso8601: boolean;
  includeOutput: boolean;
  includeMessage: boolean;
  includeTags: boolean;
  includeOutputFields: boolean;
  /** What is hidden in it; left out: nothing. */
  mask?: { enabled: boolean; patterns: readonly string[] };
}

/** One line without its newline. */
export type AlertFormatter = (alert: Alert) => string;

/** The printed name of a priority. */
export function priorityName(priority: number): string {
  return PRIORITIES[priority] ?? 'Debug';
}

/**
 * A byte string as the inside of a JSON string: quotes, backslashes and control characters escaped,
 * what is not UTF-8 replaced by U+FFFD. Beyond what JSON asks for it also escapes DEL, the C1
 * controls and the characters that reorder or break lines: a log is read on terminals too.
 */
export function jsonText(bytes: string): string {
  return PLAIN.test(bytes) ? bytes : escaped(fromBytes(bytes));
}

/** The same for JS text, such as a rule's name. */
export function jsonString(text: string): string {
  return PLAIN.test(text) ? text : escaped(text);
}

/** A byte string for a terminal: as `jsonText`, but quotes stay readable. */
export function terminalText(bytes: string): string {
  return PLAIN.test(bytes) ? bytes : escaped(fromBytes(bytes)).replaceAll('\\"', '"');
}

/**
 * Nanoseconds since 1970 as text. Alerts come in bursts of the same second, so that one is kept.
 */
export class TimeText {
  #second = -1;
  #second_ns = 0n;
  #local = '';
  #utc = '';
  #within = -1;
  #fraction = '';

  /** Since 1970, of the time that was asked about last. */
  get second(): number {
    return this.#second;
  }

  /** `HH:MM:SS.nnnnnnnnn` in the time zone of the host. */
  local(time_ns: bigint): string {
    const fraction = this.#split(time_ns);
    return `${this.#local}.${fraction}`;
  }

  /** `YYYY-MM-DDTHH:MM:SS.nnnnnnnnn` in UTC, without a zone. */
  utc(time_ns: bigint): string {
    const fraction = this.#split(time_ns);
    return `${this.#utc}.${fraction}`;
  }

  /** In decimal digits. */
  digits(time_ns: bigint): string {
    const fraction = this.#split(time_ns);
    return this.#second > 0 ? `${this.#second}${fraction}` : String(time_ns);
  }

  /** The nanoseconds since its second began. */
  within(time_ns: bigint): number {
    const within = Number(time_ns - this.#second_ns);
    if (within >= 0 && within < 1e9 && this.#second >= 0) return within;
    const second = Number(time_ns / 1_000_000_000n);
    const date = new Date(second * 1000);
    this.#second = second;
    this.#second_ns = BigInt(second) * 1_000_000_000n;
    this.#local = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
    this.#utc = date.toISOString().slice(0, 19);
    return Number(time_ns - this.#second_ns);
  }

  #split(time_ns: bigint): string {
    const within = this.within(time_ns);
    if (within === this.#within) return this.#fraction;
    this.#within = within;
    this.#fraction = String(1_000_000_000 + within).slice(1);
    return this.#fraction;
  }
}

// All that needs no escape; the common case is decided without making a string.
const PLAIN = /^[ !#-[\]-~]*$/;

// DEL and C1, then marks and overrides of direction, line and paragraph separators, BOM.
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function escaped(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
