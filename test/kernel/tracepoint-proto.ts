// The arguments of the running kernel's tracepoints, as its BTF has them: `btf_trace_NAME` is a typedef
// of a pointer to a function, whose first argument is the tracepoint's own.

import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';

const KIND = { PTR: 2, ARRAY: 3, ENUM: 6, TYPEDEF: 8, CONST: 10, FUNC_PROTO: 13, ENUM64: 19 };
const VOLATILE = 9;
const RESTRICT = 11;
/** Bytes after the 12 of each type: fixed, or for each of its members. */
const FIXED = new Map([
  [1, 4],
  [KIND.ARRAY, 12],
  [14, 4],
  [17, 4],
]);
const PER_MEMBER = new Map([
  [4, 12],
  [5, 12],
  [KIND.ENUM, 8],
  [KIND.FUNC_PROTO, 8],
  [15, 12],
  [KIND.ENUM64, 12],
]);

interface Place {
  name: string;
  kind: number;
  target: number;
  members: number;
  at: number;
}

/**
 * Reads the argument types of tracepoints.
 *
 * @returns by tracepoint name: types as C writes them, `struct pt_regs *`; absent: no such tracepoint
 */
export function tracepointArguments(names: readonly string[]): Map<string, string[]> {
  if (endianness() !== 'LE') throw new Error('this reader is for little-endian kernels');
  const bytes = readFileSync('/sys/kernel/btf/vmlinux');
  const types = index(bytes);
  const found = new Map<string, string[]>();
  for (const type of types) {
    const name = type?.kind === KIND.TYPEDEF ? type.name.replace(/^btf_trace_/, '') : undefined;
    if (type === undefined || name === undefined || name === type.name) continue;
    if (!names.includes(name)) continue;
    const pointer = types[type.target];
    const proto = types[pointer?.target ?? 0];
    if (proto?.kind !== KIND.FUNC_PROTO) continue;
    const parameters = Array.from({ length: proto.members }, (_, i) =>
      typeName(types, bytes.readUInt32LE(proto.at + 8 * i + 4)),
    );
    found.set(name, parameters.slice(1));
  }
  return found;
}

function index(bytes: Buffer): (Place | undefined)[] {
  const headerBytes = bytes.readUInt32LE(4);
  const start = headerBytes + bytes.readUInt32LE(8);
  const end = start + bytes.readUInt32LE(12);
  const strings = headerBytes + bytes.readUInt32LE(16);
  const types: (Place | undefined)[] = [undefined];
  for (let at = start; at < end; ) {
    const nameAt = strings + bytes.readUInt32LE(at);
    const word = bytes.readUInt32LE(at + 4);
    const kind = (word >>> 24) & 31;
    const members = word & 0xffff;
    types.push({
      name: bytes.toString('latin1', nameAt, bytes.indexOf(0, nameAt)),
      kind,
      target: bytes.readUInt32LE(at + 8),
      members,
      at: at + 12,
    });
    at += 12 + (FIXED.get(kind) ?? 0) + (PER_MEMBER.get(kind) ?? 0) * members;
  }
  return types;
}

function typeName(types: readonly (Place | undefined)[], id: number): string {
  const type = types[id];
  if (type === undefined) return 'void';
  const { kind, name, target } = type;
  if (kind === KIND.PTR) return `${typeName(types, target)} *`.replace('* *', '**');
  if (kind === KIND.CONST) return `const ${typeName(types, target)}`;
  if (kind === VOLATILE || kind === RESTRICT) return typeName(types, target);
  if (kind === 4) return `struct ${name}`;
  if (kind === 5) return `union ${name}`;
  if (kind === KIND.ENUM) return `enum ${name}`;
  return name.replace(/^long int$/, 'long');
}
