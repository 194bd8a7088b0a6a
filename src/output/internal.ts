// Alerts about Saker itself: what it could not see is news for the same people.
import { randomBytes } from 'node:crypto';
import { toBytes } from '../rules/bytes.js';
import type { Alert, AlertOrigin, AlertRule, AlertValue } from './alert.js';

/** The rule name of the alert about lost events. */
export const LOSS_RULE = 'Saker: events lost';

/**
 * The alert that the kernel had no room for events.
 *
 * @param types lost events by type; others than the twenty largest are summed up.
 */
export function lossAlert(
  types: Readonly<Record<string, number>>,
  fromNs: bigint,
  toNs: bigint,
): Alert {
  const sorted = Object.entries(types).sort(([, a], [, b]) => b - a);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  const shown = sorted.slice(0, SHOWN_TYPES).map(([name, count]) => `${name}=${count}`);
  const others = sorted.slice(SHOWN_TYPES).reduce((sum, [, count]) => sum + count, 0);
  if (others > 0) shown.push(`others=${others}`);
  const intervalMs = Number((toNs - fromNs) / 1_000_000n);
  return {
    rule: LOSS,
    time_ns: toNs,
    message:
      `Events were lost, attacks may have gone unseen | lost=${total} ` +
      `types=${shown.join(',')} interval_ms=${intervalMs}`,
    values: [intervalMs, total, shown],
  };
}

/** What an alert of ours is about; the rule's name is `Saker: ` and this. */
export type OwnSubject =
  | 'started'
  | 'stopped'
  | 'rules reloaded'
  | 'rules refused'
  | 'heartbeat'
  | 'sensor stands still'
  | 'sensor answers again'
  | 'rule muted'
  | 'mute ended'
  | 'alerts suppressed'
  | 'kills suspended'
  | 'tampering attempted'
  | 'denied without an agent';

/**
 * An alert about the agent itself, of now.
 *
 * @param text one sentence
 * @param fields also shown behind the sentence; texts are JS text
 */
export function ownAlert(
  subject: OwnSubject,
  text: string,
  fields: Readonly<Record<string, string | number | undefined>>,
  priority = PRIORITY_OF[subject],
): Alert {
  const names: string[] = [];
  const values: AlertValue[] = [];
  let message = toBytes(text);
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const shown = typeof value === 'string' ? toBytes(value) : value;
    names.push(name);
    values.push(shown);
    message += `${values.length === 1 ? ' |' : ''} ${name}=${shown}`;
  }
  const rule: AlertRule = {
    name: `Saker: ${subject}`,
    priority,
    source: 'internal',
    tags: [],
    fieldNames: names,
  };
  const time_ns = BigInt(Date.now()) * 1_000_000n;
  return { rule, time_ns, message, values };
}

// Unique, so that a receiver can tell whether it has had the alert already.
function ownOrigin(): AlertOrigin {
  lastNumber += 1;
  const event_id = `${RUN}-own-${lastNumber.toString(36)}`;
  return { event_id, pid: process.pid, start_ns: 0n, lineage: [] };
}

let lastNumber = 0;
const RUN = randomBytes(6).toString('hex');

/** The alert that a rule's limits kept alerts back; as urgent as they are. */
export function untoldAlert(untold: { rule: string; priority: number; count: number }): Alert {
  const { rule, priority, count } = untold;
  const text = 'Alerts of a rule were not told, by its rate limit or as repetitions';
  const alert = ownAlert('alerts suppressed', text, { rule, count }, priority);
  // It does not come through the outputs' own door, where others get theirs.
  return { ...alert, saker: ownOrigin() };
}

/** The alert that a rule kills too often, and what it wanted killed from now on will live. */
export function suspendedAlert(rule: string, kills_per_minute: number, for_s: number): Alert {
  const text = 'A rule kills too often: it only tells for a while';
  const alert = ownAlert('kills suspended', text, { rule, kills_per_minute, for_s });
  return { ...alert, saker: ownOrigin() };
}

/** What an alert says of one or more attempts of a kind on the agent. */
export interface Attempt {
  /** What was reached for, in words. */
  what: string;
  /** They were refused. */
  denied: boolean;
  times: number;
  /** Who did it last. */
  pid: number;
  name: string;
  exe: string | undefined;
  uid: number;
}

/** The alert that somebody reached for the agent. */
export function tamperAlert(attempt: Attempt): Alert {
  const { denied, ...fields } = attempt;
  const text = denied
    ? 'Somebody reached for the agent and was refused'
    : 'Somebody reached for the agent';
  return ownAlert('tampering attempted', text, { ...fields, denied: denied ? 'yes' : 'no' });
}

/** The alert about what a rule denied while no agent was there to tell of it. */
export function inheritedAlert(denied: {
  rule: string;
  times: number;
  path: string | undefined;
  pid: number | undefined;
  name: string | undefined;
}): Alert {
  const { rule, times, path, pid, name } = denied;
  const text = 'A rule denied while no agent told of it';
  const fields = { rule, times, last_path: path, last_pid: pid, last_name: name };
  return ownAlert('denied without an agent', text, fields);
}

const SHOWN_TYPES = 20;

// Critical: while events are lost, no rule can be relied upon.
const LOSS: AlertRule = {
  name: LOSS_RULE,
  priority: 2,
  source: 'internal',
  tags: [],
  fieldNames: ['interval_ms', 'lost', 'types'],
};

// A sensor that stands still sees nothing. Who mutes a rule may have a reason to hide from it.
const PRIORITY_OF: Readonly<Record<OwnSubject, number>> = {
  started: 6,
  stopped: 5,
  'rules reloaded': 6,
  'rules refused': 4,
  heartbeat: 6,
  'sensor stands still': 2,
  'sensor answers again': 5,
  'rule muted': 5,
  'mute ended': 6,
  'alerts suppressed': 6,
  'kills suspended': 2,
  'tampering attempted': 2,
  'denied without an agent': 4,
};
