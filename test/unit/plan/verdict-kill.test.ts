// Which rules the kernel kills by, of which events, and what is said of the others.

import { expect, test } from 'vitest';
import { kill_event } from '../../../src/abi/layout.js';
import { killPrograms, verdictPrograms } from '../../../src/plan/verdict-programs.js';
import { killText, planVerdicts } from '../../../src/plan/verdicts.js';
import { typeNumber } from '../../../src/rules/events.js';
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
  [
    'evt.type in (execve, execveat) and proc.name = nc and user.uid = 0',
    ['execve', 'execveat that fails'],
    /does not kill by execveat/,
  ],
  ['evt.type in (openat, procexit) and proc.name = nc', ['openat'], /does not kill by procexit/],
  ['evt.type = connect and fd.sip = 127.0.0.1 and fd.sport = 22', ['connect'], undefined],
  ['evt.type = connect and fd.rip = 127.0.0.1', [], /the kernel knows the server/],
  ['evt.type = connect and fd.name = /run/socket', [], /'fd.name = .*' cannot be decided/],
  ['evt.type = accept4 and fd.sport = 22 and evt.rawres >= 0', ['accept4'], undefined],
  ['evt.type in (unlink, unlinkat) and fs.path.name = /a', ['unlink', 'unlinkat'], undefined],
  ['evt.type = unlinkat and evt.arg.name = /a', ['unlinkat'], undefined],
  ['evt.type = unlinkat and fd.name = /a', [], /'fd.name = .*' cannot be decided/],
  ['evt.type = rename and fs.path.target startswith /a/', ['rename'], undefined],
  // What a link says is a text.
  ['evt.type = symlink and fs.path.target = /a', [], /cannot be decided/],
  ['evt.type = symlink and fs.path.source = /a', ['symlink'], undefined],
  ['evt.type = mount and fs.path.name = /mnt', ['mount'], undefined],
  ['evt.type = fchmod and fd.directory = /etc and fd.typechar = f', ['fchmod'], undefined],
  ['evt.type = kill and evt.arg.sig = SIGKILL and evt.rawarg.pid = 1', ['kill'], undefined],
  ['evt.type = kill and evt.arg.pid = x', [], /cannot be decided/],
  ['evt.type = kill and target.name = x', [], /'target.name = x' .* does not keep/],
  ['evt.type = openat and not target.name = x', ['openat'], undefined],
  ['evt.type = ptrace and evt.arg.request = PTRACE_ATTACH', ['ptrace'], undefined],
  ['evt.type = setuid and evt.arg.uid = root', [], /cannot be decided/],
  ['evt.type = setuid and evt.rawarg.uid = 0', ['setuid'], undefined],
  ['evt.type = unshare and evt.arg.flags contains CLONE_NEWNS', [], /=, in and !=/],
  ['evt.type = finit_module and not proc.name = modprobe', ['finit_module'], undefined],
  // The event that a child begins with is told as its own.
  ['evt.type = clone and proc.name = x', ['clone that fails'], /does not kill by clone/],
  ['evt.type = openat and fd.name contains a', [], /'fd.name contains a' cannot be decided/],
  // What the caller wrote is not what was opened.
  [
    'evt.type = openat and evt.abspath = /a',
    ['openat that fails'],
    /'evt.abspath = \/a' cannot be decided/,
  ],
  ['evt.type = openat and evt.res = EACCES', ['openat that fails'], undefined],
  ['evt.type = openat and evt.rawres < -5', [], /single errors/],
  ['evt.type = openat and fd.typechar = f and evt.failed = true', [], /'fd.typechar = f' cannot/],
  // Of a file that creat made nobody says that it is open for writing.
  ['evt.type = creat and evt.is_open_write = true and fd.name = /a', [], undefined],
  ['evt.type = creat and fs.path.name = /a', [], undefined],
  ['proc.name = nc and fd.name = /a', ['open', 'openat', 'fchmod'], /'fd.name = \/a' cannot be/],
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
  expect(killPrograms(plan)).toEqual(['kill_exec', 'kill_any']);
  expect(verdictPrograms(plan)).toEqual(['deny_mkdir', 'verdict_exec', 'verdict_fork']);
  expect([...plan.operations.values()]).toEqual([1n]);
  const execve = typeNumber('execve') ?? 0;
  expect([...plan.kills]).toEqual([
    [execve, 2n],
    [kill_event.KILL_FAILED + execve, 2n],
  ]);
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

test('a connection that is being made is told apart by what the call returns', () => {
  const events = (text: string): number[] => [...(planned([text]).plan?.kills.keys() ?? [])];
  const type = typeNumber('connect') ?? 0;
  const { KILL_CONNECT_BEGUN, KILL_FAILED } = kill_event;
  expect(events('evt.type = connect and proc.name = x')).toEqual([
    type,
    KILL_CONNECT_BEGUN,
    KILL_FAILED + type,
  ]);
  expect(events('evt.type = connect and evt.rawres >= 0')).toEqual([type]);
  expect(events('evt.type = connect and evt.res = EINPROGRESS')).toEqual([
    KILL_CONNECT_BEGUN,
    KILL_FAILED + type,
  ]);
});

test('values of arguments are those of the kernel', () => {
  const { plan } = planned([
    'evt.type = ptrace and evt.arg.request in (PTRACE_ATTACH, PTRACE_SEIZE) and evt.rawres >= 0',
  ]);
  const [table, ...more] = plan?.arguments ?? [];
  expect(more).toEqual([]);
  expect([...(table?.values ?? [])].sort(([a], [b]) => a - b)).toEqual([
    [16, 1n],
    [0x4206, 1n],
  ]);
  expect([table?.argument, table?.other]).toEqual([0, 0n]);
});

test('errors are told apart as far as rules name them', () => {
  const { plan } = planned([
    'evt.type = openat and evt.res in (EACCES, EPERM)',
    'evt.type = openat and not evt.res = ENOENT and evt.rawres < 0',
  ]);
  const [table, ...more] = plan?.arguments ?? [];
  expect(more).toEqual([]);
  expect(table?.event).toBe(kill_event.KILL_FAILED + (typeNumber('openat') ?? 0));
  expect(new Map([...(table?.values ?? [])].map(([value, bits]) => [value | 0, bits]))).toEqual(
    new Map([
      [-1, 3n],
      [-13, 3n],
      [-2, 0n],
    ]),
  );
  expect(table?.other).toBe(2n);
});
