// Event parameters as text: what evt.arg shows, and the raw form that evt.args puts before it.

import { enumText, type FlagTable, flagsText } from '../rules/flags.js';
import type { CallCursor } from './call.js';
import { descriptorEntry, descriptorNumber, descriptorType } from './descriptors.js';
import { errnoName, signalName } from './errno.js';
import { type Event, NOT_AVAILABLE } from './event.js';
import { entryName, pathBase } from './fd-fields.js';
import { isInternet, socketEnds, transportName } from './network.js';
import { type Param, rawPath } from './params.js';

/** The readable text of a parameter, as `evt.arg.NAME` gives it; always there. */
export function paramText(event: Event, param: Param): string {
  const { raw, resolved } = paramTexts(event, param);
  return resolved ?? raw;
}

/** `NAME=raw(readable)`, without the bracket where the raw text says it all. */
export function paramPair(event: Event, param: Param): string {
  const { raw, resolved } = paramTexts(event, param);
  const text = resolved === undefined || resolved === raw ? raw : `${raw}(${resolved})`;
  return `${param.name}=${text}`;
}

/** A byte buffer as printable text: other bytes become dots. */
export function printable(bytes: string): string {
  return bytes.replace(NOT_PRINTABLE, '.');
}

interface Texts {
  raw: string;
  /** `undefined` where there is no form that says more. */
  resolved: string | undefined;
}

function paramTexts(event: Event, param: Param): Texts {
  const value = param.read(event);
  if (value === undefined || typeof value === 'object')
    return { raw: absent(param), resolved: undefined };
  if (typeof value === 'string') {
    const raw = param.type === 'BYTEBUF' ? bufferText(value) : (rawPath(event, param) ?? value);
    return { raw, resolved: raw === value || param.type === 'BYTEBUF' ? undefined : value };
  }
  if (typeof value === 'boolean') return { raw: String(value), resolved: undefined };
  return { raw: numberText(value, param), resolved: resolve(event, param, value) };
}

function resolve(event: Event, param: Param, value: number | bigint): string | undefined {
  switch (param.type) {
    case 'FD':
      return descriptorText(event, param, Number(value));
    case 'ERRNO':
      return value < 0 ? errnoName(value) : undefined;
    case 'PID':
      return value < 0 ? errnoName(value) : commOf(event, Number(value));
    case 'UID':
      return idText(Number(value), (id) => event.surroundings.user(id, event.process)?.name);
    case 'GID':
      return idText(Number(value), (id) => event.surroundings.group(id, event.process));
    case 'SIGTYPE':
      return signalName(Number(value));
    case 'FLAGS8':
    case 'FLAGS16':
    case 'FLAGS32':
    case 'MODE':
      return param.flags && flagNames(param.flags, Number(value));
    case 'ENUMFLAGS8':
    case 'ENUMFLAGS16':
    case 'ENUMFLAGS32':
      return param.flags && enumText(param.flags, Number(value));
    case 'SYSCALLID':
      return undefined;
    default:
      return undefined;
  }
}

// `<letter>name` where the descriptor is the one that the kernel resolved, or the directory of a path.
function descriptorText(event: Event, param: Param, number: number): string | undefined {
  if (number === AT_FDCWD && param.arg >= 0) return 'AT_FDCWD';
  if (number < 0) return errnoName(number);
  const base = pathBase(event, param.arg);
  if (base !== undefined) return `<d>${base}`;
  const call = descriptorEntry(event);
  if (call === undefined) return undefined;
  if (number !== call.object_fd && number !== descriptorNumber(event)) return undefined;
  return `<${descriptorType(call)[1]}${transportLetter(event, call)}>${entryName(event) ?? ''}`;
}

// A socket whose ends are known shows its protocol: `<4t>`.
function transportLetter(event: Event, call: CallCursor): string {
  if (!isInternet(call) || socketEnds(event) === undefined) return '';
  return transportName(call)?.charAt(0) ?? '';
}

// A host uses few combinations of flags; their texts are kept, bounded for whoever makes many.
const FLAG_TEXTS = new Map<FlagTable, Map<number, string>>();
const LIMIT_TEXTS = 256;

function flagNames(table: FlagTable, value: number): string {
  let texts = FLAG_TEXTS.get(table);
  if (texts === undefined) {
    texts = new Map();
    FLAG_TEXTS.set(table, texts);
  }
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = flagsText(table, value);
  if (texts.size < LIMIT_TEXTS) texts.set(value, text);
  return text;
}

function commOf(event: Event, pid: number): string | undefined {
  if (pid === event.task.tid || pid === event.task.pid) return event.task.comm;
  if (pid === event.task.parent_pid) return event.process.parent?.comm;
  return event.surroundings.process(pid)?.comm;
}

function idText(id: number, name: (id: number) => string | undefined): string {
  if (id === UNSET) return '<NONE>';
  return name(id) ?? (id === 0 ? 'root' : NOT_AVAILABLE);
}

function absent(param: Param): string {
  switch (param.type) {
    case 'BYTEBUF':
    case 'SOCKADDR':
    case 'SOCKTUPLE':
    case 'DYNAMIC':
      return 'NULL';
    default:
      return NOT_AVAILABLE;
  }
}

function bufferText(bytes: string): string {
  return bytes === '' ? 'NULL' : printable(bytes);
}

function numberText(value: number | bigint, param: Param): string {
  if (param.print === 'hex' || param.type === 'DYNAMIC') return value.toString(16).toUpperCase();
  if (param.print === 'oct') return value === 0 ? '0' : `0${value.toString(8)}`;
  return String(value);
}

const AT_FDCWD = -100;
const UNSET = 0xffff_ffff;
const NOT_PRINTABLE = /[^ -~]/g;
