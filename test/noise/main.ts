// Runs the loads of loads.sh under an agent and prints what fired, by rule; see run.sh for its use.

import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AgentRun, type NoiseAlert, startAgent } from './agent.js';
import { EXPECTED } from './expected.js';

const { values: chosen } = parseArgs({
  options: {
    rules: { type: 'string', short: 'r', multiple: true, default: ['rules'] },
    load: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
  },
});

/** Tells our processes from those of others: everything that a load starts stays below it. */
const GROUP = `/saker-noise-${process.pid}`;
const GROUP_ROOT = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((path) =>
  existsSync(join(path, 'cgroup.procs')),
);
const FOLDER = mkdtempSync(join(tmpdir(), 'saker-noise-'));
const LOADS = 'test/noise/loads.sh';

process.exitCode = await main();

async function main(): Promise<number> {
  if (GROUP_ROOT === undefined) throw new Error('no hierarchy of cgroup version 2 is mounted');
  const all = spawnSync('bash', [LOADS, 'list'], { encoding: 'utf8' }).stdout.trim().split('\n');
  const loads = chosen.load.length === 0 ? all : all.filter((name) => chosen.load.includes(name));
  let agent: AgentRun | undefined;
  try {
    if ((await runLoad('prepare')) !== 0) throw new Error('the loads could not be prepared');
    agent = await startAgent(chosen.rules, join(FOLDER, 'docker/docker.sock'));
    const failed: string[] = [];
    for (const name of loads) {
      const begin_ms = Date.now();
      if ((await runLoad(name)) !== 0) failed.push(name);
      process.stderr.write(`${name}: ${((Date.now() - begin_ms) / 1000).toFixed(0)} s\n`);
    }
    const ending = await agent.stop();
    const mine = agent.alerts.filter((alert) => loadOf(alert) !== undefined);
    if (chosen.json !== undefined)
      writeFileSync(chosen.json, mine.map((alert) => `${JSON.stringify(alert)}\n`).join(''));
    console.log(`Linux ${release()}, rules of ${chosen.rules.join(' and ')}; ${ending}\n`);
    print(mine);
    const problems = judge(mine, loads).concat(failed.map((name) => `the load ${name} failed`));
    for (const problem of problems) console.log(`noise: ${problem}`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await agent?.stop();
    await runLoad('clean');
  }
}

/** Runs one load in a control group of its own; gives its exit status. */
function runLoad(name: string): Promise<number | null> {
  const group = join(GROUP_ROOT ?? '', GROUP, name);
  const script = 'echo $$ >"$0/cgroup.procs" && exec bash "$@"';
  const inGroup = ['-c', script, group, LOADS, name, FOLDER];
  // What is done before and after is not judged, and the groups have to become empty.
  const judged = name !== 'prepare' && name !== 'clean';
  if (judged) mkdirSync(group, { recursive: true });
  const child = spawn('bash', judged ? inGroup : [LOADS, name, FOLDER], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CGROUP: GROUP },
  });
  return new Promise((resolve) => child.once('exit', resolve));
}

function loadOf(alert: NoiseAlert): string | undefined {
  const group = String(alert.output_fields['thread.cgroups'] ?? '');
  return group.startsWith(`${GROUP}/`) ? group.split('/')[2] : undefined;
}

/** One line for each rule, and below it one for each load and program that fired it. */
function print(alerts: readonly NoiseAlert[]): void {
  const byRule = grouped(alerts, (alert) => `${alert.priority}: ${alert.rule}`);
  for (const [rule, fired] of [...byRule].sort(([, one], [, other]) => other.length - one.length)) {
    console.log(`${String(fired.length).padStart(5)}  ${rule}`);
    const byPlace = grouped(fired, (alert) => {
      const { 'proc.exepath': exe, 'proc.pname': parent } = alert.output_fields;
      return `${loadOf(alert)}: ${exe} started by ${parent}`;
    });
    for (const [place, some] of byPlace) {
      const { 'fd.name': file, 'evt.type': call } = some[0]?.output_fields ?? {};
      console.log(`${String(some.length).padStart(14)}  ${place}, ${call} ${file ?? ''}`);
    }
  }
  if (alerts.length === 0) console.log('    0  of all rules');
}

function grouped(
  alerts: readonly NoiseAlert[],
  keyOf: (alert: NoiseAlert) => string,
): Map<string, NoiseAlert[]> {
  const groups = new Map<string, NoiseAlert[]>();
  for (const alert of alerts) {
    const group = groups.get(keyOf(alert));
    if (group === undefined) groups.set(keyOf(alert), [alert]);
    else group.push(alert);
  }
  return groups;
}

/** What our own rules should not have said, or should have. */
function judge(alerts: readonly NoiseAlert[], loads: readonly string[]): string[] {
  const text = readdirSync('rules')
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(join('rules', name), 'utf8'))
    .join('\n');
  const ours = alerts.filter((alert) => text.includes(`- rule: ${alert.rule}\n`));
  const place = (alert: NoiseAlert) => `${loadOf(alert)}: ${alert.rule}`;
  const known = EXPECTED.filter((one) => loads.includes(one.load));
  const names = known.map((one) => `${one.load}: ${one.rule}`);
  const fired = new Set(ours.map(place));
  return [
    ...ours
      .filter((alert) => !names.includes(place(alert)))
      .map((alert) => `not expected in ${loadOf(alert)}: ${alert.output}`),
    ...names.filter((name) => !fired.has(name)).map((name) => `expected in vain: ${name}`),
  ];
}
