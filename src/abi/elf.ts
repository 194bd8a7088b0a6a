// Finds a section of an ELF object file in memory. Format: elf(5). Every length is checked.

import { AbiError } from '../errors.js';

const ELF_HEADER_BYTES = 64;
const SECTION_HEADER_BYTES = 64;
const MAX_SECTIONS = 4096;

/**
 * The bytes of a section of a 64-bit little-endian ELF object.
 *
 * @throws AbiError when there is none, or the object makes no sense
 */
export function elfSection(object: Uint8Array, wanted: string): Uint8Array {
  const view = new DataView(object.buffer, object.byteOffset, object.byteLength);
  const length = object.byteLength;
  if (length < ELF_HEADER_BYTES || view.getUint32(0) !== 0x7f454c46) fail('not an ELF object');
  if (view.getUint8(4) !== 2 || view.getUint8(5) !== 1) fail('not a 64-bit little-endian object');
  const table = safe(view.getBigUint64(0x28, true));
  const count = view.getUint16(0x3c, true);
  const nameSection = view.getUint16(0x3e, true);
  if (view.getUint16(0x3a, true) !== SECTION_HEADER_BYTES || count > MAX_SECTIONS) {
    fail('the section table makes no sense');
  }
  if (nameSection >= count || table + count * SECTION_HEADER_BYTES > length) {
    fail('the section table ends outside of the object');
  }
  const content = (index: number): Uint8Array => {
    const at = table + index * SECTION_HEADER_BYTES;
    const start = safe(view.getBigUint64(at + 0x18, true));
    const size = safe(view.getBigUint64(at + 0x20, true));
    if (start + size > length) fail(`section ${index} ends outside of the object`);
    return object.subarray(start, start + size);
  };
  const names = Buffer.from(content(nameSection));
  for (let index = 1; index < count; index++) {
    const start = view.getUint32(table + index * SECTION_HEADER_BYTES, true);
    if (names.subarray(start, start + wanted.length + 1).toString() === `${wanted}\0`) {
      return content(index);
    }
  }
  return fail(`the object has no ${wanted} section`);
}

function safe(value: bigint): number {
  return value > 0xffff_ffffn ? fail('an offset leaves the object') : Number(value);
}

function fail(what: string): never {
  throw new AbiError('ABI_MISMATCH', `the BPF object cannot be read: ${what}`, {
    hint: 'build the kernel side again (scripts/build-bpf.sh)',
  });
}
