// The planner on rules of a kind each: where their events stop, and which never may.

import { expect, test } from 'vitest';
import { object_kind } from '../../../src/abi/layout.js';
import { NOBODY, type ProcessView } from '../../../src/decode/event.js';
import { clausesIn, hasBit } from '../../../src/plan/bits.js';
import { alternatives, MAX_CLAUSES } from '../../../src/plan/clauses.js';
import { HOST } from '../../../src/plan/live.js';
import { classify, type Facts, type Verdict } from '../../../src/plan/model.js';
import { isPlainPath } from '../../../src/plan/model-looks.js';
import { planRules } from '../../../src/plan/planner.js';
import { ProcessPlanner } from '../../../src/plan/process.js';
import { canonicalText } from '../../../src/rules/canonical.js';
import { typeNumber } from '../../../src/rules/events.js';
import { parseCondition } from '../../../src/rules/parser.js';

const NONE: Facts['object'] = {
  kind: object_kind.OBJECT_NONE,
  flags: 0,
  family: 0,
  socket_type: 0,
  protocol: 0,
  local_port: 0,
  remote_port: 0,
  local_address: '\0\0\0\0',
  remote_address: '\0\0\0\0',
};

function rule(condition: string) {
  return { name: condition, condition: parseCondition(condition) };
}

function facts(type: string, more: Partial<Facts> = {}): Facts {
  return {
    type: typeNumber(type) ?? -1,
    ret: 0n,
    args: [0n, 0n, 0n, 0n, 0n, 0n],
    abi: 0,
    extra: 0n,
    comm: 'cat',
    uid: 0,
    object: NONE,
    given: { family: 0, port: 0, address: '\0\0\0\0' },
    path: undefined,
    claimed: undefined,
    ...more,
  };
}

function opened(path: string, extra = 0n): Facts {
  const object = { ...NONE, kind: object_kind.OBJECT_FILE };
  return facts('openat', { ret: 3n, path, claimed: path, extra, object });
}

function verdict(condition: string, event: Facts): Verdict {
  return classify(planRules([rule(condition)]).kernel, event);
}

const OPEN = 'evt.type in (open, openat)';

test.each<[string, string, Facts, string | undefined]>([
  ['another type', OPEN, facts('read'), 'type'],
  ['a failure', `${OPEN} and evt.rawres >= 0`, facts('openat', { ret: -2n }), 'result'],
  ['another error', 'evt.res = EACCES', facts('mkdir', { ret: -2n }), 'result'],
  ['that error', 'evt.res = EACCES', facts('mkdir', { ret: -13n }), undefined],
  ['a read', `${OPEN} and evt.is_open_write = true`, opened('/x'), 'integers'],
  ['a write', `${OPEN} and evt.is_open_write = true`, opened('/x', 1n), undefined],
  ['no O_TRUNC', `${OPEN} and evt.arg.flags contains O_TRUNC`, opened('/x', 1n), 'integers'],
  ['O_TRUNC', `${OPEN} and evt.arg.flags contains O_TRUNC`, opened('/x', 0o1001n), undefined],
  ['another path', `${OPEN} and fd.name = /etc/shadow`, opened('/etc/passwd'), 'path'],
  ['that path', `${OPEN} and fd.name = /etc/shadow`, opened('/etc/shadow'), undefined],
  ['another prefix', `${OPEN} and fd.name startswith /etc/`, opened('/usr/x'), 'path'],
  ['deeper', `${OPEN} and fd.directory = /usr`, opened('/usr/bin/x'), 'path'],
  ['directly in it', `${OPEN} and fd.directory = /usr`, opened('/usr/x'), undefined],
  ['below the root', `${OPEN} and fd.directory = /`, opened('/tmp/x'), 'path'],
  ['another ending', `${OPEN} and fd.name endswith .key`, opened('/a/b.pem'), 'last'],
  ['that ending', `${OPEN} and fd.name endswith .key`, opened('/a/b.key'), undefined],
  ['another file name', `${OPEN} and fd.filename in (a, b)`, opened('/a/c'), 'last'],
  ['nowhere inside', `${OPEN} and fd.name contains id_rsa`, opened('/root/.ssh/x'), 'inside'],
  ['inside', `${OPEN} and fd.name contains id_rsa`, opened('/root/id_rsa/x'), undefined],
  ['no dots', `${OPEN} and fd.nameraw contains ../`, opened('/etc/x'), 'dots'],
  ['another process', `${OPEN} and proc.name = nginx`, opened('/x'), 'comm'],
  ['another user', `${OPEN} and user.uid = 1000`, opened('/x'), 'uid'],
  [
    'another request',
    'evt.type = ptrace and evt.arg.request = PTRACE_ATTACH',
    facts('ptrace'),
    'integers',
  ],
])('stops or passes: %s', (_, condition, event, where) => {
  expect(verdict(condition, event).stopped_at).toBe(where);
});

test('a disjunction over several looks is split, one over a single look is not', () => {
  const split = (text: string) => alternatives(parseCondition(text), 16).map(canonicalText);
  expect(split('fd.num >= 0 and (fd.directory = /etc or fd.filename = x)')).toEqual([
    '(fd.num >= 0 and fd.directory = /etc)',
    '(fd.num >= 0 and fd.filename = x)',
  ]);
  expect(split('fd.num >= 0 and (proc.name = a or proc.pname = b)')).toHaveLength(1);
  expect(split('not (fd.name = /x and proc.name = a)')).toHaveLength(1);
});

test('texts too long for the tables stop nothing that they could match', () => {
  const long = `/${'d'.repeat(300)}/${'f'.repeat(90)}`;
  for (const condition of [
    `fd.name = ${long}`,
    `fd.name startswith ${long.slice(0, 290)}`,
    `fd.name endswith ${'f'.repeat(80)}`,
    `fd.filename = ${'f'.repeat(90)}`,
    `fd.directory = ${long.slice(0, 301)}`,
    `fd.name pmatch (${long})`,
    `not fd.name startswith ${long}x`,
  ])
    expect(verdict(`${OPEN} and ${condition}`, opened(long)).stopped_at, condition).toBeUndefined();
});

test('more clauses than bits share bits, and none is lost', () => {
  const rules = Array.from({ length: 700 }, (_, number) =>
    rule(`${OPEN} and fd.name = /f/${number}`),
  );
  const plan = planRules(rules);
  expect(plan.clauses.length).toBeLessThanOrEqual(MAX_CLAUSES);
  for (const number of [0, 1, 350, 699]) {
    const { bits } = classify(plan.kernel, opened(`/f/${number}`));
    const open = clausesIn(bits).flatMap((clause) => plan.clauses[clause]?.parts ?? []);
    expect(open.map((part) => part.rule)).toContain(number);
  }
  expect(classify(plan.kernel, opened('/f/x')).stopped_at).toBe('path');
});

test('a descriptor that may have changed hands is not judged by its path', () => {
  const { object, ...event } = opened('/tmp/x');
  const shared = { ...event, object: { ...object, flags: 8 } };
  const condition = `${OPEN} and fd.typechar = f and fd.name = /etc/shadow`;
  expect(verdict(condition, { ...shared, claimed: '/etc/shadow' }).stopped_at).toBeUndefined();
  expect(verdict(condition, shared).stopped_at).toBe('path');
});

test('what an open that failed was about is told by plain paths only', () => {
  const missing = (claimed: string) => facts('openat', { ret: -2n, claimed });
  const condition = `${OPEN} and fd.name startswith /etc/`;
  expect(verdict(condition, missing('/usr/x')).stopped_at).toBe('claimed');
  for (const claimed of ['usr/x', '/usr/../etc/x', '/usr/./x', '//etc/x', '/etc/', '/..'])
    expect(verdict(condition, missing(claimed)).stopped_at, claimed).toBeUndefined();
  expect(isPlainPath('/a/..b/.c')).toBe(true);
});

const init: ProcessView = { ...NOBODY, pid: 1, known: true, comm: 'init', container: HOST };
const shell: ProcessView = { ...init, pid: 5, parent: init, comm: 'sh', args: '-c x' };

test('bits of a process rest on what they say they rest on', () => {
  const { clauses } = planRules([
    rule('evt.type = mkdir and proc.args contains z'),
    rule('evt.type = mkdir and proc.name = cat'),
    rule('evt.type = mkdir and proc.pname = bash'),
    rule('evt.type = mkdir and container.id != host'),
    rule('evt.type = mkdir and proc.cwd = /'),
  ]);
  const planner = new ProcessPlanner(clauses);
  const told = planner.bits(shell);
  expect(clausesIn(told.bits)).toEqual([4]);
  expect(clausesIn(told.fixed_bits)).toEqual([1, 2, 3, 4]);
  expect(told.uses_ancestors).toBe(true);
  expect(clausesIn(told.kinless_bits)).toEqual([2, 4]);
  const orphan = planner.bits({ ...shell, parent: undefined });
  expect(clausesIn(orphan.bits)).toEqual([2, 4]);
  expect(orphan.uses_ancestors).toBe(false);
  expect(clausesIn(planner.bits({ ...shell, uncertain: true }).bits)).toHaveLength(5);
});

test('children that have not called exec have their parent above them, however many', () => {
  const { clauses } = planRules([
    rule('evt.type = mkdir and proc.pname = sh'),
    rule('evt.type = mkdir and proc.pname = init'),
    rule('evt.type = mkdir and proc.aname[2] = init'),
    rule('evt.type = mkdir and proc.aname[3] = init'),
  ]);
  const { bits, child_bits } = new ProcessPlanner(clauses).bits(shell);
  expect(clausesIn(bits)).toEqual([1]);
  // pname is sh for a child; init is the second ancestor of a child, the third of a grandchild.
  expect(clausesIn(child_bits)).toEqual([0, 2, 3]);
});

test('what a runtime has not told yet clears nothing', () => {
  const { clauses } = planRules([
    rule('evt.type = mkdir and container.image = nginx'),
    rule('evt.type = mkdir and container.id = host'),
  ]);
  const planner = new ProcessPlanner(clauses);
  const silent = { ...HOST, id: 'abc', full_id: 'abc', type: 'docker' };
  expect(clausesIn(planner.containerBits(silent))).toEqual([0]);
  const known = { ...silent, metadata: { image: 'redis' } };
  expect(clausesIn(planner.containerBits(known))).toEqual([]);
  expect(clausesIn(planner.containerBits(undefined))).toEqual([0, 1]);
  expect(hasBit(planner.containerBits(HOST), 1)).toBe(true);
});

test('names of users are those of the host, and nothing is cleared by them for a container', () => {
  const users = new Map([[33, { name: 'www-data', home: '/', shell: '/bin/sh' }]]);
  const plan = planRules(
    [rule('evt.type = mkdir and user.name = www-data and container.id = host')],
    {
      users,
    },
  );
  expect(classify(plan.kernel, facts('mkdir', { uid: 34 })).stopped_at).toBe('uid');
  expect(classify(plan.kernel, facts('mkdir', { uid: 33 })).stopped_at).toBeUndefined();
  const anywhere = planRules([rule('evt.type = mkdir and user.name = www-data')], { users });
  expect(classify(anywhere.kernel, facts('mkdir', { uid: 34 })).stopped_at).toBeUndefined();
});

test('a constant that a parameter cannot hold is equal to what it holds of it', () => {
  const signal = (sig: bigint) => facts('tgkill', { args: [1n, 1n, sig, 0n, 0n, 0n] });
  const condition = 'evt.type = tgkill and evt.rawarg.sig in (9, 16896)'; // 8 bits: 0
  expect([9n, 0n, 1n].map((sig) => verdict(condition, signal(sig)).stopped_at)).toEqual([
    undefined,
    undefined,
    'integers',
  ]);
});
