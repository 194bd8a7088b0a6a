// The plan in words: what is decided in the kernel, what is not, and what lets everything through.

import { expect, test } from 'vitest';
import { explainPlan, type RuleExplanation } from '../../../src/plan/explain.js';
import { planRules } from '../../../src/plan/planner.js';
import { parseCondition } from '../../../src/rules/parser.js';

function explained(condition: string): RuleExplanation {
  const rules = [{ name: 'the rule', condition: parseCondition(condition) }];
  const [found] = explainPlan(rules, planRules(rules));
  if (found === undefined) throw new Error('nothing was explained');
  return found;
}

test('a path and a result are decided in the kernel', () => {
  const found = explained('evt.type = openat and evt.rawres >= 0 and fd.name = /etc/shadow');
  expect(found.standing).toBe('fully');
  expect(found.calls).toEqual(['openat']);
  expect(found.decided.map(({ by }) => by).sort()).toEqual(['path', 'result']);
  expect(found.unrestricted).toEqual([]);
});

test('what only user space knows of a process is decided by its bits', () => {
  const found = explained('evt.type = connect and proc.pname = nginx');
  expect(found.standing).toBe('fully');
  expect(found.decided).toEqual([{ test: 'proc.pname = nginx', by: 'process (ancestors)' }]);
});

test('what changes by itself is left to user space, with the reason', () => {
  const found = explained('evt.type = openat and proc.duration < 5 and fd.name = /etc/shadow');
  expect(found.standing).toBe('partly');
  expect(found.open).toEqual([{ test: 'proc.duration < 5', reason: 'it changes by itself' }]);
});

test('a rule without any test that the kernel knows lets everything through', () => {
  const found = explained('evt.type = openat and proc.tty != 0');
  expect(found.standing).toBe('not at all');
  expect(found.unrestricted).toEqual(['openat']);
});

test('a rule about programs that start needs no system call', () => {
  const found = explained('evt.type = execve and proc.name = nc');
  expect(found.standing).toBe('lifecycle');
  expect(found.lifecycle).toBe(true);
  expect(found.calls).toEqual([]);
});

test('the idiom for never is no test that is left open', () => {
  const found = explained('evt.type = openat and fd.name = /x and not evt.num = 0');
  expect(found.standing).toBe('fully');
});
