// The filter never says no where the matcher says yes: random rules and events against its model, and
// rules as they are written against events made from their own words.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MatchableRule } from '../../../src/match/matcher.js';
import { DIMENSIONS } from '../../../src/plan/model-looks.js';
import { planRules } from '../../../src/plan/planner.js';
import { typeNumber } from '../../../src/rules/events.js';
import { loadRules } from '../../../src/rules/file.js';
import { newSeed, Random } from '../match/random.js';
import { AgainstMatcher, type Counts, randomHappening } from './against-matcher.js';
import { HOST_USERS, POOLS, SURROUNDINGS, TYPES } from './random-pools.js';
import { conditionFor, poolsOf } from './random-rules.js';

// The nightly run asks for a million: SAKER_CASES=1000000.
const CASES = Number(process.env.SAKER_CASES) || 20_000;
// Few rules, so that events are stopped at all, and many, so that they share tables.
const SIZES = [1, 2, 5, 20];
const EVENTS = 40;
const LONG = { timeout: 3_600_000 };
const ROOT = join(import.meta.dirname, '..', '..', '..');

test('no event of which a random rule holds is stopped by the filter', LONG, () => {
  const seed = newSeed();
  console.log(`SAKER_SEED=${seed}`);
  const random = new Random(seed);
  const total: Counts = { cases: 0, held: 0, cleared: 0, stopped: {} };
  while (total.cases < CASES) {
    // Of few types at a time: so the looks behind the first are what most events come to.
    const pools = { ...POOLS, types: [random.one(TYPES), random.one(TYPES)] };
    const happenings = Array.from({ length: EVENTS }, () => randomHappening(random, pools));
    const rules = Array.from({ length: random.one(SIZES) }, (_, index) => {
      const { event } = random.one(happenings);
      return { name: `rule ${index}`, condition: conditionFor(random, event) };
    });
    const options = random.int(3) === 0 ? {} : { users: HOST_USERS };
    const surroundings = random.int(3) === 0 ? undefined : SURROUNDINGS;
    const against = new AgainstMatcher(random, rules, options, surroundings);
    for (const happening of happenings)
      expect(against.judge(happening), `SAKER_SEED=${seed}`).toBeUndefined();
    add(total, against.counts);
  }
  console.log(JSON.stringify(total));
  // The generators make what the test is about: clauses that hold, clauses and events that are stopped.
  expect(total.held).toBeGreaterThan(total.cases / 100);
  expect(total.cleared).toBeGreaterThan(total.cases / 4);
  expect(Object.keys(total.stopped).length).toBeGreaterThan(3);
});

test.each([
  ['our own', join(ROOT, 'rules'), true],
  ["Falco's", join(ROOT, '..', 'shared', 'falco-rules'), false],
])(
  'no event made from the words of %s rules is stopped while a rule holds',
  LONG,
  (_, dir, must) => {
    const rules = rulesIn(dir);
    // Falco's files are not part of the project: where they are not at hand, ours have to do.
    if (rules === undefined && !must) return;
    expect(rules?.length).toBeGreaterThan(40);
    const seed = newSeed();
    const random = new Random(seed);
    // Mostly the words of one rule at a time, so that they come together.
    const one = (rules ?? [])
      .map((rule) => poolsOf([rule]))
      .filter(({ types }) => types.length > 0);
    const all = poolsOf(rules ?? []);
    const against = new AgainstMatcher(random, rules ?? [], { users: HOST_USERS }, SURROUNDINGS);
    while (against.counts.cases < 5 * CASES) {
      const pools = random.int(4) === 0 ? all : random.one(one);
      expect(against.judge(randomHappening(random, pools)), `SAKER_SEED=${seed}`).toBeUndefined();
    }
    console.log(`SAKER_SEED=${seed} ${JSON.stringify(against.counts)}`);
    expect(against.counts.held).toBeGreaterThan(against.counts.cases / 1000);
    expect(Object.keys(against.counts.stopped).length).toBeGreaterThan(3);
  },
);

test('the same rules make the same plan, and it is plain data', () => {
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

test('a name of the kernel is the name of its event', () => {
  const rules = loaded([{ name: 'r', text: RULE }]);
  const plan = planRules(rules ?? []);
  expect([...plan.kernel.types.keys()]).toEqual([typeNumber('pread')]);
});

const RULE = '- {rule: r, desc: d, condition: evt.type = pread64, output: o, priority: INFO}';

function add(total: Counts, more: Counts): void {
  total.cases += more.cases;
  total.held += more.held;
  total.cleared += more.cleared;
  for (const where of DIMENSIONS)
    if (more.stopped[where] !== undefined)
      total.stopped[where] = (total.stopped[where] ?? 0) + more.stopped[where];
}

function rulesIn(dir: string): MatchableRule[] | undefined {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return undefined; // said by the caller
  }
  const files = names.filter((name) => name.endsWith('.yaml')).sort();
  // falco_rules.yaml has the macros of the other two.
  files.sort((a, b) => Number(b.startsWith('falco_')) - Number(a.startsWith('falco_')));
  return loaded(files.map((name) => ({ name, text: readFileSync(join(dir, name), 'utf8') })));
}

function loaded(sources: { name: string; text: string }[]): MatchableRule[] | undefined {
  const { rules, errors } = loadRules(sources, {});
  expect(errors).toEqual([]);
  return rules.filter((rule) => rule.source === 'syscall');
}
