// Records from plain values: the exact inverse of the cursors, for tests and for rule unit tests.

import {
  abi_limit,
  call_record,
  exec_record,
  exit_record,
  fork_record,
  LAYOUT,
  record_kind,
  rename_record,
  span,
} from '../abi/layout.js';

/** Values of a struct's members by name; what is left out is zero. Texts are byte strings. */
export type Values = { readonly [name: string]: number | bigint | string | readonly bigint[] };

/** A variable part: a byte string, with its flags where it has any. */
export type Text = string | { readonly text: string; readonly flags: number };

export type Texts = { readonly [name: string]: Text | undefined };

/** A record to be: parts by the names of bpf/abi.h. */
export interface RecordParts {
  readonly kind: 'fork' | 'exec' | 'task' | 'rename' | 'exit' | 'call';
  /** System call number, for calls. */
  readonly type?: number;
  readonly header?: Values;
  readonly task?: Values;
  /** Members of the record itself: `inode`, `exit_code`, ... */
  readonly own?: Values;
  /** Calls only. */
  readonly call?: Values;
  readonly object?: Values;
  readonly address?: Values;
  readonly texts?: Texts;
}

/**
 * Writes one record.
 *
 * @throws TypeError on a name that the struct does not have
 */
export function encodeRecord(parts: RecordParts): Buffer {
  const { name, size, kind, type } = SHAPES[parts.kind];
  const texts = Object.entries(parts.texts ?? {});
  let length = size;
  for (const [, text] of texts) length += text === undefined ? 0 : bytesOf(text).length;
  const record = Buffer.alloc((length + 7) & ~7);
  put(record, 'record_header', 0, {
    length: record.length,
    kind,
    type: parts.type ?? type,
    clauses: ALL_CLAUSES,
    ...parts.header,
  });
  put(record, 'task_part', memberOf(name, 'task').offset, parts.task ?? {});
  put(record, name, 0, parts.own ?? {});
  for (const part of ['call', 'object', 'address'] as const) {
    const values = parts[part];
    if (values !== undefined) put(record, `${part}_part`, memberOf(name, part).offset, values);
  }
  let end = size;
  for (const [member, text] of texts) {
    if (text !== undefined) end = putText(record, memberOf(name, member).offset, end, text);
  }
  return record;
}

/** The 16 bytes that an address takes in a record, IPv4 in the first 4. */
export function addressField(bytes: string): string {
  return bytes.padEnd(16, '\0');
}

/** What records carry that no plan has judged. */
const ALL_CLAUSES = Array<bigint>(abi_limit.CLAUSE_WORDS).fill(0xffff_ffff_ffff_ffffn);

const FIRST_EVENT = 512; // enum event_type

const SHAPES = {
  fork: shape('fork_record', fork_record.size, record_kind.RECORD_FORK, 0),
  exec: shape('exec_record', exec_record.size, record_kind.RECORD_EXEC, 1),
  exit: shape('exit_record', exit_record.size, record_kind.RECORD_EXIT, 2),
  task: shape('exec_record', exec_record.size, record_kind.RECORD_TASK, 3),
  rename: shape('rename_record', rename_record.size, record_kind.RECORD_RENAME, 4),
  call: shape('call_record', call_record.size, record_kind.RECORD_CALL, -FIRST_EVENT),
};

function shape(name: string, size: number, kind: number, type: number) {
  return { name, size, kind, type: FIRST_EVENT + type };
}

function memberOf(struct: string, name: string): { offset: number; kind: string } {
  const layout = LAYOUT.structs.find((one) => one.name === struct);
  const member = layout?.members.find(([known]) => known === name);
  if (member === undefined) throw new TypeError(`struct ${struct} has no ${name}`);
  return { offset: member[1], kind: member[2] };
}

function put(record: Buffer, struct: string, base: number, values: Values): void {
  for (const [name, value] of Object.entries(values)) {
    const { offset, kind } = memberOf(struct, name);
    putValue(record, base + offset, kind, value);
  }
}

function putValue(record: Buffer, at: number, kind: string, value: Values[string]): void {
  if (typeof value === 'string') {
    const size = Number(/\[(\d+)\]$/.exec(kind)?.[1] ?? 0);
    record.write(value.slice(0, size), at, 'latin1');
    return;
  }
  if (typeof value === 'object') {
    for (const [index, one] of value.entries()) {
      record.writeBigUInt64LE(BigInt.asUintN(64, one), at + index * 8);
    }
    return;
  }
  switch (kind) {
    case 'u8':
      record.writeUInt8(Number(value), at);
      break;
    case 'u16':
      record.writeUInt16LE(Number(value), at);
      break;
    case 'u32':
      record.writeUInt32LE(Number(value) >>> 0, at);
      break;
    case 's32':
      record.writeInt32LE(Number(value) | 0, at);
      break;
    case 'u64':
    case 's64':
      record.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), at);
      break;
    default:
      throw new TypeError(`no value of kind ${kind} can be written`);
  }
}

function putText(record: Buffer, at: number, end: number, text: Text): number {
  const bytes = bytesOf(text);
  record.writeUInt16LE(end, at + span.offset);
  record.writeUInt16LE(bytes.length, at + span.length);
  record.writeUInt16LE(typeof text === 'string' ? 0 : text.flags, at + span.flags);
  record.write(bytes, end, 'latin1');
  return end + bytes.length;
}

function bytesOf(text: Text): string {
  return typeof text === 'string' ? text : text.text;
}
