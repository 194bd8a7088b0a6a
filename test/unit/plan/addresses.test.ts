// Addresses that stand for all of a network that no smaller listed one holds.

import { expect, test } from 'vitest';
import { witness } from '../../../src/plan/addresses.js';
import { type Network, parseAddress, parseNetwork } from '../../../src/rules/values.js';

function network(text: string): Network {
  const found = parseNetwork(text);
  if (found === undefined) throw new Error(`not a network: ${text}`);
  return found;
}

test('of a network of IPv6 that begins with zeros it is not the wildcard', () => {
  const all = network('::/64');
  expect(witness(all, 16, [all])).toBe(`${'\0'.repeat(15)}\x01`);
  const one = network('::1/128');
  const other = witness(all, 16, [all, one]);
  expect(['::1', '::'].map(parseAddress)).not.toContain(other);
  expect(other?.slice(0, 8)).toBe('\0'.repeat(8));
});

test('none where smaller ones hold all of it', () => {
  const listed = ['10.0.0.0/31', '10.0.0.0/32', '10.0.0.1/32'].map(network);
  expect(listed.map((one) => witness(one, 4, listed)?.charCodeAt(3))).toEqual([undefined, 0, 1]);
  expect(witness(undefined, 4, listed)).toBeDefined();
});
