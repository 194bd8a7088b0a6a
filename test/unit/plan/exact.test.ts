// Which rules the kernel decides alone, and what is said of the others.

import { expect, test } from 'vitest';
import { verdict_operation } from '../../../src/abi/layout.js';
import { ExactRules, type Inexact } from '../../../src/plan/exact.js';
import { parseCondition } from '../../../src/rules/parser.js';

const OPENS = 'evt.type in (open, openat, openat2)';

function clausesOf(condition: string) {
  const found = new ExactRules().clauses(parseCondition(condition));
  if ('message' in found) throw new Error(found.message);
  return found.map(({ operations, parts }) => ({
    operations: [...operations],
    parts: [...parts.keys()],
  }));
}

function refusal(condition: string): Inexact {
  const found = new ExactRules().clauses(parseCondition(condition));
  if (!('message' in found)) throw new Error('it is exact');
  return found;
}

const OPEN = [verdict_operation.VERDICT_OPEN];

test.each([
  [`${OPENS} and fd.name = /etc/shadow`, [['path']]],
  [`evt.type = open and fd.name startswith /etc/`, [['path']]],
  [`${OPENS} and fd.name pmatch (/etc, /usr/lib)`, [['path']]],
  [`${OPENS} and fd.name endswith .key`, [['last']]],
  [`${OPENS} and fd.directory = /etc and fd.filename != motd`, [['directory', 'last']]],
  [`${OPENS} and evt.is_open_write = true and not fd.name in (/a, /b)`, [['mode', 'path']]],
  [`${OPENS} and fd.typechar = f and fd.num >= 0 and fd.name = /a`, [['kind', 'path']]],
  [`${OPENS} and proc.name = cat and user.uid != 0 and group.gid = 5`, [['comm', 'gid', 'uid']]],
  [`${OPENS} and evt.failed = false`, [[]]],
])('%s is decided', (condition, parts) => {
  expect(clausesOf(condition)).toEqual(parts.map((one) => ({ operations: OPEN, parts: one })));
});

test('alternatives over several facts become clauses of their own', () => {
  const found = clausesOf(
    `${OPENS} and (fd.name = /a or proc.name = b or (fd.name = /c and user.uid = 1))`,
  );
  expect(found.map(({ parts }) => parts)).toEqual([['path', 'uid'], ['path'], ['comm']]);
});

test('alternatives of one fact stay one clause', () => {
  const found = clausesOf(
    `${OPENS} and (fd.name = /a or not (fd.name startswith /b or fd.name = /c))`,
  );
  expect(found).toHaveLength(1);
});

test.each([
  ['fd.name = /etc/shadow', /names no event type/],
  ['evt.type in (open, read) and fd.name = /etc/shadow', /cannot be denied \(read\)/],
  ['evt.type != open', /cannot be denied/],
  [`${OPENS} and proc.cmdline contains evil`, /'proc.cmdline contains evil'.*proc.name is/],
  [`${OPENS} and fd.name contains secret`, /'fd.name contains secret'.*startswith/],
  [`${OPENS} and fd.name endswith a/b`, /within the last component/],
  [`${OPENS} and fd.name pmatch (/home/*/.ssh)`, /knows no patterns/],
  [`${OPENS} and fd.num = 7`, /result is not known before/],
  [`${OPENS} and evt.arg.name = /etc/shadow`, /caller may change its arguments/],
  [`${OPENS} and tolower(fd.name) = /etc/shadow`, /no transformers/],
  [`${OPENS} and proc.name startswith ca`, /whole names/],
  [`${OPENS} and user.uid > 1000`, /whole numbers/],
  [`${OPENS} and fd.name = /${'a'.repeat(250)}`, /longer than 246 bytes/],
  [`evt.type = procexit and proc.name = a`, /cannot be denied/],
])('%s is not decided', (condition, message) => {
  expect(refusal(condition).message).toMatch(message);
});

test('the test in the way is pointed at', () => {
  const condition = `${OPENS} and proc.args = x`;
  expect(refusal(condition).at?.column).toBe(condition.indexOf('proc.args'));
});

test('a call that is one of several ways stands for all of them', () => {
  expect(clausesOf('evt.type = creat and fd.name = /a')).toEqual([
    { operations: OPEN, parts: ['path'] },
  ]);
});

test('too many alternatives are refused', () => {
  const one = (n: number) => `(fd.name = /${n} and proc.name = p${n})`;
  const many = Array.from({ length: 65 }, (_, n) => one(n)).join(' or ');
  expect(refusal(`${OPENS} and (${many})`).message).toMatch(/more than 64 alternatives/);
});
