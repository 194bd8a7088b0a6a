// The sensor's rules: loaded, checked, compiled; an event in, alerts out.
import { readFileSync } from 'node:fs';
import type { Event, ProcessView } from './decode/event.js';
import { fieldReader } from './enrich/fields.js';
import { type CompiledRule, Matcher } from './match/matcher.js';
import type { Alert, AlertOrigin, AlertRule, AlertValue } from './output/alert.js';
import { AlertBatcher, type AlertText } from './output/batch.js';
import { AlertTemplate } from './output/template.js';
import type { FieldRef } from './rules/ast.js';
import { typeNumber } from './rules/events.js';
import type { Rule } from './rules/rule.js';
import {
  GAUGE_ALERT_BYTES,
  MAX_ALERT_BYTES,
  type PreparedRules,
  type SensorOptions,
} from './sensor-protocol.js';

/** Programs in `saker.lineage`: enough to read a story, bounded for chains of a fork bomb. */
const MAX_LINEAGE = 16;

/** Rules ready to judge events. */
export interface CompiledRules {
  readonly matcher: Matcher;
  /** By the index of the rule. */
  readonly outputs: readonly RuleOutput[];
  /** Event types that the rules must see. */
  readonly types: ReadonlySet<number>;
}

/** Compiles rules; those in use are not touched. */
export function compileRules({ rules, matching, staticFields }: PreparedRules): CompiledRules {
  const matcher = new Matcher(rules, resolveField, { rule_matching: matching });
  const outputs = rules.map((rule) => new RuleOutput(rule, staticFields));
  const types = new Set([...matcher.wantedTypes(), ...stateTypes(rules)]);
  return { matcher, outputs, types };
}

/** The stages from match to alert text, with rules that can be exchanged as a whole. */
export class RuleStage {
  #rules: CompiledRules = { matcher: new Matcher([], resolveField), outputs: [], types: new Set() };
  /** Matches of rules that were replaced, by name. */
  readonly #earlier = new Map<string, number>();
  readonly #batcher: AlertBatcher;

  constructor(options: SensorOptions, post: (batch: AlertText) => void) {
    this.#batcher = new AlertBatcher(
      options.formats,
      options.alerts,
      new Int32Array(options.gauges),
      GAUGE_ALERT_BYTES,
      MAX_ALERT_BYTES,
      post,
    );
  }

  /** Event types that the rules must see. */
  get types(): ReadonlySet<number> {
    return this.#rules.types;
  }

  /** Puts rules in the place of the present ones: the next event is judged by them alone. */
  use(rules: CompiledRules): void {
    this.#keepCounts();
    this.#rules = rules;
  }

  /** Judges one event; alerts are handed over by `flush`, or earlier when there are many. */
  take(event: Event): void {
    const found = this.#rules.matcher.match(event);
    for (let i = 0; i < found.length; i++) this.#tell(found[i], event);
  }

  /** Hands over what `take` collected. */
  flush(): void {
    this.#batcher.flush();
  }

  /** Alerts by rule since the start, only of rules that fired. */
  alertCounts(): Record<string, number> {
    const counts = new Map(this.#earlier);
    for (const { rule, matches } of this.#rules.matcher.rules) {
      if (matches > 0) counts.set(rule.name, (counts.get(rule.name) ?? 0) + matches);
    }
    return Object.fromEntries(counts);
  }

  /** Alerts that the main thread was too slow for. */
  get dropped(): number {
    return this.#batcher.dropped;
  }

  #tell(found: CompiledRule | undefined, event: Event): void {
    const output = found && this.#rules.outputs[found.index];
    if (output !== undefined) this.#batcher.add(output.alert(event));
  }

  #keepCounts(): void {
    for (const { rule, matches } of this.#rules.matcher.rules) {
      if (matches > 0) this.#earlier.set(rule.name, (this.#earlier.get(rule.name) ?? 0) + matches);
    }
  }
}

/** Makes the alerts of one rule. */
class RuleOutput {
  readonly #template: AlertTemplate;
  readonly #rule: AlertRule;
  readonly #index: string;
  static #count = 0;

  constructor(rule: Rule, staticFields: Readonly<Record<string, string>>) {
    this.#template = new AlertTemplate(rule, staticFields, resolveField);
    this.#rule = {
      name: rule.name,
      priority: rule.priority,
      source: rule.source,
      tags: rule.tags,
      fieldNames: this.#template.fieldNames,
    };
    this.#index = (RuleOutput.#count++).toString(36);
  }

  alert(event: Event): Alert {
    const message = this.#template.message(event);
    const values: readonly AlertValue[] = this.#template.values(event);
    const saker = this.#origin(event);
    return { rule: this.#rule, time_ns: event.time_ns, message, values, saker };
  }

  #origin(event: Event): AlertOrigin {
    const { task, process } = event;
    const when = task.time_ns.toString(36);
    return {
      event_id: `${BOOT}-${when}-${task.tid.toString(36)}-${this.#index}`,
      pid: task.pid,
      start_ns: task.start_ns,
      lineage: lineage(process),
    };
  }
}

// The working directory is state: calls that change it are wanted where somebody reads it, although no
// rule is about them.
function stateTypes(rules: readonly Rule[]): number[] {
  const reads = (rule: Rule) => `${rule.conditionText} ${rule.output}`.includes('proc.cwd');
  if (!rules.some(reads)) return [];
  return CWD_CALLS.map(typeNumber).filter((type) => type !== undefined);
}

const CWD_CALLS = ['chdir', 'fchdir', 'chroot'];

/** The reader of a field of a rule. */
export function resolveField(field: FieldRef): ReturnType<typeof fieldReader> {
  return fieldReader(field.name, field.argument);
}

function lineage(process: ProcessView): string[] {
  const programs: string[] = [];
  let at = process.parent;
  while (at !== undefined && programs.length < MAX_LINEAGE) {
    programs.push(at.exepath);
    at = at.parent;
  }
  return programs;
}

// Distinguishes events of this boot from those of another with the same times.
const BOOT = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
