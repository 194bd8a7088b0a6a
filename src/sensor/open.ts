// Rules that ask for what has to be found out: the sensor sees that they may hold, keeps what they
// read of the event, and leaves the rest to the main thread.
import type { Event, Reader, Value } from '../decode/event.js';
import type { Resolve } from '../match/transform.js';
import type { Alert, AlertOrigin } from '../output/alert.js';
import { type Check, eachCheck, eachField, type FieldRef, type Operand } from '../rules/ast.js';
import { asksFacts, isFactField, outputOperands } from '../rules/facts.js';
import type { Rule } from '../rules/rule.js';
import { sameOperands } from '../rules/shape.js';
import { originOf, type RuleOutput } from './alerts.js';
import { FrozenEvent } from './frozen.js';

/** What a rule read of an event, by `fieldKey`. */
export type KeptValues = ReadonlyMap<string, Value>;

/** One rule that may hold. */
export interface OpenAlert {
  /** Of the rule in its load. */
  index: number;
  values: KeptValues;
  /** The path that the caller wrote is in them, not the object's. */
  claimed: boolean;
}

/** An event of which the alerts depend on what is found out. */
export interface OpenEvent {
  time_ns: bigint;
  origin: AlertOrigin;
  /** The first that holds is told, the others are not; one of them may be known to hold. */
  alternatives: readonly OpenAlert[];
}

/** A rule on its way to an alert. */
export interface Teller {
  readonly index: number;
  readonly output: RuleOutput;
  /** Its condition or its output asks for what has to be found out. */
  readonly asks: boolean;
  /** There when it asks, or when it may be told in the place of one that does. */
  readonly keeper: Keeper | undefined;
}

/** A rule that an event satisfies in one of its readings, see `Event.read`. */
export interface Telling {
  readonly teller: Teller;
  readonly claimed: boolean;
}

/**
 * Makes the teller of a rule.
 *
 * @param standsIn it may be told in the place of a rule that asks
 */
export function tellerOf(
  rule: Rule,
  index: number,
  output: RuleOutput,
  resolve: Resolve,
  standsIn: boolean,
): Teller {
  const asks = asksFacts(rule);
  return { index, output, asks, keeper: asks || standsIn ? new Keeper(rule, resolve) : undefined };
}

/**
 * Makes the alerts of the rules that an event satisfies, as far as they are certain.
 *
 * @param tellings in order of evaluation, all that hold or may hold; a rule is told once, by its first
 *   reading that holds
 * @param firstOnly only the first that holds is wanted
 * @param ask takes what the main thread has to decide
 */
export function alertsOf(
  tellings: readonly Telling[],
  event: Event,
  firstOnly: boolean,
  ask: (open: OpenEvent) => void,
): Alert[] {
  const alerts: Alert[] = [];
  const alternatives: OpenAlert[] = [];
  for (const [at, { teller, claimed }] of tellings.entries()) {
    const { index, output, asks, keeper } = teller;
    // Whoever hashes files opens them: its own events would go round in circles.
    if (asks && isOwn(event)) continue;
    if (!asks && tellings[at - 1]?.teller.index === index) continue;
    const reading = event.read(claimed);
    if (keeper !== undefined && (asks || alternatives.length > 0))
      alternatives.push({ index, values: keeper.keep(reading), claimed });
    else alerts.push(output.alert(reading));
    if (firstOnly && !asks) break;
    if (!firstOnly && tellings[at + 1]?.teller.index !== index && alternatives.length > 0) {
      ask(openEvent(event, alternatives.splice(0)));
    }
  }
  if (alternatives.length > 0) ask(openEvent(event, alternatives));
  return alerts;
}

/** The name under which the value of a field is kept. */
export function fieldKey({ name, argument }: Pick<FieldRef, 'name' | 'argument'>): string {
  return argument === undefined ? name : `${name}[${argument}]`;
}

/** The fields of which the value names a file, and what tells whether it is still that file. */
export const FILE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  exepath: ['proc.exepath', 'proc.exe_ino', 'proc.exe_ino.mtime', 'proc.exe_ino.ctime'],
  'fd.name': ['fd.name', 'fd.ino'],
};

/** Reads of an event what a rule's condition and output read. */
export class Keeper {
  readonly #readers = new Map<string, Reader>();

  constructor(rule: Rule, resolve: Resolve) {
    const keep = (field: FieldRef): void => {
      if (isFactField(field.name)) {
        for (const name of FILE_FIELDS[field.argument ?? ''] ?? []) {
          keep({ kind: 'field', name, at: field.at });
        }
        return;
      }
      const read = resolve(field);
      if (read !== undefined) this.#readers.set(fieldKey(field), read);
    };
    eachCheck(rule.condition, (check) => {
      for (const operand of operandsOf(check)) eachField(operand, keep);
    });
    for (const operand of [...outputOperands(rule), ...sameOperands(rule.dedup?.same ?? [])])
      eachField(operand, keep);
    for (const { condition } of rule.filters ?? [])
      eachCheck(condition, (check) => {
        for (const operand of operandsOf(check)) eachField(operand, keep);
      });
  }

  keep(event: Event): KeptValues {
    const values = new Map<string, Value>();
    for (const [key, read] of this.#readers) {
      const value = read(event);
      if (value !== undefined) values.set(key, value);
    }
    return values;
  }
}

function operandsOf({ left, right }: Check): Operand[] {
  return right?.kind === 'transformer' ? [left, right] : [left];
}

function openEvent(event: Event, alternatives: readonly OpenAlert[]): OpenEvent {
  const origin = event instanceof FrozenEvent ? event.origin : originOf(event.read(false));
  return { time_ns: event.time_ns, origin, alternatives };
}

function isOwn(event: Event): boolean {
  const pid = event instanceof FrozenEvent ? event.origin.pid : event.task.pid;
  return pid === process.pid;
}
