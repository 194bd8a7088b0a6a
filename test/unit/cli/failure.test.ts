// Errors as lines and as exit statuses.
import { expect, test } from 'vitest';
import { errorLines, exitStatusOf, failureOf } from '../../../src/cli/failure.js';
import { ConfigError } from '../../../src/errors.js';

test('an error of ours is its message and what to do, without control characters', () => {
  const error = new ConfigError('CONFIG_READ', 'cannot read a\u001b[2J\nnor b', { hint: 'name c' });
  expect(errorLines(error)).toEqual([
    'saker: cannot read a\\x1b[2J',
    'saker: nor b',
    'saker: name c',
  ]);
  expect(exitStatusOf(error)).toBe(1);
});

test('any other error is a defect, and says where', () => {
  const [first, ...rest] = errorLines(new TypeError('x is not y'));
  expect(first).toMatch(/^saker: unexpected: TypeError: x is not y\n +at /);
  expect(rest).toEqual(['saker: this is a defect of Saker, please report it']);
  expect(failureOf('text')).toMatchObject({ code: 'INTERNAL', message: 'text', exitStatus: 70 });
});

test.each(['EMFILE', 'ENFILE'])('%s is for the host to cure', (code) => {
  const error = new Error(`${code}: too many open files, open 'x.js'`);
  expect(exitStatusOf(error)).toBe(3);
  expect(errorLines(error).join()).toContain('ulimit -n');
  expect(failureOf(error)).toMatchObject({ code: 'HOST_UNABLE', exitStatus: 3 });
});

test('a package that is not installed is named', () => {
  const error = new Error("Cannot find package 'koffi' imported from /opt/saker/dist/bpf/libc.js");
  expect(errorLines(error)).toEqual([
    'saker: the npm package koffi is not installed',
    'saker: run npm ci in the folder of Saker',
  ]);
  expect(exitStatusOf(error)).toBe(3);
});
