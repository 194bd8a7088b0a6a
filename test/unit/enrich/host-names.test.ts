import { expect, test } from 'vitest';
import { HostNames } from '../../../src/enrich/host-names.js';

const bytes = (...numbers: number[]) => String.fromCharCode(...numbers);

test('an address has the name that resolved to it', () => {
  const names = new HostNames();
  names.learn('a.example', ['10.0.0.1', '::ffff:10.0.0.2', 'nonsense']);
  expect(names.of(bytes(10, 0, 0, 1))).toBe('a.example');
  expect(names.of(bytes(10, 0, 0, 2))).toBe('a.example');
  expect(names.of(bytes(10, 0, 0, 3))).toBeUndefined();
});

test('a name that resolves to something else loses its old addresses', () => {
  const names = new HostNames();
  names.learn('a.example', ['10.0.0.1']);
  names.learn('b.example', ['10.0.0.1']);
  names.learn('a.example', ['10.0.0.9']);
  expect(names.of(bytes(10, 0, 0, 1))).toBe('b.example');
  expect(names.of(bytes(10, 0, 0, 9))).toBe('a.example');
  names.learn('a.example', []);
  expect(names.of(bytes(10, 0, 0, 9))).toBeUndefined();
});
