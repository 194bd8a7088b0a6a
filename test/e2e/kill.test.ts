// Rules that the kernel kills by, in a real agent: who sent the signal, and that it needs no agent to run.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askStats } from '../../src/cli/control-client.js';
import { actProgram } from '../kernel/harness.js';
import { type AlertLine, MAIN, RunningAgent } from './agent.js';

let folder = '';
let agent: RunningAgent;
const at = (name: string) => join(folder, name);

function rule(name: string, condition: string): unknown {
  return { rule: name, desc: 'd', condition, output: name, priority: 'WARNING', action: 'kill' };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saker-kill-'));
  mkdirSync(at('calls'));
  for (const name of ['decoy', 'vague', 'often']) writeFileSync(at(name), '');
  copyFileSync(actProgram('write-byte'), at('banned'));
  const opens = 'evt.type in (open, openat)';
  writeFileSync(
    at('rules.yaml'),
    JSON.stringify([
      rule('Decoy', `${opens} and fd.name = ${at('decoy')}`),
      rule('Also decoy', `${opens} and fd.name = ${at('decoy')} and proc.args contains decoy`),
      rule('Vague', `${opens} and fd.name = ${at('vague')} and proc.args contains vague`),
      rule('Banned', `evt.type = execve and proc.exepath = ${at('banned')}`),
      rule('Often', `${opens} and fd.name = ${at('often')}`),
      rule('Removed', `evt.type in (unlink, unlinkat) and fs.path.name = ${at('calls/file')}`),
      rule('Renamed', `evt.type = rename and fs.path.target = ${at('calls/new')}`),
      rule(
        'Connected',
        'evt.type = connect and fd.sip = 127.0.0.1 and proc.name = call-then-write',
      ),
    ]),
  );
  const enforcement = { mode: 'on', kills_per_minute: 60 };
  writeFileSync(at('saker.yaml'), JSON.stringify({ enforcement }));
  agent = await RunningAgent.start([at('rules.yaml')], '-c', at('saker.yaml'));
}, 120_000);

afterAll(async () => {
  await agent?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What came of processes that do this, and then write a byte at once. */
function tries(deed: string, name: string, times: number): { killed: number; bytes: number } {
  const { killed, bytes } = JSON.parse(
    execFileSync(actProgram('do-then-write'), [deed, at(name), String(times)], {
      encoding: 'utf8',
    }),
  );
  return { killed, bytes };
}

async function alertsOf(name: string): Promise<AlertLine[]> {
  await agent.settle();
  return agent.alerts.splice(0).filter((alert) => alert.rule === name);
}

const BY_KERNEL = {
  wanted: 'kill',
  done: true,
  by: 'kernel',
  mode: 'on',
  after_us: expect.any(Number),
};

test('the kernel kills, each alert says so once, and so does that of a second rule', async () => {
  expect(tries('open', 'decoy', 10)).toEqual({ killed: 10, bytes: 0 });
  await agent.settle();
  const alerts = agent.alerts.splice(0);
  for (const name of ['Decoy', 'Also decoy']) {
    const actions = alerts.flatMap((one) => (one.rule === name ? one.saker?.action : []));
    expect(actions, name).toEqual(Array.from({ length: 10 }, () => BY_KERNEL));
  }
  expect((await askStats(agent.socket)).enforcement).toMatchObject({ killed: 10, ended: 0 });
});

test('a program is ended before it has done anything', async () => {
  expect(tries('exec', 'banned', 10)).toEqual({ killed: 10, bytes: 0 });
  const actions = (await alertsOf('Banned')).map(({ saker }) => saker?.action);
  expect(actions).toEqual(Array.from({ length: 10 }, () => BY_KERNEL));
});

test.each([
  ['Removed', 'unlink'],
  ['Renamed', 'rename'],
  ['Connected', 'connect'],
])('%s: other calls, also while the agent is stopped', async (name, call) => {
  const done = (times: number): unknown =>
    JSON.parse(
      execFileSync(actProgram('call-then-write'), [call, at('calls'), String(times)], {
        encoding: 'utf8',
      }),
    );
  await agent.settle();
  agent.signal('SIGSTOP');
  try {
    expect(done(10)).toMatchObject({ killed: 10, bytes: 0, error: 0 });
  } finally {
    agent.signal('SIGCONT');
  }
  const alerts = await alertsOf(name);
  expect(alerts.map(({ saker }) => saker?.action)).toEqual(
    Array.from({ length: 10 }, () => BY_KERNEL),
  );
});

test('what the kernel does not decide user space does, and says so', async () => {
  tries('open', 'vague', 1);
  const [alert] = await alertsOf('Vague');
  expect(alert?.saker?.action).toMatchObject({ by: 'user space', mode: 'on' });
});

test('an agent that is stopped still has processes killed, and tells of them when it goes on', async () => {
  await agent.settle();
  agent.signal('SIGSTOP');
  try {
    expect(tries('open', 'decoy', 10)).toEqual({ killed: 10, bytes: 0 });
  } finally {
    agent.signal('SIGCONT');
  }
  const alerts = await alertsOf('Decoy');
  expect(alerts.map(({ saker }) => saker?.action)).toEqual(
    Array.from({ length: 10 }, () => BY_KERNEL),
  );
});

test('a rule that kills too often only tells, whoever kills by it', async () => {
  expect(tries('open', 'often', 80)).toEqual({ killed: 60, bytes: 20 });
  await agent.settle();
  const alerts = agent.alerts.splice(0);
  const often = alerts.filter((alert) => alert.rule === 'Often');
  const done = often.filter(({ saker }) => /"done":true/.test(JSON.stringify(saker)));
  expect([often.length, done.length]).toEqual([80, 60]);
  expect(often.at(-1)?.saker?.action).toMatchObject({
    by: 'kernel',
    done: false,
    why: 'suspended: the rule kills too often',
  });
  const told = alerts.filter((alert) => alert.rule === 'Saker: kills suspended');
  expect(told.map(({ output_fields }) => output_fields.rule)).toEqual(['Often']);
  expect((await askStats(agent.socket)).enforcement).toMatchObject({ suspended: 20 });
});

test('validate and explain say who kills', () => {
  for (const command of ['validate', 'explain']) {
    const { stdout } = spawnSync(process.execPath, [MAIN, command, '-r', at('rules.yaml')], {
      encoding: 'utf8',
    });
    expect(stdout, command).toMatch(/kills by the kernel, within open, openat$/m);
    expect(stdout, command).toMatch(/kills by the kernel, within execve$/m);
    expect(stdout, command).toMatch(
      /kills from user space, after the event: '.*proc\.args contains vague' cannot be decided in the kernel: what a process was started with/,
    );
  }
});
