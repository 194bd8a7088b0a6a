// Rules with `action: kill` in a real agent: who dies, who lives, and what the alerts say of it.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askMute, askStats } from '../../src/cli/control-client.js';
import { type AlertLine, MAIN, RunningAgent } from './agent.js';

let folder = '';
let agent: RunningAgent;
const children: ChildProcess[] = [];
const at = (name: string) => join(folder, name);
const opened = (name: string) => ({
  rule: `Opened ${name}`,
  desc: 'd',
  condition: `evt.type in (open, openat) and fd.name = ${at(name)}`,
  output: 'opened %fd.name pid=%proc.pid',
  priority: 'WARNING',
  action: 'kill',
});
const NAMES = ['killed', 'audited', 'protected', 'threads', 'often', 'muted', 'repeated'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saker-enforce-'));
  for (const name of NAMES) writeFileSync(at(name), '');
  const rules = NAMES.map((name) =>
    name === 'repeated'
      ? { ...opened(name), dedup: { window: '1h', same: ['fd.name'] } }
      : opened(name),
  );
  writeFileSync(at('rules.yaml'), JSON.stringify(rules));
  copyFileSync('/bin/sleep', at('guarded'));
  copyFileSync('/bin/cat', at('guarded-cat'));
  const enforcement = {
    rules: [{ rule: 'Opened audited', mode: 'audit' }],
    mode: 'on',
    protected: [at('guarded-cat')],
    kills_per_minute: 100,
  };
  writeFileSync(at('saker.yaml'), JSON.stringify({ enforcement }));
  agent = await RunningAgent.start([at('rules.yaml')], '-c', at('saker.yaml'));
}, 120_000);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await agent?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A process that opens a file and then waits to be killed; it says so in its exit status if it is not. */
function opener(name: string, seconds = 20): ChildProcess {
  const child = spawn('/bin/sh', ['-c', `exec 3<${at(name)}; exec sleep ${seconds}`], {
    stdio: 'ignore',
  });
  children.push(child);
  return child;
}

async function alertsOf(name: string, pid?: number): Promise<AlertLine[]> {
  await agent.settle();
  const found = agent.of('fd.name', at(name));
  return pid === undefined ? found : found.filter(({ saker }) => saker?.pid === pid);
}

test('a process that opens the file is killed, its parent is not, and the alert says when', async () => {
  const child = spawn(
    '/bin/sh',
    ['-c', `sh -c 'exec 3<${at('killed')}; sleep 20'; echo lives $?`],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  children.push(child);
  const [said] = await once(child.stdout, 'data');
  expect(String(said)).toBe('lives 137\n');
  const [alert] = await alertsOf('killed');
  expect(alert?.saker?.pid).not.toBe(child.pid);
  expect(alert?.saker?.action).toEqual({
    wanted: 'kill',
    done: true,
    by: 'kernel',
    mode: 'on',
    after_us: expect.any(Number),
  });
});

test('audit leaves it alive and says what would have been done', async () => {
  const child = opener('audited');
  const [alert] = await alertsOf('audited', child.pid);
  expect(alert?.saker?.action).toMatchObject({
    wanted: 'kill',
    done: false,
    mode: 'audit',
    why: 'audit: it would have been killed',
  });
  expect(child.exitCode ?? child.signalCode).toBeNull();
  expect(existsSync(`/proc/${child.pid}/exe`)).toBe(true);
});

test('a protected program reads on', async () => {
  const run = spawnSync(at('guarded-cat'), [at('protected')]);
  expect(run.status).toBe(0);
  const [alert] = await alertsOf('protected', run.pid);
  // It may have ended before it was looked at; killed it was not.
  expect(alert?.saker?.action).toMatchObject({ done: false, mode: 'on' });
  const child = spawn(at('guarded-cat'), [at('protected'), '-'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  children.push(child);
  const alerts = async () => alertsOf('protected', child.pid);
  while ((await alerts()).length === 0);
  expect((await alerts())[0]?.saker?.action).toMatchObject({
    done: false,
    why: 'protected: by its program',
  });
  child.stdin.end('still here');
  const [said] = await once(child.stdout, 'data');
  expect(String(said)).toBe('still here');
});

test('all threads of a process die, whichever opened the file', async () => {
  const program = `
import threading, time
def work():
    time.sleep(0.2)
    open(${JSON.stringify(at('threads'))})
    time.sleep(20)
for _ in range(8): threading.Thread(target=time.sleep, args=(20,)).start()
threading.Thread(target=work).start()
time.sleep(20)
`;
  const child = spawn('/usr/bin/python3', ['-c', program], { stdio: 'ignore' });
  children.push(child);
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  const [alert] = await alertsOf('threads', child.pid);
  expect(alert?.saker?.action).toMatchObject({ done: true });
});

test('a muted rule, and one that repeats itself, still acts', async () => {
  await askMute(agent.socket, 'Opened muted', 60_000);
  for (const name of ['muted', 'repeated', 'repeated', 'repeated'])
    expect(await once(opener(name), 'exit'), name).toEqual([null, 'SIGKILL']);
  expect(await alertsOf('muted')).toEqual([]);
  expect(await alertsOf('repeated')).toHaveLength(1);
});

test('a rule that kills too often only tells, and the agent says so once', async () => {
  const one = `sh -c 'exec 3<${at('often')}; exec sleep 60' &`;
  const script = `i=0; while [ $i -lt 200 ]; do ${one} i=$((i+1)); done; wait`;
  const parent = spawn('/bin/sh', ['-c', script], { stdio: 'ignore', detached: true });
  children.push(parent);
  for (let seen = 0; seen < 200; ) seen = (await alertsOf('often')).length;
  const alerts = await alertsOf('often');
  const done = alerts.filter(({ saker }) => /"done":true/.test(JSON.stringify(saker)));
  const alive = alerts.filter(({ saker }) => existsSync(`/proc/${saker?.pid}/exe`));
  process.kill(-(parent.pid ?? 0), 'SIGKILL');
  expect(alerts).toHaveLength(200);
  expect(done).toHaveLength(100);
  expect(alive).toHaveLength(100);
  expect(alive.every(({ saker }) => /suspended: the rule/.test(JSON.stringify(saker)))).toBe(true);
  const told = agent.alerts.filter(({ rule }) => rule === 'Saker: kills suspended');
  expect(told).toHaveLength(1);
  expect(told[0]?.output_fields).toMatchObject({ rule: 'Opened often', kills_per_minute: 100 });
  expect((await askStats(agent.socket)).enforcement).toMatchObject({ suspended: 100 });
});

test('a rule that wants a denial that the kernel cannot decide is refused, by validate as by run', () => {
  const vague = opened('killed');
  vague.condition += ' and proc.cmdline contains x';
  writeFileSync(at('deny.yaml'), JSON.stringify([{ ...vague, action: 'deny' }]));
  for (const command of ['validate', 'run']) {
    const run = spawnSync(process.execPath, [MAIN, command, '-r', at('deny.yaml')], {
      encoding: 'utf8',
    });
    expect(run.status, command).toBe(1);
    expect(run.stdout + run.stderr).toMatch(
      /deny\.yaml:1:\d+: error: .*'proc\.cmdline contains x' cannot be decided in the kernel/,
    );
  }
});

test('who asks for nothing gets an agent that kills nobody', async () => {
  const careful = await RunningAgent.start([at('rules.yaml')], '-c', '/dev/null');
  try {
    execFileSync('/bin/true');
    const child = spawn('/usr/bin/tail', ['-f', at('often')], { stdio: 'ignore' });
    children.push(child);
    await careful.settle();
    while (careful.of('fd.name', at('often')).length === 0) await careful.settle();
    const [alert] = careful.of('fd.name', at('often'));
    expect(alert?.saker?.action).toMatchObject({ done: false, mode: 'audit' });
  } finally {
    await careful.stop();
  }
});
