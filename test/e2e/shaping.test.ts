// Limits, filters, mutes and masks in a real agent, started with a configuration as Falco's users have.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askMute, askStats } from '../../src/cli/control-client.js';
import { MAIN } from './agent.js';
import { Program } from './program.js';

let folder = '';
let agent: Program;
const at = (name: string) => join(folder, name);
const socket = () => at('agent.sock');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saker-shaping-'));
  const opened = (name: string) => ({
    desc: 'd',
    condition: `evt.type in (open, openat) and fd.name startswith ${at(name)}`,
    output: 'opened %fd.name',
    priority: 'NOTICE',
  });
  const rules = [
    { rule: 'Limited', ...opened('limited-'), rate_limit: { alerts: 2, per: '1h' } },
    { rule: 'Repeated', ...opened('repeated-'), dedup: { window: '1h', same: ['fd.name'] } },
    { rule: 'Muted', ...opened('muted-') },
    { rule: 'Plain', ...opened('plain-') },
    {
      rule: 'Started',
      desc: 'd',
      condition: `evt.type = execve and evt.res = SUCCESS and proc.args contains ${at('x')}`,
      output: 'started %proc.cmdline',
      priority: 'WARNING',
    },
    { rule: 'Last', ...opened('last-') },
  ];
  writeFileSync(at('rules.yaml'), JSON.stringify(rules));
  writeFileSync(
    at('falco.yaml'),
    `
engine: {kind: modern_ebpf, modern_ebpf: {buf_size_preset: 4}}
plugins: []
buffered_outputs: false
rules_files: [${at('rules.yaml')}, ${at('falco_rules.local.yaml')}]
json_output: true
file_output:
  enabled: true
  filename: ${at('alerts')}
  filter: fd.name startswith ${at('plain-')} or fd.name startswith ${at('last-')}
metrics: {enabled: false, interval: 1h, output_rule: true}
control_socket: ${socket()}
spool: {path: ${at('spool')}}
`,
  );
  agent = new Program(process.execPath, [MAIN, 'run', '-c', at('falco.yaml')]);
  await agent.hear('watching');
}, 120_000);
afterAll(async () => {
  await agent?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the file of Falco is taken; what means nothing is said once', () => {
  const told = agent.stderr.split('keys of Falco that mean nothing here');
  expect(told).toHaveLength(2);
  expect(told[1]).toMatch(/engine, plugins, buffered_outputs/);
  expect(agent.stderr).toContain('falco_rules.local.yaml is named in rules_files, and not there');
});

test('limits, filters, mutes and masks hold, and all that is kept back is counted', async () => {
  await askMute(socket(), 'Muted', 3_600_000);
  for (let file = 0; file < 5; file++) writeFileSync(at(`limited-${file}`), '');
  for (let time = 0; time < 4; time++) writeFileSync(at('repeated-1'), '');
  for (let time = 0; time < 3; time++) writeFileSync(at('muted-1'), '');
  writeFileSync(at('plain-1'), '');
  execFileSync('/bin/true', [at('x'), '--password=hunter2secret', '-v']);
  writeFileSync(at('last-1'), '');
  await agent.see(at('last-1'));
  const stats = await askStats(socket());
  expect(stats.alerts).toMatchObject({ Limited: 2, Repeated: 1, Plain: 1, Started: 1 });
  expect(stats.alerts.Muted).toBeUndefined();
  expect(stats.alerts_muted).toEqual({ Muted: 3 });
  expect(stats.alerts_suppressed).toEqual({ Limited: 3, Repeated: 3 });
  expect(agent.stdout).not.toContain('hunter2secret');
  expect(agent.stdout).toMatch(/started true \S+x --password=\*\*\* -v/);
});

test('in the end it tells what it kept back, and the file has what its filter let through', async () => {
  expect(await agent.stop()).toBe(0);
  const alerts = agent.stdout
    .trim()
    .split('\n')
    .map((line): { rule: string; output_fields: Record<string, unknown> } => JSON.parse(line));
  const untold = alerts.filter(({ rule }) => rule === 'Saker: alerts suppressed');
  expect(untold.map(({ output_fields: { rule, count } }) => [rule, count]).sort()).toEqual([
    ['Limited', 3],
    ['Repeated', 3],
  ]);
  const inFile = readFileSync(at('alerts'), 'utf8').trim().split('\n');
  const rules = inFile.map((line) => JSON.parse(line).rule).filter((name) => !/^Saker/.test(name));
  expect(rules).toEqual(['Plain', 'Last']);
});

test('a mute goes on in the next run, and a file that makes no sense is told and ignored', async () => {
  agent = new Program(process.execPath, [MAIN, 'run', '-c', at('falco.yaml')]);
  await agent.hear('watching');
  expect(agent.stdout).toContain('"rule":"Saker: rule muted"');
  writeFileSync(at('muted-2'), '');
  writeFileSync(at('last-2'), '');
  await agent.see(at('last-2'));
  expect(agent.stdout).not.toContain(at('muted-2'));
  const [mute] = await askMute(socket(), undefined, 0);
  expect(mute).toMatchObject({ rule: 'Muted', muted: 1 });
  expect(mute?.left_s).toBeLessThan(3600);
  expect(await agent.stop()).toBe(0);

  writeFileSync(at('spool/mutes.json'), '{"agent":');
  agent = new Program(process.execPath, [MAIN, 'run', '-c', at('falco.yaml')]);
  await agent.hear('watching');
  expect(agent.stderr).toContain('the mutes of the last run cannot be read');
  writeFileSync(at('muted-3'), '');
  await agent.see(at('muted-3'));
});
