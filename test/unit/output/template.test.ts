// Output formats: text of each kind of value, widths, what goes into output_fields.

import { expect, test } from 'vitest';
import { Event, type Value } from '../../../src/decode/event.js';
import { AlertTemplate, Format } from '../../../src/output/template.js';
import type { FieldRef } from '../../../src/rules/ast.js';
import { operandText } from '../../../src/rules/canonical.js';
import { parseAddress } from '../../../src/rules/values.js';

const VALUES: Readonly<Record<string, Value>> = {
  'proc.name': 'cat',
  'proc.pid': 30,
  'proc.aname': ['bash', 'sshd'],
  'proc.aname[1]': 'bash',
  'proc.apid': [20, 10],
  'proc.apid[0]': 30,
  'fd.types': ['file', 'pipe'],
  'evt.buffer': '\x7fELF\x00A',
  'fd.sip': parseAddress('10.0.0.1'),
  'fd.cip': parseAddress('2001:db8::1'),
  'fd.ip': [parseAddress('10.0.0.1') ?? '', parseAddress('10.0.0.2') ?? ''],
  'evt.failed': false,
  'evt.rawtime': 1566230400000000000n,
  'evt.time': '16:00:00.000000000',
  'evt.arg.name': '/etc/shadow',
  'user.name': '',
};

function resolve(field: FieldRef): () => Value {
  return () => VALUES[operandText(field)];
}

function text(format: string): string {
  return new Format(format, resolve).text(new Event());
}

test('each kind of value has its text, and a missing one is <NA>', () => {
  expect(text('a %proc.name b')).toBe('a cat b');
  expect(text('%proc.pid|%evt.failed|%evt.rawtime')).toBe('30|false|1566230400000000000');
  expect(text('%proc.aname|%fd.types')).toBe('bash sshd|(file,pipe)');
  expect(text('%evt.buffer')).toBe('.ELF.A');
  expect(text('%fd.sip %fd.cip')).toBe('10.0.0.1 2001:db8::1');
  expect(text('[%user.name] [%user.loginname]')).toBe('[] [<NA>]');
  expect(text('no field')).toBe('no field');
  expect(text('*%proc.name')).toBe('*cat');
});

test('the longest field wins, and what follows is text', () => {
  expect(text('%proc.namespace')).toBe('catspace');
  expect(text('%proc.name.%proc.pid.')).toBe('cat.30.');
  expect(text('%evt.arg.name/%proc.name')).toBe('/etc/shadow/cat');
  expect(text('%proc.name[0]')).toBe('cat[0]');
  expect(text('%proc.aname[1][x]')).toBe('bash[x]');
});

test('a width pads with blanks or cuts, by bytes', () => {
  expect(text('<%2proc.name>')).toBe('<ca>');
  expect(text('<%6proc.name>')).toBe('<cat   >');
  expect(text('<%0proc.name>')).toBe('<cat>');
  expect(text('<%6user.loginname>')).toBe('<<NA>  >');
});

test('widths and fields without end make a text that is cut', () => {
  expect(text(`<%${'9'.repeat(100)}proc.name>`)).toHaveLength(65_538);
  const cut = text('%65536proc.name'.repeat(10_000));
  expect(cut).toHaveLength(1024 * 1024 + 3);
  expect(cut.endsWith(' ...')).toBe(true);
});

test('transformers show what they give', () => {
  expect(text('%toupper(proc.name)')).toBe('CAT');
  expect(text('%toupper( tolower( proc.name ) )!')).toBe('CAT!');
  expect(text('%len(proc.name) %join("-", (proc.name, proc.pid)) %concat(proc.name, ")")')).toBe(
    '3 cat-30 cat)',
  );
  expect(text('%toupper(user.loginname)')).toBe('<NA>');
});

test('fields that only compare have no text, and proc.apid is the process itself', () => {
  expect(text('%fd.ip %proc.apid')).toBe('<NA> 30');
});

test('without tolerance the text ends before the first missing value', () => {
  const format = new Format('a %proc.name %user.loginname b', resolve);
  expect(format.textUntilMissing(new Event())).toEqual({ text: 'a cat ', complete: false });
});

test('output_fields have typed values, once each, calls as their inner field', () => {
  const template = new AlertTemplate(
    {
      output:
        '%proc.pid %toupper(proc.name) %proc.pid %evt.failed %fd.sip %user.loginname %proc.aname',
      extraFields: [
        { key: 'proc.aname[1]', format: 'proc.aname[1]', raw: true },
        { key: 'note', format: 'by %proc.name', raw: false },
      ],
    },
    { site: 'Zürich' },
    resolve,
  );
  const event = new Event();
  const fields = Object.fromEntries(
    template.fieldNames.map((name, index) => [name, template.values(event)[index]]),
  );
  expect(fields).toEqual({
    'proc.pid': 30,
    'proc.name': 'cat',
    'evt.failed': false,
    'fd.sip': '10.0.0.1',
    'user.loginname': undefined,
    'proc.aname': 'bash sshd',
    'proc.aname[1]': 'bash',
    note: 'by cat',
    'static.site': Buffer.from('Zürich').toString('latin1'),
  });
  expect(template.message(event)).toBe('30 CAT 30 false 10.0.0.1 <NA> bash sshd');
});

test('the time of the event is a number among the fields and a text in the message', () => {
  const template = new AlertTemplate({ output: '%evt.time', extraFields: [] }, {}, resolve);
  const event = new Event();
  event.boot_epoch_ns = 1566230400000000000n;
  expect(template.message(event)).toBe('16:00:00.000000000');
  expect(template.values(event)).toEqual([event.time_ns]);
});

test('what a task wrote reaches the text as the bytes it is', () => {
  const bytes = '\xff\x1b[31m%proc.name\n';
  expect(new Format('%proc.exe', () => () => bytes).text(new Event())).toBe(bytes);
});

test('message and values at once are what each is by itself, and the same object while nothing differs', () => {
  let name = 'cat';
  let pid = 30;
  const reads: string[] = [];
  const template = new AlertTemplate(
    {
      output: '[%proc.name] %5proc.pid %toupper(proc.name) %proc.name %evt.time %fd.name',
      extraFields: [{ key: 'fd.name', format: '<%fd.name>', raw: false }],
    },
    {},
    (field) => () => {
      reads.push(field.name);
      return { 'proc.name': name, 'proc.pid': pid }[field.name];
    },
  );
  const event = new Event();
  const first = template.told(event);
  expect(reads.filter((one) => one === 'proc.name')).toHaveLength(2); // once inside of the call
  const same = (told: typeof first) => {
    expect(told.message).toBe(template.message(event));
    expect(told.values).toEqual(template.values(event));
  };
  same(first);
  expect(template.told(event)).toBe(first);
  name = 'dog';
  const second = template.told(event);
  expect(second).not.toBe(first);
  same(second);
  pid = 31;
  same(template.told(event));
  expect(first.message).toContain('[cat] 30    CAT cat');
});

test('a message without fields is told each time', () => {
  const template = new AlertTemplate({ output: 'nothing', extraFields: [] }, {}, resolve);
  expect(template.told(new Event())).toEqual({ message: 'nothing', values: [] });
  expect(template.told(new Event())).toEqual({ message: 'nothing', values: [] });
});
