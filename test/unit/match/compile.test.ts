// What conditions mean: missing values, types, several values, transformers, right-hand fields.

import { expect, test } from 'vitest';
import { Event } from '../../../src/decode/event.js';
import { compileCondition } from '../../../src/match/compile.js';
import { parseCondition } from '../../../src/rules/parser.js';
import { expectAll, holds } from './conditions.js';

test('a missing value fails every comparison, and only not makes that true', () => {
  expectAll(
    {},
    {
      'proc.name = a': false,
      'proc.name != a': false,
      'proc.name in (a)': false,
      'not proc.name in (a)': true,
      'proc.name exists': false,
      'not proc.name exists': true,
      'proc.name glob *': false,
      'proc.pid >= 0': false,
      'fd.ip != 1.2.3.4': false,
      'proc.aname != a': false,
      'proc.name = val(proc.pname)': false,
      'proc.name != val(proc.pname)': false,
      'len(proc.name) >= 0': false,
      'proc.name != allof (a)': false,
    },
  );
});

test('the empty text is a value', () => {
  expectAll(
    { 'proc.name': '' },
    {
      'proc.name exists': true,
      'proc.name = ""': true,
      'proc.name != a': true,
      'proc.name contains ""': true,
      'len(proc.name) = 0': true,
      'proc.name regex ".*"': true,
      'proc.name pmatch (/)': true,
    },
  );
});

test('texts are compared byte by byte', () => {
  const name = Buffer.from('Zoë').toString('latin1');
  expectAll(
    { 'proc.name': name },
    {
      'proc.name = Zoë': true,
      'proc.name icontains zo': true,
      'proc.name icontains Ë': false,
      'proc.name endswith "\\xab"': true,
      'len(proc.name) = 4': true,
      'proc.name regex "Zo."': true,
      'proc.name glob Zo?': false,
      'tolower(proc.name) = zoë': true,
      'proc.name > 9': true,
      'proc.name < 9': false,
    },
  );
});

test('without case only letters of ASCII are alike, and signs stand for themselves', () => {
  expectAll(
    { 'proc.name': 'Ld.So+[x]$\u00e9\u00df' },
    {
      'proc.name icontains lD.sO+': true,
      'proc.name icontains "[X]$"': true,
      'proc.name icontains ld_so': false,
      'proc.name icontains l.*so': false,
      'proc.name icontains "so]"': false,
      'proc.name icontains "\\xe9"': true,
      'proc.name icontains "\\xc9"': false,
      'proc.name icontains ss': false,
      'proc.name icontains k': false,
    },
  );
});

test('a regular expression must match the whole text and never a newline by its dot', () => {
  expectAll(
    { 'proc.name': 'ab\ncd' },
    {
      'proc.name regex "ab"': false,
      'proc.name regex ".*"': false,
      'proc.name regex "[^x]*"': true,
      'proc.name regex "ab$[^x]^cd"': true,
      'proc.name regex "ab[[:space:]]cd"': true,
    },
  );
});

test('integers beyond 2^53 stay exact, and what does not fit wraps', () => {
  expectAll(
    { 'evt.num': 18446744073709551615n, 'fd.num': -1, 'user.uid': 4294967295, 'evt.cpu': 1 },
    {
      'evt.num = 18446744073709551615': true,
      'evt.num = 18446744073709551614': false,
      'evt.num > 9007199254740993': true,
      'evt.num in (1, 18446744073709551615)': true,
      'evt.num = -1': true,
      'user.uid = -1': true,
      'evt.cpu = 65537': true,
      'fd.num < 0': true,
      'fd.num > 18446744073709551615': false,
    },
  );
});

test('evt.num >= -1 compares with the largest number, as the reference does', () => {
  expect(holds('evt.num >= -1', { 'evt.num': 5 })).toBe(false);
});

test('ancestors: one must match, and != asks for one that differs', () => {
  expectAll(
    { 'proc.aname': ['bash', 'sshd', 'systemd'], 'proc.apid': [20, 10, 1] },
    {
      'proc.aname = sshd': true,
      'proc.aname = init': false,
      'proc.aname != bash': true,
      'proc.aname in (x, systemd)': true,
      'proc.aname startswith sys': true,
      'proc.aname exists': true,
      'proc.aname = allof (bash, sshd)': true,
      'proc.aname = oneof (bash, sshd)': false,
      'proc.apid in (10)': true,
      'proc.apid > 15': true,
    },
  );
  expect(holds('proc.aname exists', { 'proc.aname': [] })).toBe(false);
});

test('a list field is compared as a whole', () => {
  expectAll(
    { 'fd.types': ['file', 'ipv4'] },
    {
      'fd.types in (file)': false,
      'fd.types in (ipv4, file, pipe)': true,
      'fd.types intersects (pipe, ipv4)': true,
      'fd.types intersects (pipe)': false,
      'len(fd.types) = 2': true,
      'join("+", fd.types) = file+ipv4': true,
    },
  );
  expect(holds('fd.types in (file)', { 'fd.types': [] })).toBe(false);
});

test('modifiers count the elements of the list, doubles separately', () => {
  expectAll(
    { 'proc.name': 'myexe' },
    {
      'proc.name = oneof (myexe, myexe)': false,
      'proc.name contains allof (my, exe)': true,
      'proc.name != anyof (myexe)': false,
      'proc.name != anyof ()': false,
      'proc.name = allof ()': false,
    },
  );
});

test('a field or call on the right is read from the same event', () => {
  expectAll(
    { 'proc.name': 'sh', 'proc.pname': 'SH', 'proc.pid': 5, 'proc.ppid': 4, 'fd.name': 'a*' },
    {
      'proc.name = val(proc.pname)': false,
      'proc.name = tolower(proc.pname)': true,
      'proc.pid > val(proc.ppid)': true,
      'proc.pid <= val(proc.ppid)': false,
      'proc.name in val(proc.pname)': false,
      'proc.name startswith val(proc.name)': true,
      'concat(proc.name, "x") glob val(fd.name)': false,
      'concat("ab", proc.name) glob val(fd.name)': true,
    },
  );
});

test('b64 takes text with and without padding, and is missing for anything else', () => {
  expectAll(
    {
      'proc.name': 'YWFh',
      'proc.args': 'YQ==',
      'proc.exe': 'YQ',
      'proc.cwd': 'Y',
      'user.name': 'a b',
    },
    {
      'b64(proc.name) = aaa': true,
      'b64(proc.args) = a': true,
      'b64(proc.exe) = a': true,
      'b64(proc.cwd) exists': false,
      'b64(user.name) exists': false,
    },
  );
});

test('getopt gives letters and values, up to the first argument that is no option', () => {
  expectAll(
    { 'proc.name': '-p' },
    {
      'getopt((proc.name, "22", "-v"), "p:v") intersects ("v")': true,
      'getopt((proc.name, "22", "-v"), "p:v")[p] = 22': true,
      'getopt(("-x"), "p:") in ("?")': true,
      'getopt((proc.name), "p:") in ("")': true,
      'getopt((proc.name), "p:")[p] = ""': true,
      'getopt(("--long", "-v"), "v") in (v)': true,
      'getopt(("a", "-v"), "v") intersects (v)': false,
      'getopt(("-v"), "v")[p] exists': false,
    },
  );
});

test('many tests of one field in an or give what each of them gives', () => {
  const condition =
    'fd.name = /a or fd.name in (/b, /c) or fd.name startswith /etc/ or fd.name startswith /ex or ' +
    'fd.name endswith .so or fd.name contains secret or fd.name pmatch (/opt/*/bin)';
  const wanted: Record<string, boolean> = {
    '/a': true,
    '/b': true,
    '/c': true,
    '/d': false,
    '/etc/x': true,
    '/etc': false,
    '/ex': true,
    '/e': false,
    '/lib/x.so': true,
    '/x/secrets': true,
    '/opt/y/bin/z': true,
    '/opt/y/lib': false,
  };
  for (const [path, expected] of Object.entries(wanted)) {
    expect(holds(condition, { 'fd.name': path }), path).toBe(expected);
    expect(holds(`not (${condition})`, { 'fd.name': path }), path).toBe(!expected);
  }
  expect(holds(condition, {})).toBe(false);
});

test('a field without a source is missing, and its reader is asked for once', () => {
  const asked: string[] = [];
  const expression = parseCondition('proc.name = a or not proc.pname = b or proc.name = c');
  const condition = compileCondition(expression, (field) => {
    asked.push(field.name);
    return undefined;
  });
  expect(condition(new Event())).toBe(true);
  expect(asked.sort()).toEqual(['proc.name', 'proc.pname']);
});

test('evt.num=0 is never, whatever the event', () => {
  const never = compileCondition(parseCondition('evt.num=0 or evt.num < 1'), () => () => 0);
  expect(never(new Event())).toBe(false);
});
