// Random rules and events for property tests: our own generator, so that a seed repeats a failure.

import type { Value } from '../../../src/decode/event.js';
import type {
  Check,
  Expression,
  FieldRef,
  Modifier,
  Operand,
  Right,
} from '../../../src/rules/ast.js';
import { type Operator, TEXT_OPERATORS } from '../../../src/rules/ast.js';
import { supports } from '../../../src/rules/check.js';
import { operandType } from '../../../src/rules/transformers.js';
import { parseAddress, typeKind } from '../../../src/rules/values.js';

/** mulberry32: the same numbers for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Below `limit`. */
  int(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  one<T>(items: readonly T[]): T {
    const item = items[this.int(items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }
}

/** The seed of this run: `SAKER_SEED` repeats one. */
export function newSeed(): number {
  const given = Number(process.env.SAKER_SEED);
  return Number.isInteger(given) && given > 0 ? given : (Date.now() % 1_000_000_000) + 1;
}

/** A condition that `checkCondition` accepts. */
export function randomCondition(random: Random, depth = 4): Expression {
  const choice = depth === 0 ? 0 : random.int(8);
  if (choice < 3) return randomCheck(random);
  if (choice === 3) return { kind: 'not', part: randomCondition(random, depth - 1), at: AT };
  const parts = Array.from({ length: 2 + random.int(4) }, () => randomCondition(random, depth - 1));
  return { kind: choice < 6 ? 'and' : 'or', parts, at: AT };
}

/** The values of all fields that random conditions mention; some are missing. */
export function randomValues(random: Random): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const name of FIELDS) {
    values.set(name, random.int(6) === 0 ? undefined : randomValue(random, field(name)));
  }
  values.set('evt.num', 1 + random.int(3));
  return values;
}

/** Event names that random conditions compare with. */
export const EVENT_NAMES = ['open', 'openat', 'execve', 'connect', 'close', 'procexit'] as const;

const AT = { line: 0, column: 0, offset: 0 };
const FIELDS = [
  'evt.num',
  'evt.rawres',
  'evt.is_open_read',
  'evt.buffer',
  'fd.name',
  'fd.num',
  'fd.sport',
  'fd.ip',
  'fd.sip',
  'fd.net',
  'fd.snet',
  'fd.port',
  'fd.types',
  'proc.name',
  'proc.pname',
  'proc.args',
  'proc.aname',
  'proc.apid',
  'proc.pid',
  'thread.cpu',
  'user.uid',
  'user.name',
];
const TEXTS = [
  '',
  '/',
  '/etc',
  '/etc/shadow',
  '/etc/x/y',
  'sh',
  'bash',
  'Bash',
  'cat',
  'a b',
  '<NA>',
];
const PATTERNS = [
  '*',
  '/etc/*',
  '*sh',
  '?a*',
  '[b-c]*',
  'b[!x]sh',
  '*/x/*',
  '\\*',
  '[',
  'bash',
  'B*',
];
const REGEXES = ['.*', 'ba.*', '(ba|c).*[ht]', '[[:alpha:]]+', '/etc(/[^/]+)+', 'a b'];
const NUMBERS = ['-1', '0', '1', '2', '3', '443', '4294967295', '18446744073709551615'];
const ADDRESSES = ['10.0.0.1', '10.1.2.3', '127.0.0.1', '::1', '2001:db8::1'];
const NETWORKS = ['10.0.0.0/8', '10.0.0.0/16', '127.0.0.1/32', '0.0.0.0/0', '::1/128', '2001::/16'];
const BYTES = ['', '00', '2f6574', '6261', 'ff'];
const OPERATORS: readonly Operator[] = [
  ...TEXT_OPERATORS,
  'in',
  'intersects',
  'pmatch',
  '<',
  '<=',
  '>',
  '>=',
  'exists',
];
const MODIFIERS: readonly Modifier[] = ['oneof', 'anyof', 'allof'];

function randomCheck(random: Random): Check {
  const left = randomOperand(random);
  const typed = operandType(left);
  if ('error' in typed) throw new Error(typed.message);
  const operator = random.one(OPERATORS.filter((one) => supports(typed, one)));
  const check: Check = { kind: 'check', left, operator, at: AT, operatorAt: AT };
  if (operator === 'exists') return check;
  const other = random.int(8) === 0 ? sameType(random, left, operator) : undefined;
  if (other !== undefined) {
    check.right = { kind: 'transformer', name: 'val', args: [other], at: AT };
    return check;
  }
  const isText = TEXT_OPERATORS.some((one) => one === operator);
  if (isText && random.int(5) === 0) check.modifier = random.one(MODIFIERS);
  const isList = !isText && !['<', '<=', '>', '>='].includes(operator);
  check.right = randomRight(random, left, operator, isList || check.modifier !== undefined);
  return check;
}

function randomOperand(random: Random): Operand {
  const name = random.one([...FIELDS, 'evt.type', 'evt.type', 'evt.type']);
  if (random.int(6) > 0) return field(name);
  const text = field(random.one(['proc.name', 'fd.name', 'user.name']));
  switch (random.int(5)) {
    case 0:
      return { kind: 'transformer', name: 'toupper', args: [text], at: AT };
    case 1:
      return { kind: 'transformer', name: 'len', args: [text], at: AT };
    case 2:
      return { kind: 'transformer', name: 'basename', args: [text], at: AT };
    case 3: {
      const separator = { kind: 'text', value: random.one(TEXTS), at: AT } as const;
      return { kind: 'transformer', name: 'concat', args: [text, separator], at: AT };
    }
    default: {
      const items = { kind: 'list', items: [text, field('fd.num')], at: AT } as const;
      const separator = { kind: 'text', value: '-', at: AT } as const;
      return {
        kind: 'transformer',
        name: 'join',
        args: [separator, { ...items, items: [...items.items] }],
        at: AT,
      };
    }
  }
}

// Another field that may stand on the right of this one.
function sameType(random: Random, left: Operand, operator: Operator): FieldRef | undefined {
  const typed = operandType(left);
  if ('error' in typed || typed.list || typed.field?.many === true) return undefined;
  if (
    typed.type === 'IPNET' ||
    ['regex', 'pmatch', 'bcontains', 'bstartswith'].includes(operator)
  ) {
    return undefined;
  }
  if (left.kind === 'field' && left.name === 'evt.type') return undefined;
  const fitting = FIELDS.filter((name) => {
    const other = operandType(field(name));
    if ('error' in other || other.list || other.field?.spec.noRightHand === true) return false;
    return other.type === typed.type;
  });
  return fitting.length === 0 ? undefined : field(random.one(fitting));
}

function randomRight(random: Random, left: Operand, operator: Operator, isList: boolean): Right {
  if (!isList) {
    return { kind: 'value', value: randomConstant(random, left, operator), quoted: true, at: AT };
  }
  const values = Array.from({ length: random.int(7) }, () =>
    randomConstant(random, left, operator),
  );
  return { kind: 'list', values, at: AT };
}

function randomConstant(random: Random, left: Operand, operator: Operator): string {
  const typed = operandType(left);
  if ('error' in typed) return '';
  if (left.kind === 'field' && left.name === 'evt.type') return random.one(EVENT_NAMES);
  if (operator === 'bcontains' || operator === 'bstartswith') return random.one(BYTES);
  switch (typeKind(typed.type)) {
    case 'number':
    case 'double':
      return random.one(NUMBERS);
    case 'bool':
      return random.one(['true', 'false']);
    case 'address':
      return random.one(ADDRESSES);
    case 'network':
      return random.one(NETWORKS);
    default:
      if (operator === 'regex') return random.one(REGEXES);
      if (operator === 'glob' || operator === 'iglob') return random.one(PATTERNS);
      return random.one(operator === 'pmatch' ? [...PATTERNS, ...TEXTS] : TEXTS);
  }
}

function randomValue(random: Random, ref: FieldRef): Value {
  const typed = operandType(ref);
  if ('error' in typed) return undefined;
  const several = typed.list || typed.field?.many === true;
  const isAddress = typed.type === 'IPADDR' || typed.type === 'IPNET';
  const length = several ? random.int(4) : 1;
  if (isAddress) {
    const addresses = Array.from({ length }, () => parseAddress(random.one(ADDRESSES)) ?? '');
    return several ? addresses : addresses[0];
  }
  switch (typeKind(typed.type)) {
    case 'number':
      if (several) return Array.from({ length }, () => random.one([0, 1, 2, 443]));
      return random.one([-1, 0, 1, 2, 3, 443, 4294967295, 18446744073709551615n]);
    case 'double':
      return random.one([0, 0.5, 1, 99.5]);
    case 'bool':
      return random.int(2) === 1;
    default: {
      const texts = Array.from({ length }, () => random.one(TEXTS));
      return several ? texts : texts[0];
    }
  }
}

function field(name: string): FieldRef {
  return { kind: 'field', name, at: AT };
}
