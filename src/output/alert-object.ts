// An alert read back from its JSON line: what the formats for other systems are made from.
import { randomUUID } from 'node:crypto';
import { parsePriority } from '../rules/rule.js';

/** A value of JSON; integers that a double cannot hold are `bigint`. */
export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** One alert; texts hold what the watched process wrote, control characters included. */
export interface AlertObject {
  /** RFC 3339 with nanoseconds, UTC. */
  time: string;
  time_ms: number;
  rule: string;
  /** The printed name of the priority, and 0 Emergency to 7 Debug. */
  priority: string;
  level: number;
  source: string;
  hostname: string;
  /** The whole line for people; empty when the configuration leaves it out. */
  output: string;
  /** The same without time and priority; the rule's name when there is none. */
  message: string;
  tags: readonly string[];
  /** `output_fields`, in their order. */
  fields: ReadonlyMap<string, JsonValue>;
  /** What Saker adds; empty for an alert that has none. */
  saker: ReadonlyMap<string, JsonValue>;
}

/**
 * Reads one line of the Falco format.
 *
 * @returns `undefined` when it is no JSON object with a rule and a time.
 */
export function parseAlertObject(json: string): AlertObject | undefined {
  const tree = parseJson(json);
  if (!isMapping(tree)) return undefined;
  const rule = textOf(tree.rule);
  const time = textOf(tree.time);
  const time_ms = Date.parse(time);
  if (rule === '' || Number.isNaN(time_ms)) return undefined;
  const priority = textOf(tree.priority);
  const output = textOf(tree.output);
  return {
    time,
    time_ms,
    rule,
    priority,
    level: parsePriority(priority) ?? 7,
    source: textOf(tree.source),
    hostname: textOf(tree.hostname),
    output,
    message: textOf(tree.message) || messageOf(output, priority) || rule,
    tags: Array.isArray(tree.tags) ? tree.tags.map(textOf).filter((tag) => tag !== '') : [],
    fields: entriesOf(tree.output_fields),
    saker: entriesOf(tree.saker),
  };
}

/** Reads JSON without losing digits of large integers; `undefined` when it is not JSON. */
export function parseJson(json: string): JsonValue | undefined {
  try {
    return jsonValue(JSON.parse(withMarkedIntegers(json)));
  } catch {
    return undefined; // whoever asked says what that means for the alert
  }
}

/** Whether a value is a JSON object. */
export function isMapping(
  value: JsonValue | undefined,
): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as text: nothing for null, a list as Falco prints it. */
export function textOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return `(${value.map(textOf).join(',')})`;
  return isMapping(value) ? '' : String(value);
}

// No text of an alert can hold it, so a marked integer is ours.
const MARK = `integer ${randomUUID()} `;

/** `TIME: Priority message` */
function messageOf(output: string, priority: string): string {
  const start = output.indexOf(`: ${priority} `);
  return start > 0 && start < MAX_TIME_LENGTH ? output.slice(start + priority.length + 3) : output;
}

// `2023-11-14T22:13:20.012345678+0000`
const MAX_TIME_LENGTH = 40;

function entriesOf(value: JsonValue | undefined): ReadonlyMap<string, JsonValue> {
  return new Map(isMapping(value) ? Object.entries(value) : []);
}

// Jumps from quote to quote: a regular expression over text of a megabyte may need too much stack.
function withMarkedIntegers(json: string): string {
  if (!/\d{16}/.test(json)) return json;
  let marked = '';
  for (let at = 0; at < json.length; ) {
    const quote = json.indexOf('"', at);
    const outside = json.slice(at, quote < 0 ? undefined : quote);
    marked += outside.replace(/-?\d{16,}(?![\d.eE])/g, (digits) => `"${MARK}${digits}"`);
    if (quote < 0) break;
    const end = endOfString(json, quote);
    marked += json.slice(quote, end);
    at = end;
  }
  return marked;
}

function endOfString(json: string, quote: number): number {
  for (let at = quote + 1; ; ) {
    const end = json.indexOf('"', at);
    if (end < 0) return json.length;
    let before = end - 1;
    while (json[before] === '\\') before--;
    if ((end - before) % 2 === 1) return end + 1;
    at = end + 1;
  }
}

function jsonValue(value: unknown): JsonValue {
  if (typeof value === 'string')
    return value.startsWith(MARK) ? integerOf(value.slice(MARK.length)) : value;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonValue(item)]));
}

function integerOf(digits: string): number | bigint {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}
