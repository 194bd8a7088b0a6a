// Modes, protection and limits, on real processes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { bootNs } from '../../../src/bpf/libc.js';
import {
  ENFORCEMENT_DEFAULTS,
  type EnforcementConfig,
  modeOf,
} from '../../../src/config/enforcement.js';
import { parseStat } from '../../../src/enrich/proc-files.js';
import { AUDITED, Enforcer, SUSPENDED, type Subject } from '../../../src/respond/enforcer.js';
import { Guard, KillLimit, seesHostPids } from '../../../src/respond/guard.js';
import { ENDED } from '../../../src/respond/kill.js';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function sleeper(): Promise<{ child: ChildProcess; subject: Subject }> {
  const child = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  return { child, subject: subjectOf(child.pid ?? 0) };
}

function subjectOf(pid: number): Subject {
  const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const start_ns = BigInt(stat?.start_ticks ?? 0) * 10_000_000n;
  return { pid, start_ns, time_ns: bootNs(), uncertain: false };
}

const KILL = { name: 'r', action: 'kill' } as const;

function enforcer(config: Partial<EnforcementConfig>, now_ms = () => 0) {
  const suspended: string[] = [];
  const made = new Enforcer((rule) => suspended.push(rule), now_ms);
  made.use({ ...ENFORCEMENT_DEFAULTS, ...config });
  const act = (subject: Subject) => made.actOf(KILL)?.(subject);
  return { made, act, suspended };
}

async function aliveAfter(child: ChildProcess): Promise<boolean> {
  const stat = parseStat(readFileSync(`/proc/${child.pid}/stat`, 'latin1'));
  return stat !== undefined && !stat.is_dead;
}

test('on: the process is killed, and the alert can say how long that took', async () => {
  const { made, act } = enforcer({ mode: 'on' });
  const { child, subject } = await sleeper();
  const ended = once(child, 'exit');
  const action = act(subject);
  expect(action).toMatchObject({ wanted: 'kill', done: true, by: 'user space', mode: 'on' });
  expect(action?.why).toBeUndefined();
  expect(action?.after_us).toBeGreaterThanOrEqual(0);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(made.counts).toMatchObject({ killed: 1, audited: 0, refused: 0 });
});

test('what the kernel has done is not done again, and is told by those whom nobody asked', async () => {
  const { made, act } = enforcer({ mode: 'on' });
  const { child, subject } = await sleeper();
  const action = { wanted: 'kill', done: true, by: 'kernel', mode: 'on', after_us: 3 } as const;
  const kills = new Map(['r', 'other'].map((rule) => [rule, { action, trips: false }]));
  const rest = made.acted(subject, kills);
  expect(act(subject)).toBe(action);
  expect(made.actOf({ name: 'third', action: 'kill' })?.(subject)).toBe(action);
  expect(rest()).toEqual([['other', action]]);
  expect(await aliveAfter(child)).toBe(true);
  expect(made.counts).toMatchObject({ killed: 1, refused: 0 });
});

test('a rule that the kernel has suspended is told of once', () => {
  const { made, act, suspended } = enforcer({ mode: 'on' });
  const action = { wanted: 'kill', done: false, by: 'kernel', mode: 'on', why: SUSPENDED } as const;
  for (const trips of [true, false]) {
    const subject = subjectOf(process.pid);
    const rest = made.acted(subject, new Map([['r', { action, trips }]]));
    expect(act(subject)).toBe(action);
    expect(rest()).toEqual([]);
  }
  expect(suspended).toEqual(['r']);
  expect(made.counts).toMatchObject({ suspended: 2, killed: 0 });
});

test('audit: it lives, and what would have been done is said', async () => {
  const { made, act } = enforcer({ mode: 'audit' });
  const { child, subject } = await sleeper();
  expect(act(subject)).toMatchObject({ done: false, mode: 'audit', why: AUDITED });
  expect(await aliveAfter(child)).toBe(true);
  expect(made.counts).toMatchObject({ killed: 0, audited: 1 });
});

test('audit says when it would not have been killed either', () => {
  const { act } = enforcer({ mode: 'audit' });
  expect(act(subjectOf(process.pid))?.why).toMatch(/the agent itself/);
});

test('off, and rules that only tell: there is nothing to call', () => {
  expect(enforcer({ mode: 'off' }).made.actOf(KILL)).toBeUndefined();
  const { made } = enforcer({ mode: 'on' });
  expect(made.actOf({ name: 'r', action: 'notify' })).toBeUndefined();
});

test('several rules about one event kill once, and each says so', async () => {
  const { made, act } = enforcer({ mode: 'on', kills_per_minute: 1 });
  const { subject } = await sleeper();
  const first = act(subject);
  expect(first?.done).toBe(true);
  expect(act(subject)).toEqual(first);
  expect(made.counts.killed).toBe(1);
});

test('a later event of a process that was killed says that it has ended', async () => {
  const { made, act } = enforcer({ mode: 'on' });
  const { child, subject } = await sleeper();
  const ended = once(child, 'exit');
  act(subject);
  await ended;
  expect(act({ ...subject, time_ns: subject.time_ns + 1n })?.why).toBe(ENDED);
  expect(made.counts).toMatchObject({ killed: 1, ended: 1 });
});

describe('who is never acted on', () => {
  test.each([
    ['pid 1', 1],
    ['the agent itself', process.pid],
    ['the parent of the agent', process.ppid],
  ])('%s', (why, pid) => {
    const { made, act } = enforcer({ mode: 'on' });
    expect(act(subjectOf(pid))).toMatchObject({ done: false, why: `protected: ${why}` });
    expect(made.counts).toMatchObject({ killed: 0, refused: 1 });
  });

  test('a kernel thread', () => {
    const stat = parseStat(`2 (kthreadd) S 0 0 0 0 -1 2129984${' 0'.repeat(40)}`);
    if (stat === undefined) throw new Error('no stat');
    const guard = new Guard([]);
    expect(guard.refuses({ pid: 2, stat, exepath: undefined })).toMatch(/kernel thread/);
  });

  test('a process of which records were lost', async () => {
    const { act } = enforcer({ mode: 'on' });
    const { child, subject } = await sleeper();
    expect(act({ ...subject, uncertain: true })).toMatchObject({ done: false });
    expect(await aliveAfter(child)).toBe(true);
  });

  test('what the configuration names, by path or by name', async () => {
    const { child, subject } = await sleeper();
    const path = readlinkSync(`/proc/${child.pid}/exe`);
    const name = readFileSync(`/proc/${child.pid}/comm`, 'utf8').trim();
    for (const one of [path, name]) {
      const { act } = enforcer({ mode: 'on', protected: ['other', '/other', one] });
      expect(act(subject)?.why).toMatch(/^protected: by its (program|name)$/);
    }
    expect(await aliveAfter(child)).toBe(true);
  });
});

test('a rule that kills too often is suspended, tells so once, and acts again later', async () => {
  let now_ms = 0;
  const { made, act, suspended } = enforcer(
    { mode: 'on', kills_per_minute: 2, suspend_ms: 600_000 },
    () => now_ms,
  );
  const sleepers = await Promise.all(Array.from({ length: 5 }, sleeper));
  const whys = sleepers.map(({ subject }) => act(subject)?.why);
  expect(whys).toEqual([undefined, undefined, SUSPENDED, SUSPENDED, SUSPENDED]);
  expect(suspended).toEqual(['r']);
  expect(made.counts).toMatchObject({ killed: 2, suspended: 3 });
  now_ms = 599_999;
  expect(act(sleepers[2]?.subject ?? subjectOf(1))?.why).toBe(SUSPENDED);
  now_ms = 600_000;
  expect(act(sleepers[2]?.subject ?? subjectOf(1))?.done).toBe(true);
});

test('a rule has its limit for itself, and anew every minute', () => {
  const limit = new KillLimit();
  const one = { per_minute: 1, suspend_ms: 1000 };
  expect(limit.spend('a', one, 0)).toBe('acts');
  expect(limit.spend('b', one, 0)).toBe('acts');
  expect(limit.spend('a', one, 60_000)).toBe('acts');
  expect(limit.spend('a', one, 60_001)).toBe('trips');
  expect(limit.spend('a', one, 60_002)).toBe('suspended');
});

test('the mode of a rule is that of the last entry that fits, and off for all is off', () => {
  const rules = [
    { rule: '*', mode: 'on' },
    { rule: 'Shell*', mode: 'off' },
  ] as const;
  const config = { ...ENFORCEMENT_DEFAULTS, rules };
  expect(modeOf(config, 'Read')).toBe('on');
  expect(modeOf(config, 'Shell started')).toBe('off');
  expect(modeOf({ ...config, rules: [] }, 'Read')).toBe('audit');
  expect(modeOf({ ...config, mode: 'off' }, 'Read')).toBe('off');
});

test('without the pids of the host nothing is acted on', () => {
  expect(seesHostPids('/nowhere')).toBe(false);
});
