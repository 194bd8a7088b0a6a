// The filter never says no where the matcher says yes: random rules and events against its model.

import { expect, test } from 'vitest';
import { findClaim } from '../../../src/decode/claim.js';
import type { Event, ProcessView } from '../../../src/decode/event.js';
import type { Condition } from '../../../src/match/compile.js';
import { compileCondition } from '../../../src/match/compile.js';
import { hasBit } from '../../../src/plan/bits.js';
import type { ClauseBits, ProcessBits } from '../../../src/plan/kernel-plan.js';
import { readerOf } from '../../../src/plan/kleene.js';
import { classify, factsOfCall, type ProcessEntry } from '../../../src/plan/model.js';
import { planRules, type RulePlan } from '../../../src/plan/planner.js';
import { ProcessPlanner } from '../../../src/plan/process.js';
import { canonicalText } from '../../../src/rules/canonical.js';
import { eventName } from '../../../src/rules/events.js';
import { newSeed, Random } from '../match/random.js';
import { COMMS, HOST_USERS, randomEvent, randomProcess, SURROUNDINGS } from './random-events.js';
import { conditionFor } from './random-rules.js';

// The nightly run asks for a million: SAKER_CASES=1000000.
const CASES = Number(process.env.SAKER_CASES) || 20_000;
const RULES = 25;
const EVENTS = 40;
const LONG = { timeout: 3_600_000 };

test('no event of which a clause holds is stopped by the filter', LONG, () => {
  const seed = newSeed();
  console.log(`SAKER_SEED=${seed}`);
  const random = new Random(seed);
  const counts = { cases: 0, held: 0, cleared: 0, stopped: 0, events: 0 };
  while (counts.cases < CASES) {
    const happenings = Array.from({ length: EVENTS }, () => randomHappening(random));
    const rules = Array.from({ length: RULES }, (_, index) => {
      const { event } = random.one(happenings);
      return { name: `rule ${index}`, condition: conditionFor(random, event) };
    });
    const plan = planRules(rules, random.int(3) === 0 ? {} : { users: HOST_USERS });
    const processes = new ProcessPlanner(
      plan.clauses,
      random.int(3) === 0 ? undefined : SURROUNDINGS,
    );
    const clauses = compiled(plan);
    for (const { event, before } of happenings) {
      const cgroup = random.int(3) === 0 ? undefined : processes.containerBits(before.container);
      const entry = entryFor(random, processes.bits(before), event, before);
      judge(plan, clauses, event, cgroup, entry, counts, seed);
    }
    counts.cases += RULES * EVENTS;
  }
  console.log(JSON.stringify(counts));
  // The generators make what the test is about: clauses that hold, clauses and events that are stopped.
  expect(counts.held).toBeGreaterThan(counts.cases / 100);
  expect(counts.cleared).toBeGreaterThan(counts.cases / 10);
  expect(counts.stopped).toBeGreaterThan(0);
});

test('the same rules make the same plan', () => {
  const seed = newSeed();
  const random = new Random(seed);
  const rules = Array.from({ length: 10 }, (_, index) => {
    const { event } = randomHappening(random);
    return { name: `rule ${index}`, condition: conditionFor(random, event) };
  });
  const plan = planRules(rules, { users: HOST_USERS });
  expect(planRules(rules, { users: HOST_USERS }), `SAKER_SEED=${seed}`).toEqual(plan);
  expect(structuredClone(plan)).toEqual(plan);
});

interface Happening {
  event: Event;
  /** The process when user space last told the kernel about it. */
  before: ProcessView;
}

// Between telling and event a process may rename itself, become another user, fork; metadata may come.
function randomHappening(random: Random): Happening {
  const before = randomProcess(random);
  const comm = random.int(5) === 0 ? random.one(COMMS) : before.comm;
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
  return { event: randomEvent(random, acting, comm, uid), before };
}

// What the kernel would find, see ProcessBits in src/plan/kernel-plan.ts.
function entryFor(
  random: Random,
  told: ProcessBits,
  event: Event,
  before: ProcessView,
): ProcessEntry | undefined {
  if (random.int(5) === 0) return undefined;
  const acting = event.process;
  const isChild = acting.parent !== before.parent;
  const isSame = event.task.comm === before.comm && event.task.uid === before.uid;
  const holds = isSame && random.int(4) > 0 ? 'bits' : 'fixed_bits';
  const bits = isChild ? { ...told, bits: told.child_bits } : told;
  return { bits, holds };
}

interface Compiled {
  number: number;
  holds: readonly Condition[];
}

function compiled(plan: RulePlan): Compiled[] {
  return plan.clauses.map(({ parts }, number) => ({
    number,
    holds: parts.map(({ condition }) => compileCondition(condition, readerOf)),
  }));
}

function judge(
  plan: RulePlan,
  clauses: readonly Compiled[],
  event: Event,
  cgroup: ClauseBits | undefined,
  entry: ProcessEntry | undefined,
  counts: { held: number; cleared: number; stopped: number; events: number },
  seed: number,
): void {
  const { call } = event;
  if (call === undefined) throw new Error('random events are calls');
  const { bits, stopped_at } = classify(plan.kernel, { ...factsOfCall(call), cgroup }, entry);
  counts.events += 1;
  if (stopped_at !== undefined) counts.stopped += 1;
  const readings = findClaim(event) === undefined ? [false] : [false, true];
  for (const { number, holds } of clauses) {
    const isOpen = hasBit(bits, number);
    if (!isOpen) counts.cleared += 1;
    for (const claimed of readings) {
      event.read(claimed);
      const held = holds.some((one) => one(event));
      if (held) counts.held += 1;
      if (held && !isOpen)
        expect.fail(
          [
            `SAKER_SEED=${seed}: the filter stops ${eventName(event.type)}`,
            `at ${stopped_at}, claimed ${claimed}, entry ${entry?.holds}`,
            ...(plan.clauses[number]?.parts ?? []).map(({ condition }) => canonicalText(condition)),
            JSON.stringify(factsOfCall(call), (_, value) =>
              typeof value === 'bigint' ? Number(value) : value,
            ),
          ].join('\n'),
        );
    }
    event.read(false);
  }
}
