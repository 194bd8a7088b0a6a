// Which rules the kernel kills by, of which events, and what is said of the others.

import { expect, test } from 'vitest';
import { kill_event } from '../../../src/abi/layout.js';
import { killPrograms, verdictPrograms } from '../../../src/plan/verdict-programs.js';
import { killText, planVerdicts } from '../../../src/plan/verdicts.js';
import { parseCondition } from '../../../src/rules/parser.js';

const LIMIT = { per_minute: 60, suspend_ms: 1000 };

function planned(conditions: readonly string[], protectedOnes: readonly string[] = []) {
  return planVerdicts([], {
    rules: conditions.map((text, rule) => ({ rule, condition: parseCondition(text) })),
    limit: LIMIT,
    protected: protectedOnes,
  });
}

test.each<[string, string[], RegExp | undefined]>([
  ['evt.type in (open, openat) and fd.name = /a', ['open', 'openat'], undefined],
  ['evt.type = creat and fd.name = /a', ['creat'], undefined],
  ['evt.type in (execve, execveat) and proc.name = nc and user.uid = 0', ['execve'], /execveat/],
  ['evt.type in (openat, connect) and proc.name = nc', ['openat'], /by open and exec: connect/],
  ['evt.type = connect and proc.name = nc', [], /by open and exec: connect/],
  ['evt.type = openat and fd.name contains a', [], /'fd.name contains a' cannot be decided/],
  // What the caller wrote is not what was opened.
  ['evt.type = openat and evt.abspath = /a', [], /'evt.abspath = \/a' cannot be decided/],
  // Of a file that creat made nobody says that it is open for writing.
  ['evt.type = creat and evt.is_open_write = true and fd.name = /a', [], undefined],
  ['evt.type = creat and fs.path.name = /a', [], undefined],
  ['proc.name = nc and fd.name = /a', ['open', 'openat'], /by open and exec: .*close/],
])('%s', (condition, events, rest) => {
  const way = planned([condition]).kills.get(0);
  expect(way?.kernel.filter((one) => events.includes(one))).toEqual(events);
  if (condition.includes('evt.type')) expect(way?.kernel).toEqual(events);
  if (rest === undefined) expect(way?.rest).toBeUndefined();
  else expect(way?.rest).toMatch(rest);
});

test('rules that kill need no hook, and no rule that denies gets their clauses', () => {
  const { plan } = planVerdicts(
    [
      {
        rule: 0,
        condition: parseCondition('evt.type = mkdir and fs.path.name = /a'),
        mode: 'on',
        denyOnError: false,
      },
    ],
    {
      rules: [{ rule: 1, condition: parseCondition('evt.type = execve and proc.exepath = /b') }],
      limit: LIMIT,
      protected: [],
    },
  );
  if (plan === undefined) throw new Error('no plan');
  expect(killPrograms(plan)).toEqual(['kill_exec']);
  expect(verdictPrograms(plan)).toEqual(['deny_mkdir', 'verdict_exec', 'verdict_fork']);
  expect([...plan.operations.values()]).toEqual([1n]);
  expect([...plan.kills]).toEqual([[kill_event.KILL_EXEC, 2n]]);
  expect([plan.deny, plan.audit, plan.kill, plan.lsm]).toEqual([1n, 0n, 2n, 1n]);
});

test('who is protected makes no clause true', () => {
  const { plan } = planned(['evt.type = openat and fd.name = /a'], ['/usr/bin/x', 'y']);
  expect(plan?.exe.exact.get('/usr/bin/x')).toBe(0n);
  expect(plan?.comm.values.get('y')).toBe(0n);
  expect([plan?.exe.other, plan?.comm.other]).toEqual([1n, 1n]);
});

test('what has no room is left to user space', () => {
  const many = Array.from({ length: 65 }, (_, i) => `evt.type = openat and fd.name = /${i}`);
  const { kills } = planned(many);
  const last = kills.get(64);
  expect(kills.get(63)?.kernel).toEqual(['openat']);
  expect(last === undefined ? '' : killText(last)).toMatch(/^from user space.*more than 64/);
});
