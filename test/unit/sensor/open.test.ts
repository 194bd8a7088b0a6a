// What the sensor hands over when a rule asks for what has to be found out.
import { expect, test } from 'vitest';
import { loadForRun } from '../../../src/cli/load.js';
import type { AlertBatch } from '../../../src/output/batch.js';
import type { OpenEvent } from '../../../src/sensor/open.js';
import {
  GAUGE_OPEN_EVENTS,
  GAUGE_SLOTS,
  MAX_OPEN_EVENTS,
  type SensorOptions,
} from '../../../src/sensor/protocol.js';
import { compileRules, RuleStage } from '../../../src/sensor/rules.js';
import { exec, offline, take } from '../enrich/records.js';

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
  const loaded = loadForRun({
    sources: [{ name: 'test', text: JSON.stringify(items) }],
    switches: [],
    minPriority: 7,
    matching,
    appendOutput: [],
    staticFields: {},
    skipInvalid: false,
  });
  if (loaded.failure !== undefined) throw new Error(loaded.failure.diagnostics?.join('\n'));
  const gauges = new SharedArrayBuffer(4 * GAUGE_SLOTS);
  Atomics.store(new Int32Array(gauges), GAUGE_OPEN_EVENTS, waiting);
  const options: SensorOptions = {
    wakeFd: -1,
    awaitRules: true,
    ringBytes: 0,
    containerWaitMs: 0,
    alerts: {
      hostname: 'h',
      iso8601: false,
      includeOutput: true,
      includeMessage: false,
      includeTags: true,
      includeOutputFields: true,
    },
    formats: ['falco'],
    gauges,
  };
  const batches: AlertBatch[] = [];
  const opened: { open: OpenEvent; load: number }[] = [];
  const nobody = { size: 0, refused: 0, isOpen: () => false };
  const stage = new RuleStage(
    options,
    nobody,
    (batch) => batches.push(batch),
    (open, load) => opened.push({ open, load }),
  );
  const prepared = {
    rules: loaded.active,
    matching,
    staticFields: {},
    warnings: [],
    asksFacts: true,
    hostNames: [],
  };
  stage.use(compileRules(prepared, 7));
  const enricher = offline();
  take(enricher, exec(1, 0, ['/sbin/init']));
  const event = take(enricher, exec(pid, 1, ['curl', '-k'], { task: { comm: 'curl' } }));
  if (event === undefined) throw new Error('no event');
  stage.take(event);
  stage.flush();
  const alerts = batches
    .flatMap(({ lines }) =>
      Buffer.from(lines.falco ?? [])
        .toString()
        .trim()
        .split('\n'),
    )
    .map((line): unknown => JSON.parse(line).rule);
  const names = ({ open }: (typeof opened)[number]) =>
    open.alternatives.map(({ index }) => loaded.active[index]?.name);
  return { alerts, opened, handed: opened.map(names), counts: stage.alertCounts(), stage };
}

test('each rule that asks is handed over by itself, the others are told at once', () => {
  const { alerts, handed, opened, counts } = judge('all', [ASKS, CLOSED, UNLISTED, LAST]);
  expect(alerts).toEqual(['Curl', 'Last']);
  expect(handed).toEqual([['Listed'], ['Unlisted']]);
  expect(counts).toEqual({ Curl: 1, Last: 1 });
  expect(opened[0]).toMatchObject({ load: 7, open: { origin: { pid: 30 } } });
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
