// The model of the filter against the matcher, on one event after the other.

import { findClaim } from '../../../src/decode/claim.js';
import type { Event, ProcessView, Surroundings } from '../../../src/decode/event.js';
import { type Condition, compileCondition } from '../../../src/match/compile.js';
import type { MatchableRule } from '../../../src/match/matcher.js';
import { hasBit } from '../../../src/plan/bits.js';
import type { ProcessBits } from '../../../src/plan/kernel-plan.js';
import { readerOf } from '../../../src/plan/kleene.js';
import { classify, factsOfCall, type ProcessEntry } from '../../../src/plan/model.js';
import type { Dimension } from '../../../src/plan/model-looks.js';
import { type PlanOptions, planRules, type RulePlan } from '../../../src/plan/planner.js';
import { ProcessPlanner } from '../../../src/plan/process.js';
import { canonicalText } from '../../../src/rules/canonical.js';
import { eventName } from '../../../src/rules/events.js';
import type { Random } from '../match/random.js';
import { randomEvent, randomProcess } from './random-events.js';
import { POOLS, type Pools } from './random-pools.js';

/** Something that happened, and the process as it was when user space told the kernel about it. */
export interface Happening {
  event: Event;
  before: ProcessView;
}

/** What a run came across. */
export interface Counts {
  /** Rules times events. */
  cases: number;
  /** Clauses that held, and those that the filter cleared. */
  held: number;
  cleared: number;
  /** Events that it stopped, by where. */
  stopped: Partial<Record<Dimension, number>>;
}

/** Between telling and event a process may rename itself, become another user, fork; metadata may come. */
export function randomHappening(random: Random, pools: Pools = POOLS): Happening {
  const before = randomProcess(random, pools);
  const comm = random.int(5) === 0 ? random.one(pools.comms) : before.comm;
  const uid = random.int(5) === 0 ? random.one([0, 33, 1000]) : before.uid;
  let acting = before;
  if (random.int(4) === 0)
    for (let depth = 1 + random.int(3); depth > 0; depth -= 1)
      acting = { ...acting, parent: acting };
  const { container } = acting;
  // What is known of a container does not change without the kernel being told.
  const mayCome = container !== undefined && container.id !== 'host';
  if (mayCome && container.metadata === undefined && random.int(2) === 0)
    acting = {
      ...acting,
      container: { ...container, metadata: { name: 'web', image: 'nginx:1' } },
    };
  return { event: randomEvent(random, acting, comm, uid, pools), before };
}

/** One set of rules: its plan, and the conditions of rules and clauses. */
export class AgainstMatcher {
  readonly counts: Counts = { cases: 0, held: 0, cleared: 0, stopped: {} };
  readonly plan: RulePlan;
  readonly #processes: ProcessPlanner;
  readonly #rules: readonly Condition[];
  readonly #clauses: readonly (readonly { rule: number; holds: Condition }[])[];

  constructor(
    private readonly random: Random,
    private readonly rules: readonly MatchableRule[],
    options: PlanOptions,
    surroundings: Surroundings | undefined,
  ) {
    this.plan = planRules(rules, options);
    this.#processes = new ProcessPlanner(this.plan.clauses, surroundings);
    this.#rules = rules.map(({ condition }) => compileCondition(condition, readerOf));
    this.#clauses = this.plan.clauses.map(({ parts }) =>
      parts.map(({ rule, condition }) => ({ rule, holds: compileCondition(condition, readerOf) })),
    );
  }

  /** What is wrong with what the filter makes of an event; `undefined` when nothing is. */
  judge({ event, before }: Happening): string | undefined {
    const { call } = event;
    if (call === undefined) throw new Error('random events are calls');
    const { random, counts } = this;
    const told = this.#processes.bits(before);
    const cgroup =
      random.int(3) === 0 ? undefined : this.#processes.containerBits(before.container);
    const entry = entryFor(random, told, event, before);
    const facts = { ...factsOfCall(call), cgroup };
    const { bits, stopped_at } = classify(this.plan.kernel, facts, entry);
    counts.cases += this.rules.length;
    if (stopped_at !== undefined)
      counts.stopped[stopped_at] = (counts.stopped[stopped_at] ?? 0) + 1;
    for (let number = 0; number < this.#clauses.length; number += 1)
      if (!hasBit(bits, number)) counts.cleared += 1;
    for (const claimed of findClaim(event) === undefined ? [false] : [false, true]) {
      event.read(claimed);
      const wrong = this.#reading(event, (clause) => hasBit(bits, clause));
      if (wrong === undefined) continue;
      event.read(false);
      const seen = JSON.stringify(facts, (_, value) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      return `${wrong}\n${eventName(event.type)} at ${stopped_at}, claim ${claimed}, entry ${entry?.holds}\n${seen}`;
    }
    event.read(false);
    return undefined;
  }

  #reading(event: Event, isOpen: (clause: number) => boolean): string | undefined {
    const holding = new Set<number>();
    for (const [number, parts] of this.#clauses.entries()) {
      const held = parts.filter(({ holds }) => holds(event));
      for (const { rule } of held) holding.add(rule);
      if (held.length === 0) continue;
      this.counts.held += 1;
      if (!isOpen(number))
        return `clause ${number} holds and is stopped:\n${this.plan.clauses[number]?.parts.map((part) => canonicalText(part.condition)).join('\n')}`;
    }
    for (const [rule, holds] of this.#rules.entries())
      if (holds(event) !== holding.has(rule))
        return `rule "${this.rules[rule]?.name}" and its clauses differ`;
    return undefined;
  }
}

const HOLDING = ['bits', 'bits', 'kinless_bits', 'fixed_bits'] as const;

// What the kernel would find, see ProcessBits in src/plan/kernel-plan.ts.
function entryFor(
  random: Random,
  told: ProcessBits,
  event: Event,
  before: ProcessView,
): ProcessEntry | undefined {
  if (random.int(5) === 0) return undefined;
  const isChild = event.process.parent !== before.parent;
  const isSame = event.task.comm === before.comm && event.task.uid === before.uid;
  const holds = isSame ? random.one(HOLDING) : 'fixed_bits';
  return { bits: isChild ? { ...told, bits: told.child_bits } : told, holds };
}
