// Rules are tried on made-up events before there are real ones; nothing of that may show.
import { expect, test } from 'vitest';
import { Matcher } from '../../../src/match/matcher.js';
import { resolveField } from '../../../src/sensor/alerts.js';
import { WarmUp } from '../../../src/sensor/warm-up.js';
import { exec, offline, take } from '../enrich/records.js';
import { stageOf } from './stage.js';

const rule = (name: string, condition: string) => ({
  rule: name,
  desc: 'd',
  condition,
  output: '%evt.num %proc.name',
  priority: 'INFO',
});

test('rules see the life of a program with opens and every other call that they ask for', () => {
  const { prepared } = stageOf([
    rule('opened', 'evt.type in (open, openat) and fd.name startswith /etc/'),
    rule('written', 'evt.type = openat and evt.is_open_write = true and fd.typechar = f'),
    rule('removed', 'evt.type = unlinkat'),
    rule('run', 'evt.type = execve and proc.name = program and proc.cmdline contains option'),
    rule('ended', 'evt.type = procexit'),
    rule('never', 'evt.type = openat and fd.name = /nowhere'),
  ]);
  const matcher = new Matcher(prepared.rules, resolveField);
  new WarmUp(matcher).work(60_000);
  const seen = matcher.rules.filter(({ matches }) => matches > 0).map((one) => one.rule.name);
  expect(seen).toEqual(['opened', 'written', 'removed', 'run', 'ended']);
});

test('made-up events give no alert, and real ones are judged as if there had been none', () => {
  const { stage, prepared, alerts } = stageOf([rule('run', 'evt.type = execve')]);
  new WarmUp(new Matcher(prepared.rules, resolveField)).work();
  expect(alerts()).toEqual([]);
  const event = take(offline(), exec(30, 1, ['real']));
  if (event === undefined) throw new Error('no event');
  stage.take(event);
  expect(alerts().map(({ output_fields }) => output_fields)).toMatchObject([
    { 'evt.num': 1, 'proc.name': 'real' },
  ]);
});

test('in idle time it goes on until it is over, and asks for no time after that', () => {
  const { prepared } = stageOf([rule('run', 'evt.type = execve')]);
  const matcher = new Matcher(prepared.rules, resolveField);
  const waiting = new WarmUp(matcher, 600_000);
  waiting.workIdle();
  expect(matcher.rules[0]?.matches).toBe(0);
  const warmUp = new WarmUp(matcher);
  expect(warmUp.pause_ms(1000)).toBeLessThan(1000);
  while (!warmUp.over) warmUp.workIdle();
  expect(warmUp.pause_ms(1000)).toBe(1000);
  const matches = matcher.rules[0]?.matches;
  expect(matches).toBeGreaterThan(0);
  warmUp.workIdle();
  expect(matcher.rules[0]?.matches).toBe(matches);
});
