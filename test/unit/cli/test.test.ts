// `saker test`: the tests of our own rules, what a failure says, and wrong uses.

import { mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRuleFiles } from '../../../src/cli/rule-files.js';
import { parseTestFile } from '../../../src/cli/test-file.js';
import { OWN_RULES } from '../../../src/files.js';
import { loadRules } from '../../../src/rules/file.js';
import { testFolder } from './folder.js';
import { saker } from './saker.js';
import { HOST, RULES, testFileIn } from './tested.js';

const folder = testFolder();
const testFile = (tests: string): string => testFileIn(folder, tests);

describe('the tests of the rules that come with Saker', () => {
  const names = ['process', 'file', 'network', 'integrity'].map((name) =>
    join(OWN_RULES, 'tests', `${name}.test.yaml`),
  );

  test('all pass', async () => {
    const { status, out } = await saker('test');
    expect(out).not.toContain('FAILED');
    expect(status).toBe(0);
  });

  test('name each rule as one that must alert, and none is left out of a test without alerts', () => {
    const rules = loadRules(readRuleFiles([OWN_RULES])).rules.map((rule) => rule.name);
    const files = names.map((name) => parseTestFile(readFileSync(name, 'utf8'), name));
    const wanted = files.flatMap((one) => one.tests.flatMap(({ alerts }) => alerts));
    expect([...new Set(wanted.map(({ rule }) => rule))].sort()).toEqual([...rules].sort());
    for (const { tests } of files) {
      const silent = tests.filter(({ alerts, nothingElse }) => nothingElse && alerts.length === 0);
      expect(silent.length).toBeGreaterThanOrEqual(7);
    }
  });

  test('are not read as rules', () => {
    expect(readRuleFiles([OWN_RULES]).filter(({ name }) => name.includes('test'))).toEqual([]);
  });
});

describe('a test that fails', () => {
  test('shows the event that came nearest and each comparison in the way', async () => {
    const path = testFile(`
  - test: cat reads a secret
    events:
      - close: {fd: 7}
      - openat: {name: hosts, flags: O_RDONLY}
    alerts: [Secret read]
`);
    const { status, out } = await saker('test', path);
    expect(status).toBe(1);
    expect(out).toContain('FAILED cat reads a secret');
    expect(out).toContain('event 2, openat of cat[30]');
    expect(out).toContain('fd.name startswith /etc/secret   (fd.name is "/etc/hosts")');
    expect(out).toContain('fd.name = /root/key   (fd.name is "/etc/hosts")');
    expect(out).not.toContain('proc.name in');
    expect(out).toContain('0 passed, 1 failed');
  });

  test('says what must not be true below a not', async () => {
    const path = testFile(`
  - test: who may read
    processes: [{pid: 31, exe: /usr/bin/ssh}]
    events: [{open: {name: /etc/secret, flags: O_RDONLY}}]
    alerts: [Secret read]
`);
    const { out } = await saker('test', path);
    expect(out).toContain('true, and must not be: proc.name in (vault, ssh)');
    expect(out).toContain('(proc.name is "ssh")');
  });

  test('says that no event is of a type that the rule looks at, or that it is disabled', async () => {
    const path = testFile(`
  - test: other events
    events: [{close: {fd: 1}}]
    alerts: [Secret read, Switched off]
`);
    const { out } = await saker('test', path);
    expect(out).toContain('it looks at no event of this test (open, openat)');
    expect(out).toContain("'Switched off' did not alert: it is disabled");
  });

  test('says which alert was not wanted, and what is different from the wanted one', async () => {
    const path = testFile(`
  - test: nothing
    events: [{open: {name: /root/key, flags: O_RDONLY}}]
    no_alerts: [Secret read]
  - test: nothing else
    events: [{open: {name: /root/key, flags: O_RDONLY}}]
    no_alerts: others
  - test: something else
    events: [{open: {name: /root/key, flags: O_RDONLY}}]
    alerts: [{rule: Secret read, event: 2, output: by=dog, fields: {fd.name: x, fd.num: 1}}]
  - test: twice
    events: [{open: {name: /root/key, flags: O_RDONLY}}]
    alerts: [Secret read, Secret read]
`);
    const { status, out } = await saker('test', path, '--json');
    const failures: string[][] = JSON.parse(out).files[0].tests.map(
      (one: { failures: { message: string }[] }) => one.failures.map(({ message }) => message),
    );
    expect(status).toBe(1);
    const alert = "'Secret read' alerted at event 1: Secret read | file=/root/key by=cat";
    expect(failures.slice(0, 2)).toEqual([[alert], [alert]]);
    expect(failures[2]?.[0]).toBe(
      "'Secret read' alerted, but at event 1 in the place of 2; its output is " +
        "'Secret read | file=/root/key by=cat', without 'by=dog'; " +
        "fd.name is '/root/key' in the place of 'x'; its output has no fd.num; did you mean fd.name?",
    );
    expect(failures[3]).toEqual(["'Secret read' alerted, once less than wanted"]);
  });

  test.each([
    [
      'open: {name: /x, flags: @}',
      'O_RDOLNY',
      'flags: "O_RDOLNY" is not known; did you mean O_RDONLY?',
    ],
    [
      'open: {name: /x, result: @}',
      'ENOFILE',
      'fd: "ENOFILE" is no number and no error such as ENOENT',
    ],
    [
      'connect: {fd: 3, addr: @}',
      '10.0.0.1',
      '"10.0.0.1" is no address with a port, such as 10.0.0.1:80',
    ],
    ['open: {name: /x}, ts: @', 'soon', 'expected nanoseconds since 1970'],
  ])(
    'says where an event has a value that cannot be: %s with %s',
    async (event, value, problem) => {
      const path = testFile(`
  - test: x
    events:
      - {${event.replace('@', value)}}
    no_alerts: others
`);
      const { status, out } = await saker('test', path);
      expect(status).toBe(1);
      expect(out).toContain(`${path}:10:${10 + event.indexOf('@')}: ${problem}`);
    },
  );

  test('a rule file that is not there is told where it is named', async () => {
    const text = HOST.replace('rules.yaml', 'nowhere.yaml');
    const path = folder.file(
      'none.test.yaml',
      `${text}  - {test: x, events: [{close: {fd: 1}}], no_alerts: others}\n`,
    );
    const { status, out } = await saker('test', path);
    expect(status).toBe(1);
    expect(out).toContain(`${path}:2:8: cannot read rules from `);
  });
});

test('rules that are not enabled run when the file asks for it', async () => {
  folder.file('rules.yaml', RULES);
  const tests = '  - {test: x, events: [{openat: {name: /x}}], alerts: [Switched off]}';
  expect((await saker('test', folder.file('a.test.yaml', HOST + tests))).status).toBe(1);
  const asked = `run_disabled: true${HOST}${tests}`;
  expect((await saker('test', folder.file('a.test.yaml', asked))).status).toBe(0);
});

test('a folder stands for its test files, those of folders inside too', async () => {
  testFile('  - {test: x, events: [{close: {fd: 1}}], no_alerts: others}');
  mkdirSync(join(folder.path, 'inside'));
  const inside = HOST.replace('rules.yaml', '../rules.yaml');
  folder.file(
    'inside/b_test.yml',
    `${inside}  - {test: y, events: [{close: {fd: 1}}], no_alerts: others}`,
  );
  const { status, out } = await saker('test', folder.path);
  expect(status).toBe(0);
  expect(out).toContain('2 passed, 0 failed');
});

test('the results are written as JUnit XML, whatever stands in a name', async () => {
  const path = testFile(`
  - test: "a <b> & \\"c\\" \\u0007"
    events: [{open: {name: "/root/key", flags: O_RDONLY}}]
    no_alerts: others
  - test: passes
    events: [{close: {fd: 1}}]
    no_alerts: others
`);
  const junit = join(folder.path, 'out.xml');
  const { status } = await saker('test', path, '--junit', junit);
  const xml = readFileSync(junit, 'utf8');
  expect(status).toBe(1);
  expect(xml).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites /);
  expect(xml).toContain('tests="2" failures="1" errors="0"');
  expect(xml).toContain('name="a &#60;b&#62; &#38; &#34;c&#34; \ufffd"');
  expect(xml).toContain('name="passes"/>');
  expect(xml.match(/<testcase /g)).toHaveLength(2);
  expect(xml.match(/<failure /g)).toHaveLength(1);
});

test.each([
  [['test', '/does/not/exist'], 'cannot read /does/not/exist'],
  [['test', tmpdir(), '--junit'], 'argument missing'],
  [['test', '--jsn'], 'unknown option'],
])('%j is wrong use', async (args, message) => {
  const { status, err } = await saker(...args);
  expect(status).toBe(2);
  expect(err).toContain(message);
});

test('a folder without a test is wrong use', async () => {
  const { status, err } = await saker('test', folder.path);
  expect(status).toBe(2);
  expect(err).toContain('holds no rule tests');
});

test('the example of the documentation passes', async () => {
  const text = readFileSync(join(OWN_RULES, '..', 'docs', 'rule-tests.md'), 'utf8');
  const [tests = '', rules = ''] = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, block = '']) => block,
  );
  folder.file('backup.yaml', rules);
  const { status, out } = await saker('test', folder.file('backup.test.yaml', tests));
  expect(out).toContain('2 passed, 0 failed');
  expect(status).toBe(0);
});
