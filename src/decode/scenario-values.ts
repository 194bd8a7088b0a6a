// Values of a scenario's event as the numbers and byte strings that a record holds.

import { ScenarioError } from '../errors.js';
import { toBytes } from '../rules/bytes.js';
import type { ParamSpec } from '../rules/events.js';
import type { FlagTable } from '../rules/flags.js';
import { nearestName } from '../rules/nearest.js';
import { addressBytes } from './address.js';
import { AF_INET, AF_INET6, AF_UNIX } from './call.js';
import { errnoNumber, signalNumber } from './errno.js';
import type { Endpoint } from './network.js';

/** A value as JSON or YAML has it. */
export type Plain = unknown;

/** A socket address; a unix socket has a path and no end. */
export interface GivenAddress {
  family: number;
  end?: Endpoint;
  path?: string;
}

/** Both sides of a connection, source first. */
export interface GivenTuple {
  family: number;
  source?: Endpoint;
  destination?: Endpoint;
  path?: string;
}

/**
 * A number: itself, digits, the name of a flag or a list of them, an error (`ENOENT` is -2), a signal,
 * or `AT_FDCWD`.
 *
 * @throws ScenarioError for a name that the parameter does not have
 */
export function numberOf(param: ParamSpec, value: Plain): number | bigint {
  if (typeof value === 'number') {
    if (Number.isInteger(value)) return Number.isSafeInteger(value) ? value : BigInt(value);
  } else if (typeof value === 'bigint') return value;
  else if (typeof value === 'boolean') return Number(value);
  else if (typeof value === 'string') return ofText(param, value.trim());
  else if (Array.isArray(value)) {
    return value.reduce<number>((sum, one) => sum | Number(numberOf(param, one)), 0);
  }
  throw wrong(param, value, 'is no number');
}

/** A text as a byte string; `{hex: "7f45"}` gives bytes that are no text. */
export function bytesOf(value: Plain): string {
  if (typeof value === 'string') return toBytes(value);
  if (Array.isArray(value)) return value.map((one) => `${bytesOf(one)}\0`).join('');
  const hex = member(value, 'hex');
  if (typeof hex === 'string' && /^([0-9a-fA-F]{2})*$/.test(hex)) {
    return Buffer.from(hex, 'hex').toString('latin1');
  }
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  throw new ScenarioError('SCENARIO_INVALID', `${shown(value)} is no text`);
}

/** `{family, ip, port}` or `{family: unix, path}`, or `ip:port` or a path as one text. */
export function addressOf(value: Plain): GivenAddress {
  if (typeof value === 'string') {
    if (value.startsWith('/') || value.startsWith('@')) {
      return { family: AF_UNIX, path: toBytes(value) };
    }
    const end = endOf(value);
    return { family: familyOf(end.address), end };
  }
  const path = member(value, 'path');
  if (typeof path === 'string') return { family: AF_UNIX, path: toBytes(path) };
  const end = endFrom(member(value, 'ip'), member(value, 'port'));
  return { family: givenFamily(value) ?? familyOf(end.address), end };
}

/** `{family, sip, sport, dip, dport}` or `{family: unix, path}`, or `ip:port->ip:port` as one text. */
export function tupleOf(value: Plain): GivenTuple {
  if (typeof value === 'string') {
    const [from = '', to] = value.split('->');
    if (to === undefined) return { ...addressOf(from), family: AF_UNIX };
    const destination = endOf(to);
    return { family: familyOf(destination.address), source: endOf(from), destination };
  }
  const path = member(value, 'path');
  if (typeof path === 'string') return { family: AF_UNIX, path: toBytes(path) };
  const source = endFrom(member(value, 'sip'), member(value, 'sport'));
  const destination = endFrom(member(value, 'dip'), member(value, 'dport'));
  return { family: givenFamily(value) ?? familyOf(destination.address), source, destination };
}

/** A member of a mapping, `undefined` when there is none. */
export function member(value: Plain, name: string): Plain {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function ofText(param: ParamSpec, text: string): number | bigint {
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  if (/^(0x[0-9a-fA-F]+|-?\d{1,15})$/.test(text)) return Number(text);
  if (/^\d+$/.test(text)) return BigInt(text);
  if (param.flags !== undefined) return ofNames(param, param.flags, text);
  if (text === '') return 0;
  if (text === 'AT_FDCWD') return AT_FDCWD;
  if (text === 'SUCCESS') return 0;
  const number = errnoNumber(text) ?? signalNumber(text);
  if (number === undefined) throw wrong(param, text, 'is no number and no error such as ENOENT');
  return number;
}

function ofNames(param: ParamSpec, table: FlagTable, text: string): number {
  let value = 0;
  for (const name of text.split('|')) {
    const flag = table.find((one) => one.name === name.trim());
    if (flag === undefined && name !== '') {
      const near = nearestName(
        name,
        table.map((one) => one.name),
      );
      throw wrong(
        param,
        name,
        `is not known${near === undefined ? '' : `; did you mean ${near}?`}`,
      );
    }
    value |= flag?.value ?? 0;
  }
  return value >>> 0;
}

function endOf(text: string): Endpoint {
  const colon = text.lastIndexOf(':');
  if (colon < 0)
    throw new ScenarioError(
      'SCENARIO_INVALID',
      `${shown(text)} is no address with a port, such as 10.0.0.1:80 or [2001:db8::1]:80`,
    );
  const host = text.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return endFrom(host, Number(text.slice(colon + 1)));
}

function endFrom(ip: Plain, port: Plain): Endpoint {
  const address = typeof ip === 'string' ? addressBytes(ip) : undefined;
  if (address === undefined) {
    throw new ScenarioError('SCENARIO_INVALID', `${shown(ip)} is no IP address`);
  }
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw new ScenarioError('SCENARIO_INVALID', `${shown(port)} is no port`);
  }
  return { address, port };
}

function givenFamily(value: Plain): number | undefined {
  const family = member(value, 'family');
  if (family === 'inet6') return AF_INET6;
  return family === 'inet' ? AF_INET : undefined;
}

function familyOf(address: string): number {
  return address.length === 4 ? AF_INET : AF_INET6;
}

function wrong(param: ParamSpec, value: Plain, why: string): ScenarioError {
  return new ScenarioError('SCENARIO_INVALID', `${param.name}: ${shown(value)} ${why}`);
}

function shown(value: Plain): string {
  return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one)) ?? 'null';
}

const AT_FDCWD = -100;
