// The parts of the benchmark: what each measures, as the text of its section.

import { existsSync } from 'node:fs';
import { measureDeliveryRate, measureOutage } from './delivery.js';
import { measureFilter } from './filter.js';
import { measureAlerts, measureHost, measureIdle } from './host.js';
import { type MemoryRun, measureMemory } from './memory.js';
import { measureOfficial, OFFICIAL_RULES } from './official.js';
import { measureRate, measureUndecided, type RateResult, type RateRun } from './rate.js';
import { type Say, table } from './rows.js';
import { measureSoak } from './soak.js';
import { measureStages } from './stages.js';
import { tablePart } from './table.js';
import { floodsPart } from './table-floods.js';
import { floorPart } from './table-floor.js';

/** A part that can be measured by itself. */
export interface Part {
  /** Its name on the command line. */
  readonly name: string;
  /** Its heading. */
  readonly title: string;
  /** @param minutes for what takes as long as one likes */
  run(say: Say, minutes: number): Promise<void>;
}

const RULES = ['rules'];

export const PARTS: readonly Part[] = [
  { name: 'stages', title: 'Stages', run: stages },
  { name: 'official', title: "Falco's three rule files", run: official },
  { name: 'agent', title: 'The agent by itself', run: agent },
  { name: 'alerts', title: 'Alerts', run: alerts },
  { name: 'rate', title: 'Events a second without loss', run: rate },
  { name: 'host', title: 'What the agent adds to a watched process', run: host },
  { name: 'table', title: 'Beside Falco', run: tablePart },
  { name: 'floor', title: 'Beside Falco: calls that nobody asks for', run: floorPart },
  { name: 'floods', title: 'Beside Falco: floods and idle', run: floodsPart },
  { name: 'delivery', title: 'Into Kafka', run: delivery },
  { name: 'outage', title: 'While Kafka is away', run: outage },
  { name: 'soak', title: 'Broker and agent killed at random', run: soak },
  { name: 'filter', title: 'The kernel filter by itself', run: filter },
  { name: 'memory', title: 'Memory under a load of short processes', run: memory },
];

async function delivery(say: Say): Promise<void> {
  say(
    'From the alert stage through the spool (fdatasync for every write) into Kafka 4.1.1 with acks=all,',
  );
  say('alerts of 1.4 kB; broker, alert stage and main thread share the machine.');
  say();
  const rows: string[][] = [];
  for (const [name, more] of [
    ['gzip', ''],
    ['no compression', ', compression: none'],
  ] as const) {
    const { alerts_per_s, cpu_us, rss_bytes } = await measureDeliveryRate(more);
    rows.push([name, whole(alerts_per_s), cpu_us.toFixed(1), megabytes(rss_bytes)]);
  }
  table(say, ['', 'alerts/s', 'processor time of the agent, µs per alert', 'resident'], rows);
}

async function outage(say: Say, minutes: number): Promise<void> {
  const run = await measureOutage(minutes);
  say(`The broker was killed for ${run.minutes} minutes at 1,000 alerts a second.`);
  say();
  table(
    say,
    ['', ''],
    [
      ['resident before', megabytes(run.rss_before_bytes)],
      ['most resident', megabytes(run.rss_most_bytes)],
      ['alerts that waited', whole(run.queued)],
      [
        'live again after',
        run.recovery_s === undefined ? 'more than 120 s' : `${run.recovery_s.toFixed(0)} s`,
      ],
      ['alerts dropped', whole(run.dropped)],
    ],
  );
}

async function soak(say: Say, minutes: number): Promise<void> {
  const run = await measureSoak(minutes);
  say(`${run.minutes} minutes at 2,000 alerts a second; seed ${run.seed}.`);
  say();
  table(
    say,
    ['', ''],
    [
      ['the agent was killed', whole(run.agent_kills)],
      ['the broker was stopped or killed', whole(run.broker_kills)],
      ['ids whose append returned', whole(run.appended)],
      ['of these not in Kafka', whole(run.missing)],
      ['messages in Kafka', whole(run.messages)],
      ['of these twice', whole(run.duplicates)],
    ],
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

async function stages(say: Say): Promise<void> {
  const costs = measureStages();
  say(
    `Open events from a real ring that was filled while nobody read it, ${costs.rules} rules, none matches.`,
  );
  say();
  const rows: readonly [string, number][] = [
    ['capture (header only)', costs.header_ns],
    ['decode and enrich', costs.decode_ns],
    ['match', costs.match_ns],
    [`match, ${whole(costs.files)} different files`, costs.varied_ns],
  ];
  table(
    say,
    ['up to and with', 'ns per event', 'events/s on one core'],
    rows.map(([name, ns]) => [name, ns.toFixed(0), whole(1e9 / ns)]),
  );
}

async function filter(say: Say): Promise<void> {
  say(
    'Processor time that each adds to an operation, nanoseconds: an empty program at raw sys_exit, the ' +
      'filter with a plan made by hand that wants none of the events. Medians, interleaved.',
  );
  say();
  table(
    say,
    ['operation', 'bare', 'empty program', 'filter', 'sent'],
    measureFilter().map((row) => [
      row.operation,
      whole(row.bare_ns),
      `+${whole(row.empty_ns - row.bare_ns)}`,
      `+${whole(row.filter_ns - row.bare_ns)}`,
      whole(row.sent),
    ]),
  );
}

async function official(say: Say): Promise<void> {
  const costs = measureOfficial();
  if (costs === undefined) {
    say(`The files are not in ${OFFICIAL_RULES}: not measured.`);
    return;
  }
  say(
    `${costs.rules} rules. Records from a real ring: decoding, enriching, matching; none matches.`,
  );
  say();
  table(
    say,
    ['', ''],
    [
      ['`saker validate` of the three files', `${(costs.validate_ms / 1000).toFixed(2)} s`],
      ['open that no rule is about', `${(costs.open_ns / 1000).toFixed(2)} µs`],
      [
        'execve',
        `${(costs.exec_ns / 1000).toFixed(2)} µs, of which ${(costs.exec_decode_ns / 1000).toFixed(2)} µs until it is matched`,
      ],
    ],
  );
}

async function agent(say: Say): Promise<void> {
  const idle = await measureIdle(RULES);
  say('Resident memory: pages of the ring that are mapped twice are counted once.');
  say();
  table(
    say,
    ['', ''],
    [
      ['launch to watching', `${(idle.ready_ms / 1000).toFixed(2)} s`],
      ['resident memory, idle', memoryText(idle)],
      ['processor, idle', `${(100 * idle.cpu_share).toFixed(2)} % of a core`],
      [`resident memory after ${idle.execs} fork+exec`, memoryText(idle.after)],
    ],
  );
}

async function alerts(say: Say): Promise<void> {
  const times = await measureAlerts(RULES);
  table(
    say,
    ['', ''],
    [
      [
        'system call to line in the file',
        `p50 ${times.p50_ms.toFixed(1)} ms, p99 ${times.p99_ms.toFixed(1)} ms`,
      ],
      ['first alert after launch', `${(times.first_ms / 1000).toFixed(2)} s`],
    ],
  );
}

async function rate(say: Say): Promise<void> {
  say(
    'Pairs of open and close, load on one processor, agent on the other. Nothing is lost when the kernel',
  );
  say('side counted no loss in four seconds. Shipped rules, none holds.');
  say();
  say('Of a file that no rule is about: the kernel filter keeps the events to itself.');
  say();
  rateTables(say, await measureRate(RULES));
  say();
  say('With a rule about the file that only user space can decide: each open goes to the matcher.');
  say();
  rateTables(say, await measureUndecided(RULES));
}

function rateTables(say: Say, found: RateResult): void {
  const row = (name: string, run: RateRun): string[] => [
    name,
    whole(run.pairs_per_s),
    `${run.sent} of ${run.seen}`,
    String(run.lost),
    `${(100 * run.agent_share).toFixed(0)} %`,
  ];
  const rows = [row('as fast as the load can', found.flat_out)];
  if (found.best !== undefined) rows.push(row('fastest without loss', found.best));
  table(say, ['', 'pairs/s', 'sent of seen', 'lost', 'a core for the agent'], rows);
  say();
  say('As fast as it can from the moment that the agent says `watching`:');
  say();
  table(
    say,
    ['second', 'sent', 'lost', 'a core for the agent'],
    found.from_start.map(({ sent, lost, agent_share }, at) => [
      String(at + 1),
      String(sent),
      String(lost),
      `${(100 * agent_share).toFixed(0)} %`,
    ]),
  );
}

async function host(say: Say): Promise<void> {
  say('Load on one processor, agent on the other; with and without in turn.');
  say();
  const rows = await measureHost(RULES);
  table(
    say,
    ['operation', 'bare ns', 'added ns', 'ratio', 'agent CPU s', 'sent of seen', 'lost'],
    rows.map((row) => [
      row.operation,
      row.bare_ns.toFixed(0),
      (row.with_ns - row.bare_ns).toFixed(0),
      (row.with_ns / row.bare_ns).toFixed(3),
      row.agent_cpu_s.toFixed(2),
      `${row.sent} of ${row.seen}`,
      String(row.lost),
    ]),
  );
}

async function memory(say: Say, minutes: number): Promise<void> {
  say(`fork+exec without a pause for ${minutes} minutes, idle before and after.`);
  const sets: readonly (readonly [string, readonly string[]])[] = [
    ['the shipped rules', RULES],
    ["Falco's three files", [OFFICIAL_RULES]],
  ];
  for (const [name, rules] of sets) {
    if (rules !== RULES && !existsSync(OFFICIAL_RULES)) continue;
    const told = (sample: MemoryRun['samples'][number]) =>
      process.stderr.write(`${name}, ${sample.minute}: ${memoryText(sample)}\n`);
    const run = await measureMemory(rules, minutes, told);
    say();
    say(`With ${name}, ${run.execs} programs, ${run.lost} records lost:`);
    say();
    table(
      say,
      ['minute', 'resident memory'],
      run.samples.map((sample) => [String(sample.minute), memoryText(sample)]),
    );
  }
}

function memoryText({ resident_mib, own_mib }: { resident_mib: number; own_mib: number }): string {
  return `${resident_mib.toFixed(0)} MiB (${own_mib.toFixed(0)} MiB of it anonymous)`;
}

function whole(figure: number): string {
  return Math.round(figure).toLocaleString('en');
}
