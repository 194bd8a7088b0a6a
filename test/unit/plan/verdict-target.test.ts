// Which rules about whom a signal or tracing is aimed at the kernel decides alone, and by what.

import { expect, test } from 'vitest';
import { verdict_operation } from '../../../src/abi/layout.js';
import { ExactRules } from '../../../src/plan/exact.js';
import { explainPlan } from '../../../src/plan/explain.js';
import { planRules } from '../../../src/plan/planner.js';
import { killText, planVerdicts } from '../../../src/plan/verdicts.js';
import { parseCondition } from '../../../src/rules/parser.js';

const { VERDICT_OPEN, VERDICT_PTRACE, VERDICT_SIGNAL } = verdict_operation;
const SIGNALS = 'evt.type in (kill, tkill, tgkill)';

function exact(condition: string) {
  return new ExactRules().clauses(parseCondition(condition));
}

function clausesOf(condition: string): [number[], string[]][] {
  const found = exact(condition);
  if ('message' in found) throw new Error(found.message);
  return found.map(({ operations, parts }) => [[...operations], [...parts.keys()]]);
}

test.each([
  ['target.exepath = /usr/sbin/sshd', ['target']],
  ['target.exepath in (/usr/sbin/sshd, /usr/bin/dockerd)', ['target']],
  ['target.exepath != /usr/sbin/sshd', ['target']],
  ['target.exepath startswith /opt/agent/', ['target']],
  ['target.exepath endswith d', ['target_last']],
  ['target.exepath endswith d and not target.exepath = /bin/sed', ['target', 'target_last']],
  ['target.name in (sshd, auditd) and target.pid != 1', ['target_comm', 'target_pid']],
  ['target.pid = 1 and not proc.exepath = /bin/kill', ['exe', 'target_pid']],
])('%s is decided of signals and of tracing', (condition, parts) => {
  expect(clausesOf(`evt.type in (kill, ptrace) and ${condition}`)).toEqual([
    [[VERDICT_PTRACE, VERDICT_SIGNAL], parts],
  ]);
});

test.each(['pidfd_send_signal', 'rt_sigqueueinfo', 'pidfd_getfd', 'process_vm_writev'])(
  'a rule about %s alone stands for all ways of its operation',
  (name) => {
    const operation = /signal|sig/.test(name) ? VERDICT_SIGNAL : VERDICT_PTRACE;
    expect(clausesOf(`evt.type = ${name} and target.name = sshd`)).toEqual([
      [[operation], ['target_comm']],
    ]);
  },
);

test.each([
  ['target.exepath contains ssh', /'target.exepath contains ssh' cannot be decided .*startswith/],
  ['target.exepath pmatch (/usr)', /of a program the kernel decides/],
  ['target.exepath endswith bin/sshd', /within the last component/],
  ['target.name startswith ss', /whole names/],
  ['target.pid > 1', /'target.pid > 1' cannot be decided .*whole numbers/],
  ['target.name = val(proc.name)', /two fields/],
])('%s is not decided', (condition, message) => {
  const found = exact(`${SIGNALS} and ${condition}`);
  expect('message' in found && found.message).toMatch(message);
});

test('whom other operations are aimed at is missing: every comparison is false', () => {
  expect(clausesOf('evt.type = openat and (fd.name = /a or target.name != x)')).toEqual([
    [[VERDICT_OPEN], ['path']],
  ]);
  expect(clausesOf('evt.type in (openat, kill) and not target.name = x')).toEqual([
    [[VERDICT_OPEN], []],
    [[VERDICT_SIGNAL], ['target_comm']],
  ]);
  const never = exact('evt.type = openat and target.name = x');
  expect('message' in never && never.message).toMatch(/no operation that can be denied/);
});

test('each value that a rule names has its own set, all others one', () => {
  const deny = (text: string, rule: number) => ({
    rule,
    condition: parseCondition(`${SIGNALS} and ${text}`),
    mode: 'on' as const,
    denyOnError: false,
  });
  const { plan } = planVerdicts([
    deny('target.pid in (7, 4294967303)', 0),
    deny('target.pid != 7', 1),
    deny('target.name = sshd', 2),
    deny('target.exepath = /bin/a', 3),
    deny('proc.name = x', 4),
  ]);
  expect(plan?.targets).toBe(0b01111n);
  expect(plan?.walks).toBe(0n);
  // The second number is too high for a process, and its low half is not what counts.
  expect(plan?.target_pid).toEqual({ values: new Map([[7, 0b11101n]]), other: 0b11110n });
  expect(plan?.target_comm).toEqual({ values: new Map([['sshd', 0b11111n]]), other: 0b11011n });
  expect(plan?.target).toMatchObject({ exact: new Map([['/bin/a', 0b11111n]]), other: 0b10111n });
});

test('who is to be killed by whom he aims at is found in user space, as is said', () => {
  const condition = parseCondition(`${SIGNALS} and target.exepath = /usr/sbin/sshd`);
  const limit = { per_minute: 60, suspend_ms: 1000 };
  const { kills } = planVerdicts([], { rules: [{ rule: 0, condition }], limit, protected: [] });
  const way = kills.get(0);
  expect(way && killText(way)).toMatch(/^from user space.*target\.exepath.*does not keep/);
});

test('the kernel filter leaves it open, and says so', () => {
  const condition = parseCondition(
    `evt.type = kill and target.exepath = /a and evt.rawarg.sig = 9`,
  );
  const rules = [{ name: 'r', condition }];
  const [explained] = explainPlan(rules, planRules(rules));
  expect(explained).toMatchObject({
    standing: 'partly',
    calls: ['kill'],
    open: [{ test: 'target.exepath = /a', reason: 'whom a call is aimed at is not looked up' }],
  });
});
