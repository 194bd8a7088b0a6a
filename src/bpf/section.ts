// Arrays that are variables of an object (section .bss): hooks have their addresses, and we their memory.

import type { Btf } from '../abi/btf.js';
import { BpfError } from '../errors.js';
import type { Mapping } from './libc.js';
import type { BpfMap } from './map.js';

/** Is this the map of an object's variables? Its name begins with that of the object. */
export const isVariables = (map: string): boolean => map.endsWith('.bss');

/** An array with numbers for keys, which is written without system calls. */
export class SectionArray {
  constructor(
    readonly name: string,
    readonly max_entries: number,
    readonly value_bytes: number,
    /** All entries; while the object is open. */
    private readonly memory: Uint8Array,
  ) {}

  /**
   * Writes one entry. Hooks that run meanwhile may see a part of it.
   *
   * @throws BpfError when there is no such entry, or the value is not one
   */
  put(index: number, value: Uint8Array): void {
    const { name, max_entries, value_bytes } = this;
    const isThere = Number.isInteger(index) && index >= 0 && index < max_entries;
    if (!isThere || value.byteLength !== value_bytes) {
      const what = `array ${name}: entry ${index} of ${value.byteLength} bytes`;
      throw new BpfError('BPF_MAP', `${what}; it has ${max_entries} of ${value_bytes}`);
    }
    this.memory.set(value, index * value_bytes);
  }
}

/** The arrays of an object that is loaded. */
export class Section {
  private readonly arrays = new Map<string, SectionArray>();
  private readonly memory: Mapping;

  constructor(
    private readonly map: BpfMap,
    private readonly btf: Btf,
  ) {
    this.memory = map.memory();
  }

  /** @throws BpfError when the object has no such array */
  array(name: string): SectionArray {
    const known = this.arrays.get(name);
    if (known !== undefined) return known;
    const place = this.btf.sectionVariable('.bss', name);
    const type = place && this.btf.resolve(place.type);
    if (
      place === undefined ||
      type?.kind !== 'array' ||
      place.offset + place.size > this.map.value_bytes
    )
      throw new BpfError('BPF_MAP', `the object has no array ${name}`);
    const bytes = this.memory.bytes;
    const array = new SectionArray(
      name,
      type.count,
      place.size / type.count,
      new Uint8Array(bytes, place.offset, place.size),
    );
    this.arrays.set(name, array);
    return array;
  }

  /** Gives the memory back. May be called twice. */
  close(): void {
    this.memory.close();
  }
}
