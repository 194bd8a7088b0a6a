// What rules with an action come to: who may act, what was done, and how that was counted.
import { bootNs } from '../bpf/libc.js';
import { ENFORCEMENT_DEFAULTS, type EnforcementConfig, modeOf } from '../config/enforcement.js';
import type { ActionTaken } from '../output/alert.js';
import type { Rule } from '../rules/rule.js';
import { Guard, KillLimit, seesHostPids } from './guard.js';
import { ENDED, killProcess, type Refusal, type Target } from './kill.js';

/** Whom a rule is about, and when it happened. */
export interface Subject extends Target {
  /** Boot time of the event. */
  time_ns: bigint;
  /** What is known of the process may be wrong. */
  uncertain: boolean;
}

/** What the kernel has done about an event, by the name of the rule. */
export type KernelKills = ReadonlyMap<string, KernelKill>;

export interface KernelKill {
  readonly action: ActionTaken;
  /** With this event the rule was suspended. */
  readonly trips: boolean;
}

/** Does what one rule asks for; says what came of it. */
export type Act = (subject: Subject) => ActionTaken;

/** Actions since the start. */
export interface EnforcementCounts {
  /** Signals sent. */
  killed: number;
  /** Would have been sent, but for the mode. */
  audited: number;
  /** Not sent: the process had ended. */
  ended: number;
  /** Not sent: protected, uncertain, another process, refused by the kernel. */
  refused: number;
  /** Not sent: the rule acts too often. */
  suspended: number;
}

/** The actions of all rules; the limits stay when rules and configuration are exchanged. */
export class Enforcer {
  readonly counts: EnforcementCounts = {
    killed: 0,
    audited: 0,
    ended: 0,
    refused: 0,
    suspended: 0,
  };
  /** Rules that the kernel kills by as well spend of the same. */
  readonly limit = new KillLimit();
  readonly #hostPids = seesHostPids();
  #config = ENFORCEMENT_DEFAULTS;
  #guard = new Guard([]);
  /** The process that was killed last, and for which event. */
  #last: (Subject & { action: ActionTaken }) | undefined;
  /** What the kernel did about the event that is judged, and which rules were asked about it. */
  #kernel: { subject: Subject; kills: KernelKills; asked: Set<string> } | undefined;

  /**
   * @param suspended is told when a rule acts too often
   * @param now_ms for tests
   */
  constructor(
    private readonly suspended: (rule: string, limit: EnforcementConfig) => void,
    private readonly now_ms: () => number = () => Number(bootNs()) / 1e6,
  ) {}

  /** Takes another configuration. */
  use(config: EnforcementConfig): void {
    this.#config = config;
    this.#guard = new Guard(config.protected);
  }

  /** What a rule does when it matches; `undefined`: nothing besides telling. */
  actOf({ name, action }: Pick<Rule, 'name' | 'action'>): Act | undefined {
    if (action !== 'kill') return undefined;
    const mode = modeOf(this.#config, name);
    if (mode === 'off') return undefined;
    return (subject) => this.#kill(name, mode, subject);
  }

  /**
   * Takes what the kernel did about an event, before rules judge it: nothing is done twice.
   *
   * @returns to be called when they have: the kills of rules that were not asked since
   */
  acted(subject: Subject, kills: KernelKills): () => [rule: string, action: ActionTaken][] {
    const asked = new Set<string>();
    this.#kernel = { subject, kills, asked };
    let done: ActionTaken | undefined;
    for (const [rule, { action, trips }] of kills) {
      if (trips) this.suspended(rule, this.#config);
      if (action.done) done = action;
      else this.counts.suspended += 1;
    }
    if (done !== undefined) {
      this.counts.killed += 1;
      this.#last = { ...subject, action: done };
    }
    return () => {
      this.#kernel = undefined;
      return [...kills].flatMap(([rule, { action }]) =>
        asked.has(rule) || !action.done ? [] : [[rule, action]],
      );
    };
  }

  #kill(rule: string, mode: 'audit' | 'on', subject: Subject): ActionTaken {
    const kernel = this.#kernel;
    const told = kernel?.kills.get(rule);
    if (kernel !== undefined && told !== undefined && sameEvent(kernel.subject, subject)) {
      kernel.asked.add(rule);
      return told.action;
    }
    // Several rules about one event: it is killed once, and each alert says so.
    const last = this.#last;
    if (mode === 'on' && last !== undefined && sameEvent(last, subject)) return last.action;
    if (mode === 'audit') return this.#outcome(subject, 'audit', this.#attempt(subject, false));
    const why = this.#attempt(subject, true, rule);
    const action = this.#outcome(subject, 'on', why);
    if (action.done) this.#last = { ...subject, action };
    return action;
  }

  // Without a rule nothing is sent.
  #attempt(subject: Subject, send: boolean, rule?: string): Refusal | undefined {
    if (!this.#hostPids) return 'the agent does not see the pids of the host';
    if (subject.uncertain) return 'what is known of the process may be wrong: records were lost';
    return killProcess(
      subject,
      (found) => this.#guard.refuses(found) ?? (rule === undefined ? undefined : this.#spend(rule)),
      send,
    );
  }

  #spend(rule: string): Refusal | undefined {
    const { kills_per_minute: per_minute, suspend_ms } = this.#config;
    const outcome = this.limit.spend(rule, { per_minute, suspend_ms }, this.now_ms());
    if (outcome === 'acts') return undefined;
    if (outcome === 'trips') this.suspended(rule, this.#config);
    return SUSPENDED;
  }

  #outcome(subject: Subject, mode: 'audit' | 'on', why: Refusal | undefined): ActionTaken {
    const after_us = Number((bootNs() - subject.time_ns) / 1000n);
    const { counts } = this;
    if (why === undefined) {
      counts[mode === 'on' ? 'killed' : 'audited'] += 1;
      const done = mode === 'on';
      const action: ActionTaken = { wanted: 'kill', done, by: 'user space', mode, after_us };
      if (!done) action.why = AUDITED;
      return action;
    }
    counts[why === ENDED ? 'ended' : why === SUSPENDED ? 'suspended' : 'refused'] += 1;
    return { wanted: 'kill', done: false, by: 'user space', mode, after_us, why };
  }
}

export const AUDITED: Refusal = 'audit: it would have been killed';
export const SUSPENDED: Refusal = 'suspended: the rule kills too often';

function sameEvent(a: Subject, b: Subject): boolean {
  return a.pid === b.pid && a.start_ns === b.start_ns && a.time_ns === b.time_ns;
}
