// Rules that change under a running agent: every way in which files change, and nothing lost meanwhile.

import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { perform } from '../acts/perform.js';
import { type AlertLine, RunningAgent } from './agent.js';

const NEW_RULES = 'watching with new rules';
const REFUSED = 'the old rules stay in force';

let folder = '';
let rules = '';
let agents: RunningAgent[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-reload-'));
  rules = join(folder, 'rules');
  mkdirSync(rules);
});
afterEach(async () => {
  for (const agent of agents) await agent.stop();
  agents = [];
  rmSync(folder, { recursive: true, force: true });
});

function rule(name: string, file = 'marked'): string {
  const condition = `evt.type in (open, openat) and fd.name = ${join(folder, file)}`;
  return `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: "%fd.name"\n  priority: INFO\n`;
}

/** As editors save: a new file takes the place of the old one. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}~`, text);
  renameSync(`${path}~`, path);
}

async function started(paths: string[], ...options: string[]): Promise<RunningAgent> {
  const agent = await RunningAgent.start(paths, ...options);
  agents.push(agent);
  return agent;
}

/** The rules that fire when the file is touched. */
async function firing(agent: RunningAgent, file = 'marked'): Promise<string[]> {
  const path = join(folder, file);
  const before = agent.of('fd.name', path).length;
  writeFileSync(path, '');
  await agent.taken();
  return agent
    .of('fd.name', path)
    .slice(before)
    .map((alert) => alert.rule);
}

test('under load every event is judged, by the old rules or by the new ones', async () => {
  const file = join(rules, 'r.yaml');
  writeFileSync(file, rule('Always') + rule('Old'));
  const agent = await started([file]);
  const end = join(folder, 'end');
  const doing = perform({ program: 'open-many.py', args: [folder, end] });
  const marked = () => agent.of('fd.name', join(folder, 'marked'));
  while (marked().length === 0) await agent.taken();
  replace(file, rule('Always') + rule('New'));
  await agent.hear(NEW_RULES);
  const swapped = marked().length;
  while (marked().length < swapped + 10) await agent.taken();
  writeFileSync(end, '');
  const done = await doing;
  await agent.taken();
  const { stderr } = await agent.stop();

  const byRule = (name: string) => marked().filter((alert) => alert.rule === name);
  // The act also makes the file, and so opens it once more.
  const opened = Number(done.rounds) + 1;
  expect(byRule('Always').length).toBe(opened);
  expect(byRule('Old').length + byRule('New').length).toBe(opened);
  expect(byRule('Old').length).toBeGreaterThan(0);
  expect(byRule('New').length).toBeGreaterThan(0);
  const times = (alerts: AlertLine[]) => alerts.map((alert) => alert.time).sort();
  expect((times(byRule('Old')).at(-1) ?? '') < (times(byRule('New'))[0] ?? '')).toBe(true);
  const { events, received } = lastLine(stderr);
  expect(events.lost).toBe(0);
  expect(events.seen).toBeGreaterThan(50 * Number(done.rounds));
  expect(received).toBe(events.sent);
});

describe('a change is noticed when', () => {
  test('a file comes to a folder, changes, and goes', async () => {
    writeFileSync(join(rules, 'a.yaml'), rule('First'));
    const agent = await started([rules]);
    expect(await firing(agent)).toEqual(['First']);
    writeFileSync(join(rules, 'b.yaml'), rule('Second'));
    await agent.hear(NEW_RULES);
    expect(await firing(agent)).toEqual(['First', 'Second']);
    writeFileSync(join(rules, 'b.yaml'), rule('Third'));
    await agent.hear(NEW_RULES, 2);
    expect(await firing(agent)).toEqual(['First', 'Third']);
    unlinkSync(join(rules, 'b.yaml'));
    await agent.hear(NEW_RULES, 3);
    expect(await firing(agent)).toEqual(['First']);
  });

  test('the link of a ConfigMap is turned', async () => {
    const version = (name: string, text: string): void => {
      mkdirSync(join(rules, name));
      writeFileSync(join(rules, name, 'r.yaml'), text);
      symlinkSync(name, join(rules, '..data_tmp'));
      renameSync(join(rules, '..data_tmp'), join(rules, '..data'));
    };
    version('..2026_1', rule('First'));
    symlinkSync('..data/r.yaml', join(rules, 'r.yaml'));
    const agent = await started([rules]);
    expect(await firing(agent)).toEqual(['First']);
    version('..2026_2', rule('Second'));
    rmSync(join(rules, '..2026_1'), { recursive: true });
    await agent.hear(NEW_RULES);
    expect(await firing(agent)).toEqual(['Second']);
  });

  test('the configuration switches a rule off; what waits for the next start is named', async () => {
    writeFileSync(join(rules, 'r.yaml'), rule('First') + rule('Second'));
    const config = join(folder, 'saker.yaml');
    writeFileSync(config, '');
    const agent = await started([rules], '-c', config);
    expect(await firing(agent)).toEqual(['First', 'Second']);
    replace(config, 'rules: [{disable: {rule: First}}]\nring_bytes: 65536\n');
    await agent.hear(NEW_RULES);
    expect(agent.said).toContain('the next start will obey what changed in ring_bytes');
    expect(await firing(agent)).toEqual(['Second']);
  });

  test('it asks for system calls that nobody wanted before', async () => {
    writeFileSync(join(rules, 'r.yaml'), rule('First'));
    const agent = await started([rules]);
    const folderMade = `evt.type in (mkdir, mkdirat) and evt.arg.path endswith saker-reload-made`;
    const text = `- rule: Made\n  desc: d\n  condition: ${folderMade}\n  output: "%evt.arg.path"\n  priority: INFO\n`;
    replace(join(rules, 'r.yaml'), rule('First') + text);
    await agent.hear(NEW_RULES);
    mkdirSync(join(folder, 'saker-reload-made'));
    await agent.taken();
    expect(agent.alerts.filter((alert) => alert.rule === 'Made').length).toBe(1);
  });
});

test('SIGHUP reads the rules again, also where changes are not looked for', async () => {
  const file = join(rules, 'r.yaml');
  writeFileSync(file, rule('First'));
  const agent = await started([file], '-o', 'watch_config_files=false');
  replace(file, rule('Second'));
  expect(await firing(agent)).toEqual(['First']);
  agent.signal('SIGHUP');
  await agent.hear(NEW_RULES);
  expect(await firing(agent)).toEqual(['Second']);
});

describe('the old rules stay in force when', () => {
  test('a new one is wrong; the place is told, and the corrected one is taken', async () => {
    const file = join(rules, 'r.yaml');
    writeFileSync(file, rule('First'));
    const agent = await started([file]);
    replace(file, `${rule('Second')}- rule: Bad\n  condition: proc.nmae = x\n`);
    await agent.hear(REFUSED);
    expect(agent.said).toContain('r.yaml:6');
    expect(await firing(agent)).toEqual(['First']);
    replace(file, rule('Second'));
    await agent.hear(NEW_RULES);
    expect(await firing(agent)).toEqual(['Second']);
  });

  test('the file is gone', async () => {
    const file = join(rules, 'r.yaml');
    writeFileSync(file, rule('First'));
    const agent = await started([file]);
    unlinkSync(file);
    await agent.hear(REFUSED);
    expect(agent.said).toContain('there is no such file');
    expect(await firing(agent)).toEqual(['First']);
  });

  test('the configuration is wrong', async () => {
    writeFileSync(join(rules, 'r.yaml'), rule('First'));
    const config = join(folder, 'saker.yaml');
    writeFileSync(config, '');
    const agent = await started([rules], '-c', config);
    replace(config, 'rules: [{disable: {rule: First}}]\npriority: some\n');
    await agent.hear(REFUSED);
    expect(agent.said).toContain('saker.yaml:2:11: priority');
    expect(await firing(agent)).toEqual(['First']);
  });
});

function lastLine(stderr: string): {
  events: { seen: number; sent: number; lost: number };
  received: number;
} {
  const line = stderr
    .trim()
    .split('\n')
    .findLast((text) => text.includes('"msg":"stopped"'));
  return JSON.parse(line ?? '{}');
}
