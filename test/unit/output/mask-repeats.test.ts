// Alerts that repeat are masked as those that do not.
import { expect, test } from 'vitest';
import type { Alert } from '../../../src/output/alert.js';
import { MASK, Masker } from '../../../src/output/mask.js';
import { RepeatMasker } from '../../../src/output/mask-repeats.js';

const rule = { name: 'r', priority: 4, source: 'syscall', tags: [], fieldNames: ['a'] };
const other = { ...rule, name: 'other' };

test('what is masked does not depend on what was masked before', () => {
  const masker = new RepeatMasker(new Masker({ enabled: true, patterns: [] }));
  const values = ['--password=Zq81vX77mK'];
  const plain = ['-pZq81vX77mK'];
  const told = (alert: Omit<Alert, 'time_ns'>) => {
    const { message, values } = masker.alert({ time_ns: 1n, ...alert });
    return [message, ...values];
  };
  const hidden = ['token=***', `--password=${MASK}`];
  expect(told({ rule, message: 'token=Zq81vX77mK', values })).toEqual(hidden);
  expect(told({ rule, message: 'token=Zq81vX77mK', values })).toEqual(hidden);
  expect(told({ rule, message: 'nothing', values })).toEqual(['nothing', hidden[1]]);
  expect(told({ rule, message: 'nothing', values: plain })).toEqual(['nothing', ...plain]);
  // Of mysql it is a password.
  const program = 'mysql';
  expect(told({ rule, message: 'nothing', values: plain, program })).toEqual(['nothing', '-p***']);
  expect(told({ rule, message: 'nothing', values: plain })).toEqual(['nothing', ...plain]);
  expect(told({ rule: other, message: 'nothing', values })).toEqual(['nothing', hidden[1]]);
  expect(told({ rule, message: 'nothing', values: plain })).toEqual(['nothing', ...plain]);
});
