import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { statsText } from '../../../src/cli/stats.js';
import { testFolder } from './folder.js';
import { saker } from './saker.js';

const folder = testFolder();

describe('stats', () => {
  test('without an agent end with status 1 and the way to have one', async () => {
    const { status, err } = await saker('stats', '--socket', join(folder.path, 'agent.sock'));
    expect(status).toBe(1);
    expect(err).toMatch(
      /^saker: no agent answers at .*agent\.sock\nsaker: start one with: saker run/,
    );
  });

  test('for people are tables of what was seen', () => {
    const counts = { seen: 1, filtered: 0, suppressed: 0, sent: 1, lost: 0 };
    expect(
      statsText({
        types: {
          openat: { ...counts, seen: 1200 },
          connect: counts,
          never: { ...counts, seen: 0 },
        },
        received: 2,
        alerts: { Opened: 3 },
        outputs: { stdout: { queued: 0, delivered: 3, retried: 0, dropped: 0 } },
        alerts_muted: {},
        alerts_suppressed: {},
        alerts_dropped: 0,
        faults: { malformed_records: 0, events_undecided: 2 },
        containers: { open: 0, refused: 0, waiting: 0, waited: 0, late: 0, crowded_out: 0 },
        cpu_s: 1.25,
        rss_bytes: 80_000_000,
        uptime_s: 3700,
      }),
    ).toBe(
      [
        'up 1 h 1 min, 1.3 s of CPU, 80 MB resident, 2 events received',
        '',
        'event    seen  filtered  suppressed  sent  lost',
        'openat   1200         0           0     1     0',
        'connect     1         0           0     1     0',
        '',
        'rule    alerts',
        'Opened       3',
        '',
        'output  queued  delivered  retried  dropped',
        'stdout       0          3        0        0',
        '',
        'fault             times',
        'events_undecided      2',
        '',
      ].join('\n'),
    );
  });

  test('tell how outputs and the spool are when something is wrong', () => {
    const output = { queued: 7, delivered: 3, retried: 2, dropped: 1, refused: 1 };
    const now_s = Date.now() / 1000;
    const text = statsText({
      types: {},
      received: 0,
      alerts: {},
      outputs: {
        http: {
          ...output,
          failing: true,
          lag_s: 125,
          last_error: 'POST to http: 503 \u001b[2J',
          last_error_s: now_s - 10.5,
        },
        kafka: { ...output, failing: false, lag_s: 0, last_error: 'too large', last_error_s: 0 },
        splunk: { ...output, failing: false, lag_s: 0 },
      },
      spool: { alerts: 7, bytes: 12_300_000, dropped: 0, on_disk: false },
      alerts_muted: {},
      alerts_suppressed: {},
      alerts_dropped: 0,
      faults: {},
      containers: { open: 0, refused: 0, waiting: 0, waited: 0, late: 0, crowded_out: 0 },
      cpu_s: 0,
      rss_bytes: 0,
      uptime_s: 0,
    });
    expect(text).toContain(
      'http does not take alerts, 2 min 5 s behind; last error 10 s ago: POST to http: 503 ',
    );
    expect(text).not.toContain('\u001b');
    expect(text).toMatch(/^kafka takes alerts; last error .* ago: too large$/m);
    expect(text).not.toMatch(/^splunk .*error/m);
    expect(text).toContain(
      '7 alerts (12.3 MB) wait in the spool, in memory only: the disk refuses them',
    );
  });

  test.each([['events', '--filter', 'bad'], ['stats']])(
    '%s do not start a sensor for a socket that was named',
    async (...args) => {
      const { status } = await saker(...args, '--socket', join(folder.path, 'none.sock'));
      expect(status).toBe(1);
    },
  );
});
