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
 * Copies a record out of memory.
 *
 * @throws when it is shorter than its struct or a span leaves it
 */
export function plainRecord(memory: Buffer, offset: number, length: number): PlainRecord {
  const bytes = Buffer.from(memory.subarray(offset, offset + length));
  const kind = bytes.readUInt16LE(record_header.kind);
  const name = [...STRUCTS].find(([number]) => number === kind)?.[1];
  if (name === undefined) throw new Error(`a record of kind ${kind}`);
  const plain = plainStruct(name, bytes, 0);
  if (!isRecord(plain)) throw new Error(`a ${name} without header or task`);
  return plain;
}

function isRecord(part: PlainPart): part is PlainRecord {
  return 'header' in part && 'task' in part;
}

function plainStruct(name: string, bytes: Buffer, base: number): PlainPart {
  const struct = LAYOUT.structs.find((one) => one.name === name);
  if (struct === undefined) throw new Error(`no struct ${name}`);
  if (base + struct.size > bytes.length) throw new Error(`a ${name} of ${bytes.length} bytes`);
  const plain: PlainPart = {};
  for (const [member, offset, kind] of struct.members) {
    if (member.startsWith('pad')) {
      if (plainValue(kind, bytes, base + offset) !== 0)
        throw new Error(`${name}.${member} is not 0`);
      continue;
    }
    plain[member] = plainValue(kind, bytes, base + offset);
  }
  return plain;
}

function plainValue(kind: string, bytes: Buffer, at: number): PlainValue {
  switch (kind) {
    case 'u8':
      return bytes.readUInt8(at);
    case 'u16':
      return bytes.readUInt16LE(at);
    case 'u32':
      return bytes.readUInt32LE(at);
    case 's32':
      return bytes.readInt32LE(at);
    case 'u64':
      return bytes.readBigUInt64LE(at);
    case 's64':
      return bytes.readBigInt64LE(at);
    case 'span':
      return plainSpan(bytes, at);
  }
  const [, element, count = '0'] = /^(\w+)\[(\d+)\]$/.exec(kind) ?? [];
  if (element === 'char') {
    const text = bytes.toString('latin1', at, at + Number(count));
    return text.slice(0, text.indexOf('\0'));
  }
  if (element === 'u8') return bytes.toString('hex', at, at + Number(count));
  if (element === 'u64') {
    return Array.from({ length: Number(count) }, (_, i) => bytes.readBigUInt64LE(at + 8 * i));
  }
  return plainStruct(kind, bytes, at);
}

function plainSpan(bytes: Buffer, at: number): PlainSpan | undefined {
  const offset = bytes.readUInt16LE(at);
  const length = bytes.readUInt16LE(at + 2);
  const flags = bytes.readUInt16LE(at + 4);
  if (offset === 0) return undefined;
  if (offset + length > bytes.length) throw new Error(`a span ends at ${offset + length}`);
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
