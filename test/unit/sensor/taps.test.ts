// The live event stream: what is shown of an event, and that secrets are hidden in it as in alerts.
import { expect, test } from 'vitest';
import { loadForRun } from '../../../src/cli/load.js';
import { asWritten, type FromSensor, GAUGE_SLOTS } from '../../../src/sensor/protocol.js';
import { Taps } from '../../../src/sensor/taps.js';
import { exec, offline, take } from '../enrich/records.js';

const RULE = {
  rule: 'Tap',
  desc: 'd',
  condition: 'evt.type = execve',
  output: '%proc.cmdline',
  priority: 'NOTICE',
};

/** What a stream shows of programs that start. */
function shown(
  mask: { enabled: boolean; patterns: string[] } | undefined,
  json: boolean,
  commands: readonly (readonly string[])[],
): string {
  const { active } = loadForRun(asWritten([{ name: 'test', text: JSON.stringify([RULE]) }]));
  let text = '';
  const post = (message: FromSensor) => {
    if (message.kind === 'events') text += message.text;
  };
  const alerts = {
    hostname: 'h',
    iso8601: false,
    includeOutput: true,
    includeMessage: false,
    includeTags: true,
    includeOutputFields: true,
    mask,
  };
  const taps = new Taps({ gauges: new SharedArrayBuffer(4 * GAUGE_SLOTS), alerts }, post);
  const [rule] = active;
  if (rule === undefined) throw new Error('the rule does not load');
  taps.add(1, rule, json);
  const enricher = offline();
  take(enricher, exec(1, 0, ['/sbin/init']));
  commands.forEach((argv, at) => {
    const event = take(enricher, exec(30 + at, 1, [...argv], { task: { comm: argv[0] ?? '' } }));
    if (event !== undefined) taps.take(event);
  });
  taps.flush();
  return text;
}

const COMMANDS = [
  ['mysql', '-phunter2', 'shop'],
  ['vault', 'login', '--token=s.1234567890'],
  ['own', 'pin=4711'],
];

test.each([false, true])('secrets are hidden as in alerts (json: %s)', (json) => {
  const text = shown({ enabled: true, patterns: ['pin=(\\d+)'] }, json, COMMANDS);
  expect(text).not.toMatch(/hunter2|s\.1234567890|4711/);
  expect(text).toMatch(/mysql -p\*\*\* shop/);
  expect(text).toMatch(/vault login --token=\*\*\*/);
  expect(text).toMatch(/own pin=\*\*\*/);
  expect(text.trim().split('\n')).toHaveLength(COMMANDS.length);
});

test.each([{ enabled: false, patterns: [] }, undefined])(
  'and shown where it is so said',
  (mask) => {
    expect(shown(mask, true, COMMANDS)).toMatch(/"proc.cmdline":"mysql -phunter2 shop"/);
  },
);
