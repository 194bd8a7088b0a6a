// Rules that are muted for a while: whose alerts are kept back, how long, and what is told of it.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { AgentMutes } from '../../../src/agent/mute.js';
import { type KeptMute, MuteFile } from '../../../src/agent/mute-file.js';
import { Mutes } from '../../../src/sensor/mutes.js';

function mutes() {
  vi.useFakeTimers();
  const sensor = new Mutes();
  const told: unknown[][] = [];
  const kept: (readonly KeptMute[])[] = [];
  const agent = new AgentMutes({
    post: (rule, until_ms) => sensor.set(rule, until_ms),
    counts: async () => sensor.counts(),
    began: (...what) => told.push(['began', ...what]),
    ended: (...what) => told.push(['ended', ...what]),
    keep: (mutes) => kept.push(mutes),
  });
  agent.know(['A', 'B']);
  onTestFinished(() => {
    agent.close();
    vi.useRealTimers();
  });
  return { sensor, agent, told, kept };
}

test('keeps back and counts the alerts of one rule until the time is over', async () => {
  const { sensor, agent, told } = mutes();
  await agent.set('A', 60_000);
  expect([sensor.takes('A'), sensor.takes('A'), sensor.takes('B')]).toEqual([true, true, false]);
  expect(await agent.list()).toEqual([{ rule: 'A', left_s: 60, muted: 2 }]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sensor.takes('A')).toBe(false);
  expect(told).toEqual([
    ['began', 'A', 60_000],
    ['ended', 'A', 2],
  ]);
  expect(await agent.list()).toEqual([]);
});

test('a second one changes how long, and counts from the first', async () => {
  const { sensor, agent, told } = mutes();
  await agent.set('A', 1000);
  sensor.takes('A');
  await agent.set('A', 5000);
  await vi.advanceTimersByTimeAsync(2000);
  expect(sensor.takes('A')).toBe(true);
  await vi.advanceTimersByTimeAsync(3000);
  expect(told.at(-1)).toEqual(['ended', 'A', 2]);
});

test('is ended early by 0', async () => {
  const { sensor, agent } = mutes();
  await agent.set('A', 1000);
  await agent.set('A', 0);
  expect(sensor.takes('A')).toBe(false);
});

test('lasts over a load of other rules, also when the rule is gone', async () => {
  const { sensor, agent } = mutes();
  await agent.set('A', 1000);
  agent.know(['B']);
  expect(sensor.takes('A')).toBe(true);
  await agent.set('A', 0);
});

test.each([
  ['Aa', 1000],
  ['A', 8 * 86_400_000],
  ['A', Number.NaN],
])('%s for %d ms is refused', async (rule, for_ms) => {
  const { agent } = mutes();
  await expect(agent.set(rule, for_ms)).rejects.toMatchObject({ code: 'USAGE' });
});

test('goes on in another run, told again, and ends when it would have ended', async () => {
  const first = mutes();
  await first.agent.set('A', 60_000);
  await first.agent.set('B', 1000);
  await first.agent.set('B', 0);
  const kept = first.kept.at(-1) ?? [];
  expect(kept).toEqual([{ rule: 'A', until_ms: Date.now() + 60_000 }]);
  first.agent.close();
  expect(first.kept.at(-1)).toBe(kept);

  const second = mutes();
  await vi.advanceTimersByTimeAsync(20_000);
  second.agent.restore(kept);
  expect(second.sensor.takes('A')).toBe(true);
  expect(second.told).toEqual([['began', 'A', 40_000]]);
  await vi.advanceTimersByTimeAsync(40_000);
  expect(second.sensor.takes('A')).toBe(false);
  expect(second.told.at(-1)).toEqual(['ended', 'A', 1]);
  expect(second.kept.at(-1)).toEqual([]);
});

describe('on disk', () => {
  const WEEK_MS = 7 * 86_400_000;

  function file(agent = '/run/a.sock', below = ''): MuteFile {
    const folder = mkdtempSync(join(tmpdir(), 'saker-mutes-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return new MuteFile(join(folder, below), agent);
  }

  test('are read as they were written, by the same agent only', async () => {
    const own = file('/run/a.sock', 'spool');
    expect(own.read(0, WEEK_MS)).toEqual([]);
    await own.write([{ rule: 'A', until_ms: 1000 }]);
    await own.write([
      { rule: 'A', until_ms: 1000 },
      { rule: 'Ü\n"', until_ms: 2000 },
    ]);
    expect(own.read(1000, WEEK_MS)).toEqual([{ rule: 'Ü\n"', until_ms: 2000 }]);
    const folder = join(own.path, '..');
    expect(new MuteFile(folder, '/run/b.sock').read(0, WEEK_MS)).toEqual([]);
    expect(readdirSync(folder)).toEqual(['mutes.json']);
    expect(statSync(own.path).mode & 0o777).toBe(0o600);
  });

  test('last no longer than a command could have asked for', async () => {
    const own = file();
    await own.write([{ rule: 'A', until_ms: Number.MAX_SAFE_INTEGER }]);
    expect(own.read(1000, WEEK_MS)).toEqual([{ rule: 'A', until_ms: 1000 + WEEK_MS }]);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{"agent":"/run/a.sock","mutes":[{"ru'],
    ['something else', '[]'],
    ['null', 'null'],
    ['no list', '{"agent":"/run/a.sock","mutes":{}}'],
    ['no rule', '{"agent":"/run/a.sock","mutes":[{"until_ms":99999}]}'],
    ['no time', '{"agent":"/run/a.sock","mutes":[{"rule":"A","until_ms":"99999"}]}'],
    ['half a time', '{"agent":"/run/a.sock","mutes":[{"rule":"A","until_ms":1e300}]}'],
    ['bytes', Buffer.from([0xff, 0, 0x80])],
    ['too much', ' '.repeat(1024 * 1024 + 1)],
  ])('%s is refused', (_, content) => {
    const own = file();
    writeFileSync(own.path, content);
    expect(() => own.read(0, WEEK_MS)).toThrow();
  });

  test('a disk that refuses is said', async () => {
    await expect(file('a', 'x').write([])).resolves.toBeUndefined();
    await expect(new MuteFile('/proc/saker', 'a').write([])).rejects.toThrow('/proc');
  });
});
