// Constants of conditions, service names, regular expressions.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileRegex, simplerOperator } from '../../../src/rules/regex.js';
import { portOf, readServices } from '../../../src/rules/services.js';
import {
  parseAddress,
  parseHexBytes,
  parseInteger,
  parseNetwork,
  parsePort,
} from '../../../src/rules/values.js';

test('integers are decimal, wrap to their type and stay exact', () => {
  expect(parseInteger('007', 'INT64')).toBe(7);
  expect(parseInteger(' +5', 'INT64')).toBe(5);
  expect(parseInteger('-1', 'UINT64')).toBe(18446744073709551615n);
  expect(parseInteger('-1', 'UINT32')).toBe(4294967295);
  expect(parseInteger('256', 'UINT8')).toBe(0);
  expect(parseInteger('40000', 'INT16')).toBe(-25536);
  expect(parseInteger('99999999999999999999', 'UINT64')).toBe(18446744073709551615n);
  expect(parseInteger('99999999999999999999', 'INT64')).toBe(9223372036854775807n);
  expect(parseInteger('-99999999999999999999', 'INT64')).toBe(-9223372036854775808n);
  expect(parseInteger('9007199254740993', 'UINT64')).toBe(9007199254740993n);
  for (const text of ['', '0x1', '1.0', '1 ', '1e3', '--1', '+']) {
    expect(parseInteger(text, 'INT64'), text).toBeUndefined();
  }
});

test('addresses become their bytes', () => {
  expect(parseAddress('1.2.3.255')).toBe('\x01\x02\x03\xff');
  expect(parseAddress('::1')).toBe(`${'\0'.repeat(15)}\x01`);
  expect(parseAddress('::')).toBe('\0'.repeat(16));
  expect(parseAddress('2001:db8::')).toBe(`\x20\x01\x0d\xb8${'\0'.repeat(12)}`);
  expect(parseAddress('0:0:0:0:0:0:0:1')).toBe(parseAddress('::1'));
  for (const text of [
    '1.2.3',
    '01.2.3.4',
    '1.2.3.256',
    '::ffff:1.2.3.4',
    'fe80::1%lo',
    '1.2.3.4/8',
    '',
  ]) {
    expect(parseAddress(text), text).toBeUndefined();
  }
});

test('networks need a mask that fits', () => {
  expect(parseNetwork('10.1.2.3/8')).toEqual({ address: '\x0a\x01\x02\x03', bits: 8 });
  expect(parseNetwork('0.0.0.0/0')?.bits).toBe(0);
  expect(parseNetwork('::/128')?.bits).toBe(128);
  for (const text of [
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/',
    '::/0',
    '::/129',
    '/8',
    '10.0.0.0/-1',
  ]) {
    expect(parseNetwork(text), text).toBeUndefined();
  }
});

test('hex bytes come in pairs', () => {
  expect(parseHexBytes('00ffAb')).toBe('\0\xff\xab');
  expect(parseHexBytes('abc')).toBeUndefined();
  expect(parseHexBytes('0x00')).toBeUndefined();
});

test('a service has the port of the list, the first protocol that names it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'saker-services-'));
  const path = join(directory, 'services');
  writeFileSync(
    path,
    'ssh 22/tcp # shell\nfoo\t7/udp bar baz\nfoo 8/tcp\nbad 99999/tcp\nworse x/tcp\n',
  );
  const ports = readServices(path);
  rmSync(directory, { recursive: true });
  expect(Object.fromEntries(ports)).toEqual({ ssh: 22, foo: 7, bar: 7, baz: 7 });
  expect(readServices('/nonexistent').size).toBe(0);
  expect(portOf('https')).toBe(443);
  expect(parsePort('ssh')).toBe(22);
  expect(parsePort('70000')).toBe(4464);
  expect(parsePort('no-such-service')).toBeUndefined();
});

test('regular expressions are POSIX: no Perl classes, groups or boundaries', () => {
  const refused = [
    '\\d',
    '\\w+',
    '(?:a)',
    '(?i)a',
    '\\bx',
    '\\pL',
    '\\Qa\\E',
    'a(',
    '[a',
    'x{2,1}',
    '\\',
    '\udcff',
  ];
  for (const source of refused) expect(compileRegex(source), source).toBeUndefined();
  const fits: [source: string, text: string, wanted: boolean][] = [
    ['a|bc', 'bc', true],
    ['a|bc', 'abc', false],
    ['[[:digit:]]{2,}', '123', true],
    ['a**', 'aaa', true],
    ['(ab)+?', 'abab', true],
    ['x+*', '', true],
    ['[]a]+', ']a', true],
    ['[^]a]', 'b', true],
    ['\\.\\*', '.*', true],
    ['\\x41', 'A', true],
    ['[*+?]{3}', '*+?', true],
    ['a.c', 'a\nc', false],
  ];
  for (const [source, text, wanted] of fits) {
    expect(compileRegex(source)?.matches(text), `${source} ${text}`).toBe(wanted);
  }
});

test('bytes that are no UTF-8 count as one replacement character', () => {
  expect(compileRegex('a.b')?.matches('a\xffb')).toBe(true);
  expect(compileRegex('aéb')?.matches(Buffer.from('aéb').toString('latin1'))).toBe(true);
});

test('an expression made to backtrack takes no longer than another', () => {
  const regex = compileRegex('(a*)*(a*)*(a*)*b');
  expect(regex?.matches('a'.repeat(3000))).toBe(false);
});

test('the simpler operator is named where there is one', () => {
  expect(simplerOperator('^abc$')).toBe('=');
  expect(simplerOperator('abc.*')).toBe('startswith');
  expect(simplerOperator('.*abc')).toBe('endswith');
  expect(simplerOperator('.*abc.*')).toBe('contains');
  for (const source of ['a.*b', 'abc.{1}', 'abc\\.*', 'ab[c]?', '']) {
    expect(simplerOperator(source), source).toBeUndefined();
  }
});
