import { isIPv6 } from 'node:net';
import { expect, test } from 'vitest';
import { addressBytes, addressText, normaliseAddress } from '../../../src/decode/address.js';

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['::', '::'],
  ['::1', '::1'],
  ['2001:db8::2', '2001:db8::2'],
  ['2001:4860:4860::8888', '2001:4860:4860::8888'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['fe80:0:0:0:0:0:0:0', 'fe80::'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['::1.2.3.4', '::1.2.3.4'],
  ['fe80::1%eth0', 'fe80::1'],
])('%s is written %s', (text, expected) => {
  const bytes = addressBytes(text);
  expect(bytes).toBeDefined();
  expect(addressText(bytes ?? '')).toBe(expected);
});

test('what is no address has no bytes', () => {
  for (const text of ['', 'x', '1.2.3', '1.2.3.256', ':::', 'localhost']) {
    expect(addressBytes(text)).toBeUndefined();
  }
});

test('text and bytes agree for random addresses', () => {
  for (let round = 0; round < 500; round += 1) {
    let bytes = '';
    const sparse = round % 2 === 0;
    for (let i = 0; i < 16; i += 1) {
      const byte = sparse && Math.random() < 0.7 ? 0 : Math.floor(Math.random() * 256);
      bytes += String.fromCharCode(byte);
    }
    const plain = normaliseAddress(bytes);
    const text = addressText(plain);
    if (plain.length === 16) expect(isIPv6(text), text).toBe(true);
    expect(addressBytes(text), text).toBe(plain);
  }
});
