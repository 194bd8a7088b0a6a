// Constants of a condition: from their text to what the operators compare with.

import { isIPv4, isIPv6 } from 'node:net';
import type { ValueType } from './events.js';
import { portOf } from './services.js';

/** What operators and constants a type takes. */
export type TypeKind =
  | 'number'
  | 'double'
  | 'bool'
  | 'text'
  | 'bytes'
  | 'address'
  | 'network'
  | 'opaque';

/** An address range: the network's bytes and how many of their first bits count. */
export interface Network {
  /** 4 or 16 bytes as a byte string. */
  address: string;
  bits: number;
}

export function typeKind(type: ValueType): TypeKind {
  switch (type) {
    case 'CHARBUF':
    case 'FSPATH':
    case 'FSRELPATH':
      return 'text';
    case 'BYTEBUF':
      return 'bytes';
    case 'BOOL':
      return 'bool';
    case 'DOUBLE':
      return 'double';
    case 'IPADDR':
      return 'address';
    case 'IPNET':
      return 'network';
    case 'SOCKADDR':
    case 'SOCKTUPLE':
    case 'FDLIST':
    case 'DYNAMIC':
    case 'CHARBUFARRAY':
    case 'CHARBUF_PAIR_ARRAY':
      return 'opaque';
    default:
      return 'number';
  }
}

/**
 * A decimal integer as the type holds it: what does not fit wraps, as C does; `undefined` when the
 * text is no integer. A result within 2^53 is a number, beyond that a bigint.
 */
export function parseInteger(text: string, type: ValueType): number | bigint | undefined {
  const digits = /^[ \t\n\v\f\r]*([+-]?[0-9]+)$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const signed = isSigned(type);
  const value = signed ? saturated(BigInt(digits), -(2n ** 63n), 2n ** 63n - 1n) : unsigned(digits);
  const bits = bitsOf(type);
  return normal(signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
}

/** A port number, or the port of a service; `undefined` when it is neither. */
export function parsePort(text: string): number | bigint | undefined {
  return parseInteger(text, 'PORT') ?? portOf(text);
}

/** A floating point field is compared with integers only. */
export function parseDouble(text: string): number | undefined {
  return /^[ \t\n\v\f\r]*[+-]?[0-9]+$/.test(text) ? Number(text) : undefined;
}

/**
 * An address as 4 or 16 bytes; `undefined` for anything but a dotted quad without leading zeros and
 * IPv6 text without a dotted part, zone or mask.
 */
export function parseAddress(text: string): string | undefined {
  if (isIPv4(text)) return String.fromCharCode(...text.split('.').map(Number));
  if (!isIPv6(text) || /[.%]/.test(text)) return undefined;
  const [head = '', tail] = text.split('::');
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  const zeros = new Array<number>(8 - first.length - last.length).fill(0);
  return [...first, ...zeros, ...last]
    .map((group) => String.fromCharCode(group >> 8, group & 255))
    .join('');
}

/** `address/bits`; `undefined` when the mask is missing or does not fit the address. */
export function parseNetwork(text: string): Network | undefined {
  const parts = /^([^/]+)\/([0-9]{1,3})$/.exec(text);
  const address = parseAddress(parts?.[1] ?? '');
  const bits = Number(parts?.[2]);
  if (address === undefined) return undefined;
  if (address.length === 4) return bits <= 32 ? { address, bits } : undefined;
  return bits >= 1 && bits <= 128 ? { address, bits } : undefined;
}

/** An even number of hex digits as a byte string. */
export function parseHexBytes(text: string): string | undefined {
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) return undefined;
  return Buffer.from(text, 'hex').toString('latin1');
}

/** An integer as the matcher compares it: a number within 2^53, else a bigint. */
export function normal(value: bigint): number | bigint {
  return value >= -MAX_SAFE && value <= MAX_SAFE ? Number(value) : value;
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

// strtoull: beyond 64 bits the largest value, a minus negates modulo 2^64.
function unsigned(digits: string): bigint {
  const value = BigInt(digits);
  const size = value < 0n ? -value : value;
  if (size >= 2n ** 64n) return 2n ** 64n - 1n;
  return BigInt.asUintN(64, value);
}

function saturated(value: bigint, least: bigint, most: bigint): bigint {
  if (value < least) return least;
  return value > most ? most : value;
}

function isSigned(type: ValueType): boolean {
  return type.startsWith('INT') || type === 'FD' || type === 'PID' || type === 'ERRNO';
}

function bitsOf(type: ValueType): number {
  switch (type) {
    case 'INT8':
    case 'UINT8':
    case 'SIGTYPE':
    case 'FLAGS8':
    case 'ENUMFLAGS8':
      return 8;
    case 'INT16':
    case 'UINT16':
    case 'PORT':
    case 'SYSCALLID':
    case 'FLAGS16':
    case 'ENUMFLAGS16':
      return 16;
    case 'INT32':
    case 'UINT32':
    case 'UID':
    case 'GID':
    case 'MODE':
    case 'SIGSET':
    case 'FLAGS32':
    case 'ENUMFLAGS32':
      return 32;
    default:
      return 64;
  }
}
