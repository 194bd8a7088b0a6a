// What the built agent costs the host, and how quick it is.

import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, totals } from './agent.js';
import { loadTimes, median, quantile, runLoad } from './load.js';

/** One operation without and with the agent. */
export interface HostRow {
  operation: string;
  bare_ns: number;
  with_ns: number;
  /** Of the agent during one round of the operation. */
  agent_cpu_s: number;
  seen: number;
  sent: number;
  lost: number;
}

const LOAD_CPU = 0;
const AGENT_CPU = 1;
const ROUNDS = 5;
const SETTLE_MS = 1000;
const OPERATIONS: readonly (readonly [string, number])[] = [
  ['getppid', 2_000_000],
  ['open', 200_000],
  ['missing', 200_000],
  ['dup', 400_000],
  ['connect', 20_000],
  ['fork', 3_000],
  ['exec', 1_500],
];

/** Runs each operation without and with the agent, in turn. */
export async function measureHost(rules: readonly string[]): Promise<HostRow[]> {
  const bare = new Map<string, number[]>();
  const watched = new Map<string, number[]>();
  const rows = new Map<string, HostRow>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [operation, count] of OPERATIONS) {
      add(bare, operation, runLoad(operation, count, LOAD_CPU).ns_per_op);
    }
    const agent = await Agent.start(rules, AGENT_CPU);
    await sleep(SETTLE_MS);
    for (const [operation, count] of OPERATIONS) {
      const before = { cpu_s: agent.cpu_s(), totals: totals(await agent.ask()) };
      add(watched, operation, runLoad(operation, count, LOAD_CPU).ns_per_op);
      await sleep(SETTLE_MS);
      const after = totals(await agent.ask());
      rows.set(operation, {
        operation,
        bare_ns: 0,
        with_ns: 0,
        agent_cpu_s: agent.cpu_s() - before.cpu_s,
        seen: after.seen - before.totals.seen,
        sent: after.sent - before.totals.sent,
        lost: after.lost - before.totals.lost,
      });
    }
    await agent.stop();
  }
  for (const row of rows.values()) {
    row.bare_ns = median(bare.get(row.operation) ?? []);
    row.with_ns = median(watched.get(row.operation) ?? []);
  }
  return [...rows.values()];
}

/** Start, memory and idle cost, then memory after a load of short processes. */
export async function measureIdle(rules: readonly string[]): Promise<{
  ready_ms: number;
  resident_mib: number;
  own_mib: number;
  cpu_share: number;
  execs: number;
  after: { resident_mib: number; own_mib: number };
}> {
  const ready: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const agent = await Agent.start(rules);
    ready.push(agent.ready_ms);
    await agent.stop();
  }
  const agent = await Agent.start(rules, AGENT_CPU);
  await sleep(IDLE_FROM_MS);
  const memory = agent.memory();
  const cpu_s = agent.cpu_s();
  await sleep(10 * SETTLE_MS);
  const cpu_share = (agent.cpu_s() - cpu_s) / 10;
  const { count } = runLoad('exec', -LOAD_S, LOAD_CPU);
  await sleep(SETTLE_MS);
  const after = agent.memory();
  await agent.stop();
  return { ready_ms: median(ready), ...memory, cpu_share, execs: count, after };
}

const LOAD_S = 60;
/** Until then the plan is made, and what the start left is collected. */
const IDLE_FROM_MS = 30_000;

/** From the system call to the line in the file, with the machine otherwise idle. */
export async function measureAlerts(
  rules: readonly string[],
): Promise<{ p50_ms: number; p99_ms: number; first_ms: number }> {
  const begin = performance.now();
  const agent = await Agent.start(rules, AGENT_CPU);
  runLoad('open', 1, LOAD_CPU, WATCHED_FILE);
  while (agent.alertsOf('"load open') === 0) await sleep(1);
  const first_ms = performance.now() - begin;
  await sleep(2 * SETTLE_MS);
  const follower = follow(agent, '"load timed');
  const times = await loadTimes(ALERTS, LOAD_CPU, WATCHED_FILE);
  await sleep(SETTLE_MS);
  follower.stop();
  const delays = times.map((at_ns, at) => (follower.arrivals[at] ?? Number.NaN) - at_ns / 1e6);
  await agent.stop();
  if (delays.some(Number.isNaN)) throw new Error('an alert is missing');
  return { p50_ms: quantile(delays, 0.5), p99_ms: quantile(delays, 0.99), first_ms };
}

const WATCHED_FILE = '/etc/shadow';
const ALERTS = 200;

// When each alert of the generator came to be in the file, milliseconds since 1970; the file is looked
// at once a millisecond. Alerts name the command once in their text and once among their fields.
function follow(agent: Agent, text: string): { arrivals: number[]; stop: () => void } {
  const arrivals: number[] = [];
  const timer = setInterval(() => {
    const now = performance.timeOrigin + performance.now();
    const found = agent.alertsOf(text);
    while (arrivals.length < found) arrivals.push(now);
  }, 1);
  return { arrivals, stop: () => clearInterval(timer) };
}

function add(figures: Map<string, number[]>, operation: string, figure: number): void {
  const list = figures.get(operation) ?? [];
  list.push(figure);
  figures.set(operation, list);
}
