// What is wrong with a condition or an output: classes, places, suggestions.

import { expect, test } from 'vitest';
import { checkCondition, checkOutput } from '../../../src/rules/check.js';
import { parseCondition } from '../../../src/rules/parser.js';

function classes(condition: string): string[] {
  return checkCondition(parseCondition(condition)).map((problem) => problem.class);
}

test('a condition that fits has nothing wrong with it', () => {
  for (const condition of [
    'evt.type in (open, execve) and proc.name = sh and fd.sport in (ssh, 22)',
    'fd.snet in (10.0.0.0/8, "::1/128") and fd.ip != 2001:db8::1',
    'evt.is_open_write = true and fd.num >= 0 and evt.rawarg.mode > 0',
    'evt.buffer bcontains cafe and evt.buffer = "a\\x00b"',
    'proc.name = val(proc.pname) and len(fd.types) > 1 and proc.env[HOME] exists',
    'evt.type = "" or evt.rawarg.tuple exists',
  ]) {
    expect(classes(condition), condition).toEqual([]);
  }
});

test('each error has its class', () => {
  const cases: Record<string, string> = {
    'proc.nmae = a': 'unknown-field',
    'proc.name[1] = a': 'unknown-field',
    'evt.arg = a': 'field-argument-missing',
    'evt.arg.nothing = a': 'unknown-event-argument',
    'evt.type = opn': 'unknown-event-type',
    'evt.type startswith op': 'unknown-event-type',
    'proc.pid contains 1': 'op-not-supported-for-type',
    'fd.types = file': 'op-not-supported-for-type',
    'evt.rawarg.addr = 1': 'op-not-supported-for-type',
    'proc.pid = 0x10': 'bad-value',
    'proc.pid = 1.5': 'bad-value',
    'proc.pid = "1 "': 'bad-value',
    'evt.failed = True': 'bad-value',
    'fd.ip = 10.0.0.01': 'bad-value',
    'fd.ip = "::ffff:1.2.3.4"': 'bad-value',
    'fd.ip = "fe80::1%eth0"': 'bad-value',
    'fd.net = 10.0.0.1': 'bad-value',
    'fd.net = 10.0.0.0/33': 'bad-value',
    'fd.net = "::1/0"': 'bad-value',
    'fd.port = nosuchservice': 'bad-value',
    'evt.buffer bcontains abc': 'bad-hex-value',
    'proc.name regex "a("': 'bad-regex',
    'proc.name regex "\\\\d+"': 'bad-regex',
    'proc.name regex "(?i)a"': 'bad-regex',
    [`proc.name = ${'a'.repeat(256)}`]: 'value-too-long',
    'proc.name = "a\\x00"': 'value-nul-byte',
    'proc.name regex val(proc.pname)': 'rhs-field-not-supported',
    'proc.name pmatch val(proc.pname)': 'rhs-field-not-supported',
    'proc.name = val(proc.aname[1])': 'rhs-field-not-supported',
    'fd.ip = val(fd.sip)': 'rhs-field-not-supported',
    'proc.name = val(proc.pid)': 'rhs-field-type-mismatch',
    'fd.sport = val(proc.pid)': 'rhs-field-type-mismatch',
    'toupper(proc.pid) = 1': 'transformer-type',
    'tolower(proc.aname[1]) = a': 'transformer-type',
    'concat("a") = a': 'transformer-args',
    'join(",", proc.name) = a': 'transformer-args',
    'getopt(proc.args, "x") in (x)': 'transformer-args',
  };
  for (const [condition, wanted] of Object.entries(cases)) {
    expect(classes(condition), condition).toEqual([wanted]);
  }
});

test('an error points at what is wrong and knows what was probably meant', () => {
  const [field] = checkCondition(parseCondition('proc.name = a and\n  fd.naem = b'));
  expect(field).toMatchObject({ at: { line: 1, column: 2 }, suggestion: 'fd.name' });
  const [type] = checkCondition(parseCondition('evt.type = opnat'));
  expect(type).toMatchObject({ at: { column: 11 }, suggestion: 'openat' });
  const [operator] = checkCondition(parseCondition('proc.pid  contains 1'));
  expect(operator).toMatchObject({ at: { column: 10 } });
  const [inner] = checkCondition(parseCondition('tolower(proc.nam) = a'));
  expect(inner).toMatchObject({ at: { column: 8 }, suggestion: 'proc.name' });
});

test('every comparison is checked, not only the first', () => {
  expect(classes('a.b = 1 or (not proc.pid contains 1 and evt.type = x)')).toEqual([
    'unknown-field',
    'op-not-supported-for-type',
    'unknown-event-type',
  ]);
});

test('what is probably not meant is a warning, once per comparison', () => {
  expect(classes('proc.name in (proc.pname, proc.exe)')).toEqual(['value-looks-like-field']);
  expect(classes('proc.name = "proc.aname[2] "')).toEqual(['value-looks-like-field']);
  expect(classes('proc.name = "tolower( proc.pname)"')).toEqual(['value-looks-like-transformer']);
  expect(classes('proc.name regex "^nginx.*"')).toEqual(['regex-simpler-operator']);
  expect(classes('proc.name = some.text')).toEqual([]);
  expect(classes('proc.name regex "a.*b"')).toEqual([]);
});

test('an output is checked for fields, calls and lone percent signs', () => {
  expect(checkOutput('a %proc.name b %10proc.aname[2] %toupper(proc.name) %evt.arg.flags')).toEqual(
    [],
  );
  expect(checkOutput('%proc.namespace and [%proc.name]')).toEqual([]);
  expect(checkOutput('user=%user.nme')).toMatchObject([
    { offset: 5, length: 9, suggestion: 'user.name' },
  ]);
  for (const format of [
    '100%',
    '%%',
    '% x',
    '%val(proc.name)',
    '%toupper(evt.num)',
    '%toupper(proc.name',
  ])
    expect(checkOutput(format).length, format).toBe(1);
});

test('random text is checked in bounded time, with an answer', () => {
  for (const text of [
    '%'.repeat(5000),
    '%a'.repeat(3000),
    `%${'a.'.repeat(5000)}`,
    '%toupper('.repeat(500),
  ]) {
    expect(checkOutput(text).length).toBeGreaterThan(0);
  }
});
