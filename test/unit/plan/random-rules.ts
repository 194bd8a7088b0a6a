// Random conditions for the filter's property test: over all fields and operators, and true of one event
// each, so that matches are frequent.

import { isIPv4 } from 'node:net';
import { addressText } from '../../../src/decode/address.js';
import type { Event, Value } from '../../../src/decode/event.js';
import { compileCondition } from '../../../src/match/compile.js';
import type { MatchableRule } from '../../../src/match/matcher.js';
import { readerOf } from '../../../src/plan/kleene.js';
import {
  type Check,
  type Expression,
  eachCheck,
  type FieldRef,
  LIST_OPERATORS,
  NUMERIC_OPERATORS,
  type Operand,
  type Operator,
  TEXT_OPERATORS,
} from '../../../src/rules/ast.js';
import { fromBytes, toBytes } from '../../../src/rules/bytes.js';
import { checkCondition, supports } from '../../../src/rules/check.js';
import { EVENTS, eventName, typeNumber } from '../../../src/rules/events.js';
import { FIELDS } from '../../../src/rules/fields.js';
import { operandType } from '../../../src/rules/transformers.js';
import { typeKind } from '../../../src/rules/values.js';
import type { Random } from '../match/random.js';
import { ADDRESSES, COMMS, PATHS, POOLS, PORTS, type Pools, TYPES } from './random-pools.js';

/** A condition that the checker accepts and that mostly holds for the event. */
export function conditionFor(random: Random, event: Event): Expression {
  const parts: Expression[] = [];
  if (random.int(10) > 0) parts.push(typeCheck(random, event));
  for (let count = 1 + random.int(4); count > 0; count -= 1) {
    const part = randomPart(random, event, 2);
    const holds = compileCondition(part, readerOf)(event);
    parts.push(holds || random.int(8) === 0 ? part : { kind: 'not', part, at: AT });
  }
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : { kind: 'and', parts, at: AT };
}

const AT = { line: 0, column: 0, offset: 0 };

function typeCheck(random: Random, event: Event): Check {
  const names = [eventName(event.type)];
  while (random.int(2) === 0) names.push(random.one(TYPES));
  return check({ kind: 'field', name: 'evt.type', at: AT }, 'in', names);
}

function randomPart(random: Random, event: Event, depth: number): Expression {
  const choice = depth === 0 ? 0 : random.int(8);
  if (choice < 4) return randomCheck(random, event);
  if (choice === 4) return { kind: 'not', part: randomPart(random, event, depth - 1), at: AT };
  const parts = Array.from({ length: 2 + random.int(2) }, () =>
    randomPart(random, event, depth - 1),
  );
  return { kind: choice === 5 ? 'and' : 'or', parts, at: AT };
}

function randomCheck(random: Random, event: Event): Expression {
  for (;;) {
    const left = randomOperand(random);
    const typed = operandType(left);
    if ('error' in typed) continue;
    // Mostly fields that the event has: the others say the same of all events of its type.
    const isMissing = left.kind === 'field' && readerOf(left)?.(event) === undefined;
    if (isMissing && random.int(6) > 0) continue;
    const operator = random.one(OPERATORS.filter((one) => supports(typed, one)));
    const values = [0, 0, 0]
      .slice(random.int(2))
      .map(() => constantFor(random, event, left, operator));
    const made = check(left, operator, values);
    if (checkCondition(made).some((problem) => problem.severity === 'error')) continue;
    return made;
  }
}

function check(left: Operand, operator: Operator, values: readonly string[]): Check {
  const base = { kind: 'check', left, operator, at: AT, operatorAt: AT } as const;
  if (operator === 'exists') return base;
  if (LIST_OPERATORS.some((one) => one === operator))
    return { ...base, right: { kind: 'list', values: [...values], at: AT } };
  return { ...base, right: { kind: 'value', value: values[0] ?? '', quoted: true, at: AT } };
}

const OPERATORS: readonly Operator[] = [
  ...TEXT_OPERATORS,
  ...LIST_OPERATORS,
  ...NUMERIC_OPERATORS,
  ...(['=', '!=', 'in', 'startswith', 'endswith', 'contains', 'exists'] as const),
];

// Often those that the kernel knows something about, else any that there is.
const OFTEN: readonly (readonly [string, string?])[] = [
  ...['fd.name', 'fd.name', 'fd.directory', 'fd.filename', 'fd.nameraw', 'fd.typechar', 'fd.type'],
  ...['fs.path.name', 'fs.path.source', 'fs.path.target', 'fs.path.nameraw', 'evt.abspath'],
  ...['evt.arg.path', 'evt.arg.name', 'evt.arg.oldpath', 'evt.arg.newpath', 'evt.arg.target'],
  ...['evt.arg.filename', 'evt.arg.flags', 'evt.arg.mode', 'evt.arg.request', 'evt.arg.domain'],
  ...['evt.arg.sig', 'evt.arg.prot', 'evt.arg.cmd', 'evt.arg.res', 'evt.arg.fd', 'evt.rawarg.sig'],
  ...['evt.rawarg.flags', 'evt.rawarg.res', 'evt.rawarg.fd', 'evt.rawarg.uid', 'evt.arg.uid'],
  ...['evt.rawres', 'evt.res', 'evt.failed', 'fd.num', 'evt.is_open_read', 'evt.is_open_write'],
  ...['evt.is_open_exec', 'evt.is_open_create', 'evt.count.error', 'evt.category'],
  ...['fd.sip', 'fd.cip', 'fd.ip', 'fd.net', 'fd.snet', 'fd.cnet', 'fd.rnet', 'fd.lip'],
  ...['fd.sport', 'fd.cport', 'fd.port', 'fd.l4proto', 'fd.sockfamily', 'fd.is_server'],
  ...['fd.connected', 'fd.name_changed', 'fd.sip.name', 'proc.name', 'proc.name', 'proc.exe'],
  ...['proc.exepath', 'proc.args', 'proc.cmdline', 'proc.env', 'proc.pname', 'proc.pcmdline'],
  ...['proc.aname', 'proc.aexe', 'proc.pexe', 'proc.is_exe_from_memfd', 'proc.is_exe_writable'],
  ...['user.uid', 'user.name', 'user.shell', 'container.id', 'container.name', 'container.image'],
  ...['container.image.repository', 'container.privileged', 'container.type', 'k8s.pod.name'],
  ...['target.pid', 'target.name', 'target.exepath'],
].map((name): [string] => [name]);
const WITH_ARGUMENT: readonly (readonly [string, string])[] = [
  ['proc.aname', '1'],
  ['proc.aname', '2'],
  ['proc.aname', '4'],
  ['proc.aname', '0'],
  ['proc.acmdline', '2'],
  ['proc.aexepath', '3'],
  ['proc.env', 'HOME'],
  ['proc.aenv', 'HOME'],
  ['proc.args', '0'],
  ['evt.arg', '0'],
  ['evt.arg', '1'],
  ['container.mount.dest', '/etc'],
];
const ANY_FIELD: readonly (readonly [string, string?])[] = [
  ...FIELDS.filter((spec) => spec.argument !== 'required').map((spec): [string] => [spec.name]),
  ...[...new Set(EVENTS.flatMap((event) => event.params.map((param) => param.name)))].flatMap(
    (name): [string][] => [[`evt.arg.${name}`], [`evt.rawarg.${name}`]],
  ),
  ...TYPES.map((name): [string] => [`evt.type.is.${name}`]),
].filter(([name]) => readerOf({ kind: 'field', name, at: AT }) !== undefined);

function randomOperand(random: Random): Operand {
  const [name, argument] = random.one(
    random.int(4) > 0 ? OFTEN : random.one([WITH_ARGUMENT, ANY_FIELD, ANY_FIELD]),
  );
  const field: FieldRef = { kind: 'field', name, at: AT };
  if (argument !== undefined) field.argument = argument;
  if (random.int(15) > 0) return field;
  return { kind: 'transformer', name: random.one(TRANSFORMERS), args: [field], at: AT };
}

const TRANSFORMERS = ['tolower', 'toupper', 'basename', 'len'] as const;
const TEXTS = [
  ...['', 'f', 'd', '4', 'u', 'o', 'file', 'ipv4', 'tcp', 'udp', '<NA>', 'ip', 'SUCCESS', 'ENOENT'],
  ...['E', 'O_TRUNC', 'O_CREAT', 'O_RD', 'O_WRONLY', 'O_F_CREATED', 'AF_PACKET', 'SIGKILL', 'root'],
  ...['user', 'toor', 'www-data', 'host', '0123456789ab', 'web', 'nginx', 'docker.io/nginx', 'id_'],
  ...[
    '../',
    '..',
    '/.',
    '.log',
    'log',
    '/',
    '/etc/',
    '/etc/s',
    '/home/',
    'shadow',
    '/shadow',
    'PROT_',
  ],
  ...[
    'S_ISUID',
    'PTRACE_',
    'PTRACE_SETOPTIONS',
    'BPF_PROG_LOAD',
    '5',
    '0',
    '2',
    '-2',
    '-c',
    'java',
  ],
  ...[
    '/home/*/.ssh/*',
    '/etc/*',
    '*/../*',
    '*id_rsa*',
    '/*/x',
    '/etc/ssl',
    '/usr/*',
    '/proc/*/environ',
  ],
  ...COMMS,
  ...PATHS,
];
const NETWORKS = [
  '10.0.0.0/8',
  '127.0.0.0/8',
  '0.0.0.0/0',
  '169.254.0.0/16',
  '2001:db8::/32',
  '::/64',
];
const NUMBERS = ['-2', '-1', '0', '1', '2', '3', '5', '17', '1000', '4294967295', '16896', '2541'];

// Half of them from what the event has.
function constantFor(random: Random, event: Event, left: Operand, operator: Operator): string {
  const typed = operandType(left);
  if ('error' in typed) return '';
  const value = left.kind === 'field' && random.int(2) === 0 ? readerOf(left)?.(event) : undefined;
  switch (typeKind(typed.type)) {
    case 'number':
    case 'double':
      if (typed.type === 'PORT')
        return value === undefined ? String(random.one(PORTS)) : one(value);
      return typeof value === 'number' || typeof value === 'bigint'
        ? String(value)
        : random.one(NUMBERS);
    case 'bool':
      return random.one(['true', 'false']);
    case 'address':
      return value === undefined ? random.one(ADDRESSES) : addressOf(one(value));
    case 'network':
      return random.one([...NETWORKS, ...ADDRESSES.map(asNetwork)]);
    default:
      if (operator === 'bcontains' || operator === 'bstartswith')
        return random.one(['2f', '6574', '']);
      if (operator === 'regex') return random.one(['.*', '/etc/.*', '.*(sh|log)', 'O_.*']);
      return textFor(random, typeof value === 'string' ? fromBytes(value) : undefined, operator);
  }
}

function textFor(random: Random, value: string | undefined, operator: Operator): string {
  if (value === undefined) return random.one(TEXTS);
  const from = random.int(value.length + 1);
  switch (operator) {
    case 'startswith':
      return value.slice(0, from);
    case 'endswith':
      return value.slice(from);
    case 'contains':
    case 'icontains':
      return value.slice(from, from + 1 + random.int(12));
    case 'glob':
    case 'iglob':
      return `${value.slice(0, from)}*${value.slice(from + random.int(9))}`;
    case 'pmatch':
      return random.one([value, value.slice(0, Math.max(0, value.lastIndexOf('/')))]);
    default:
      return value;
  }
}

function one(value: Value): string {
  return typeof value === 'object' ? String(value[0] ?? '0') : String(value);
}

function addressOf(bytes: string): string {
  return bytes.length === 4 || bytes.length === 16 ? addressText(bytes) : '10.0.0.1';
}

function asNetwork(text: string): string {
  return isIPv4(text) ? `${text}/24` : `${text}/48`;
}

/** What events that rules are about are made of: the words of the rules themselves. */
export function poolsOf(rules: readonly MatchableRule[]): Pools {
  const types = new Set<string>();
  const paths = new Set<string>();
  const comms = new Set<string>();
  const args = new Set<string>(POOLS.args);
  for (const { condition } of rules)
    eachCheck(condition, ({ left, right }) => {
      const name = left.kind === 'field' ? left.name : '';
      const values =
        right === undefined || right.kind === 'transformer'
          ? []
          : right.kind === 'list'
            ? right.values
            : [right.value];
      for (const value of values) {
        if (name === 'evt.type' && callNamed(value)) types.add(value);
        if (/name$/.test(name) && name.startsWith('proc.') && value.length < 16) comms.add(value);
        if (/^proc\.(args|cmdline)$/.test(name)) args.add(value.slice(value.indexOf(' ') + 1));
        const path = value.replaceAll('*', 'x');
        if (path.startsWith('/'))
          for (const end of ['', '/', 'x', '/x', '/x/y']) paths.add(path + end);
        else if (/^(fd|fs|evt\.arg)/.test(name))
          paths.add(`/home/u/.ssh/${path}`).add(`/x/a${path}`);
      }
    });
  // A path of the kernel's has no slash at its end and none twice.
  for (const path of paths.size > 0 ? PATHS.slice(0, 3) : PATHS) paths.add(path);
  const real = [...paths].filter((path) => path === '/' || !/\/(\/|$)/.test(path));
  return {
    ...POOLS,
    types: [...types],
    paths: real.map(toBytes),
    claims: [...POOLS.claims, ...real.map((path) => `/tmp/../${path}`)].map(toBytes),
    comms: [...comms, ...COMMS.slice(0, 2)].map(toBytes),
    args: [...args].map(toBytes),
  };
}

function callNamed(name: string): boolean {
  return (typeNumber(name) ?? 512) < 512;
}
