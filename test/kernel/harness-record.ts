// Any record as a plain object, driven by the layout alone: a second reading of the same bytes, for
// tests to hold cursors against.

import { LAYOUT, record_header, record_kind, span_flag } from '../../src/abi/layout.js';

/** A span with its bytes as latin1 text; `undefined` where the part is absent. */
export interface PlainSpan {
  text: string;
  cut: boolean;
  claimed: boolean;
  /** All of enum span_flag. */
  flags: number;
}

type PlainValue = number | bigint | string | PlainSpan | PlainPart | PlainValue[] | undefined;

/** Members by name. */
export interface PlainPart {
  [name: string]: PlainValue;
}

/** A record as its struct says, with the parts that all have. */
export interface PlainRecord extends PlainPart {
  header: {
    time_ns: bigint;
    length: number;
    kind: number;
    type: number;
    plan: number;
    cpu: number;
    clauses: bigint[];
  };
  task: {
    pid: number;
    tid: number;
    parent_pid: number;
    start_ns: bigint;
    comm: string;
  } & PlainPart;
}

const STRUCTS = new Map([
  [record_kind.RECORD_FORK, 'fork_record'],
  [record_kind.RECORD_EXEC, 'exec_record'],
  [record_kind.RECORD_TASK, 'exec_record'],
  [record_kind.RECORD_EXIT, 'exit_record'],
  [record_kind.RECORD_RENAME, 'rename_record'],
  [record_kind.RECORD_TAMPER, 'tamper_record'],
  [record_kind.RECORD_CALL, 'call_record'],
  [record_kind.RECORD_VERDICT, 'call_record'], // that it begins with
] as const);

/**
 * Copies a record out of memory. It is checked at once and read when it is asked for its members: a storm
 * of records whose members nobody asks for would keep a guest's collector of garbage busy for minutes.
 *
 * @throws when it is shorter than its struct, a span leaves it, or padding is not 0
 */
export function plainRecord(memory: Buffer, offset: number, length: number): PlainRecord {
  const bytes = Buffer.from(memory.subarray(offset, offset + length));
  const kind = bytes.readUInt16LE(record_header.kind);
  const shape = shapes.get(kind) ?? shapeOf(kind);
  if (shape.size > bytes.length) throw new Error(`a ${shape.name} of ${bytes.length} bytes`);
  for (const { name, offset: at, read } of shape.pads)
    if (read(bytes, at) !== 0) throw new Error(`${shape.name}.${name} is not 0`);
  for (const at of shape.spans) checkSpan(bytes, at);
  return Object.create(shape.prototype, { [BYTES]: { value: bytes } });
}

/** Where a record has its bytes. */
const BYTES = Symbol('bytes');

type Read = (bytes: Buffer, at: number) => PlainValue;

interface Member {
  readonly name: string;
  readonly offset: number;
  readonly read: Read;
}

/** What records of a kind have in common. */
interface Shape {
  readonly name: string;
  readonly size: number;
  /** Those of parts, too. */
  readonly pads: readonly Member[];
  readonly spans: readonly number[];
  /** Reads a member once and keeps it. */
  readonly prototype: object;
}

const shapes = new Map<number, Shape>();

function shapeOf(kind: number): Shape {
  const name = [...STRUCTS].find(([number]) => number === kind)?.[1];
  if (name === undefined) throw new Error(`a record of kind ${kind}`);
  const { size, members } = structNamed(name);
  const pads: Member[] = [];
  const spans: number[] = [];
  collect(name, 0, pads, spans);
  const prototype = prototypeOf(members);
  if (!('header' in prototype && 'task' in prototype))
    throw new Error(`a ${name} without header or task`);
  const shape = { name, size, pads, spans, prototype };
  shapes.set(kind, shape);
  return shape;
}

/** Finds padding and spans of a struct, and of the structs in it. */
function collect(name: string, base: number, pads: Member[], spans: number[]): void {
  for (const [member, at, kind] of structNamed(name).members) {
    const offset = base + at;
    if (member.startsWith('pad')) pads.push({ name: member, offset, read: readerOf(kind) });
    else if (kind === 'span') spans.push(offset);
    else if (LAYOUT.structs.some((one) => one.name === kind)) collect(kind, offset, pads, spans);
  }
}

function prototypeOf(members: Struct['members']): object {
  const prototype = {};
  for (const { name, offset, read } of membersOf(members)) {
    Object.defineProperty(prototype, name, {
      enumerable: true,
      get(this: { readonly [BYTES]: Buffer }) {
        const value = read(this[BYTES], offset);
        Object.defineProperty(this, name, { enumerable: true, value });
        return value;
      },
    });
  }
  return prototype;
}

type Struct = (typeof LAYOUT.structs)[number];

function structNamed(name: string): Struct {
  const struct = LAYOUT.structs.find((one) => one.name === name);
  if (struct === undefined) throw new Error(`no struct ${name}`);
  return struct;
}

/** All but padding. */
function membersOf(members: Struct['members']): Member[] {
  return members
    .filter(([name]) => !name.startsWith('pad'))
    .map(([name, offset, kind]) => ({ name, offset, read: readerOf(kind) }));
}

function readerOf(kind: string): Read {
  switch (kind) {
    case 'u8':
      return (bytes, at) => bytes.readUInt8(at);
    case 'u16':
      return (bytes, at) => bytes.readUInt16LE(at);
    case 'u32':
      return (bytes, at) => bytes.readUInt32LE(at);
    case 's32':
      return (bytes, at) => bytes.readInt32LE(at);
    case 'u64':
      return (bytes, at) => bytes.readBigUInt64LE(at);
    case 's64':
      return (bytes, at) => bytes.readBigInt64LE(at);
    case 'span':
      return plainSpan;
  }
  const [, element, digits] = /^(\w+)\[(\d+)\]$/.exec(kind) ?? [];
  const count = Number(digits);
  if (element === 'char')
    return (bytes, at) => {
      const text = bytes.toString('latin1', at, at + count);
      return text.slice(0, text.indexOf('\0'));
    };
  if (element === 'u8') return (bytes, at) => bytes.toString('hex', at, at + count);
  if (element === 'u64')
    return (bytes, at) =>
      Array.from({ length: count }, (_, i) => bytes.readBigUInt64LE(at + 8 * i));
  const members = membersOf(structNamed(kind).members);
  return (bytes, base) =>
    Object.fromEntries(members.map(({ name, offset, read }) => [name, read(bytes, base + offset)]));
}

function checkSpan(bytes: Buffer, at: number): void {
  const offset = bytes.readUInt16LE(at);
  const length = bytes.readUInt16LE(at + 2);
  if (offset !== 0 && offset + length > bytes.length)
    throw new Error(`a span ends at ${offset + length}`);
}

function plainSpan(bytes: Buffer, at: number): PlainSpan | undefined {
  const offset = bytes.readUInt16LE(at);
  const length = bytes.readUInt16LE(at + 2);
  const flags = bytes.readUInt16LE(at + 4);
  if (offset === 0) return undefined;
  return {
    text: bytes.toString('latin1', offset, offset + length),
    cut: (flags & span_flag.SPAN_CUT) !== 0,
    claimed: (flags & span_flag.SPAN_CLAIMED) !== 0,
    flags,
  };
}

/** The text of a span of a record; `undefined` when absent. For reading tests without casts. */
export function textOf(record: PlainRecord, member: string): string | undefined {
  const value = record[member];
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  return typeof value.text === 'string' ? value.text : undefined;
}
