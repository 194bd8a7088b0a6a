// The sensor's rules at work: an event in, alerts out.

import { ENFORCEMENT_DEFAULTS } from '../config/enforcement.js';
import { findClaim } from '../decode/claim.js';
import type { ContainerView, Event } from '../decode/event.js';
import type { OpenClauses } from '../match/clauses.js';
import type { Alert } from '../output/alert.js';
import { type AlertBatch, AlertBatcher } from '../output/batch.js';
import { suspendedAlert, untoldAlert } from '../output/internal.js';
import { Masker } from '../output/mask.js';
import { RepeatMasker } from '../output/mask-repeats.js';
import { type EnforcementCounts, Enforcer } from '../respond/enforcer.js';
import type { KillLimit } from '../respond/guard.js';
import type { RuleOutput } from './alerts.js';
import {
  type CompiledRules,
  compileRules,
  type Found,
  NO_RULES,
  tellingOf,
  tellingsOf,
} from './compile-rules.js';
import type { SensorKills } from './kernel-kills.js';
import type { LateRules } from './late.js';
import { Mutes } from './mutes.js';
import { alertsOf, type OpenEvent, type Telling } from './open.js';
import {
  type ContainerStats,
  GAUGE_ALERT_BYTES,
  GAUGE_OPEN_EVENTS,
  MAX_ALERT_BYTES,
  MAX_OPEN_EVENTS,
  type PreparedRules,
  type SensorOptions,
} from './protocol.js';
import { admits, Shapers } from './shaping.js';
import type { VerdictTelling } from './verdicts.js';
import { WaitingEvents } from './waiting.js';

/** Waiting events: some ten containers that begin with a hundred alerts each. */
const MAX_WAITING = 4096;
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** Tells whether what runtimes know of a container is under way. */
export interface Questions {
  readonly size: number;
  readonly refused: number;
  isOpen(container: ContainerView): boolean;
}

/** The stages from match to alert text, with rules that can be exchanged as a whole. */
export class RuleStage {
  #rules: CompiledRules = NO_RULES;
  /** Alerts by rule. */
  readonly #counts = new Map<string, number>();
  /** Rules of which nobody wants to hear now; loads of other rules do not change that. */
  readonly mutes = new Mutes();
  readonly #shapers = new Shapers();
  readonly #enforcer = new Enforcer((rule, { kills_per_minute, suspend_ms }) =>
    this.#batcher.add(suspendedAlert(rule, kills_per_minute, suspend_ms / 1000)),
  );
  readonly #masker: RepeatMasker;
  readonly #batcher: AlertBatcher;
  readonly #waiting: WaitingEvents;
  readonly #mayWait: boolean;
  readonly #gauges: Int32Array;
  /** Events whose alerts the main thread was too slow to decide about. */
  undecided = 0;

  constructor(
    options: Pick<SensorOptions, 'gauges' | 'alerts' | 'lanes' | 'containerWaitMs'>,
    private readonly questions: Questions,
    post: (batch: AlertBatch) => void,
    private readonly ask: (open: OpenEvent, load: number) => void,
  ) {
    this.#gauges = new Int32Array(options.gauges);
    this.#masker = new RepeatMasker(
      new Masker(options.alerts.mask ?? { enabled: false, patterns: [] }),
    );
    this.#mayWait = options.containerWaitMs > 0;
    this.#waiting = new WaitingEvents({
      wait_ms: options.containerWaitMs,
      max_events: MAX_WAITING,
      max_bytes: MAX_WAITING_BYTES,
    });
    this.#batcher = new AlertBatcher(
      options.lanes,
      options.alerts,
      this.#gauges,
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
    this.#rules = rules;
    this.#shapers.use(rules.matcher.rules.map(({ rule }) => rule));
  }

  /** Whether a rule reads what container runtimes know. */
  get readsMetadata(): boolean {
    return this.#rules.late !== undefined;
  }

  /**
   * Judges one event; alerts are handed over by `flush`, or earlier when there are many.
   *
   * @param open the clauses of these rules that the kernel left open; all without it
   */
  take(event: Event, open?: OpenClauses): void {
    const { matcher } = this.#rules;
    const found = open === undefined ? matcher.match(event) : matcher.matchOpen(event, open);
    if (findClaim(event) === undefined) {
      this.#judge(event, found);
      return;
    }
    this.#judge(event, [...found], matcher.match(event.read(true)));
    event.read(false);
  }

  /** The same for an event for which the kernel has killed, or would have: it is told by its rules in any case. */
  takeKilled(event: Event, open: OpenClauses | undefined, kills: SensorKills): void {
    const { pid, start_ns, time_ns } = event.task;
    const subject = { pid, start_ns, time_ns, uncertain: event.process.uncertain };
    const rest = this.#enforcer.acted(subject, kills);
    this.take(event, open);
    for (const [rule, action] of rest()) {
      const output = kills.get(rule)?.output;
      if (output !== undefined) this.#add(output.alert(event, undefined, action));
    }
  }

  /** Of rules that kill. */
  get limit(): KillLimit {
    return this.#enforcer.limit;
  }

  /** Tells what was denied, by the rule's own output. */
  tellVerdict(event: Event, { output, action }: VerdictTelling): void {
    this.#add(output.alert(event, undefined, action));
  }

  // `byClaim`: what the event satisfies in its other reading, where it has one.
  #judge(event: Event, found: Found, byClaim?: Found): void {
    const { outputs, tellers, firstOnly, late } = this.#rules;
    const { container } = event.process;
    if (late !== undefined && container !== undefined && this.#isHeld(container)) {
      this.#hold(event, container, late(), found, byClaim);
      return;
    }
    if (tellers !== undefined || byClaim !== undefined) {
      this.#tellOpen(event, tellingsOf(this.#rules, found, byClaim));
      return;
    }
    const count = firstOnly ? Math.min(found.length, 1) : found.length;
    for (let i = 0; i < count; i++) this.#tell(outputs[found[i]?.index ?? -1], event);
  }

  /** What runtimes know of a container has come, or will not: its events are judged. */
  answered(full_id: string): void {
    this.#waiting.answered(full_id);
  }

  /** Judges events that have waited long enough. */
  expire(): void {
    if (this.#waiting.size > 0) this.#waiting.expire();
    if (this.#rules.shaped) this.tellUntold(Date.now());
  }

  /** Tells what limits kept back and no alert has told by then. */
  tellUntold(now_ms: number): void {
    for (const untold of this.#shapers.sweep(now_ms)) this.#batcher.add(untoldAlert(untold));
  }

  /** Alerts that limits kept back since the start, by rule. */
  suppressedCounts(): Record<string, number> {
    return this.#shapers.counts();
  }

  /** Judges all events that wait. */
  drain(): void {
    this.#waiting.drain();
  }

  /** Time until `expire` or `flushDue` has something to do, at most `limit_ms`. */
  pause_ms(limit_ms: number): number {
    return this.#batcher.pause_ms(this.#waiting.pause_ms(limit_ms));
  }

  /** Hands over what `take` collected. */
  flush(): void {
    this.#batcher.flush();
  }

  /** The same, unless that was done just now: to be called after each round. */
  flushDue(): void {
    this.#batcher.flushDue();
  }

  /** Alerts by rule since the start, only of rules that fired. */
  alertCounts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  containerStats(): ContainerStats {
    const { size, refused } = this.questions;
    return { open: size, refused, waiting: this.#waiting.size, ...this.#waiting.counts };
  }

  /**
   * Compiles rules, with their actions; those in use are not touched, but by the configuration of
   * actions.
   */
  compile(prepared: PreparedRules, load: number): CompiledRules {
    this.#enforcer.use(prepared.enforcement ?? ENFORCEMENT_DEFAULTS);
    return compileRules(prepared, load, (rule) => this.#enforcer.actOf(rule));
  }

  /** Actions since the start. */
  enforcement(): EnforcementCounts {
    return this.#enforcer.counts;
  }

  /** Alerts that the main thread was too slow for. */
  get dropped(): number {
    return this.#batcher.dropped;
  }

  // Who comes behind an event that waits, waits too: alerts of a container stay in order.
  #isHeld(container: ContainerView): boolean {
    if (!this.#mayWait) return false;
    return this.questions.isOpen(container) || this.#waiting.has(container.full_id);
  }

  #hold(
    event: Event,
    container: ContainerView,
    late: LateRules,
    found: Found,
    byClaim?: Found,
  ): void {
    const candidates = late.candidates(event, found, byClaim);
    if (candidates.length === 0) return;
    const { load } = this.#rules;
    if (!late.mustWait(candidates) && !this.#waiting.has(container.full_id)) {
      this.#tellOpen(
        event,
        candidates.map((one) => tellingOf(this.#rules, one.index, one.claimed)),
      );
      return;
    }
    const frozen = late.freeze(event, container, candidates);
    const settle = () => {
      const ask = (open: OpenEvent) => this.#ask(open, load);
      for (const alert of late.judge(frozen, candidates, ask)) this.#add(alert);
    };
    this.#waiting.add({ event: frozen, settle });
  }

  #tellOpen(event: Event, tellings: readonly Telling[]): void {
    if (tellings.length === 0) return;
    const { firstOnly, load } = this.#rules;
    const ask = (open: OpenEvent) => this.#ask(open, load);
    for (const alert of alertsOf(tellings, event, firstOnly, ask)) this.#add(alert);
  }

  #ask(open: OpenEvent, load: number): void {
    if (Atomics.load(this.#gauges, GAUGE_OPEN_EVENTS) >= MAX_OPEN_EVENTS) {
      this.undecided += 1;
      return;
    }
    Atomics.add(this.#gauges, GAUGE_OPEN_EVENTS, 1);
    this.ask(open, load);
  }

  #tell(output: RuleOutput | undefined, event: Event): void {
    if (output !== undefined) this.#add(output.alert(event));
  }

  #add(alert: Alert): void {
    const { name } = alert.rule;
    if (this.mutes.takes(name)) return;
    if (this.#rules.shaped && !admits(this.#shapers, alert)) return;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#batcher.add(this.#masker.alert(alert));
  }
}
