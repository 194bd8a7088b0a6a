// The kernel's classifier against its model: random plans, random facts, the same bits.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { abi_limit, classify_answer, filter_dimension } from '../../src/abi/layout.js';
import { addressOf } from '../../src/bpf/libc.js';
import { u32Key } from '../../src/bpf/map.js';
import type { BpfObject } from '../../src/bpf/object.js';
import { allBits, noBits } from '../../src/plan/bits.js';
import type { ClauseBits, KernelPlan, ProcessBits, TypePlan } from '../../src/plan/kernel-plan.js';
import { classify, type Facts, type ProcessEntry } from '../../src/plan/model.js';
import { FilterTables } from '../../src/plan/push.js';
import { newSeed, Random } from '../unit/match/random.js';
import { classifyRequest } from './classify-request.js';
import { attach, holdings, isEmulated, type Sensor, warmHoldings } from './harness.js';
import { CGROUPS, randomBits, randomFacts, randomPlan } from './random-plan.js';

const PLANS = isEmulated ? 10 : 60;
const CASES = isEmulated ? 100 : 400;
/** Longer than what is searched at once. */
const DOTTED_BYTES = 72;
const MAX_TRIES = 5;
const LONG = { timeout: 600_000 };

let before: ReturnType<typeof holdings>;
let sensor: Sensor;
let tables: FilterTables;
let classifier: BpfObject;

beforeAll(() => {
  before = warmHoldings();
  sensor = attach();
  tables = new FilterTables(sensor.object);
  const loaded = sensor.object.load(['classify']);
  if (loaded === undefined) throw new Error('classify was loaded before');
  classifier = loaded;
});

afterAll(() => {
  sensor.close();
  expect(holdings()).toEqual(before);
});

/** What the kernel says of the request. */
function kernelSays(request: Buffer): { open: bigint[]; filtered_at: number } {
  const context = Buffer.alloc(16);
  context.writeBigUInt64LE(addressOf(request));
  // A page that the kernel moves meanwhile cannot be read; the next time it is there.
  for (let tries = 1; classifier.run('classify', context) !== 0; tries += 1)
    if (tries === MAX_TRIES) throw new Error('the request could not be read');
  const answer = Buffer.alloc(classify_answer.size);
  sensor.object.object.map('answer').get(u32Key(0), answer);
  const { words } = classify_answer.open;
  return {
    open: Array.from({ length: words.count }, (_, i) => answer.readBigUInt64LE(words.at + 8 * i)),
    filtered_at: answer.readUInt32LE(classify_answer.filtered_at),
  };
}

/** The plan as far as the kernel follows it for these facts: long paths are not searched. */
function followed(plan: KernelPlan, facts: Facts): KernelPlan {
  const hasPath = plan.types.get(facts.type)?.path !== undefined && facts.path !== undefined;
  const text = hasPath ? facts.path : facts.claimed;
  if (text === undefined || text.length <= abi_limit.MAX_SEARCHED_BYTES) return plan;
  return { ...plan, paths: plan.paths.map(({ inside: _, ...table }) => table) };
}

function randomProcess(random: Random): ProcessEntry | undefined {
  if (random.int(3) === 0) return undefined;
  const bits: ProcessBits = {
    bits: randomBits(random),
    fixed_bits: randomBits(random),
    child_bits: randomBits(random),
    kinless_bits: randomBits(random),
  };
  return { bits, holds: random.one(['bits', 'kinless_bits', 'fixed_bits'] as const) };
}

test('the kernel and the model leave the same clauses open', LONG, () => {
  const seed = newSeed();
  console.log(`seed ${seed}`);
  const random = new Random(seed);
  let left = 0;
  let filtered = 0;
  for (let planned = 0; planned < PLANS; planned++) {
    const plan = randomPlan(random);
    const number = planned + 1;
    tables.push(number, plan);
    expect(tables.omitted).toEqual([]);
    const cgroups = new Map<bigint, ClauseBits>(
      CGROUPS.slice(0, random.int(CGROUPS.length + 1)).map((id) => [id, randomBits(random)]),
    );
    for (const [id, bits] of cgroups) expect(tables.tellCgroup(id, bits)).toBe(true);
    for (let n = 0; n < CASES; n++) {
      const { facts, cgroup_id, claimed } = randomFacts(random, cgroups);
      // The process is not looked up for a type that it cannot change.
      const uses = plan.types.get(facts.type)?.uses_process === true;
      const process = uses ? randomProcess(random) : undefined;
      const said = kernelSays(classifyRequest(number, facts, cgroup_id, claimed, process));
      const verdict = classify(followed(plan, facts), facts, process);
      const none = verdict.stopped_at !== undefined;
      const same = said.open.every((word, at) => word === verdict.bits[at]);
      if (!same || (said.filtered_at !== filter_dimension.FILTER_DIMENSIONS) !== none) {
        const because = `seed ${seed}, plan ${number}, case ${n}: ${describeFacts(facts, claimed)}`;
        expect(said.open, because).toEqual([...verdict.bits]);
        expect(said.filtered_at, because).toBe(verdict.stopped_at);
      }
      if (none) filtered += 1;
      else left += 1;
    }
  }
  // Both happen, or the cases say nothing.
  expect(left).toBeGreaterThan((PLANS * CASES) / 20);
  expect(filtered).toBeGreaterThan((PLANS * CASES) / 20);
});

test('two dots are found at every place of a claimed path, and a lone one is not taken for them', () => {
  const random = new Random(1);
  const { facts } = randomFacts(random, new Map());
  const all = allBits(64);
  const dotted: TypePlan = {
    bits: all,
    integers: [],
    uses_process: false,
    uses_comm: false,
    uses_uid: false,
    uses_cgroup: false,
    no_dots: noBits(),
  };
  const number = PLANS + 1;
  tables.push(number, { ...randomPlan(random), types: new Map([[facts.type, dotted]]) });
  for (let place = 0; place < DOTTED_BYTES; place++)
    for (const text of ['..', '.', '.x.'])
      for (const rest of ['', '/b', 'y'.repeat(DOTTED_BYTES)]) {
        const claimed = `${'a'.repeat(place)}${text}${rest}`;
        const said = kernelSays(classifyRequest(number, facts, 0n, claimed, undefined));
        expect(said.filtered_at, claimed).toBe(
          text === '..' ? filter_dimension.FILTER_DIMENSIONS : filter_dimension.FILTERED_BY_PATH,
        );
      }
});

function describeFacts(facts: Facts, claimed: string | undefined): string {
  const plain = { ...facts, claimed_text: claimed, cgroup: undefined };
  return JSON.stringify(plain, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}
