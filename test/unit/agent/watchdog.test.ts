// A sensor that does not answer: told once, told when it is over, and never of one that is fine.
import { expect, onTestFinished, test, vi } from 'vitest';
import { Watchdog } from '../../../src/agent/watchdog.js';
import type { SensorStats } from '../../../src/sensor/protocol.js';

const STATS: SensorStats = {
  types: {},
  received: 0,
  alerts: {},
  alertsMuted: {},
  alertsSuppressed: {},
  alertsDropped: 0,
  faults: {},
  containers: { open: 0, refused: 0, waiting: 0, waited: 0, late: 0, crowded_out: 0 },
};

function watch(answers: () => Promise<SensorStats | undefined>) {
  vi.useFakeTimers();
  const told: string[] = [];
  const dog = new Watchdog({
    ask: answers,
    interval_ms: 100,
    limit_ms: 300,
    answered: () => told.push('answered'),
    still: () => told.push('still'),
    recovered: () => told.push('recovered'),
  });
  onTestFinished(() => {
    dog.close();
    vi.useRealTimers();
  });
  return { told, dog };
}

test('one that answers is asked again and again', async () => {
  const { told, dog } = watch(async () => STATS);
  await vi.advanceTimersByTimeAsync(450);
  expect(told).toEqual(['answered', 'answered', 'answered', 'answered', 'answered']);
  expect(dog.isStill).toBe(false);
});

test('one that is silent is told of once, and once more when it answers', async () => {
  let answer: (stats: SensorStats) => void = () => {};
  const ask = () =>
    new Promise<SensorStats>((resolve) => {
      answer = resolve;
    });
  const { told, dog } = watch(ask);
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(['still']);
  expect(dog.isStill).toBe(true);
  answer(STATS);
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(['still', 'answered', 'recovered']);
});

test('who was stopped himself does not blame the other', async () => {
  const { told } = watch(() => new Promise(() => {}));
  await vi.advanceTimersByTimeAsync(100);
  const real = performance.now;
  const start_ms = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => real.call(performance) + 60_000);
  expect(performance.now()).toBeGreaterThan(start_ms + 50_000);
  await vi.advanceTimersByTimeAsync(100);
  expect(told).toEqual([]);
  vi.restoreAllMocks();
});

test('nothing is told when it is closed', async () => {
  const { told, dog } = watch(() => new Promise(() => {}));
  dog.close();
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([]);
});
