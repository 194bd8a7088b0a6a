// Limits of rules: what is told, what is only counted, and that no count is lost or told twice.
import { expect, test } from 'vitest';
import { Shaper, Shapers } from '../../../src/sensor/shaping.js';
import { random } from '../../seeded.js';
import { exec, offline, take } from '../enrich/records.js';
import { stageOf } from './stage.js';

test('a rate limit tells so many in each span that begins with an alert', () => {
  const shaper = new Shaper({ alerts: 2, per_ms: 1000 }, undefined);
  const told = [0, 1, 2, 999, 1000, 1001, 1002].map((at_ms) => shaper.admit('', at_ms));
  expect(told).toEqual([0, 0, undefined, undefined, 2, 0, undefined]);
});

test('a repetition is not told in the window after the first, and then with the count', () => {
  const shaper = new Shaper(undefined, { window_ms: 100, same: [] });
  expect([shaper.admit('a', 0), shaper.admit('a', 50), shaper.admit('b', 60)]).toEqual([
    0,
    undefined,
    0,
  ]);
  expect(shaper.admit('a', 100)).toBe(1);
});

test('what the rate limit kept back opens no window', () => {
  const shaper = new Shaper({ alerts: 1, per_ms: 10 }, { window_ms: 1000, same: [] });
  shaper.admit('a', 0);
  expect(shaper.admit('b', 1)).toBeUndefined();
  expect(shaper.admit('b', 10)).toBe(1);
});

test('what no alert tells is told when its time is over, once', () => {
  const shaper = new Shaper(undefined, { window_ms: 100, same: [] });
  for (const at_ms of [0, 1, 2]) shaper.admit('a', at_ms);
  expect([shaper.sweep(50), shaper.sweep(100), shaper.sweep(200)]).toEqual([0, 2, 0]);
});

test('ten thousand kinds of alerts are remembered, and no count is lost with the others', () => {
  const shaper = new Shaper(undefined, { window_ms: 1e9, same: [] });
  for (let kind = 0; kind < 20_000; kind++) {
    shaper.admit(`${kind}`, kind);
    shaper.admit(`${kind}`, kind);
  }
  expect(shaper.suppressed).toBe(20_000);
  expect(shaper.admit('0', 20_000)).toBeDefined(); // forgotten
});

test('told, and told as not told, come to all, whatever happens', () => {
  const { seed, below } = random();
  for (let round = 0; round < 200; round++) {
    const limit = { alerts: 1 + below(3), per_ms: 1 + below(50) };
    const dedup = { window_ms: 1 + below(50), same: [] };
    const shaper = new Shaper(below(3) > 0 ? limit : undefined, below(3) > 0 ? dedup : undefined);
    let told = 0;
    let counted = 0;
    let at_ms = 0;
    const all = 200;
    for (let alert = 0; alert < all; alert++) {
      at_ms += below(5);
      const before = shaper.admit(`${below(4)}`, at_ms);
      if (before !== undefined) {
        told += 1;
        counted += before;
      }
      if (below(10) === 0) counted += shaper.sweep(at_ms);
    }
    counted += shaper.sweep(Number.POSITIVE_INFINITY);
    expect({ seed, sum: told + counted, counted }).toEqual({
      seed,
      sum: all,
      counted: shaper.suppressed,
    });
  }
});

test('a load of rules with the same limits goes on counting, one with others begins anew', () => {
  const shapers = new Shapers();
  const rule = { name: 'R', priority: 4, rateLimit: { alerts: 1, per_ms: 1000 } };
  shapers.use([rule]);
  shapers.admit('R', '', 0);
  shapers.use([{ ...rule }]);
  expect(shapers.admit('R', '', 1)).toBeUndefined();
  shapers.use([{ ...rule, rateLimit: { alerts: 2, per_ms: 1000 } }]);
  expect(shapers.admit('R', '', 2)).toBe(0);
  expect(shapers.counts()).toEqual({ R: 1 });
  expect(shapers.admit('other', '', 3)).toBe(0);
});

/** Programs start one after the other; the alerts that come of it. */
function run(rule: object, programs: readonly string[], filters: Record<string, string> = {}) {
  const item = { rule: 'R', desc: 'd', output: '%proc.name', priority: 'NOTICE', ...rule };
  const { stage, alerts } = stageOf([{ condition: 'evt.type = execve', ...item }], { filters });
  const enricher = offline();
  take(enricher, exec(1, 0, ['/sbin/init']));
  for (const [at, comm] of programs.entries()) {
    const event = take(enricher, exec(30 + at, 1, [comm, `${at}`], { task: { comm } }));
    if (event !== undefined) stage.take(event);
  }
  stage.tellUntold(Number.POSITIVE_INFINITY);
  return { alerts: alerts(), counts: stage.suppressedCounts() };
}

test('a rule tells a repetition of its fields once, and in the end how many there were', () => {
  const dedup = { window: '5m', same: ['proc.name'] };
  const { alerts, counts } = run({ dedup }, ['curl', 'curl', 'wget', 'curl']);
  expect(alerts.map(({ rule, output_fields }) => [rule, output_fields['proc.name']])).toEqual([
    ['R', 'curl'],
    ['R', 'wget'],
    ['Saker: alerts suppressed', undefined],
  ]);
  expect(alerts[2]?.output_fields).toMatchObject({ rule: 'R', count: 2 });
  expect(counts).toEqual({ R: 2 });
});

test('without fields the whole output makes a repetition', () => {
  const { alerts } = run({ dedup: { window: '5m' } }, ['curl', 'wget', 'curl']);
  expect(alerts.filter(({ rule }) => rule === 'R')).toHaveLength(2);
});

test('a rate limit of a rule file is obeyed', () => {
  const { counts } = run({ rate_limit: { alerts: 2, per: '1h' } }, ['a', 'b', 'c', 'd', 'e']);
  expect(counts).toEqual({ R: 3 });
});

test('an alert names the outputs whose filter does not want it', () => {
  const filters = { kafka_output: 'proc.name = curl', syslog_output: 'proc.pname exists' };
  const { alerts } = run({}, ['curl', 'wget'], filters);
  expect(alerts.map(({ saker }) => saker.not_for)).toEqual([undefined, ['kafka_output']]);
});

test.each([
  ['rate_limit', { alerts: 0, per: '1m' }],
  ['rate_limit', { alerts: 1 }],
  ['rate_limit', { alerts: 1, per: 'soon' }],
  ['rate_limit', { alerts: 1, per: '1m', burst: 1 }],
  ['rate_limit', 10],
  ['dedup', { window: '0s' }],
  ['dedup', { window: '1m', same: ['proc.nam'] }],
  ['dedup', { window: '1m', same: ['proc.name %proc.pid'] }],
])('a rule with %s %j does not load', (key, value) => {
  expect(() => run({ [key]: value }, [])).toThrow(/rules|rate_limit|dedup|same|per|window/);
});

test('a filter that is wrong stops the start, and says of which output', () => {
  expect(() => run({}, [], { file_output: 'proc.nam = a' })).toThrow(
    /file_output\.filter.*proc\.nam/,
  );
});
