// `npm run bench`: measures and prints; `npm run bench -- --write` also writes test/bench/RESULTS.md.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { measureAlerts, measureHost, measureIdle } from './host.js';
import { buildLoad } from './load.js';
import { measureStages } from './stages.js';

const RULES = ['rules'];

buildLoad();
const lines: string[] = [];
function say(line = ''): void {
  lines.push(line);
  console.log(line);
}

say('# Benchmark');
say();
say(
  `Linux ${release()}, ${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} CPUs, Node ${process.version}.`,
);
say(
  `Commit ${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()}.`,
);
say(
  'Command: `npm run bench -- --write`. Medians; ratios are within one run. The machine is noisy.',
);
say();

const stages = measureStages();
say('## Stages');
say();
say(
  `Open events from a real ring that was filled while nobody read it, ${stages.rules} rules, none matches.`,
);
say();
say('| up to and with | ns per event | events/s on one core |');
say('| --- | --- | --- |');
for (const [name, ns] of [
  ['capture (header only)', stages.header_ns],
  ['decode and enrich', stages.decode_ns],
  ['match', stages.match_ns],
] as const) {
  say(`| ${name} | ${ns.toFixed(0)} | ${Math.round(1e9 / ns).toLocaleString('en')} |`);
}
say();

const idle = await measureIdle(RULES);
say('## The agent by itself');
say();
say('| | |');
say('| --- | --- |');
say(`| launch to watching | ${(idle.ready_ms / 1000).toFixed(2)} s |`);
say(
  `| resident memory, idle | ${idle.rss_mib.toFixed(0)} MiB (proportional ${idle.pss_mib.toFixed(0)} MiB) |`,
);
say(`| processor, idle | ${(100 * idle.cpu_share).toFixed(2)} % of a core |`);
say(`| resident memory after ${idle.execs} fork+exec | ${idle.after_rss_mib.toFixed(0)} MiB |`);
say();

const alerts = await measureAlerts(RULES);
say('## Alerts');
say();
say('| | |');
say('| --- | --- |');
say(
  `| system call to line in the file | p50 ${alerts.p50_ms.toFixed(1)} ms, p99 ${alerts.p99_ms.toFixed(1)} ms |`,
);
say(`| first alert after launch | ${(alerts.first_ms / 1000).toFixed(2)} s |`);
say();

say('## What the agent adds to a watched process');
say();
say('Load on one processor, agent on the other; with and without in turn.');
say();
say('| operation | bare ns | added ns | ratio | agent CPU s | sent of seen | lost |');
say('| --- | --- | --- | --- | --- | --- | --- |');
for (const row of await measureHost(RULES)) {
  const added = row.with_ns - row.bare_ns;
  const ratio = (row.with_ns / row.bare_ns).toFixed(3);
  say(
    `| ${row.operation} | ${row.bare_ns.toFixed(0)} | ${added.toFixed(0)} | ${ratio} | ` +
      `${row.agent_cpu_s.toFixed(2)} | ${row.sent} of ${row.seen} | ${row.lost} |`,
  );
}

if (process.argv.includes('--write'))
  writeFileSync('test/bench/RESULTS.md', `${lines.join('\n')}\n`);
