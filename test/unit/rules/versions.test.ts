// Versions that rule files ask for.

import { expect, test } from 'vitest';
import { engineVersion, isCompatible, unmetRequirement } from '../../../src/rules/versions.js';

test('a plain number is a minor version', () => {
  expect(engineVersion('31')).toBe('0.31.0');
  expect(engineVersion('0x10')).toBe('0.16.0');
  expect(engineVersion('0.40.1-rc1')).toBe('0.40.1');
  for (const bad of ['', '-1', '1.2', 'v1.2.3', '99999999999']) {
    expect(engineVersion(bad), bad).toBeUndefined();
  }
});

test('compatible means the same major version and not older', () => {
  expect(isCompatible('0.63.0', '0.9.99')).toBe(true);
  expect(isCompatible('0.63.0', '0.63.1')).toBe(false);
  expect(isCompatible('1.0.0', '0.63.0')).toBe(false);
});

test('the first loaded candidate decides', () => {
  const wanted = { name: 'a', version: '2.0.0', alternatives: [{ name: 'b', version: '1.0.0' }] };
  const b = { name: 'b', version: '1.5.0' };
  expect(unmetRequirement([wanted], [b])).toBeUndefined();
  expect(unmetRequirement([wanted], [b, { name: 'a', version: '1.0.0' }])).toBe(wanted);
  expect(unmetRequirement([wanted], [])).toBe(wanted);
});
