// Entries of the kernel filter's maps as bytes, see its structs in bpf/abi.h.

import { cgroup_key, path_key } from '../abi/layout.js';
import type { ClauseBits } from './kernel-plan.js';

/** Tables of the filter that are arrays in memory which hooks share with us, see bpf/filter_tables.h. */
export const TABLE_ARRAYS: ReadonlySet<string> = new Set(['types', 'sets', 'heads', 'needles']);

/** All tables of the filter, arrays and maps, in the order in which they are written. */
export const TABLE_MAPS = [
  'sets',
  'needles',
  'heads',
  'integers',
  'comms',
  'paths',
  'lasts',
  'addresses',
  'types',
] as const;
export type TableMap = (typeof TABLE_MAPS)[number];

/** Entries for one map; the n-th key belongs to the n-th value. */
export interface Entries {
  readonly keys: Buffer[];
  readonly values: Buffer[];
}

/** The key and value of map cgroups for a slot. */
export function cgroupEntry(slot: number, cgroup_id: bigint, bits: ClauseBits): [Buffer, Buffer] {
  const key = Buffer.alloc(cgroup_key.size);
  key.writeBigUInt64LE(cgroup_id, cgroup_key.cgroup_id);
  key.writeUInt32LE(slot, cgroup_key.slot);
  return [key, bytesOf(bits)];
}

/** A set as the kernel keeps it. */
export function bytesOf(bits: ClauseBits): Buffer {
  return Buffer.from(bits.buffer, bits.byteOffset, bits.byteLength);
}

/** A u32 in a buffer of its own. */
export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** `struct path_key` or `last_key`: all of the text is compared. */
export function trieKey(size: number, table: number, textAt: number, text: string): Buffer {
  const key = Buffer.alloc(size);
  key.writeUInt32LE(TABLE_BITS + 8 * text.length, path_key.prefix_bits);
  key.writeUInt32LE(table, path_key.table);
  key.write(text, textAt, 'latin1');
  return key;
}

/** The number of the table is part of a trie's key. */
export const TABLE_BITS = 32;
