// The agent beside Falco: what floods lose, and what an agent takes that has nothing to do.

import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from './agent.js';
import { loadTimes, quantile, runFor } from './load.js';
import { OFFICIAL_RULES } from './official.js';
import { row, type Say } from './rows.js';
import { AGENT_CPU, LOAD_CPU, SETTLE_MS, sample } from './table-calls.js';
import { measurePlanning } from './table-planning.js';

/** The first of each kind finds an agent that has just begun. */
const FLOOD_RUNS = 3;
const FLOOD_S = 5;
const ALERTS_PER_S = 50_000;

/** Floods, start, idle and planning, as the section of the results. */
export async function floodsPart(say: Say): Promise<void> {
  if (!existsSync(OFFICIAL_RULES)) {
    say(`Falco's files are not in ${OFFICIAL_RULES}: not measured.`);
    return;
  }
  say(
    `Falco's three files, agent on one of two processors, a new one for each kind of flood. Generators on both, ${FLOOD_RUNS} times ${FLOOD_S} s; alerts from one on the other processor, ${FLOOD_S} s.`,
  );
  say();
  await sayFloods(say);
  await sayIdle(say);
  sayPlanning(say);
}

async function sayFloods(say: Say): Promise<void> {
  row(say, 'flood', 'lost', 'Falco', 'aim');
  row(say, ...Array.from({ length: 4 }, () => '---'));
  for (const [operation, label, falco] of [
    ['missing', 'two generators opening missing files', '41 % lost'],
    ['fork', 'two generators forking', '76 % lost'],
  ] as const) {
    const agent = await started();
    const before = await sample(agent);
    for (let run = 0; run < FLOOD_RUNS; run++) {
      await Promise.all([LOAD_CPU, AGENT_CPU].map((one) => runFor(operation, FLOOD_S, one)));
      await sleep(SETTLE_MS);
    }
    const after = await sample(agent);
    await agent.stop();
    row(say, label, `${after.lost - before.lost} of ${after.seen - before.seen}`, falco, 'none');
  }
  const agent = await started();
  const before = await sample(agent);
  const cpu_s = agent.cpu_s();
  const early = await agent.ask();
  const load = await shadow();
  await sleep(2 * SETTLE_MS);
  const after = await sample(agent);
  const late = await agent.ask();
  const delivered = (late.outputs.file?.delivered ?? 0) - (early.outputs.file?.delivered ?? 0);
  const dropped =
    late.alerts_dropped -
    early.alerts_dropped +
    (late.outputs.file?.dropped ?? 0) -
    (early.outputs.file?.dropped ?? 0);
  const us = delivered === 0 ? 0 : (1e6 * (agent.cpu_s() - cpu_s)) / delivered;
  row(
    say,
    `/etc/shadow opened ${Math.round(load).toLocaleString('en')} times/s`,
    `${after.lost - before.lost} of ${after.seen - before.seen}; ${delivered} alerts in the file, ${dropped} dropped, ${us.toFixed(1)} µs each`,
    '27 % lost, 34 µs each',
    'none, 15 µs each',
  );
  say();
  await agent.stop();
}

async function started(): Promise<Agent> {
  const agent = await Agent.start([OFFICIAL_RULES], AGENT_CPU);
  await sleep(SETTLE_MS);
  return agent;
}

async function shadow(): Promise<number> {
  const { count, wall_ns } = await runFor('open', FLOOD_S, LOAD_CPU, ALERTS_PER_S, '/etc/shadow');
  return count / (wall_ns / 1e9);
}

/** Until then the plan is made, host names are asked for, and what the start left is collected. */
const IDLE_FROM_S = 30;
const IDLE_S = 20;

async function sayIdle(say: Say): Promise<void> {
  const agent = await Agent.start([OFFICIAL_RULES], AGENT_CPU);
  await sleep(IDLE_FROM_S * 1000);
  const { resident_mib } = agent.memory();
  const cpu_s = agent.cpu_s();
  await sleep(IDLE_S * 1000);
  const share = (agent.cpu_s() - cpu_s) / IDLE_S;
  const { arrivals, stop } = follow(agent);
  const times = await loadTimes(100, LOAD_CPU, '/etc/shadow');
  await sleep(SETTLE_MS);
  stop();
  const delays = times.map((at_ns, at) => (arrivals[at] ?? Number.NaN) - at_ns / 1e6);
  await agent.stop();
  row(say, 'idle', 'Saker', 'Falco', 'aim');
  row(say, ...Array.from({ length: 4 }, () => '---'));
  row(say, 'resident', `${resident_mib.toFixed(0)} MiB`, '71 MB', '120 MB');
  row(say, 'ready after', `${(agent.ready_ms / 1000).toFixed(2)} s`, '1.45 s', '2 s');
  const p50 = quantile(delays, 0.5);
  row(say, 'alert after, p50', `${p50.toFixed(1)} ms`, '14 ms', '3 ms');
  const idle = `processor, from the ${IDLE_FROM_S}th second on`;
  row(say, idle, `${(100 * share).toFixed(2)} % of a core`, '', '0.3 %');
  say();
}

// When each alert came to be in the file, milliseconds since 1970; looked at once a millisecond.
function follow(agent: Agent): { arrivals: number[]; stop: () => void } {
  const arrivals: number[] = [];
  const before = agent.alertsOf('"load timed');
  const timer = setInterval(() => {
    const now = performance.timeOrigin + performance.now();
    const found = agent.alertsOf('"load timed') - before;
    while (arrivals.length < found) arrivals.push(now);
  }, 1);
  return { arrivals, stop: () => clearInterval(timer) };
}

function sayPlanning(say: Say): void {
  const { rules, first_ms, plan_ms, bits_us, bits_low_us } = measurePlanning(OFFICIAL_RULES);
  row(say, 'planning, in fresh processes', 'Saker', 'aim');
  row(say, '---', '---', '---');
  row(
    say,
    `${rules} rules`,
    `${plan_ms.toFixed(0)} ms, the first time ${first_ms.toFixed(0)} ms`,
    '300 ms',
  );
  const bits = `${bits_us.toFixed(1)} µs, lower quartile ${bits_low_us.toFixed(1)}`;
  row(say, 'the bits of a process', bits, '30 µs');
  say();
}
