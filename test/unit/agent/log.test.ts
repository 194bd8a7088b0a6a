// The daemon's own log, and the metrics.
import { expect, test } from 'vitest';
import { type LogOptions, makeLog } from '../../../src/log.js';
import { Metrics } from '../../../src/metrics.js';
import { nearest } from '../../../src/nearest.js';

function logged(options: Partial<LogOptions>, act: (log: ReturnType<typeof makeLog>) => void) {
  const lines: string[] = [];
  act(
    makeLog({
      level: 'info',
      enabled: true,
      readable: false,
      write: (line) => lines.push(line),
      ...options,
    }),
  );
  return lines;
}

test('a log line is one JSON object with level, time and message', () => {
  const [line] = logged({}, (log) => log.warn({ hook: 'on_exec' }, 'not attached'));
  expect(JSON.parse(line ?? '')).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    hook: 'on_exec',
    msg: 'not attached',
  });
});

test('a log line for a person is one line, whatever the values hold', () => {
  const [line] = logged({ readable: true }, (log) => log.info({ comm: 'a\nb\u001b[2J' }, 'seen'));
  expect(line).toMatch(/^\d\d:\d\d:\d\d info seen comm="a\\nb\\u001b\[2J"\n$/);
});

test('lines below the level are left out, and all of them when the log is off', () => {
  expect(logged({ level: 'error' }, (log) => log.warn('x'))).toEqual([]);
  expect(logged({ enabled: false }, (log) => log.fatal('x'))).toEqual([]);
});

test('an error is logged with its code', () => {
  const error = Object.assign(new Error('disk full'), { code: 'ENOSPC' });
  const [line] = logged({}, (log) => log.error({ err: error }, 'lost'));
  expect(JSON.parse(line ?? '')).toMatchObject({ err: { code: 'ENOSPC', message: 'disk full' } });
});

test('metrics print counters, gauges and histograms as Prometheus reads them', () => {
  const metrics = new Metrics();
  const alerts = metrics.counter('saker_alerts_total', 'Alerts by rule.');
  alerts.add(2, { rule: 'a "b"\\\n' });
  alerts.add(1, { rule: 'a "b"\\\n' });
  metrics.gauge('saker_queued', 'Waiting.', () => [[{ output: 'file' }, 4]]);
  const sizes = metrics.histogram('saker_batch', 'Sizes.', [1, 10]);
  for (const size of [1, 5, 50]) sizes.observe(size);
  expect(metrics.text()).toBe(
    [
      '# HELP saker_alerts_total Alerts by rule.',
      '# TYPE saker_alerts_total counter',
      'saker_alerts_total{rule="a \\"b\\"\\\\\\n"} 3',
      '# HELP saker_queued Waiting.',
      '# TYPE saker_queued gauge',
      'saker_queued{output="file"} 4',
      '# HELP saker_batch Sizes.',
      '# TYPE saker_batch histogram',
      'saker_batch_bucket{le="1"} 1',
      'saker_batch_bucket{le="10"} 2',
      'saker_batch_bucket{le="+Inf"} 3',
      'saker_batch_sum 56',
      'saker_batch_count 3',
      '',
    ].join('\n'),
  );
  expect(() => metrics.counter('saker_alerts_total', 'again')).toThrow();
});

test('the nearest name is found over one swap and refused when nothing is near', () => {
  expect(nearest('proc.nmae', ['fd.name', 'proc.name', 'proc.args'])).toBe('proc.name');
  expect(nearest('something', ['fd.name'])).toBeUndefined();
});
