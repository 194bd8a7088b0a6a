// Reads BTF, the kernel's type format: from an ELF object's .BTF section, or raw as in /sys/kernel/btf.
// Our own reader, so that an object can be judged before libbpf or the kernel sees it.
// Format: Documentation/bpf/btf.rst, include/uapi/linux/btf.h. Every length is checked.

import { AbiError } from '../errors.js';
import { btf_kind, extraBytes } from './btf-kind.js';
import { elfSection } from './elf.js';

/** One member of a struct or union; offsets and sizes in bytes. */
export interface BtfMember {
  name: string;
  offset: number;
  type: number;
}

/** A type that `Btf.resolve` ends at: typedefs and qualifiers are gone. */
export type BtfType =
  | { kind: 'int'; name: string; size: number; signed: boolean }
  | { kind: 'pointer'; target: number }
  | { kind: 'array'; element: number; count: number }
  | { kind: 'struct' | 'union'; name: string; size: number; members: readonly BtfMember[] }
  | { kind: 'enum'; name: string; size: number; values: ReadonlyMap<string, number> }
  | { kind: 'other'; name: string; number: number };

/** Where a variable lies in its section, in bytes, and the id of its type. */
export interface SectionVariable {
  readonly offset: number;
  readonly size: number;
  readonly type: number;
}

/** The types of one BTF blob, decoded one at a time when asked for. */
export interface Btf {
  /** How many types there are; ids run from 1. */
  readonly count: number;
  /** The type behind typedefs, const, volatile, restrict and tags. @throws AbiError on a bad id. */
  resolve(id: number): BtfType;
  /** The id of a type by BTF kind number and name; `undefined` when there is none. */
  find(kind: number, name: string): number | undefined;
  /** Bytes that a value of this type takes. @throws AbiError where that has no answer. */
  sizeOf(id: number): number;
  /** Global variables: name and type id. */
  variables(): { name: string; type: number }[];
  /** A global variable in a data section (`.rodata`); `undefined` when it is not there. */
  sectionVariable(section: string, name: string): SectionVariable | undefined;
}

const BTF_MAGIC = 0xeb9f;
/** BTF_MAX_TYPE of the kernel is 0xfffff; a chain of qualifiers longer than this is garbage. */
const MAX_CHAIN = 32;

/**
 * Finds the .BTF section of a 64-bit little-endian ELF object and reads it.
 *
 * @throws AbiError when the bytes are not such an object, or it carries no BTF.
 */
export function readObjectBtf(object: Uint8Array): Btf {
  return readBtf(elfSection(object, '.BTF'));
}

/**
 * Reads raw BTF. The types are indexed at once and decoded when asked for: the kernel's own BTF has
 * 150,000 of them, of which a feature probe wants ten.
 *
 * @throws AbiError when a length leaves the blob or a kind is unknown.
 */
export function readBtf(bytes: Uint8Array): Btf {
  const view = viewOf(bytes);
  if (bytes.byteLength < 24 || view.getUint16(0, true) !== BTF_MAGIC) fail('no BTF magic number');
  if (view.getUint8(2) !== 1) fail(`BTF version ${view.getUint8(2)} is not 1`);
  const headerLength = view.getUint32(4, true);
  const typeStart = headerLength + view.getUint32(8, true);
  const typeEnd = typeStart + view.getUint32(12, true);
  const textStart = headerLength + view.getUint32(16, true);
  const textEnd = textStart + view.getUint32(20, true);
  if (headerLength < 24 || typeEnd > bytes.byteLength || textEnd > bytes.byteLength) {
    fail('a BTF section ends outside of the data');
  }
  const offsets: number[] = [0];
  for (let at = typeStart; at < typeEnd; ) {
    offsets.push(at);
    if (at + 12 > typeEnd) fail('a BTF type is cut');
    const word = view.getUint32(at + 4, true);
    const kind = (word >>> 24) & 0x1f;
    const more = extraBytes(kind, word & 0xffff) ?? fail(`BTF kind ${kind} is unknown`);
    at += 12 + more;
    if (at > typeEnd) fail('a BTF type is cut');
  }
  return new BtfBlob(bytes, view, offsets, textStart, textEnd);
}

class BtfBlob implements Btf {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly view: DataView,
    private readonly offsets: readonly number[],
    private readonly textStart: number,
    private readonly textEnd: number,
  ) {}

  get count(): number {
    return this.offsets.length - 1;
  }

  resolve(id: number): BtfType {
    const at = this.strip(id);
    const kind = this.kindAt(at);
    const name = this.text(this.u32(at));
    const count = this.u32(at + 4) & 0xffff;
    const size = this.u32(at + 8);
    switch (kind) {
      case btf_kind.INT: {
        const encoding = this.u32(at + 12);
        // Bit fields of old compilers: an int that is not all of its bytes.
        if ((encoding & 0xff) !== size * 8 || ((encoding >>> 16) & 0xff) !== 0) break;
        return { kind: 'int', name, size, signed: ((encoding >>> 24) & 1) === 1 };
      }
      case btf_kind.PTR:
        return { kind: 'pointer', target: size };
      case btf_kind.ARRAY:
        return { kind: 'array', element: this.u32(at + 12), count: this.u32(at + 20) };
      case btf_kind.STRUCT:
        return { kind: 'struct', name, size, members: this.members(at, count) };
      case btf_kind.UNION:
        return { kind: 'union', name, size, members: this.members(at, count) };
      case btf_kind.ENUM:
        return { kind: 'enum', name, size, values: this.values(at, count) };
    }
    return { kind: 'other', name, number: kind };
  }

  find(kind: number, name: string): number | undefined {
    // A walk over the bytes: making 150,000 texts for an index takes 150 ms, a walk 3 ms.
    const wanted = Buffer.from(`${name}\0`);
    const first = wanted[0];
    for (let id = 1; id < this.offsets.length; id++) {
      const at = this.at(id);
      if (this.kindAt(at) !== kind) continue;
      const start = this.textStart + this.u32(at);
      if (this.bytes[start] !== first || start + wanted.length > this.textEnd) continue;
      let same = 1;
      while (same < wanted.length && this.bytes[start + same] === wanted[same]) same += 1;
      if (same === wanted.length) return id;
    }
    return undefined;
  }

  sizeOf(id: number): number {
    const type = this.resolve(id);
    switch (type.kind) {
      case 'int':
      case 'struct':
      case 'union':
      case 'enum':
        return type.size;
      case 'pointer':
        return 8;
      case 'array': {
        const element = this.resolve(type.element);
        // An array of arrays could nest without end in made-up data; none of ours does.
        if (element.kind === 'array') fail('an array of arrays has no place in the ABI');
        return type.count * this.sizeOf(type.element);
      }
      case 'other':
        return fail(`type ${id} (${type.name}) has no size`);
    }
  }

  variables(): { name: string; type: number }[] {
    const found: { name: string; type: number }[] = [];
    for (let id = 1; id < this.offsets.length; id++) {
      const at = this.at(id);
      if (this.kindAt(at) !== btf_kind.VAR) continue;
      found.push({ name: this.text(this.u32(at)), type: this.u32(at + 8) });
    }
    return found;
  }

  sectionVariable(section: string, name: string): SectionVariable | undefined {
    const id = this.find(btf_kind.DATASEC, section);
    if (id === undefined) return undefined;
    const at = this.at(id);
    const count = this.u32(at + 4) & 0xffff;
    for (let i = 0, part = at + 12; i < count; i++, part += 12) {
      const variable = this.at(this.u32(part));
      if (this.text(this.u32(variable)) !== name) continue;
      return {
        offset: this.u32(part + 4),
        size: this.u32(part + 8),
        type: this.u32(variable + 8),
      };
    }
    return undefined;
  }

  private members(at: number, count: number): BtfMember[] {
    const withBits = this.u32(at + 4) >>> 31 === 1;
    const members: BtfMember[] = [];
    for (let i = 0, part = at + 12; i < count; i++, part += 12) {
      const name = this.text(this.u32(part));
      const word = this.u32(part + 8);
      const bits = withBits ? word & 0xffffff : word;
      if (withBits && word >>> 24 !== 0) fail(`${name} is a bit field`);
      if (bits % 8 !== 0) fail(`${name} does not begin at a byte`);
      members.push({ name, type: this.u32(part + 4), offset: bits / 8 });
    }
    return members;
  }

  private values(at: number, count: number): Map<string, number> {
    const signed = this.u32(at + 4) >>> 31 === 1;
    const values = new Map<string, number>();
    for (let i = 0, part = at + 12; i < count; i++, part += 8) {
      const value = signed ? this.view.getInt32(part + 4, true) : this.u32(part + 4);
      values.set(this.text(this.u32(part)), value);
    }
    return values;
  }

  /** Offset of the type behind names and qualifiers. */
  private strip(id: number): number {
    for (let next = id, steps = 0; steps < MAX_CHAIN; steps++) {
      const at = this.at(next);
      switch (this.kindAt(at)) {
        case btf_kind.TYPEDEF:
        case btf_kind.VOLATILE:
        case btf_kind.CONST:
        case btf_kind.RESTRICT:
        case btf_kind.TYPE_TAG:
          next = this.u32(at + 8);
          break;
        default:
          return at;
      }
    }
    return fail(`type ${id} is a chain without an end`);
  }

  private at(id: number): number {
    const at = id === 0 ? undefined : this.offsets[id];
    return at ?? fail(`there is no type ${id}`);
  }

  private kindAt(at: number): number {
    return (this.u32(at + 4) >>> 24) & 0x1f;
  }

  private u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  private text(offset: number): string {
    const start = this.textStart + offset;
    const end = this.bytes.indexOf(0, start);
    if (start >= this.textEnd || end < 0 || end >= this.textEnd) fail('a BTF name is cut');
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, end - start).toString();
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function fail(what: string): never {
  throw new AbiError('ABI_MISMATCH', `the BPF object cannot be read: ${what}`, {
    hint: 'build the kernel side again (scripts/build-bpf.sh)',
  });
}
