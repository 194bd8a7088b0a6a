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

/** The names of the rules that the matcher finds to hold from now on, one for each time. */
function follow(matcher: Matcher): string[] {
  const held: string[] = [];
  const match = matcher.match.bind(matcher);
  matcher.match = (event) => {
    const found = match(event);
    held.push(...found.map(({ rule }) => rule.name));
    return found;
  };
  return held;
}

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
  const held = follow(matcher);
  new WarmUp(matcher).work(60_000);
  expect(new Set(held)).toEqual(new Set(['opened', 'written', 'removed', 'run', 'ended']));
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
  const held = follow(matcher);
  const waiting = new WarmUp(matcher, 600_000);
  waiting.workIdle();
  expect(held).toEqual([]);
  const warmUp = new WarmUp(matcher);
  expect(warmUp.pause_ms(1000)).toBeLessThan(1000);
  while (!warmUp.over) warmUp.workIdle();
  expect(warmUp.pause_ms(1000)).toBe(1000);
  const before = held.length;
  expect(before).toBeGreaterThan(0);
  warmUp.workIdle();
  expect(held.length).toBe(before);
});
