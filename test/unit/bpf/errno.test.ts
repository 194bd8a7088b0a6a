// Error numbers against a second source, and the errors made of them.

import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { ERRNO_NAMES, errnoName, errnoNumber, nativeError } from '../../../src/bpf/errno.js';

test('every error that Node knows has the same number here', () => {
  for (const [name, number] of Object.entries(constants.errno)) {
    expect([name, errnoNumber(name)]).toEqual([name, number]);
  }
});

test('names and numbers lead to each other', () => {
  for (const [number, name] of ERRNO_NAMES) expect(errnoNumber(name)).toBe(number);
  expect(errnoName(-2)).toBe('ENOENT');
  expect(errnoName(-512)).toBe('ERESTARTSYS');
  expect(errnoName(0)).toBeUndefined();
  expect(errnoNumber('ENOTHING')).toBeUndefined();
});

test('a failed call says which one, why, and what to do', () => {
  const error = nativeError('BPF_LOAD', 'load of sys_exit', -1);
  expect(error).toMatchObject({ code: 'BPF_LOAD', message: 'load of sys_exit: EPERM' });
  expect(error.hint).toContain('root');
});

test('a number that is no error is said as it is', () => {
  expect(nativeError('BPF_MAP', 'write', -9999).message).toBe('write: error 9999');
});
