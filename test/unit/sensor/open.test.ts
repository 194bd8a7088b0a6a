// What the sensor hands over when a rule asks for what has to be found out.
import { expect, test } from 'vitest';
import { MAX_OPEN_EVENTS } from '../../../src/sensor/protocol.js';
import { exec, offline, take } from '../enrich/records.js';
import { LOAD, stageOf } from './stage.js';

const ASKS = ['Listed', 'evt.type = execve and file.sha256[exepath] in lookup(/l)'] as const;
const UNLISTED = [
  'Unlisted',
  'evt.type = execve and proc.name = curl and not proc.exepath in lookup(/l)',
] as const;
const CLOSED = ['Curl', 'evt.type = execve and proc.name = curl'] as const;
const LAST = ['Last', 'evt.type = execve'] as const;

/** Lets a program start and tells which rules were handed over, and which alerts were made. */
function judge(
  matching: 'first' | 'all',
  rules: readonly (readonly [string, string])[],
  { pid = 30, waiting = 0 } = {},
) {
  const items = rules.map(([rule, condition]) => ({
    rule,
    desc: 'd',
    condition,
    output: '%proc.cmdline %file.sha256[exepath]'.slice(0, rule === 'Listed' ? undefined : 13),
    priority: 'INFO',
  }));
  const staged = stageOf(items, { matching, undecided: waiting });
  const { stage } = staged;
  const enricher = offline();
  take(enricher, exec(1, 0, ['/sbin/init']));
  const event = take(enricher, exec(pid, 1, ['curl', '-k'], { task: { comm: 'curl' } }));
  if (event === undefined) throw new Error('no event');
  stage.take(event);
  const alerts = staged.alerts().map(({ rule }) => rule);
  const { opened } = staged;
  return { alerts, opened, handed: staged.handed(), counts: stage.alertCounts(), stage };
}

test('each rule that asks is handed over by itself, the others are told at once', () => {
  const { alerts, handed, opened, counts } = judge('all', [ASKS, CLOSED, UNLISTED, LAST]);
  expect(alerts).toEqual(['Curl', 'Last']);
  expect(handed).toEqual([['Listed'], ['Unlisted']]);
  expect(counts).toEqual({ Curl: 1, Last: 1 });
  expect(opened[0]).toMatchObject({ load: LOAD, open: { origin: { pid: 30 } } });
  const values = opened[0]?.open.alternatives[0]?.values;
  expect(values?.get('evt.type')).toBe('execve');
  expect(values?.get('proc.cmdline')).toBe('curl -k');
  expect(values?.has('file.sha256[exepath]')).toBe(false);
});

test('where the first alone counts, those after it are handed over too, up to one that is certain', () => {
  const first = judge('first', [ASKS, UNLISTED, CLOSED, LAST]);
  expect(first.alerts).toEqual([]);
  expect(first.handed).toEqual([['Listed', 'Unlisted', 'Curl']]);
  expect(first.opened[0]?.open.alternatives[2]?.values.get('proc.cmdline')).toBe('curl -k');
  const certain = judge('first', [CLOSED, ASKS, LAST]);
  expect(certain.alerts).toEqual(['Curl']);
  expect(certain.handed).toEqual([]);
});

test('what the agent does itself is not asked about', () => {
  const { alerts, handed } = judge('all', [ASKS, CLOSED], { pid: process.pid });
  expect(alerts).toEqual(['Curl']);
  expect(handed).toEqual([]);
});

test('no more is handed over than the main thread can have before it; the rest is counted', () => {
  const { alerts, handed, stage } = judge('all', [ASKS, CLOSED], { waiting: MAX_OPEN_EVENTS });
  expect(alerts).toEqual(['Curl']);
  expect(handed).toEqual([]);
  expect(stage.undecided).toBe(1);
});
