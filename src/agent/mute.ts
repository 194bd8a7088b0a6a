// The mutes of a running agent: asked for on the control socket, kept by the sensor and by whoever
// completes alerts here, told as alerts when they begin and end.
import { SakerError } from '../errors.js';
import { didYouMean } from '../rules/nearest.js';
import { Mutes } from '../sensor/mutes.js';
import type { KeptMute } from './mute-file.js';

/** A rule that is muted. */
export interface Mute {
  rule: string;
  /** Until it is heard again. */
  left_s: number;
  /** Alerts kept back since the start of the agent, in earlier mutes too. */
  muted: number;
}

/** What `AgentMutes` works with. */
export interface AgentMutesOptions {
  /** Hands it to the sensor; 0: ends it. */
  post(rule: string, until_ms: number): void;
  /** Alerts kept back by rule, since the start. */
  counts(): Promise<Readonly<Record<string, number>>>;
  began(rule: string, for_ms: number): void;
  /** @param kept_back alerts of this mute */
  ended(rule: string, kept_back: number): void;
  /** Keeps them over a restart; what it throws is told by itself. */
  keep(mutes: readonly KeptMute[]): void;
}

/** The longest a rule may be muted: a week; longer is a matter of the configuration. */
export const LONGEST_MUTE_MS = 7 * 86_400_000;

/** Keeps the mutes until their time is over. */
export class AgentMutes {
  /** For alerts that are completed in this thread. */
  readonly here = new Mutes();
  readonly #known = new Set<string>();
  readonly #mutes = new Map<string, { until_ms: number; before: number; timer: NodeJS.Timeout }>();

  constructor(private readonly options: AgentMutesOptions) {}

  /** The rules that there are now; those that are muted stay so. */
  know(rules: Iterable<string>): void {
    this.#known.clear();
    for (const rule of rules) this.#known.add(rule);
  }

  /**
   * Mutes a rule, or changes how long; 0 ends it.
   *
   * @throws SakerError USAGE when there is no such rule, or the time is too long
   */
  async set(rule: string, for_ms: number): Promise<void> {
    if (!this.#known.has(rule) && !this.#mutes.has(rule))
      throw new SakerError('USAGE', `there is no rule ${JSON.stringify(rule)}`, {
        hint: didYouMean(rule, this.#known).slice(2) || 'saker stats lists the rules that fired',
      });
    if (!(for_ms >= 0 && for_ms <= LONGEST_MUTE_MS))
      throw new SakerError('USAGE', 'a rule is muted for at most a week', {
        hint: 'switch it off in the configuration: rules: [{disable: {rule: NAME}}]',
      });
    if (for_ms === 0) {
      await this.#end(rule);
      return;
    }
    const before = this.#mutes.get(rule)?.before ?? (await this.options.counts())[rule] ?? 0;
    this.#begin(rule, Date.now() + for_ms, before);
    this.#keep();
  }

  /** Goes on with those of an earlier run, and tells it; the rules may not be known yet. */
  restore(mutes: readonly KeptMute[]): void {
    for (const { rule, until_ms } of mutes) this.#begin(rule, until_ms, 0);
  }

  /** What `saker mute` asks: sets one, if a rule is named, and lists what is muted then. */
  async ask(rule: string | undefined, for_ms: number): Promise<Mute[]> {
    if (rule !== undefined) await this.set(rule, for_ms);
    return await this.list();
  }

  async list(): Promise<Mute[]> {
    const counts = await this.options.counts();
    return [...this.#mutes].map(([rule, { until_ms }]) => ({
      rule,
      left_s: Math.max(0, Math.round((until_ms - Date.now()) / 1000)),
      muted: counts[rule] ?? 0,
    }));
  }

  /** May be called twice. */
  close(): void {
    for (const { timer } of this.#mutes.values()) clearTimeout(timer);
    this.#mutes.clear();
  }

  #begin(rule: string, until_ms: number, before: number): void {
    clearTimeout(this.#mutes.get(rule)?.timer);
    const for_ms = until_ms - Date.now();
    const timer = setTimeout(() => void this.#end(rule), for_ms).unref();
    this.#mutes.set(rule, { until_ms, before, timer });
    this.#tell(rule, until_ms);
    this.options.began(rule, for_ms);
  }

  #keep(): void {
    this.options.keep([...this.#mutes].map(([rule, { until_ms }]) => ({ rule, until_ms })));
  }

  async #end(rule: string): Promise<void> {
    const mute = this.#mutes.get(rule);
    if (mute === undefined) return;
    clearTimeout(mute.timer);
    this.#mutes.delete(rule);
    this.#keep();
    this.#tell(rule, 0);
    const { [rule]: count = 0 } = await this.options.counts();
    this.options.ended(rule, count - mute.before);
  }

  #tell(rule: string, until_ms: number): void {
    this.here.set(rule, until_ms);
    this.options.post(rule, until_ms);
  }
}
