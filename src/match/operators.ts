// The meaning of the operators: what holds between a field's value and constants, or another value.
// `compile.ts` has shortcuts for the frequent cases; this is what they must agree with.

import type { Value } from '../decode/event.js';
import type { Modifier, Operator } from '../rules/ast.js';
import { toBytes } from '../rules/bytes.js';
import { EITHER_SIDE, HOST_NAMES } from '../rules/fields.js';
import { compileRegex } from '../rules/regex.js';
import type { TypedOperand } from '../rules/transformers.js';
import {
  type Network,
  parseAddress,
  parseDouble,
  parseHexBytes,
  parseInteger,
  parseNetwork,
  parsePort,
  typeKind,
} from '../rules/values.js';
import { compileGlob } from './glob.js';
import { matchesPathPrefix } from './prefixes.js';

/** One value of a field: present, and no list. */
export type Single = string | number | bigint | boolean;

/** Tells whether a comparison holds for a field's value as a reader gives it. */
export type Test = (value: Value) => boolean;

/** Tells whether a comparison holds between two values as readers give them. */
export type PairTest = (left: Value, right: Value) => boolean;

/**
 * Makes the test of a comparison with constants.
 *
 * A missing value fails every test. Of several values (both sides, names, ancestors) one must satisfy
 * the operator; only `!=` on both sides and on names asks that none is equal. A list field is compared as a whole.
 * Choices where the reference has none or a defect: `in` on both sides and on ancestors asks each
 * value, and modifiers ask all values for each constant.
 *
 * @param constants as written in the rule; they fit the type, `checkCondition` has seen to that.
 */
export function test(
  left: TypedOperand,
  operator: Operator,
  constants: readonly string[],
  modifier?: Modifier,
): Test {
  if (operator === 'exists') return exists;
  if (left.list) return listTest(left, operator, constants);
  if (modifier !== undefined) {
    const each = constants.map((constant) => test(left, operator, [constant]));
    return quantified(modifier, each);
  }
  const single = singleTest(left, operator, constants);
  const name = left.field?.spec.name ?? '';
  const isNamed = HOST_NAMES.has(name);
  const none = operator === '!=' && (isNamed || EITHER_SIDE.has(name));
  const equal = none ? singleTest(left, '=', constants) : single;
  return (value) => {
    if (value === undefined) return false;
    if (!isList(value)) return single(value);
    // An address without a name has none that is equal; a side that is not known has nothing to say.
    if (none) return (isNamed || value.length > 0) && !value.some(equal);
    return value.some(single);
  };
}

/**
 * Makes the test of a comparison with another value of the same type; false when either is missing.
 */
export function pairTest(operator: Operator): PairTest {
  const compare = singlePairTest(operator);
  return (a, b) => a !== undefined && b !== undefined && !isList(a) && !isList(b) && compare(a, b);
}

/** The constant of a type as its readers give values of it; `undefined` when it is none. */
export function constantOf(left: TypedOperand, text: string): Single | undefined {
  switch (typeKind(left.type)) {
    case 'number':
      return left.type === 'PORT' ? parsePort(text) : parseInteger(text, left.type);
    case 'double':
      return parseDouble(text);
    case 'bool':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'address':
      return parseAddress(text);
    default:
      return toBytes(text);
  }
}

/** Whether an address lies in a network of its own family. */
export function inNetwork(address: Single, network: Network): boolean {
  if (typeof address !== 'string' || address.length !== network.address.length) return false;
  const whole = network.bits >> 3;
  for (let at = 0; at < whole; at++) {
    if (address.charCodeAt(at) !== network.address.charCodeAt(at)) return false;
  }
  const rest = network.bits & 7;
  if (rest === 0) return true;
  const mask = (0xff00 >> rest) & 0xff;
  return ((address.charCodeAt(whole) ^ network.address.charCodeAt(whole)) & mask) === 0;
}

/** Lower case of ASCII letters only; other bytes are part of some encoding. */
export function lowerAscii(text: string): string {
  if (!NOT_ASCII.test(text)) return text.toLowerCase();
  return HAS_UPPER.test(text) ? text.replace(UPPER, (run) => run.toLowerCase()) : text;
}

/** Upper case of ASCII letters only. */
export function upperAscii(text: string): string {
  return HAS_LOWER.test(text) ? text.replace(LOWER, (run) => run.toUpperCase()) : text;
}

/** Narrows a value to several values. */
export function isList(value: Value): value is readonly string[] | readonly number[] {
  return typeof value === 'object';
}

const NOT_ASCII = /[\u0080-\uffff]/;
const HAS_UPPER = /[A-Z]/;
const UPPER = /[A-Z]+/g;
const HAS_LOWER = /[a-z]/;
const LOWER = /[a-z]+/g;

type SingleTest = (value: Single) => boolean;

function exists(value: Value): boolean {
  return isList(value) ? value.length > 0 : value !== undefined;
}

function quantified(modifier: Modifier, each: readonly Test[]): Test {
  switch (modifier) {
    case 'anyof':
      return (value) => each.some((one) => one(value));
    case 'allof':
      return (value) => each.length > 0 && each.every((one) => one(value));
    case 'oneof':
      return (value) => each.filter((one) => one(value)).length === 1;
  }
}

function listTest(left: TypedOperand, operator: Operator, constants: readonly string[]): Test {
  const among = singleTest({ type: left.type, list: false }, 'in', constants);
  if (operator === 'intersects') {
    return (value) => isList(value) && value.some(among);
  }
  return (value) => isList(value) && value.length > 0 && value.every(among);
}

function singleTest(
  left: TypedOperand,
  operator: Operator,
  constants: readonly string[],
): SingleTest {
  const [first = ''] = constants;
  if (left.type === 'IPNET') return networkTest(operator, constants);
  const constant = constantOf(left, first);
  switch (operator) {
    case 'in':
    case 'intersects': {
      const set = new Set(constants.map((text) => constantOf(left, text)));
      return (value) => set.has(value);
    }
    case 'regex': {
      const regex = compileRegex(first);
      return (value) => regex !== undefined && typeof value === 'string' && regex.matches(value);
    }
    case 'glob':
    case 'iglob': {
      const glob = compileGlob(toBytes(first), operator === 'iglob');
      return (value) => typeof value === 'string' && glob(value);
    }
    case 'pmatch': {
      const prefix = matchesPathPrefix(constants.map(toBytes));
      return (value) => typeof value === 'string' && prefix(value);
    }
    case 'bcontains':
    case 'bstartswith': {
      const bytes = parseHexBytes(first) ?? '';
      const same = textPair(operator === 'bcontains' ? 'contains' : 'startswith');
      return (value) => same(value, bytes);
    }
    default: {
      if (constant === undefined) return () => false;
      const compare = singlePairTest(operator);
      return (value) => compare(value, constant);
    }
  }
}

function networkTest(operator: Operator, constants: readonly string[]): SingleTest {
  const networks = constants.flatMap((text) => parseNetwork(text) ?? []);
  const inside: SingleTest = (value) => networks.some((network) => inNetwork(value, network));
  return operator === '!=' ? (value) => !inside(value) : inside;
}

function singlePairTest(operator: Operator): (a: Single, b: Single) => boolean {
  switch (operator) {
    case '=':
    case '==':
    case 'in':
    case 'intersects':
      return (a, b) => a === b;
    case '!=':
      return (a, b) => a !== b;
    case '<':
      return (a, b) => comparable(a, b) && a < b;
    case '<=':
      return (a, b) => comparable(a, b) && a <= b;
    case '>':
      return (a, b) => comparable(a, b) && a > b;
    case '>=':
      return (a, b) => comparable(a, b) && a >= b;
    default:
      return textPair(operator);
  }
}

// Texts with texts, numbers of either kind with numbers: never by conversion.
function comparable(a: Single, b: Single): boolean {
  return (typeof a === 'string') === (typeof b === 'string');
}

function textPair(operator: Operator): (a: Single, b: Single) => boolean {
  const compare = textCompare(operator);
  return (a, b) => typeof a === 'string' && typeof b === 'string' && compare(a, b);
}

function textCompare(operator: Operator): (text: string, part: string) => boolean {
  switch (operator) {
    case 'contains':
      return (text, part) => text.includes(part);
    case 'icontains':
      return (text, part) => lowerAscii(text).includes(lowerAscii(part));
    case 'startswith':
      return (text, part) => text.startsWith(part);
    case 'endswith':
      return (text, part) => text.endsWith(part);
    case 'glob':
      return (text, part) => compileGlob(part)(text);
    case 'iglob':
      return (text, part) => compileGlob(part, true)(text);
    default:
      return () => false;
  }
}
