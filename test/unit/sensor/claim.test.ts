// An event of which the object may be a decoy is judged twice, and each rule told once.
import { expect, test } from 'vitest';
import { object_flag, object_kind } from '../../../src/abi/layout.js';
import { callRecord } from '../decode/record.js';
import { exec, offline, take, task } from '../enrich/records.js';
import { type StageOptions, stageOf } from './stage.js';

const ID = 'ab'.repeat(32);

const named = (path: string) => `evt.type = openat and fd.name = ${path}`;
const rule = (name: string, condition: string) => ({
  rule: name,
  desc: 'd',
  condition,
  output: '%fd.name %container.name',
  priority: 'INFO',
});
const SHADOW = rule('shadow', named('/etc/shadow'));
const DECOY = rule('decoy', named('/tmp/shadow'));
const EITHER = rule('either', 'evt.type = openat and fd.filename = shadow');
const NOT_SHADOW = rule('not shadow', 'evt.type = openat and not fd.name = /etc/shadow');
const IN_WEB = rule('web', `${named('/etc/shadow')} and container.name = web`);
const ASKS = rule('asks', 'evt.type = openat and fd.filename = shadow and fd.name in lookup(/l)');

const SHARED = object_flag.OBJECT_SHARED_TABLE;

/** One open by a program in a container, judged. */
function judge(items: readonly object[], options: StageOptions = {}, flags: number = SHARED) {
  const staged = stageOf(items, options);
  const enricher = offline();
  const cgroup = `/system.slice/docker-${ID}.scope`;
  take(enricher, exec(1, 0, ['/sbin/init']));
  take(enricher, exec(30, 1, ['thief'], { texts: { cgroup } }));
  const record = callRecord('openat', {
    task: task(30, 1, { comm: 'thief' }),
    call: { ret: 5, args: [0xffff_ff9cn, 1n, 0n, 0n] },
    object: { fd: 5, kind: object_kind.OBJECT_FILE, flags },
    texts: { path: '/tmp/shadow', claimed: 'shadow', base: '/etc' },
  });
  const event = take(enricher, record);
  if (event === undefined) throw new Error('no event');
  staged.stage.take(event);
  const told = () =>
    staged.alerts().map(({ rule, output_fields, saker }) => {
      const shown = [rule, output_fields['fd.name']];
      return saker.path === undefined ? shown : [...shown, saker.path];
    });
  return { ...staged, enricher, event, told };
}

test('either path makes a rule hold; the alert shows that path and says which it is', () => {
  const { told, event } = judge([SHADOW, DECOY]);
  expect(told()).toEqual([
    ['shadow', '/etc/shadow', 'claimed'],
    ['decoy', '/tmp/shadow'],
  ]);
  expect(event.is_claimed).toBe(false);
});

test('a rule that both paths satisfy is told once, by the object', () => {
  expect(judge([EITHER, NOT_SHADOW]).told()).toEqual([
    ['either', '/tmp/shadow'],
    ['not shadow', '/tmp/shadow'],
  ]);
});

test('where nobody else could change the descriptor, the object alone counts', () => {
  expect(judge([SHADOW, DECOY], {}, 0).told()).toEqual([['decoy', '/tmp/shadow']]);
});

test('where the first rule alone counts, it is the first of both readings', () => {
  const options = { matching: 'first' } as const;
  expect(judge([SHADOW, DECOY], options).told()).toEqual([['shadow', '/etc/shadow', 'claimed']]);
  expect(judge([DECOY, SHADOW], options).told()).toEqual([['decoy', '/tmp/shadow']]);
});

test('an event that waits for its container keeps both readings', () => {
  const isOpen = () => true;
  const rules = [SHADOW, EITHER, IN_WEB, DECOY];
  const { stage, enricher, told } = judge(rules, { waitMs: 1000, isOpen });
  expect(told()).toEqual([]);
  enricher.containers.learn(ID, { name: 'web' });
  stage.answered(ID);
  expect(told()).toEqual([
    ['shadow', '/etc/shadow', 'claimed'],
    ['either', '/tmp/shadow'],
    ['web', '/etc/shadow', 'claimed'],
    ['decoy', '/tmp/shadow'],
  ]);
  const first = judge(rules.slice(2), { waitMs: 1000, isOpen, matching: 'first' });
  first.enricher.containers.learn(ID, { name: 'other' });
  first.stage.answered(ID);
  expect(first.told()).toEqual([['decoy', '/tmp/shadow']]);
});

test('what is asked about one rule is handed over together, so that one alert comes of it', () => {
  const { opened, handed, told } = judge([ASKS, SHADOW]);
  expect(told()).toEqual([['shadow', '/etc/shadow', 'claimed']]);
  expect(handed()).toEqual([['asks', 'asks']]);
  const { alternatives = [], origin } = opened[0]?.open ?? {};
  expect(alternatives.map(({ values, claimed }) => [values.get('fd.name'), claimed])).toEqual([
    ['/tmp/shadow', false],
    ['/etc/shadow', true],
  ]);
  expect(origin).not.toHaveProperty('path');
});
