// The field registry: names, arguments, suggestions.

import { expect, test } from 'vitest';
import {
  FIELDS,
  findField,
  nearestField,
  OWN_FIELDS,
  useField,
} from '../../../src/rules/fields.js';

function problemOf(name: string, argument?: string): string | undefined {
  const use = useField(name, argument);
  return 'error' in use ? use.error : undefined;
}

test('every field is known by its name, once, and says what it means', () => {
  const all = [...FIELDS, ...OWN_FIELDS];
  expect(new Set(all.map((field) => field.name)).size).toBe(all.length);
  for (const field of all) {
    expect(findField(field.name)).toBe(field);
    expect(field.description.length, field.name).toBeGreaterThan(5);
    expect(field.description, field.name).not.toMatch(/\.$/);
  }
});

test('an argument is part of the name of some fields', () => {
  expect(useField('evt.arg.flags', undefined)).toMatchObject({
    type: 'CHARBUF',
    argument: 'flags',
  });
  expect(useField('evt.rawarg.uid', undefined)).toMatchObject({ argument: 'uid' });
  expect(useField('evt.rawarg.addr', undefined)).toMatchObject({ type: 'SOCKADDR' });
  expect(useField('evt.abspath.src', undefined)).toMatchObject({ argument: 'src' });
  expect(useField('evt.type.is.open', undefined)).toMatchObject({ argument: 'open' });
  expect(useField('thread.cgroup.cpu', undefined)).toMatchObject({ argument: 'cpu' });
  expect(problemOf('evt.abspath.x')).toBe('unknown-field');
  expect(problemOf('evt.type.is.nothing')).toBe('unknown-field');
  expect(problemOf('evt.arg.nothing')).toBe('unknown-event-argument');
  expect(problemOf('evt.arg.flags', '1')).toBe('unknown-field');
});

test('an argument in brackets must be of the right kind', () => {
  expect(problemOf('proc.aname', '2')).toBeUndefined();
  expect(problemOf('proc.aname', 'x')).toBe('unknown-field');
  expect(problemOf('proc.env', 'HOME')).toBeUndefined();
  expect(problemOf('proc.aenv', 'HOME')).toBeUndefined();
  expect(problemOf('proc.name', '0')).toBe('unknown-field');
  expect(problemOf('evt.arg', '1')).toBeUndefined();
  expect(problemOf('evt.rawarg', '1')).toBe('unknown-field');
  expect(problemOf('container.mount.dest', '/etc')).toBeUndefined();
  expect(problemOf('evt.arg')).toBe('field-argument-missing');
  expect(problemOf('container.label')).toBe('field-argument-missing');
});

test('fields of several values are several only without an index', () => {
  expect(useField('proc.aname', undefined)).toMatchObject({ many: true });
  expect(useField('proc.aname', '1')).toMatchObject({ many: false });
  expect(useField('proc.aenv', 'HOME')).toMatchObject({ many: true });
  expect(useField('fd.types', undefined)).toMatchObject({ list: true, many: false });
  expect(useField('fd.types', '0')).toMatchObject({ list: false });
});

test('a misspelt name gets the nearest known one', () => {
  expect(nearestField('proc.nmae')).toBe('proc.name');
  expect(useField('fd.naem', undefined)).toMatchObject({ suggestion: 'fd.name' });
  expect(useField('evt.arg.flgas', undefined)).toMatchObject({ suggestion: 'evt.arg.flags' });
  expect(nearestField('target.nmae')).toBe('target.name');
  expect(nearestField('zzzzzzzzzzzz')).toBeUndefined();
});

test('names that objects have by nature are no fields', () => {
  for (const name of ['constructor', '__proto__', 'evt', 'evt.', 'evt.arg.', '.', '']) {
    expect(findField(name) === undefined || problemOf(name) !== undefined, name).toBe(true);
  }
});
