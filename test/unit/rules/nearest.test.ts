// Likely meant names.

import { expect, test } from 'vitest';
import { didYouMean, nearestName } from '../../../src/rules/nearest.js';

const NAMES = ['proc.name', 'proc.pname', 'fd.name', 'spawned_process'];

test('a typo leads to the name', () => {
  expect(nearestName('proc.nmae', NAMES)).toBe('proc.name');
  expect(nearestName('Spawned_proces', NAMES)).toBe('spawned_process');
});

test('of several the nearest is taken', () => {
  expect(nearestName('proc.pnam', NAMES)).toBe('proc.pname');
});

test('nothing is suggested for what is too different, or too long to compare', () => {
  expect(nearestName('evt.type', NAMES)).toBeUndefined();
  expect(nearestName('x'.repeat(5000), NAMES)).toBeUndefined();
});

test('a message ends in the question, or in nothing', () => {
  expect(didYouMean('proc.nmae', NAMES)).toBe('; did you mean proc.name?');
  expect(didYouMean('evt.type', NAMES)).toBe('');
});
