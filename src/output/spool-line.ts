// From a line of the spool to what outputs want to know of it, without parsing all of it: at tens of
// thousands of alerts a second that would cost more than everything else.
import { PRIORITIES, parsePriority } from '../rules/rule.js';
import type { SpooledAlert } from './remote.js';

/**
 * Reads one line that `falcoShapes` made; others are parsed as JSON.
 *
 * @returns `undefined` when the line is no alert.
 */
export function readSpoolLine(json: string, position: number): SpooledAlert | undefined {
  return quickly(json, position) ?? slowly(json, position);
}

const PRIORITY = ',"priority":"';
const RULE = '","rule":"';
const EVENT_ID = ',"saker":{"event_id":"';
const TIME = ',"time":"';
const LEVELS: ReadonlyMap<string, number> = new Map(PRIORITIES.map((name, level) => [name, level]));

// Inside of a JSON text every quote has a backslash before it, so that `,"priority":"` is a key
// wherever it stands. The last such key is ours: what follows it are keys that we choose.
function quickly(json: string, position: number): SpooledAlert | undefined {
  const priorityAt = json.lastIndexOf(PRIORITY);
  const ruleAt = json.indexOf(RULE, priorityAt);
  const idAt = json.indexOf(EVENT_ID, ruleAt);
  const timeAt = json.lastIndexOf(TIME);
  if (priorityAt < 0 || ruleAt < 0 || idAt < 0 || timeAt < idAt) return undefined;
  const priority = LEVELS.get(json.slice(priorityAt + PRIORITY.length, ruleAt));
  const rule = json.slice(ruleAt + RULE.length, idAt - 1);
  const idStart = idAt + EVENT_ID.length;
  const event_id = json.slice(idStart, json.indexOf('"', idStart));
  const time_ns = timeNs(json.slice(timeAt + TIME.length, -2));
  if (priority === undefined || time_ns === undefined) return undefined;
  if (rule.includes('\\') || event_id.includes('\\')) return undefined;
  return { position, event_id, rule, priority, time_ns, json };
}

function slowly(json: string, position: number): SpooledAlert | undefined {
  const alert = mapping(parse(json));
  const { rule, priority, time } = alert;
  const { event_id } = mapping(alert.saker);
  if (typeof rule !== 'string' || typeof priority !== 'string' || typeof time !== 'string')
    return undefined;
  const level = parsePriority(priority);
  const time_ns = timeNs(time);
  if (level === undefined || time_ns === undefined || typeof event_id !== 'string')
    return undefined;
  return { position, event_id, rule, priority: level, time_ns, json };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // not JSON: no alert
  }
}

function mapping(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' ? { ...value } : {};
}

/** RFC 3339 in UTC with up to nine digits of the second. */
function timeNs(text: string): bigint | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  const second = match?.[1];
  if (second === undefined) return undefined;
  if (second !== lastSecond) {
    const ms = Date.parse(`${second}Z`);
    if (Number.isNaN(ms)) return undefined;
    lastSecond = second;
    lastSecondNs = BigInt(ms) * 1_000_000n;
  }
  return lastSecondNs + BigInt((match?.[2] ?? '').padEnd(9, '0'));
}

// Alerts come in bursts of the same second.
let lastSecond = '';
let lastSecondNs = 0n;
