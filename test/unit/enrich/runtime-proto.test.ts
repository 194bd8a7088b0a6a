import { expect, test } from 'vitest';
import { encode, Message } from '../../../src/enrich/runtime-proto.js';
import { RuntimeError } from '../../../src/errors.js';

test('what was encoded is read again by number', () => {
  const message = new Message(
    encode(
      [1, 'näme'],
      [2, true],
      [3, -1],
      [4, 2n ** 62n],
      [5, encode([1, 'inner'])],
      [6, encode([1, 'key'], [2, 'value'])],
      [6, encode([1, 'other'], [2, ''])],
      [900, 'far'],
    ),
  );
  expect(message.text(1)).toBe(Buffer.from('näme').toString('latin1'));
  expect(message.flag(2)).toBe(true);
  expect(message.integer(3)).toBe(-1n);
  expect(message.integer(4)).toBe(2n ** 62n);
  expect(message.message(5).text(1)).toBe('inner');
  expect(message.textMap(6)).toEqual(
    new Map([
      ['key', 'value'],
      ['other', ''],
    ]),
  );
  expect(message.text(900)).toBe('far');
});

test('the bytes are those of the encoding guide', () => {
  expect(encode([1, 150]).toString('hex')).toBe('089601');
  expect(encode([2, 'testing']).toString('hex')).toBe('120774657374696e67');
});

test('an absent field and one of another kind read as empty', () => {
  const message = new Message(encode([1, 7], [2, 'text']));
  expect(message.text(1)).toBe('');
  expect(message.integer(2)).toBe(0n);
  expect(message.text(3)).toBe('');
  expect(message.flag(3)).toBe(false);
  expect(message.has(3)).toBe(false);
  expect(message.message(3).text(1)).toBe('');
  expect(message.messages(3)).toEqual([]);
});

test('fields of fixed size and the last of several values are read', () => {
  const message = new Message(Buffer.from('0d01000000110200000000000000080308ff01', 'hex'));
  expect(message.integer(2)).toBe(2n);
  expect(message.integer(1)).toBe(255n);
});

test.each([
  ['a tag without a value', '08'],
  ['a text longer than the message', '0aff01'],
  ['a text of an absurd length', '0affffffffffffffffff01'],
  ['a number of eleven bytes', '08ffffffffffffffffffffff01'],
  ['field number 0', '0000'],
  ['a group, which proto3 does not have', '0b0c'],
  ['half a fixed number', '0d0100'],
])('%s is refused', (_, hex) => {
  expect(() => new Message(Buffer.from(hex, 'hex'))).toThrow(RuntimeError);
});

test('random bytes are read or refused, nothing else', () => {
  const seed = (Math.random() * 2 ** 32) >>> 0;
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  let read = 0;
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(
      Array.from({ length: Math.floor(random() * 24) }, () => random() * 256),
    );
    try {
      const message = new Message(bytes);
      for (let number = 1; number < 16; number++) {
        message.text(number);
        message.textMap(number);
      }
      read++;
    } catch (error) {
      expect(error, `seed ${seed}`).toBeInstanceOf(RuntimeError);
    }
  }
  expect(read, `seed ${seed}`).toBeGreaterThan(0);
});
