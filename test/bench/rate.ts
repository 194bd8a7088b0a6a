// How many events a second go all the way without one being lost: opens that no rule holds for, paced, and
// counted by the kernel side. Once of a file that no rule is about, which the kernel keeps to itself, and once
// with a rule that only user space can decide, so that each open goes to the matcher.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, totals } from './agent.js';
import { type LoadResult, runFor } from './load.js';

/** One run of the load at some rate. */
export interface RateRun {
  /** Pairs of open and close that were asked for, a second; 0 for as many as there can be. */
  asked: number;
  /** What the load came to. */
  pairs_per_s: number;
  /** That the hooks saw, and those of them that were for user space. */
  seen: number;
  sent: number;
  lost: number;
  /** Of one core, of all the agent's threads. */
  agent_share: number;
}

/** What `measureRate` found out. */
export interface RateResult {
  /** The fastest at which nothing was lost. */
  best: RateRun | undefined;
  /** As fast as the load can, once the agent has run for a while. */
  flat_out: RateRun;
  /** Flat out from the moment that the agent says `watching`: what became of the events of each second. */
  from_start: readonly { sent: number; lost: number; agent_share: number }[];
  runs: readonly RateRun[];
}

const LOAD_CPU = 0;
const AGENT_CPU = 1;
const DURATION_S = 4;
const SETTLE_MS = 700;
const FROM_START_S = 8;
/** The search ends when it has come so close. */
const CLOSE_ENOUGH = 1.08;
const LOWEST = 5_000;

// The working directory of a process is not among what the kernel can look up.
const UNDECIDED = `
- rule: Opens that the kernel cannot decide about
  desc: Never holds.
  condition: evt.type = openat and fd.name = /usr/lib/os-release and proc.cwd = /nowhere
  output: never
  priority: DEBUG
`;

/** The same with a rule for the file that is opened: no open is kept from user space. */
export async function measureUndecided(rules: readonly string[]): Promise<RateResult> {
  const folder = mkdtempSync(join(tmpdir(), 'saker-bench-'));
  const file = join(folder, 'undecided.yaml');
  writeFileSync(file, UNDECIDED);
  const result = await measureRate([...rules, file]);
  rmSync(folder, { recursive: true });
  return result;
}

/** Searches for the highest rate without loss, on the built agent. */
export async function measureRate(rules: readonly string[]): Promise<RateResult> {
  const cold = await Agent.start(rules, AGENT_CPU);
  const from_start = await secondBySecond(cold);
  await cold.stop();
  const agent = await Agent.start(rules, AGENT_CPU);
  const runs: RateRun[] = [];
  const run = async (rate: number) => {
    const one = await oneRun(agent, rate);
    runs.push(one);
    return one;
  };
  await run(LOWEST); // what is compiled on the way is not the rate
  const flat_out = await run(0);
  let best = flat_out.lost === 0 ? flat_out : undefined;
  let low = LOWEST;
  let high = flat_out.pairs_per_s;
  while (flat_out.lost > 0 && high / low > CLOSE_ENOUGH) {
    const middle = await run(Math.round(Math.sqrt(low * high)));
    if (middle.lost === 0) best = middle;
    if (middle.lost === 0) low = middle.asked;
    else high = middle.asked;
  }
  await agent.stop();
  return { best, flat_out, from_start, runs };
}

async function oneRun(agent: Agent, rate: number): Promise<RateRun> {
  const before = totals(await agent.ask());
  const cpu_s = agent.cpu_s();
  const load = await runFor('open', DURATION_S, LOAD_CPU, rate);
  await sleep(SETTLE_MS);
  const after = totals(await agent.ask());
  const wall_s = load.wall_ns / 1e9;
  return {
    asked: rate,
    pairs_per_s: load.count / wall_s,
    seen: after.seen - before.seen,
    sent: after.sent - before.sent,
    lost: after.lost - before.lost,
    agent_share: (agent.cpu_s() - cpu_s) / wall_s,
  };
}

async function secondBySecond(agent: Agent): Promise<RateResult['from_start']> {
  const seconds: { sent: number; lost: number; agent_share: number }[] = [];
  const load: Promise<LoadResult> = runFor('open', FROM_START_S, LOAD_CPU);
  let before = totals(await agent.ask());
  let cpu_s = agent.cpu_s();
  for (let second = 0; second < FROM_START_S; second++) {
    await sleep(1000);
    const after = totals(await agent.ask());
    const now_s = agent.cpu_s();
    const [sent, lost] = [after.sent - before.sent, after.lost - before.lost];
    seconds.push({ sent, lost, agent_share: now_s - cpu_s });
    before = after;
    cpu_s = now_s;
  }
  await load;
  return seconds;
}
