// The rules of a running agent: read, checked by the loader, handed to the sensor; again when they
// change or when somebody asks. What is wrong is told, and changes nothing.
import { createHash } from 'node:crypto';
import { SakerError } from '../errors.js';
import type { Logger } from '../log.js';
import type { Failure, PreparedRules, RuleOptions } from '../sensor/protocol.js';
import type { LoadResult, RuleLoader } from './rule-loader-thread.js';
import { RuleWatch } from './rule-watch.js';

/** Where the rules come from. */
export interface RuleOrigin {
  /**
   * Reads the files, and what the configuration says of rules. What else must be said of the
   * configuration goes to `note`.
   *
   * @throws SakerError when one of them cannot be read, or the configuration is wrong
   */
  read(note: (text: string) => void): RuleOptions;
  /** The files and folders that decide what `read` returns. */
  paths(): readonly string[];
}

/** What `AgentRules` works with. */
export interface AgentRulesOptions {
  /** Read already. */
  first: RuleOptions;
  /** `undefined`: the rules never change. */
  origin: RuleOrigin | undefined;
  /** Look for changes. */
  watch: boolean;
  load: RuleLoader;
  /** Hands rules to the sensor. */
  take(rules: PreparedRules): Promise<void>;
  /** The first rules cannot be used. */
  failed(failure: Failure): void;
  /** Later ones cannot; the old ones stay in force. */
  refused?(failure: Failure): void;
  log: Logger;
}

/** The names of event types that stand in rules' texts, before anybody has read what the texts say. */
export function expectedEvents({ sources }: RuleOptions): string[] {
  const names = new Set<string>();
  for (const { text } of sources)
    for (const [, one, several = ''] of text.matchAll(EVENT_TYPES))
      for (const name of [one, ...several.split(',')]) if (name) names.add(name.trim());
  return [...names];
}

const EVENT_TYPES = /\bevt\.type\s*(?:==?\s*(\w+)|in\s*\(([^)]*)\))/g;

/** Keeps the sensor's rules what the files say. */
export class AgentRules {
  readonly #aborted = new AbortController();
  #watch: RuleWatch | undefined;
  /** The hash of what was tried last, whether it was good or not. */
  #tried: string;
  #busy = true;
  #wanted: 'changed' | 'asked' | undefined;

  #inForce: () => void = () => {};
  readonly #firstInForce = new Promise<void>((resolve) => {
    this.#inForce = resolve;
  });

  constructor(private readonly options: AgentRulesOptions) {
    this.#tried = hash(options.first);
    void this.#loadFirst();
  }

  /** Reads the rules again. Unless somebody `asked`, the same rules are not loaded again. */
  reload(why: 'changed' | 'asked'): void {
    if (this.options.origin === undefined || this.#aborted.signal.aborted) return;
    if (this.#busy) {
      // What was read is old already, or will be: once more afterwards.
      if (this.#wanted !== 'asked') this.#wanted = why;
      return;
    }
    void this.#reload(this.options.origin, why);
  }

  /** The first rules are in force: there is time for their plan. */
  inForce(): void {
    this.#inForce();
  }

  /** Ends a load that is under way. May be called twice. */
  close(): void {
    this.#watch?.close();
    this.#aborted.abort();
    this.#inForce();
  }

  /** Says why the rules stay as they are. */
  refused(failure: Failure): void {
    const { log } = this.options;
    for (const line of failure.diagnostics ?? []) log.error(line);
    log.error(`the old rules stay in force: ${failure.message}`);
    this.options.refused?.(failure);
  }

  async #loadFirst(): Promise<void> {
    const { first, origin, watch } = this.options;
    // Who starts the agent waits for it; a plan takes as long as the rules, and processors. Until it is
    // there, all that rules want comes through.
    const result = await this.#load(first, true);
    if (result === undefined) return;
    if ('failure' in result) {
      this.options.failed(result.failure);
      return;
    }
    await this.options.take(result.rules);
    if (watch && origin !== undefined)
      this.#watch = new RuleWatch({
        paths: () => origin.paths(),
        changed: () => this.reload('changed'),
      });
    await this.#takePlan(result);
    this.#idle();
  }

  async #takePlan({
    rules,
    plan: makePlan,
  }: Extract<LoadResult, { rules: PreparedRules }>): Promise<void> {
    if (makePlan === undefined) return;
    await this.#firstInForce;
    const plan = await makePlan();
    if (this.#aborted.signal.aborted) return;
    if (plan !== undefined) await this.options.take({ ...rules, plan, follows: true });
    else this.options.log.warn('the kernel does not filter: no plan could be made of the rules');
  }

  async #reload(origin: RuleOrigin, why: 'changed' | 'asked'): Promise<void> {
    this.#busy = true;
    const options = this.#read(origin);
    if (options !== undefined && this.#isNew(options, why)) {
      const result = await this.#load(options);
      if (result === undefined) return;
      if ('failure' in result) this.refused(result.failure);
      else await this.options.take(result.rules);
    }
    this.#idle();
  }

  #read(origin: RuleOrigin): RuleOptions | undefined {
    try {
      return origin.read((text) => this.options.log.warn(text));
    } catch (error) {
      if (!(error instanceof SakerError)) throw error;
      const [message = '', ...diagnostics] = error.message.split('\n');
      this.refused({ code: error.code, message, exitStatus: 1, diagnostics });
      // The same texts may come back, and then they are in force already.
      return undefined;
    }
  }

  #isNew(options: RuleOptions, why: 'changed' | 'asked'): boolean {
    const now = hash(options);
    const isNew = now !== this.#tried || why === 'asked';
    this.#tried = now;
    return isNew;
  }

  /** `undefined` when the agent ended meanwhile. */
  async #load(options: RuleOptions, planLater = false): Promise<LoadResult | undefined> {
    const { signal } = this.#aborted;
    let result: LoadResult;
    try {
      result = await this.options.load(options, signal, planLater);
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const hint = 'this is a defect of Saker, please report it';
      result = { failure: { code: 'INTERNAL', message, hint, exitStatus: 70 } };
    }
    return signal.aborted ? undefined : result;
  }

  #idle(): void {
    this.#busy = false;
    const why = this.#wanted;
    this.#wanted = undefined;
    if (why !== undefined) this.reload(why);
  }
}

function hash(options: RuleOptions): string {
  return createHash('sha256').update(JSON.stringify(options)).digest('hex');
}
