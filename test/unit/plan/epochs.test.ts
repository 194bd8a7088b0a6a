// Which epochs of ancestors user space may vouch for.

import { expect, test } from 'vitest';
import { Epochs } from '../../../src/plan/epochs.js';
import { random } from '../../seeded.js';

test('what was there before the processes were read counts as seen', () => {
  expect(new Epochs(7n).seen).toBe(7n);
});

test('a record that raised nothing changes nothing', () => {
  const epochs = new Epochs(7n);
  epochs.take(0n);
  expect(epochs.seen).toBe(7n);
});

test('an epoch counts as seen once all before it were', () => {
  const epochs = new Epochs();
  epochs.take(2n);
  epochs.take(3n);
  expect(epochs.seen).toBe(0n);
  epochs.take(1n);
  expect(epochs.seen).toBe(3n);
});

test('one that was lost holds the others back until the processes are read anew', () => {
  const epochs = new Epochs();
  for (const epoch of [1n, 3n, 4n, 6n]) epochs.take(epoch);
  expect(epochs.seen).toBe(1n);
  epochs.restart(3n);
  expect(epochs.seen).toBe(4n);
  epochs.take(5n);
  expect(epochs.seen).toBe(6n);
});

test('a restart never takes back what was seen', () => {
  const epochs = new Epochs(9n);
  epochs.restart(4n);
  expect(epochs.seen).toBe(9n);
});

test('any order comes to the same, and no epoch is seen before its turn', () => {
  const { seed, below } = random();
  for (let round = 0; round < 50; round++) {
    const count = 1 + below(40);
    const order = Array.from({ length: count }, (_, at) => BigInt(at + 1));
    for (let at = count - 1; at > 0; at--) {
      const other = below(at + 1);
      [order[at], order[other]] = [order[other] ?? 0n, order[at] ?? 0n];
    }
    const epochs = new Epochs();
    const taken = new Set<bigint>();
    for (const epoch of order) {
      epochs.take(epoch);
      taken.add(epoch);
      let first = 1n;
      while (taken.has(first)) first += 1n;
      expect(epochs.seen, `SEED=${seed}`).toBe(first - 1n);
    }
    expect(epochs.seen).toBe(BigInt(count));
  }
});
