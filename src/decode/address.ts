// IP addresses as byte strings of 4 or 16 bytes, and as text.

import { isIPv4, isIPv6 } from 'node:net';

/** An IPv4-mapped IPv6 address as the 4 bytes of the IPv4 address, any other as it is. */
export function normaliseAddress(bytes: string): string {
  return bytes.length === 16 && bytes.startsWith(MAPPED_PREFIX) ? bytes.slice(12) : bytes;
}

/** An address of 4 or 16 bytes as text, the way inet_ntop(3) writes it. */
export function addressText(bytes: string): string {
  if (bytes.length === 4) return quad(bytes, 0);
  const words = wordsOf(bytes);
  const { from, length } = longestZeros(words);
  if (from === 0 && (length === 6 || (length === 5 && words[5] === 0xffff))) {
    return `::${length === 5 ? 'ffff:' : ''}${quad(bytes, 12)}`;
  }
  if (length < 2) return hex(words);
  return `${hex(words.slice(0, from))}::${hex(words.slice(from + length))}`;
}

/** The 4 or 16 bytes of an address written as text; `undefined` when it is none. */
export function addressBytes(text: string): string | undefined {
  const plain = text.split('%', 1)[0] ?? '';
  if (isIPv4(plain)) return quadBytes(plain);
  if (!isIPv6(plain)) return undefined;
  const dotted = plain.lastIndexOf('.') < 0 ? '' : plain.slice(plain.lastIndexOf(':') + 1);
  const tail = dotted === '' ? [] : wordsOf(quadBytes(dotted));
  const head = dotted === '' ? plain : plain.slice(0, plain.length - dotted.length);
  const [left = '', right] = head.split('::');
  const before = parseWords(left);
  const after = [...parseWords(right ?? ''), ...tail];
  const zeros = new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0);
  const words = right === undefined ? [...before, ...tail] : [...before, ...zeros, ...after];
  return normaliseAddress(words.map((word) => String.fromCharCode(word >> 8, word & 255)).join(''));
}

function quad(bytes: string, from: number): string {
  return `${bytes.charCodeAt(from)}.${bytes.charCodeAt(from + 1)}.${bytes.charCodeAt(from + 2)}.${bytes.charCodeAt(from + 3)}`;
}

function hex(words: number[]): string {
  return words.map((word) => word.toString(16)).join(':');
}

function longestZeros(words: number[]): { from: number; length: number } {
  let best = { from: -1, length: 0 };
  let from = -1;
  for (let i = 0; i <= words.length; i += 1) {
    if (i < words.length && words[i] === 0) {
      if (from < 0) from = i;
      continue;
    }
    if (from >= 0 && i - from > best.length) best = { from, length: i - from };
    from = -1;
  }
  return best;
}

function parseWords(text: string): number[] {
  return text
    .split(':')
    .filter((word) => word !== '')
    .map((word) => Number.parseInt(word, 16));
}

function quadBytes(text: string): string {
  return String.fromCharCode(...text.split('.').map(Number));
}

function wordsOf(bytes: string): number[] {
  const words: number[] = [];
  for (let i = 0; i < bytes.length; i += 2) {
    words.push((bytes.charCodeAt(i) << 8) | bytes.charCodeAt(i + 1));
  }
  return words;
}

const MAPPED_PREFIX = '\0\0\0\0\0\0\0\0\0\0\xff\xff';
