// From a match to an alert: the rule's output filled in, and whom the alert is about.
import { readFileSync } from 'node:fs';
import type { Event, ProcessView } from '../decode/event.js';
import { fieldReader } from '../enrich/fields.js';
import type { Resolve } from '../match/transform.js';
import type { ActionTaken, Alert, AlertOrigin, AlertRule } from '../output/alert.js';
import { RuleGate } from '../output/gate.js';
import { AlertTemplate } from '../output/template.js';
import type { Act } from '../respond/enforcer.js';
import type { Rule } from '../rules/rule.js';
import { FrozenEvent } from './frozen.js';

/** Programs in `saker.lineage`: enough to read a story, bounded for chains of a fork bomb. */
const MAX_LINEAGE = 16;

/** The reader of a field of a rule. */
export const resolveField: Resolve = (field) => fieldReader(field.name, field.argument);

/** Makes the alerts of one rule. */
export class RuleOutput {
  /** Of the rule. */
  readonly name: string;
  /** Made for the first alert: most rules never have one, and a start waits for all of them. */
  #parts: Parts | undefined;
  readonly #idEnd: string;

  /**
   * @param number tells this rule from the others in event ids
   * @param resolve gives the readers that the output is filled in with
   * @param act what the rule does besides telling
   */
  constructor(
    private readonly rule: Rule,
    private readonly number: number,
    private readonly staticFields: Readonly<Record<string, string>>,
    private readonly resolve: Resolve,
    private readonly act?: Act,
  ) {
    this.name = rule.name;
    this.#idEnd = `-${number.toString(36)}`;
  }

  /** Asks for the readers now, not for the first alert. */
  make(): Parts {
    const { rule, staticFields, resolve } = this;
    const { name, priority, source, tags } = rule;
    const template = new AlertTemplate(rule, staticFields, resolve);
    const gate = RuleGate.of(rule, resolve);
    const { fieldNames } = template;
    this.#parts = { template, gate, rule: { name, priority, source, tags, fieldNames } };
    return this.#parts;
  }

  /**
   * Does what the rule asks for; a frozen event remembers it, for then the alert comes later.
   *
   * @returns `undefined` when it only tells
   */
  take(event: Event, known?: AlertOrigin): ActionTaken | undefined {
    const { act } = this;
    if (act === undefined) return undefined;
    if (!(event instanceof FrozenEvent)) {
      const { pid, start_ns, time_ns } = event.task;
      if (known !== undefined) return act({ ...subjectOf(known), time_ns: bootTime(event) });
      return act({ pid, start_ns, time_ns, uncertain: event.process.uncertain });
    }
    let action = event.actions.get(this.number);
    action ??= act({ ...subjectOf(event.origin), time_ns: bootTime(event) });
    event.actions.set(this.number, action);
    return action;
  }

  /**
   * What the rule tells. What it does, it does first.
   *
   * @param known whom the event is about, where the event itself does not say
   * @param taken what was done already
   */
  alert(event: Event, known?: AlertOrigin, taken?: ActionTaken): Alert {
    const action = taken ?? this.take(event, known);
    const { template, gate, rule } = this.#parts ?? this.make();
    const { message, values } = template.told(event);
    const given = known ?? (event instanceof FrozenEvent ? event.origin : undefined);
    const saker: AlertOrigin = given === undefined ? originOf(event) : { ...given };
    saker.event_id += this.#idEnd;
    if (action !== undefined) saker.action = action;
    const { comm: program } = event.process;
    const alert: Alert = {
      rule,
      time_ns: event.time_ns,
      message,
      values,
      saker,
      program,
    };
    if (gate === undefined) return alert;
    saker.not_for = gate.notFor(event);
    alert.key = gate.key(event, message);
    return alert;
  }
}

/** What an alert is made with. */
interface Parts {
  readonly template: AlertTemplate;
  readonly gate: RuleGate | undefined;
  readonly rule: AlertRule;
}

function subjectOf({ pid, start_ns, uncertain = false }: AlertOrigin) {
  return { pid, start_ns, uncertain };
}

function bootTime({ time_ns, boot_epoch_ns }: Event): bigint {
  return time_ns - boot_epoch_ns;
}

/** Whom an event is about; `event_id` still lacks the number of the rule. */
export function originOf(event: Event): AlertOrigin {
  const { task, process } = event;
  const origin = {
    event_id: IDS.of(task.time, task.tid),
    pid: task.pid,
    start_ns: task.start_ns,
    lineage: lineage(process),
    uncertain: process.uncertain,
  };
  return event.is_claimed ? claimedOrigin(origin) : origin;
}

/** The same for an event that was read with the path that the caller wrote. */
export function claimedOrigin(origin: AlertOrigin): AlertOrigin {
  return { ...origin, path: 'claimed' };
}

// The list of the time before where it is the same: alerts come in bursts of one process.
function lineage(process: ProcessView): readonly string[] {
  let at = process.parent;
  let length = 0;
  while (at !== undefined && length < MAX_LINEAGE && at.exepath === lastLineage[length]) {
    at = at.parent;
    length += 1;
  }
  const isWhole = at === undefined || length === MAX_LINEAGE;
  if (isWhole && length === lastLineage.length) return lastLineage;
  const programs = lastLineage.slice(0, length);
  for (; at !== undefined && programs.length < MAX_LINEAGE; at = at.parent)
    programs.push(at.exepath);
  lastLineage = programs;
  return programs;
}

let lastLineage: readonly string[] = [];

/** Makes ids of events: boot, nanoseconds since then and thread, the numbers to the base 36. */
class EventIds {
  // Distinguishes events of this boot from those of another with the same times.
  readonly #boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
  #high = -1;
  #start = '';
  #tid = -1;
  #end = '';

  /** Digits of a large number are dear: those that rarely change are kept. */
  of(time_ns: number | bigint, tid: number): string {
    if (tid !== this.#tid) {
      this.#tid = tid;
      this.#end = `-${tid.toString(36)}`;
    }
    if (typeof time_ns === 'bigint' || time_ns < LOW_PARTS)
      return `${this.#boot}-${time_ns.toString(36)}${this.#end}`;
    const high = Math.floor(time_ns / LOW_PARTS);
    if (high !== this.#high) {
      this.#high = high;
      this.#start = `${this.#boot}-${high.toString(36)}`;
    }
    const low = time_ns - high * LOW_PARTS;
    const pairs = Math.floor(low / PAIR_PARTS);
    return `${this.#start}${PAIRS[pairs]}${PAIRS[low - pairs * PAIR_PARTS]}${this.#end}`;
  }
}

/** Two digits to the base 36. */
const PAIR_PARTS = 36 ** 2;
const PAIRS = Array.from({ length: PAIR_PARTS }, (_, pair) => pair.toString(36).padStart(2, '0'));
/** Four such digits, 1.7 ms of nanoseconds. */
const LOW_PARTS = PAIR_PARTS ** 2;
const IDS = new EventIds();
