// A scenario's system call as the record of it: parameters back to arguments, paths and addresses.

import { ScenarioError } from '../errors.js';
import { EVENTS, type EventSpec, eventNamed, type ParamSpec, typeNumber } from '../rules/events.js';
import { kernelOpenFlags } from '../rules/flags.js';
import { nearestName } from '../rules/nearest.js';
import { directUse } from './descriptors.js';
import { TRANSLATIONS } from './kernel-values.js';
import { sourcesOf } from './param-sources.js';
import {
  addressOf,
  bytesOf,
  type GivenAddress,
  type GivenTuple,
  numberOf,
  type Plain,
  tupleOf,
} from './scenario-values.js';

/** The parameters of one call by their names; `null` and absent ones were not captured. */
export type Params = Readonly<Record<string, Plain>>;

/** What a call of a scenario comes to, before its descriptors and directories are looked up. */
export interface GivenCall {
  name: string;
  /** Native system call number. */
  type: number;
  ret: number | bigint;
  args: (number | bigint)[];
  extra: bigint;
  extra2: bigint;
  /** First path or text; relative to `directory` unless that is `undefined`. */
  claimed?: string;
  claimed2?: string;
  /** Descriptor that a path is relative to, `AT_FDCWD` for the working directory. */
  directory?: number;
  directory2?: number;
  data?: string;
  address?: GivenAddress;
  tuple?: GivenTuple;
  /** The path of the object itself, where the call has no path argument. */
  object_path?: string;
  dev: number;
  inode: number | bigint;
  /** What an open asked for, in the kernel's numbers. */
  open_flags: number;
  created: boolean;
  layer: 'upper' | 'lower' | undefined;
  /** Numbers by parameter name. */
  numbers: ReadonlyMap<string, number | bigint>;
}

/** Stands for the working directory in the place of a descriptor. */
export const AT_FDCWD = -100;

/**
 * Reads the parameters of a call.
 *
 * @throws ScenarioError for events and parameters that do not exist, and values that do not fit
 */
export function givenCall(name: string, params: Params): GivenCall {
  const spec = eventNamed(name);
  const type = typeNumber(name);
  if (spec === undefined || type === undefined) throw unknownEvent(name);
  refuseUnknown(spec, params);
  const numbers = new Map<string, number | bigint>();
  const call: GivenCall = {
    name: spec.name,
    type,
    ret: 0,
    args: [0, 0, 0, 0, 0, 0],
    extra: 0n,
    extra2: 0n,
    dev: 0,
    inode: 0,
    open_flags: 0,
    created: false,
    layer: undefined,
    numbers,
  };
  for (const param of spec.params) {
    const value = params[param.name];
    const source = sourcesOf(spec.name).get(param.name) ?? (param.name === 'res' ? 'ret' : '');
    if (value === undefined || value === null) continue;
    if (isNumeric(param)) numbers.set(param.name, numberOf(param, value));
    put(call, spec, param, source, value);
  }
  if (isGeneric(spec)) putGeneric(call, params);
  return call;
}

function put(
  call: GivenCall,
  spec: EventSpec,
  param: ParamSpec,
  source: string,
  value: Plain,
): void {
  const number = () => numberOf(param, value);
  switch (source) {
    case '':
      break;
    case 'ret':
      call.ret = number();
      break;
    case 'path':
      call.claimed = bytesOf(value);
      call.directory = directoryOf(call, spec, param);
      break;
    case 'path2':
      call.claimed2 = bytesOf(value);
      call.directory2 = directoryOf(call, spec, param);
      break;
    case 'claimed':
      call.claimed = bytesOf(value);
      if (spec.name === 'chdir') call.directory = AT_FDCWD;
      break;
    case 'object_path':
      call.object_path = bytesOf(value);
      break;
    case 'data':
      call.data = bytesOf(value);
      break;
    case 'dev':
      call.dev = Number(number());
      break;
    case 'ino':
      call.inode = number();
      break;
    case 'open':
      putOpenFlags(call, Number(number()));
      break;
    case 'open_mode':
      call.extra2 |= BigInt(number());
      break;
    case 'resolve':
      call.extra2 |= BigInt(number()) << 32n;
      break;
    case 'fd1':
      call.extra |= BigInt.asUintN(32, BigInt(number()));
      break;
    case 'fd2':
      call.extra |= BigInt.asUintN(32, BigInt(number())) << 32n;
      break;
    case 'layers':
      call.layer = layerOf(Number(number()), 1, 2);
      break;
    case 'tuple':
      call.tuple = tupleOf(value);
      break;
    case 'addr':
      call.address = addressOf(value);
      break;
    default:
      putArgument(call, source, isNumeric(param) ? number() : 0);
  }
}

// `aN` or `aN.translation`; several parameters may share an argument, as socket's type and flags do.
function putArgument(call: GivenCall, source: string, value: number | bigint): void {
  const [place = '', translation] = source.split('.');
  const translate = translation === undefined ? undefined : TRANSLATIONS[translation]?.toKernel;
  const kernel = translate === undefined ? value : translate(Number(value));
  if (place === 'extra') {
    call.extra |= BigInt(kernel);
    return;
  }
  if (!/^a[0-5]$/.test(place)) return;
  const index = Number(place.slice(1));
  const before = call.args[index] ?? 0;
  call.args[index] = translation === undefined ? kernel : Number(before) | Number(kernel);
}

// The flags that rules see hold three of Falco's own: created, and the layer of an overlay.
function putOpenFlags(call: GivenCall, value: number): void {
  const kernel = kernelOpenFlags(value);
  call.open_flags = kernel;
  call.created = (value & 0x4000) !== 0;
  call.layer = layerOf(value, 0x8000, 0x1_0000);
  const index = FLAGS_ARGUMENT[call.name];
  if (index === undefined) call.extra |= BigInt(kernel);
  else call.args[index] = kernel;
}

const FLAGS_ARGUMENT: Readonly<Record<string, number>> = {
  open: 1,
  openat: 2,
  open_by_handle_at: 2,
};

function layerOf(value: number, upper: number, lower: number): 'upper' | 'lower' | undefined {
  if ((value & upper) !== 0) return 'upper';
  return (value & lower) === 0 ? undefined : 'lower';
}

// A path of an *at call is relative to the descriptor named before it, any other to the working
// directory.
function directoryOf(call: GivenCall, spec: EventSpec, param: ParamSpec): number {
  if (param.type !== 'FSRELPATH') return AT_FDCWD;
  const before = spec.params.slice(0, spec.params.indexOf(param)).reverse();
  const name = before.find((one) => one.type === 'FD')?.name ?? '';
  return Number(call.numbers.get(name) ?? AT_FDCWD);
}

function isNumeric(param: ParamSpec): boolean {
  switch (param.type) {
    case 'CHARBUF':
    case 'BYTEBUF':
    case 'FSPATH':
    case 'FSRELPATH':
    case 'SOCKADDR':
    case 'SOCKTUPLE':
    case 'FDLIST':
    case 'SIGSET':
    case 'CHARBUFARRAY':
    case 'CHARBUF_PAIR_ARRAY':
    case 'IPADDR':
    case 'IPNET':
      return false;
    default:
      return true;
  }
}

function unknownEvent(name: string): ScenarioError {
  const near = nearestName(
    name,
    EVENTS.filter((event) => typeNumber(event.name) !== undefined).map((event) => event.name),
  );
  return new ScenarioError(
    'SCENARIO_INVALID',
    `no event is called ${JSON.stringify(name)}${near === undefined ? '' : `; did you mean ${near}?`}`,
  );
}

function refuseUnknown(spec: EventSpec, params: Params): void {
  const names = isGeneric(spec) ? GENERIC : spec.params.map((param) => param.name);
  for (const name of Object.keys(params)) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    const hint = near === undefined ? `it has ${names.join(', ')}` : `did you mean ${near}?`;
    throw new ScenarioError('SCENARIO_INVALID', `${spec.name} has no parameter ${name}; ${hint}`);
  }
}

// Calls that the event table says nothing of still have a result.
function isGeneric(spec: EventSpec): boolean {
  return spec.params[0]?.type === 'SYSCALLID';
}

// They take their result, their descriptor if they have one, and their arguments as they are.
function putGeneric(call: GivenCall, params: Params): void {
  const { res, fd, args } = params;
  if (Array.isArray(args)) {
    for (const [index, arg] of args.slice(0, 6).entries()) call.args[index] = numberOf(RESULT, arg);
  }
  if (res !== undefined) call.ret = numberOf(RESULT, res);
  const use = directUse(call.type);
  if (fd === undefined || use === undefined) return;
  if (use.creates) call.ret = numberOf(RESULT, fd);
  else call.args[use.arg] = numberOf(RESULT, fd);
}

const GENERIC = ['res', 'fd', 'args'];
const RESULT: ParamSpec = { name: 'res', type: 'ERRNO', print: 'dec' };
