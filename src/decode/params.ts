// Readers of the event parameters, made of the table in param-sources.ts.

import {
  type EventSpec,
  eventName,
  eventNamed,
  type ParamSpec,
  typeNumber,
} from '../rules/events.js';
import { openFlags } from '../rules/flags.js';
import type { CallCursor } from './call.js';
import { isLowerLayer, isUpperLayer, objectOf } from './descriptors.js';
import type { Event, Value } from './event.js';
import { claimedPath, claimedPath2 } from './fd-fields.js';
import { TRANSLATIONS } from './kernel-values.js';
import { endpointText, refusedTuple, socketEnds, socketName } from './network.js';
import { openArguments } from './open.js';
import { sourcesOf } from './param-sources.js';
import { EXEC_SOURCES, EXIT_SOURCES } from './process-params.js';

/** Reads one parameter of an event; `undefined` when it was not captured. */
export type Source = (event: Event) => Value;

/** One parameter of an event type: what the event table says and where the value comes from. */
export interface Param extends ParamSpec {
  readonly read: Source;
  /** Index of the argument it is, for descriptors; -1 for the return value. */
  readonly arg: number;
}

/** The parameters of an event type, in the order of the event table. */
export function paramsOf(type: number): readonly Param[] {
  return PARAMS[type] ?? build(type);
}

/** The parameter's path before it was made absolute; `undefined` for what is no path. */
export function rawPath(event: Event, param: Param): string | undefined {
  if (param.read === claimedPath) return event.call?.claimed;
  if (param.read === claimedPath2) return event.call?.claimed2;
  return undefined;
}

const NONE: readonly Param[] = [];

const NAMED: Readonly<Record<string, Source>> = {
  ret: (event) => event.ret,
  path: claimedPath,
  path2: claimedPath2,
  claimed: (event) => event.call?.claimed,
  object_path: (event) => event.call?.path,
  data: (event) => event.call?.data,
  dev: (event) => objectOf(event)?.object_dev,
  ino: (event) => objectOf(event)?.object_inode,
  open: (event) => {
    const found = openArguments(event);
    return found === undefined ? undefined : openFlagsOf(found.flags) | openedExtras(event);
  },
  open_mode: (event) => openArguments(event)?.mode,
  resolve: (event) => event.call?.extra2High,
  fd1: (event) => pairOf(event)?.extraLow,
  fd2: (event) => pairOf(event)?.extraHigh,
  layers: (event) => (event.call === undefined ? undefined : layerBits(event.call)),
  tuple: tupleText,
  addr: addressOf,
  cap_inheritable: (event) => event.task.cap_inheritable,
  cap_permitted: (event) => event.task.cap_permitted,
  cap_effective: (event) => event.task.cap_effective,
};

const PARAMS: (readonly Param[])[] = [];

// Of a type that is asked for: few are.
function build(type: number): readonly Param[] {
  const spec = eventNamed(eventName(type));
  if (spec === undefined || typeNumber(spec.name) !== type) return NONE;
  const params = spec.params.map((param) => paramOf(spec, param));
  PARAMS[type] = params;
  return params;
}

function paramOf(spec: EventSpec, param: ParamSpec): Param {
  const source = sourcesOf(spec.name).get(param.name);
  const read = specialSource(spec.name, param.name) ?? sourceOf(source, param);
  const arg = source?.startsWith('a') && /^a\d/.test(source) ? Number(source[1]) : -1;
  return { ...param, read, arg };
}

function specialSource(event: string, param: string): Source | undefined {
  if (param === 'ID') return (at) => at.type;
  if (param === 'nativeID') return (at) => at.call?.number;
  if (event === 'procexit') return EXIT_SOURCES[param];
  if (event === 'execve' || event === 'execveat') return EXEC_SOURCES[param];
  if (/^(clone3?|v?fork)$/.test(event) && param !== 'res' && param !== 'flags') {
    return EXEC_SOURCES[param];
  }
  return undefined;
}

function sourceOf(source: string | undefined, param: ParamSpec): Source {
  if (source === undefined) return NOT_CAPTURED;
  const named = NAMED[source];
  if (named !== undefined) return named;
  const [place = '', translation] = source.split('.');
  const translate = translation === undefined ? undefined : TRANSLATIONS[translation]?.toRule;
  if (translation !== undefined && translate === undefined) {
    throw new TypeError(`parameter table: no translation ${translation}`);
  }
  if (place === 'extra') {
    return (event) => event.call && (translate ?? same)(event.call.extraLow);
  }
  const index = Number(place.slice(1));
  if (!/^a[0-5]$/.test(place)) throw new TypeError(`parameter table: no source ${source}`);
  if (translate !== undefined) {
    return (event) => event.call && translate(event.call.argInt(index));
  }
  return (event) => event.call && argumentOf(event.call, index, param.type);
}

function argumentOf(call: CallCursor, index: number, type: ParamSpec['type']): Value {
  switch (type) {
    case 'FD':
    case 'INT32':
    case 'PID':
    case 'ERRNO':
    case 'SIGTYPE':
      return call.argInt(index);
    case 'INT64':
      return call.argLong(index);
    case 'UINT64':
    case 'DYNAMIC':
    case 'CHARBUF':
      return call.arg(index);
    case 'UINT8':
    case 'FLAGS8':
    case 'ENUMFLAGS8':
      return call.argU32(index) & 0xff;
    case 'UINT16':
    case 'FLAGS16':
    case 'ENUMFLAGS16':
      return call.argU32(index) & 0xffff;
    default:
      return call.argU32(index);
  }
}

function NOT_CAPTURED(): undefined {
  return undefined;
}

function same(value: number): number {
  return value;
}

// The same few combinations come again and again; kept, bounded.
const OPEN_FLAGS = new Map<number, number>();

function openFlagsOf(kernel: number): number {
  const known = OPEN_FLAGS.get(kernel);
  if (known !== undefined) return known;
  const value = openFlags(kernel);
  if (OPEN_FLAGS.size < 1024) OPEN_FLAGS.set(kernel, value);
  return value;
}

// What Falco's own flags add to those of the caller: created, and the layer of an overlay.
function openedExtras(event: Event): number {
  const call = event.call;
  if (call === undefined || call.ret < 0) return 0;
  const created = openArguments(event)?.created === true ? 0x4000 : 0;
  return created | (isUpperLayer(call) ? 0x8000 : 0) | (isLowerLayer(call) ? 0x1_0000 : 0);
}

// Calls that make two descriptors have both in extra, once they worked.
function pairOf(event: Event): CallCursor | undefined {
  return event.call?.ret === 0 ? event.call : undefined;
}

function layerBits(call: CallCursor): number {
  return (isUpperLayer(call) ? 1 : 0) | (isLowerLayer(call) ? 2 : 0);
}

function tupleText(event: Event): string | undefined {
  const text = socketName(event);
  return text === '' ? refusedTuple(event) : text;
}

// The address a call was given, else the bound one.
function addressOf(event: Event): string | undefined {
  const call = event.call;
  if (call === undefined) return undefined;
  if (call.given_family !== 0 && call.claimed === undefined) {
    return endpointText({ address: call.given_address, port: call.given_port });
  }
  if (call.claimed !== undefined) return call.claimed;
  const server = socketEnds(event)?.server;
  return server === undefined ? undefined : endpointText(server);
}
