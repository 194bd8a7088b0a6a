// The names of addresses.
import { expect, test } from 'vitest';
import { HostNames } from '../../../src/enrich/host-names.js';

const bytes = (...numbers: number[]) => String.fromCharCode(...numbers);

test('an address has the name that resolved to it', () => {
  const names = new HostNames();
  names.learn('a.example', ['10.0.0.1', '::ffff:10.0.0.2', 'nonsense']);
  expect(names.of(bytes(10, 0, 0, 1))).toEqual(['a.example']);
  expect(names.of(bytes(10, 0, 0, 2))).toEqual(['a.example']);
  expect(names.of(bytes(10, 0, 0, 3))).toEqual([]);
});

test('a name that resolves to something else loses its old addresses', () => {
  const names = new HostNames();
  names.learn('a.example', ['10.0.0.1']);
  names.learn('b.example', ['10.0.0.1']);
  names.learn('a.example', ['10.0.0.9']);
  expect(names.of(bytes(10, 0, 0, 1))).toEqual(['b.example']);
  expect(names.of(bytes(10, 0, 0, 9))).toEqual(['a.example']);
  names.learn('a.example', []);
  expect(names.of(bytes(10, 0, 0, 9))).toEqual([]);
});

test('an address that several names resolved to has them all, until one of them moves', () => {
  const names = new HostNames();
  names.learn('a.example', ['10.0.0.1', '2001:db8::1']);
  names.learn('b.example', ['10.0.0.1']);
  expect(names.of(bytes(10, 0, 0, 1))).toEqual(['a.example', 'b.example']);
  names.learn('a.example', ['10.0.0.1']);
  expect(names.of(bytes(10, 0, 0, 1))).toEqual(['a.example', 'b.example']);
  names.learn('b.example', []);
  expect(names.of(bytes(10, 0, 0, 1))).toEqual(['a.example']);
});

test('one name cannot have more addresses than are kept for it', () => {
  const names = new HostNames();
  names.learn(
    'a.example',
    Array.from({ length: 1000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`),
  );
  expect(names.of(bytes(10, 0, 0, 63))).toEqual(['a.example']);
  expect(names.of(bytes(10, 0, 0, 64))).toEqual([]);
});
