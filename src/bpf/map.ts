// One BPF map: get, put, delete, walk, and sums over the CPUs.

import { BpfError } from '../errors.js';
import { errnoNumber, nativeError } from './errno.js';
import { libbpf, type Pointer } from './libbpf.js';
import { type Mapping, mapMemory, pageBytes, protection } from './libc.js';

/** Map types we meet (enum bpf_map_type). */
export const map_type = {
  HASH: 1,
  ARRAY: 2,
  PROG_ARRAY: 3,
  PERCPU_HASH: 5,
  PERCPU_ARRAY: 6,
  LRU_HASH: 9,
  LPM_TRIE: 11,
  RINGBUF: 27,
  TASK_STORAGE: 29,
} as const;

const ENOENT = errnoNumber('ENOENT');

/** What the kernel says of a map. */
export interface MapShape {
  readonly name: string;
  readonly fd: number;
  readonly type: number;
  readonly key_bytes: number;
  readonly value_bytes: number;
  readonly max_entries: number;
}

/**
 * A map of a loaded object; its descriptor belongs to the object and closes with it.
 *
 * Keys and values are bytes: their layout is the caller's, from abi/layout.ts. Buffers are passed to
 * the kernel as they are, so a caller that keeps one pays for no allocation.
 */
export class BpfMap {
  readonly name: string;
  readonly fd: number;
  readonly type: number;
  readonly key_bytes: number;
  readonly value_bytes: number;
  readonly max_entries: number;

  /** @param from a map of an object, or one that has only a descriptor */
  constructor(from: Pointer | MapShape) {
    if (typeof from !== 'bigint') {
      this.name = from.name;
      this.fd = from.fd;
      this.type = from.type;
      this.key_bytes = from.key_bytes;
      this.value_bytes = from.value_bytes;
      this.max_entries = from.max_entries;
      return;
    }
    const pointer = from;
    const library = libbpf();
    this.name = library.bpf_map__name(pointer);
    this.fd = library.bpf_map__fd(pointer);
    this.type = library.bpf_map__type(pointer);
    this.key_bytes = library.bpf_map__key_size(pointer);
    this.value_bytes = library.bpf_map__value_size(pointer);
    this.max_entries = library.bpf_map__max_entries(pointer);
    if (this.fd < 0) throw new BpfError('BPF_MAP', `map ${this.name} was not created`);
  }

  /** Bytes of a value as the kernel copies it out: one per possible CPU in the per-CPU types. */
  get transfer_bytes(): number {
    const perCpu = this.type === map_type.PERCPU_ARRAY || this.type === map_type.PERCPU_HASH;
    return perCpu ? roundUp(this.value_bytes, 8) * possibleCpus() : this.value_bytes;
  }

  /**
   * Reads the value of `key` into `value`.
   *
   * @returns false when there is none
   * @throws BpfError on any other failure, or when a buffer is too short
   */
  get(key: Uint8Array, value: Uint8Array): boolean {
    this.check(key, value);
    const result = libbpf().bpf_map_lookup_elem(this.fd, key, value);
    if (result === 0) return true;
    if (result === -(ENOENT ?? 0)) return false;
    throw nativeError('BPF_MAP', `read of map ${this.name}`, result);
  }

  /** Writes one entry. @throws BpfError when the map is full or the write is refused. */
  put(key: Uint8Array, value: Uint8Array): void {
    this.check(key, value);
    const result = libbpf().bpf_map_update_elem(this.fd, key, value, 0);
    if (result < 0) throw nativeError('BPF_MAP', `write to map ${this.name}`, result);
  }

  /** As `put`, and false instead of an error when the map has no room left. */
  tryPut(key: Uint8Array, value: Uint8Array): boolean {
    this.check(key, value);
    const result = libbpf().bpf_map_update_elem(this.fd, key, value, 0);
    if (result === 0) return true;
    if (FULL.has(-result)) return false;
    throw nativeError('BPF_MAP', `write to map ${this.name}`, result);
  }

  /** Removes one entry; false when there was none. */
  delete(key: Uint8Array): boolean {
    this.check(key, undefined);
    const result = libbpf().bpf_map_delete_elem(this.fd, key);
    if (result === 0) return true;
    if (result === -(ENOENT ?? 0)) return false;
    throw nativeError('BPF_MAP', `delete from map ${this.name}`, result);
  }

  /**
   * Hands out each key, as a fresh buffer. Entries that come or go meanwhile may be missed or seen
   * twice (the kernel starts over when the key it stood at is gone), so at most twice `max_entries`.
   */
  *walk(): Generator<Buffer, void, undefined> {
    let previous: Buffer | null = null;
    for (let steps = 0; steps < 2 * this.max_entries; steps++) {
      const next = Buffer.alloc(this.key_bytes);
      const result: number = libbpf().bpf_map_get_next_key(this.fd, previous, next);
      if (result === -(ENOENT ?? 0)) return;
      if (result < 0) throw nativeError('BPF_MAP', `walk of map ${this.name}`, result);
      yield next;
      previous = next;
    }
  }

  /**
   * Reads all entries of an array in one system call.
   *
   * @param values `transfer_bytes` for each of `max_entries`, in the order of the keys
   * @returns false where this kernel cannot (before 5.13 for per-CPU arrays); then nothing was read
   */
  getAll(values: Uint8Array): boolean {
    if (values.byteLength < this.transfer_bytes * this.max_entries) {
      throw new BpfError('BPF_MAP', `map ${this.name}: room for all values is short`);
    }
    const keys = Buffer.alloc(this.key_bytes * this.max_entries);
    const next = Buffer.alloc(Math.max(4, this.key_bytes));
    const result = libbpf().bpf_map_lookup_batch(
      this.fd,
      null,
      next,
      keys,
      values,
      u32Key(this.max_entries),
      null,
    );
    // ENOENT says that the end was reached.
    return result === 0 || result === -(ENOENT ?? 0);
  }

  /**
   * Writes entries that lie one after the other, in one system call where the kernel can.
   *
   * @throws BpfError when the map is full or a write is refused; entries before it are written
   */
  putAll(keys: Uint8Array, values: Uint8Array): void {
    const count = this.countOf(keys);
    if (values.byteLength < count * this.transfer_bytes) {
      throw new BpfError('BPF_MAP', `map ${this.name}: values for ${count} keys are short`);
    }
    if (count === 0) return;
    const result = libbpf().bpf_map_update_batch(this.fd, keys, values, u32Key(count), null);
    if (result === 0) return;
    if (!NO_BATCH.has(-result)) throw nativeError('BPF_MAP', `write to map ${this.name}`, result);
    for (let i = 0; i < count; i++) {
      const value = values.subarray(i * this.transfer_bytes, (i + 1) * this.transfer_bytes);
      this.put(keys.subarray(i * this.key_bytes, (i + 1) * this.key_bytes), value);
    }
  }

  /** Removes entries whose keys lie one after the other; keys that have none are passed over. */
  deleteAll(keys: Uint8Array): void {
    const count = this.countOf(keys);
    if (count === 0) return;
    if (libbpf().bpf_map_delete_batch(this.fd, keys, u32Key(count), null) === 0) return;
    for (let i = 0; i < count; i++) {
      this.delete(keys.subarray(i * this.key_bytes, (i + 1) * this.key_bytes));
    }
  }

  /** The memory of a BPF_F_MMAPABLE array: read and written without system calls. */
  memory(): Mapping {
    const bytes = roundUp(roundUp(this.value_bytes, 8) * this.max_entries, pageBytes());
    return mapMemory(this.fd, bytes, protection.read | protection.write, 0);
  }

  private countOf(keys: Uint8Array): number {
    const count = keys.byteLength / this.key_bytes;
    if (!Number.isInteger(count)) {
      throw new BpfError('BPF_MAP', `map ${this.name}: ${keys.byteLength} bytes are no whole keys`);
    }
    return count;
  }

  private check(key: Uint8Array, value: Uint8Array | undefined): void {
    // The kernel copies these many bytes whatever the buffer's size is.
    if (key.byteLength < this.key_bytes) {
      throw new BpfError('BPF_MAP', `map ${this.name}: a key of ${key.byteLength} bytes is short`);
    }
    if (value !== undefined && value.byteLength < this.transfer_bytes) {
      throw new BpfError(
        'BPF_MAP',
        `map ${this.name}: ${value.byteLength} bytes of value are short`,
      );
    }
  }
}

/** A u32 as a map key, in a buffer of its own. */
export function u32Key(value: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32LE(value);
  return key;
}

/** How many CPUs the kernel may ever bring up: the number of values of a per-CPU map. */
export function possibleCpus(): number {
  cpus ??= libbpf().libbpf_num_possible_cpus();
  if (cpus < 0) throw nativeError('BPF_MAP', 'number of possible CPUs', cpus);
  return cpus;
}

const FULL = new Set([errnoNumber('E2BIG'), errnoNumber('ENOSPC'), errnoNumber('ENOMEM')]);
/** A kernel that cannot write this type of map in batches: EINVAL, or ENOTSUPP, which has no name. */
const NO_BATCH = new Set([errnoNumber('EINVAL'), 524]);
let cpus: number | undefined;

function roundUp(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit;
}
