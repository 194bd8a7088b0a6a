// Completes alerts that depend on what has to be found out: the sensor hands over what it kept of an
// event, json-rules-engine decides, the alert goes to the outputs.

import { ENFORCEMENT_DEFAULTS, type EnforcementConfig, modeOf } from '../config/enforcement.js';
import { Event, type Value } from '../decode/event.js';
import type { Logger } from '../log.js';
import type { AsyncFact, RuleEngine } from '../match/engine.js';
import type { Resolve } from '../match/transform.js';
import type { Alert } from '../output/alert.js';
import { untoldAlert } from '../output/internal.js';
import type { Act } from '../respond/enforcer.js';
import { eachCheck, eachField, type FieldRef } from '../rules/ast.js';
import {
  asksFacts,
  hasOpenCheck,
  isFactField,
  lookupPaths,
  outputOperands,
} from '../rules/facts.js';
import type { Rule } from '../rules/rule.js';
import { operandType } from '../rules/transformers.js';
import { claimedOrigin, RuleOutput } from '../sensor/alerts.js';
import { FILE_FIELDS, fieldKey, type KeptValues, type OpenEvent } from '../sensor/open.js';
import type { PreparedRules } from '../sensor/protocol.js';
import { admits, Shapers } from '../sensor/shaping.js';
import { AgentHashes, type HashQuestion } from './hashes.js';
import { AgentLists } from './lists.js';

/** What `AgentFacts` works with. */
export interface AgentFactsOptions {
  /** Takes an alert that is complete. */
  tell(alert: Alert): void;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  hashes?: AgentHashes;
}

/** Rules in use, those before them, and some that the kernel has not accepted yet. */
const MAX_LOADS = 4;

/** Decides about events that the sensor cannot decide about. */
export class AgentFacts {
  readonly #hashes: AgentHashes;
  readonly #lists: AgentLists;
  readonly #loads = new Map<number, readonly Judge[]>();
  readonly #counts = new Map<string, number>();
  readonly #deciding = new Set<Promise<void>>();
  readonly #shapers = new Shapers();

  constructor(private readonly options: AgentFactsOptions) {
    this.#hashes = options.hashes ?? new AgentHashes(options.log);
    this.#lists = new AgentLists(options.log);
  }

  /** Takes the rules of which events may come, under the number that they will name. */
  use({ rules, staticFields, enforcement }: PreparedRules, load: number): void {
    const config = enforcement ?? ENFORCEMENT_DEFAULTS;
    const judge = (rule: Rule, index: number) =>
      new Judge(rule, index, staticFields, this.#hashes, this.#lists, tooLate(config, rule));
    // Where one rule asks, each may be told in its place.
    this.#shapers.use(rules);
    this.#loads.set(load, rules.some(asksFacts) ? rules.map(judge) : []);
    const [oldest] = this.#loads.keys();
    if (this.#loads.size > MAX_LOADS && oldest !== undefined) this.#loads.delete(oldest);
    const paths = [...this.#loads.values()].flat().flatMap((judge) => judge.paths);
    this.#lists.keep(new Set(paths));
    void this.#lists.refresh([...new Set(paths)]);
  }

  /** The kernel did not take those rules: the ones before stay. */
  refused(load: number): void {
    this.#loads.delete(load);
  }

  /** Decides about an event; resolves when that is done, never rejects. */
  async take(open: OpenEvent, load: number): Promise<void> {
    const deciding = this.#decide(open, load).catch((error: unknown) => {
      this.options.log.error({ err: error }, 'an event could not be judged');
    });
    this.#deciding.add(deciding);
    await deciding;
    this.#deciding.delete(deciding);
  }

  /** Alerts by rule since the start. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  /** Alerts that limits kept back since the start, by rule. */
  suppressed(): Record<string, number> {
    return this.#shapers.counts();
  }

  /** What could not be found out, by reason. */
  faults(): Record<string, number> {
    return { hashes_refused: this.#hashes.refused };
  }

  /** Threads that the end of the process would wait for. */
  get hung(): number {
    return this.#hashes.hung;
  }

  /** Waits until all events are decided about, for at most so long; later ones may be lost. */
  async close(limitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([Promise.all(this.#deciding), late]);
    clearTimeout(timer);
    for (const untold of this.#shapers.sweep(Number.POSITIVE_INFINITY))
      this.options.tell(untoldAlert(untold));
    this.#hashes.close();
  }

  async #decide(open: OpenEvent, load: number): Promise<void> {
    const judges = this.#loads.get(load);
    for (const { index, values, claimed } of open.alternatives) {
      const judge = judges?.[index];
      const origin = claimed ? claimedOrigin(open.origin) : open.origin;
      const alert = await judge?.alert({ ...open, origin }, values);
      if (alert === undefined) continue;
      if (!admits(this.#shapers, alert)) return;
      const { name } = alert.rule;
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
      this.options.tell(alert);
      return;
    }
  }
}

/** One rule's decision, and its alert. */
class Judge {
  /** Files of indicators that the condition names. */
  readonly paths: readonly string[];
  readonly #files: readonly string[];
  readonly #output: () => RuleOutput;
  readonly #engine: () => Promise<RuleEngine>;
  readonly #isOpen: boolean;

  constructor(
    rule: Rule,
    index: number,
    staticFields: Readonly<Record<string, string>>,
    private readonly hashes: AgentHashes,
    private readonly lists: AgentLists,
    late: Act | undefined,
  ) {
    this.paths = lookupPaths(rule.condition);
    const facts = factsOf(rule);
    this.#files = facts.map(({ argument = '' }) => argument);
    this.#isOpen = hasOpenCheck(rule.condition);
    // Most rules never ask, and most agents have none that does: the engine is loaded when one does.
    this.#output = once(() => new RuleOutput(rule, index, staticFields, resolveKept, late));
    this.#engine = once(async () => {
      const { RuleEngine } = await import('../match/engine.js');
      const lookup = (path: string) => this.lists.of(path);
      return new RuleEngine([rule], resolveKept, { asyncFacts: asyncFacts(facts), lookup });
    });
  }

  /** `undefined`: the rule does not hold. */
  async alert(open: OpenEvent, values: KeptValues): Promise<Alert | undefined> {
    const event = new KeptEvent(open, values);
    for (const file of this.#files) {
      event.asked.set(`file.sha256[${file}]`, this.hashes.find(questionOf(file, open, values)));
    }
    // All that takes time first: the engine takes one event after the other.
    await this.lists.refresh(this.paths);
    for (const [key, asked] of event.asked) event.found.set(key, await asked);
    if (this.#isOpen) {
      const engine = await this.#engine();
      if ((await engine.evaluate(event)).length === 0) return undefined;
    }
    return this.#output().alert(event, open.origin);
  }
}

// With `rule_matching: first` a rule may be told in the place of one that had to be found out about.
// By then it is too late to act, and that is said.
function tooLate(config: EnforcementConfig, { name, action }: Rule): Act | undefined {
  const mode = modeOf(config, name);
  if (action !== 'kill' || mode === 'off') return undefined;
  const why = 'too late: a rule before it, which waits for a hash or a list, might have held';
  return () => ({ wanted: 'kill', done: false, by: 'user space', mode, why });
}

/** An event of which only what a rule reads is left. */
class KeptEvent extends Event {
  /** What has to be found out, by `fieldKey`: under way, and what came of it. */
  readonly asked = new Map<string, Promise<Value>>();
  readonly found = new Map<string, Value>();
  readonly #time_ns: bigint;

  constructor(
    open: OpenEvent,
    readonly values: KeptValues,
  ) {
    super();
    this.#time_ns = open.time_ns;
  }

  override get time_ns(): bigint {
    return this.#time_ns;
  }
}

const resolveKept: Resolve = (field) => {
  const key = fieldKey(field);
  const isFact = isFactField(field.name);
  return (event) => {
    if (!(event instanceof KeptEvent)) return undefined;
    return isFact ? event.found.get(key) : event.values.get(key);
  };
};

function asyncFacts(facts: readonly FieldRef[]): Map<string, AsyncFact> {
  const found = new Map<string, AsyncFact>();
  for (const field of facts) {
    const key = fieldKey(field);
    const typed = operandType(field);
    if ('error' in typed) continue;
    const find = async (_: readonly Value[], event: Event) =>
      event instanceof KeptEvent ? event.asked.get(key) : undefined;
    found.set(key, { needs: [], typed, find });
  }
  return found;
}

// The fields of a rule that have to be found out, each once.
function factsOf(rule: Rule): FieldRef[] {
  const facts = new Map<string, FieldRef>();
  const note = (field: FieldRef): void => {
    if (isFactField(field.name)) facts.set(fieldKey(field), field);
  };
  eachCheck(rule.condition, ({ left, right }) => {
    eachField(left, note);
    if (right?.kind === 'transformer') eachField(right, note);
  });
  for (const operand of outputOperands(rule)) eachField(operand, note);
  return [...facts.values()];
}

function questionOf(file: string, { origin }: OpenEvent, values: KeptValues): HashQuestion {
  const [path, inode, mtime_ns, ctime_ns] = (FILE_FIELDS[file] ?? []).map((key) => values.get(key));
  return {
    path: typeof path === 'string' ? path : '',
    pid: origin.pid,
    isProgram: file === 'exepath',
    inode: integer(inode),
    mtime_ns: integer(mtime_ns),
    ctime_ns: integer(ctime_ns),
  };
}

function integer(value: Value): bigint | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : undefined;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
