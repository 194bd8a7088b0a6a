// What is summed up: losses over an interval, and a whole run at its end.
import { expect, test } from 'vitest';
import { LossReport } from '../../../src/agent/loss.js';
import { summarise, summaryLines } from '../../../src/agent/summary.js';

const stats = {
  types: {
    openat: { seen: 10, filtered: 6, suppressed: 1, sent: 2, lost: 1 },
    connect: { seen: 5, filtered: 5, suppressed: 0, sent: 0, lost: 0 },
  },
  received: 2,
  alerts: { Quiet: 2, Loud: 14 },
  alertsDropped: 4,
  faults: {},
  containers: { open: 0, refused: 0, waiting: 0, waited: 0, late: 0, crowded_out: 0 },
};
const outputs = {
  file: { queued: 0, delivered: 9, retried: 0, dropped: 3 },
  stdout: { queued: 0, delivered: 12, retried: 0, dropped: 0 },
};

test('the summary adds up event types and names every place where alerts were lost', () => {
  expect(summarise(stats, outputs)).toEqual({
    events: { seen: 15, filtered: 11, suppressed: 1, sent: 2, lost: 1 },
    received: 2,
    alerts: { Quiet: 2, Loud: 14 },
    dropped_alerts: { sensor: 4, file: 3 },
  });
});

test('the summary for a person names the loudest rules first', () => {
  expect(summaryLines(summarise(stats, outputs))).toEqual([
    'saker: 15 events seen: 11 filtered and 1 suppressed in the kernel, 2 sent, 1 lost',
    'saker: 16 alerts',
    '  14  Loud',
    '   2  Quiet',
    'saker: 4 alerts lost at sensor',
    'saker: 3 alerts lost at file',
  ]);
});

test('losses are told at once, then summed up until the interval is over', async () => {
  const told: Record<string, number>[] = [];
  const report = new LossReport((_, types) => told.push({ ...types }), 50);
  report.add({ openat: 1 }, 1n, 2n);
  expect(told).toEqual([{ openat: 1 }]);
  report.add({ openat: 2 }, 2n, 3n);
  report.add({ openat: 3, connect: 1 }, 3n, 4n);
  expect(told).toHaveLength(1);
  while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(told[1]).toEqual({ openat: 5, connect: 1 });
  report.flush();
  expect(told).toHaveLength(2);
});
