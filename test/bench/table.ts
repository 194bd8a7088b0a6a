// The agent beside Falco: the same loads without an agent, with the kernel filter and without it, in turns
// of one run; what Falco added and used on such a machine stands beside them.

import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attach } from '../../src/bpf/attach.js';
import { Agent, NO_FILTER, totals } from './agent.js';
import { loadEmpty } from './filter.js';
import { loadTimes, median, quantile, runFor, runLoad } from './load.js';
import { OFFICIAL_RULES } from './official.js';
import { type HostLoadName, HostLoads } from './table-loads.js';
import { measurePlanning } from './table-planning.js';

type Say = (line?: string) => void;
type Variant = 'bare' | 'empty' | 'on' | 'few' | 'off';

const LOAD_CPU = 0;
const AGENT_CPU = 1;
const ROUNDS = 3;
const SETTLE_MS = 1500;
const FLOOD_S = 5;
const ALERTS_PER_S = 50_000;

/** What Falco 0.44.1 did with the same load, and what is aimed at; of calls nanoseconds. */
const CALLS: readonly (readonly [operation: string, count: number, falco: string, goal: string])[] =
  [
    ['getppid', 1_000_000, '+119', '10 more than an empty program'],
    ['pread', 500_000, '+161', '10 more than an empty program'],
    ['stat', 300_000, '+131', '10 more than an empty program'],
    ['open', 200_000, '+1,990', '+550, agent 2 %'],
    ['missing', 100_000, '+1,010', '+300'],
    ['dup', 200_000, '+605', '+250'],
    ['connect', 20_000, '+2,150', '+700'],
    ['fork', 2_000, '+10,000', '+4,000'],
    ['exec', 1_000, '+28,000', '+15,000'],
  ];

const PROGRAMS: readonly (readonly [
  name: HostLoadName,
  label: string,
  falco: string,
  goal: string,
])[] = [
  ['compile', 'gcc of 300 small files, -j2', '× 1.09, 0.60 s', '× 1.04, 0.25 s'],
  ['search', 'find, then cat of 20,000 files', '× 1.28, 0.33 s', '× 1.10, 0.1 s'],
  ['pipelines', '1,500 bash pipelines', '× 1.18, 0.46 s', '× 1.08, 0.3 s'],
];

/** Figures of one load, by who watched. */
class Figures {
  readonly #taken = new Map<string, number[]>();

  add(variant: Variant, load: string, figure: number): void {
    const key = `${variant} ${load}`;
    this.#taken.set(key, [...(this.#taken.get(key) ?? []), figure]);
  }

  of(variant: Variant, load: string): number {
    return median(this.#taken.get(`${variant} ${load}`) ?? []);
  }
}

interface Counted {
  seen: number;
  sent: number;
  lost: number;
}

/** The whole comparison, as the section of the results. */
export async function tablePart(say: Say): Promise<void> {
  if (!existsSync(OFFICIAL_RULES)) {
    say(`Falco's files are not in ${OFFICIAL_RULES}: not measured.`);
    return;
  }
  const loads = new HostLoads();
  const times = new Figures();
  const cpu = new Figures();
  const counted = new Map<string, Counted>();
  try {
    for (let round = 0; round < ROUNDS; round++)
      for (const variant of ['bare', 'empty', 'on', 'few', 'off'] as const)
        await measureVariant(variant, loads, times, cpu, counted);
  } finally {
    loads.close();
  }
  sayCalls(say, times, cpu, counted);
  sayPrograms(say, times, cpu);
  await sayFloods(say);
  await sayIdle(say);
  sayPlanning(say);
}

async function measureVariant(
  variant: Variant,
  loads: HostLoads,
  times: Figures,
  cpu: Figures,
  counted: Map<string, Counted>,
): Promise<void> {
  if (variant === 'empty') {
    const object = loadEmpty();
    const attachment = attach(object, 'empty_exit');
    for (const [operation, count] of CALLS.slice(0, 3))
      times.add(variant, operation, runLoad(operation, count, LOAD_CPU).ns_per_op);
    attachment.close();
    object.close();
    return;
  }
  const agent = await agentFor(variant);
  if (agent !== undefined) await sleep(SETTLE_MS);
  const operations = variant === 'few' ? CALLS.filter(([name]) => name === 'open') : CALLS;
  for (const [operation, count] of operations) {
    const before = await sample(agent);
    const cpu_s = agent?.threads_cpu_s() ?? 0;
    const { ns_per_op, wall_ns } = runLoad(operation, count, LOAD_CPU);
    const share = ((agent?.threads_cpu_s() ?? 0) - cpu_s) / (wall_ns / 1e9);
    times.add(variant, operation, ns_per_op);
    cpu.add(variant, operation, share);
    await note(agent, `${variant} ${operation}`, before, counted);
  }
  for (const [name] of variant === 'few' ? [] : PROGRAMS) {
    const before = agent?.cpu_s() ?? 0;
    times.add(variant, name, loads.run(name));
    if (agent !== undefined) await sleep(SETTLE_MS);
    cpu.add(variant, name, (agent?.cpu_s() ?? 0) - before);
  }
  await agent?.stop();
}

function agentFor(variant: Variant): Promise<Agent | undefined> {
  switch (variant) {
    case 'on':
      return Agent.start([OFFICIAL_RULES], AGENT_CPU);
    case 'off':
      return Agent.start([OFFICIAL_RULES], AGENT_CPU, [NO_FILTER]);
    case 'few':
      return Agent.start([`${OFFICIAL_RULES}/falco_rules.yaml`], AGENT_CPU);
    default:
      return Promise.resolve(undefined);
  }
}

async function sample(agent: Agent | undefined): Promise<Counted> {
  return agent === undefined ? { seen: 0, sent: 0, lost: 0 } : totals(await agent.ask());
}

async function note(
  agent: Agent | undefined,
  key: string,
  before: Counted,
  counted: Map<string, Counted>,
): Promise<void> {
  if (agent === undefined) return;
  const { seen, sent, lost } = await sample(agent);
  const sum = counted.get(key) ?? { seen: 0, sent: 0, lost: 0 };
  counted.set(key, {
    seen: sum.seen + seen - before.seen,
    sent: sum.sent + sent - before.sent,
    lost: sum.lost + lost - before.lost,
  });
}

function sayCalls(
  say: Say,
  times: Figures,
  cpu: Figures,
  counted: ReadonlyMap<string, Counted>,
): void {
  say(
    "Falco's three files, agent on one processor and load on the other; medians, nanoseconds. Falco's figures",
  );
  say('are those of version 0.44.1 (modern eBPF) on such a machine.');
  say();
  row(
    say,
    'load',
    'bare',
    'empty program',
    'filter on',
    'filter off',
    'Falco',
    'aim',
    'agent',
    'sent of seen',
    'lost',
  );
  row(say, ...Array.from({ length: 10 }, () => '---'));
  for (const [operation, , falco, goal] of CALLS) {
    const bare = times.of('bare', operation);
    const added = (variant: Variant): string => signed(times.of(variant, operation) - bare);
    const empty = times.of('empty', operation) > 0 ? added('empty') : '';
    const { seen, sent, lost } = counted.get(`on ${operation}`) ?? { seen: 0, sent: 0, lost: 0 };
    row(
      say,
      operation,
      bare.toFixed(0),
      empty,
      added('on'),
      added('off'),
      falco,
      goal,
      `${(100 * cpu.of('on', operation)).toFixed(1)} % of a core`,
      `${sent} of ${seen}`,
      String(lost),
    );
  }
  say();
  const [few, all] = [times.of('few', 'open'), times.of('on', 'open')];
  const bare = times.of('bare', 'open');
  say(
    `An open that no rule is about: ${signed(few - bare)} with one of the files, ${signed(all - bare)} with all three ` +
      '(aim: within 10 %).',
  );
  say();
}

function sayPrograms(say: Say, times: Figures, cpu: Figures): void {
  row(say, 'load', 'bare s', 'filter on', 'filter off', 'Falco', 'aim');
  row(say, ...Array.from({ length: 6 }, () => '---'));
  for (const [name, label, falco, goal] of PROGRAMS) {
    const bare = times.of('bare', name);
    const told = (variant: Variant): string =>
      `× ${(times.of(variant, name) / bare).toFixed(2)}, ${cpu.of(variant, name).toFixed(2)} s`;
    row(say, label, bare.toFixed(2), told('on'), told('off'), falco, goal);
  }
  say();
}

async function sayFloods(say: Say): Promise<void> {
  const agent = await Agent.start([OFFICIAL_RULES], AGENT_CPU);
  await sleep(SETTLE_MS);
  row(say, 'flood', 'lost', 'Falco', 'aim');
  row(say, ...Array.from({ length: 4 }, () => '---'));
  for (const [operation, label, falco] of [
    ['missing', 'two generators opening missing files', '41 % lost'],
    ['fork', 'two generators forking', '76 % lost'],
  ] as const) {
    const before = await sample(agent);
    await Promise.all([LOAD_CPU, AGENT_CPU].map((one) => runFor(operation, FLOOD_S, one)));
    await sleep(SETTLE_MS);
    const after = await sample(agent);
    row(say, label, `${after.lost - before.lost} of ${after.seen - before.seen}`, falco, 'none');
  }
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
  const { rules, first_ms, plan_ms, bits_us } = measurePlanning(OFFICIAL_RULES);
  row(say, 'planning', 'Saker', 'aim');
  row(say, '---', '---', '---');
  row(
    say,
    `${rules} rules`,
    `${plan_ms.toFixed(0)} ms, the first time ${first_ms.toFixed(0)} ms`,
    '300 ms',
  );
  row(say, 'the bits of a process', `${bits_us.toFixed(1)} µs`, '30 µs');
  say();
}

function signed(ns: number): string {
  return `${ns < 0 ? '−' : '+'}${Math.abs(Math.round(ns)).toLocaleString('en')}`;
}

function row(say: Say, ...cells: readonly string[]): void {
  say(`| ${cells.join(' | ')} |`.replaceAll('|  |', '| |'));
}
