// The looks that spare dearer ones: the first component of a path, the texts that matter, what a call
// returned.

import { expect, test } from 'vitest';
import { object_kind } from '../../../src/abi/layout.js';
import { hasBit } from '../../../src/plan/bits.js';
import { headOf } from '../../../src/plan/heads.js';
import type { KernelPlan, PathTable } from '../../../src/plan/kernel-plan.js';
import { classify, type Facts } from '../../../src/plan/model.js';
import { planRules } from '../../../src/plan/planner.js';
import { typeNumber } from '../../../src/rules/events.js';
import { parseCondition } from '../../../src/rules/parser.js';

const OPENAT = typeNumber('openat') ?? 0;
const DUP = typeNumber('dup') ?? 0;

function planOf(...conditions: readonly string[]): KernelPlan {
  return planRules(
    conditions.map((condition, n) => ({ name: `rule ${n}`, condition: parseCondition(condition) })),
  ).kernel;
}

function pathsOf(plan: KernelPlan, type: number): PathTable {
  const table = plan.paths[plan.types.get(type)?.path ?? -1];
  if (table === undefined) throw new Error('no table of paths');
  return table;
}

// Whether a first component, or one that nobody names, leaves the only clause open.
function leaves(condition: string, head: string): boolean {
  const { head: table } = pathsOf(planOf(`evt.type = openat and ${condition}`), OPENAT);
  if (table === undefined) return true;
  return hasBit(table.values.get(head) ?? table.other, 0);
}

function facts(type: number, ret: bigint, path?: string): Facts {
  return {
    type,
    ret,
    args: [0n, 0n, 0n, 0n, 0n, 0n],
    abi: 0,
    extra: 0n,
    comm: 'x',
    uid: 0,
    object: {
      kind: object_kind.OBJECT_FILE,
      flags: 0,
      family: 0,
      socket_type: 0,
      protocol: 0,
      local_port: 0,
      remote_port: 0,
      local_address: '\0\0\0\0',
      remote_address: '\0\0\0\0',
    },
    given: { family: 0, port: 0, address: '\0\0\0\0' },
    path,
    claimed: undefined,
  };
}

test('a first component is what stands before the second slash, and eight bytes of it', () => {
  expect(headOf('/etc/shadow')).toBe('etc');
  expect(headOf('/etc')).toBe('etc');
  expect(headOf('/')).toBe('');
  expect(headOf('/lost+found/x')).toBe('lost+fou');
});

test.each([
  ['fd.name = /etc/shadow', ['etc'], ['usr', 'etcetera', '']],
  ['fd.name = /etc', ['etc'], ['et', 'usr']],
  ['fd.name in (/etc/a, /var/b)', ['etc', 'var'], ['usr']],
  ['fd.name startswith /etc/', ['etc'], ['etcetera', 'usr']],
  ['fd.name startswith /lost+found/', ['lost+fou'], ['lost', 'usr']],
  ['fd.name pmatch (/etc/a, /opt)', ['etc', 'opt'], ['usr']],
  ['fd.name glob /home/*/.ssh/*', ['home'], ['usr']],
  ['fd.directory = /etc', ['etc'], ['usr']],
  ['fd.directory startswith /etc/', ['etc'], ['usr']],
] as const)(
  '%s holds below the first components that it names, and no other',
  (condition, open, closed) => {
    for (const head of open) expect(leaves(condition, head), head).toBe(true);
    for (const head of closed) expect(leaves(condition, head), head).toBe(false);
  },
);

test.each([
  ['fd.name startswith /et', 'etc'],
  ['fd.name startswith /', 'usr'],
  ['fd.name glob /e*', 'etc'],
  ['fd.name glob *shadow', 'etc'],
  ['fd.name contains shadow', 'etc'],
  ['fd.name endswith /shadow', 'etc'],
  ['fd.name != /etc/shadow', 'etc'],
  ['fd.directory = /', 'etc'],
  ['fd.filename = shadow', 'etc'],
  ['not fd.name startswith /etc/', 'etc'],
])('%s may hold below a first component that it does not name', (condition, head) => {
  expect(leaves(condition, head)).toBe(true);
});

test('a text inside of a path matters to the clauses that ask for it', () => {
  const plan = planOf(
    'evt.type = openat and fd.name contains secret',
    'evt.type = openat and fd.name contains private and evt.rawres >= 0',
  );
  const { inside } = pathsOf(plan, OPENAT);
  const clausesFor = (text: string) => {
    const found = inside?.needles.find((one) => one.text.includes(text));
    return [0, 1].filter((clause) => found !== undefined && hasBit(found.matters, clause));
  };
  expect(clausesFor('secret')).toEqual([0]);
  expect(clausesFor('private')).toEqual([1]);
});

test('a call that returned another number than the one asked for is stopped by it', () => {
  const plan = planOf('evt.type = dup and fd.num in (0, 1, 2)');
  for (const ret of [0n, 1n, 2n])
    expect(classify(plan, facts(DUP, ret)).stopped_at).toBeUndefined();
  expect(classify(plan, facts(DUP, 3n)).stopped_at).toBe('integers');
  expect(classify(plan, facts(DUP, -9n)).stopped_at).toBeDefined();
});

test('of a call that failed the number is minus one, whatever the error', () => {
  const plan = planOf('evt.type = dup and fd.num = -1');
  for (const ret of [-1n, -9n, -24n])
    expect(classify(plan, facts(DUP, ret)).stopped_at, String(ret)).toBeUndefined();
  const named = planOf('evt.type = dup and evt.rawres in (-9, 5)');
  for (const ret of [-9n, 5n])
    expect(classify(named, facts(DUP, ret)).stopped_at, String(ret)).toBeUndefined();
  for (const ret of [-1n, 4n])
    expect(classify(named, facts(DUP, ret)).stopped_at, String(ret)).toBeDefined();
});
