// Rules that are muted for a while: whose alerts are kept back, how long, and what is told of it.
import { expect, onTestFinished, test, vi } from 'vitest';
import { AgentMutes } from '../../../src/agent/mute.js';
import { Mutes } from '../../../src/sensor/mutes.js';

function mutes() {
  vi.useFakeTimers();
  const sensor = new Mutes();
  const told: unknown[][] = [];
  const agent = new AgentMutes({
    post: (rule, until_ms) => sensor.set(rule, until_ms),
    counts: async () => sensor.counts(),
    began: (...what) => told.push(['began', ...what]),
    ended: (...what) => told.push(['ended', ...what]),
  });
  agent.know(['A', 'B']);
  onTestFinished(() => {
    agent.close();
    vi.useRealTimers();
  });
  return { sensor, agent, told };
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
