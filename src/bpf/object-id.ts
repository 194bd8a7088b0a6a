// Numbers that the kernel gives to maps, programs and links, by which others may ask for them.

import { nativeError } from './errno.js';
import { addressOf, bpfCall } from './libc.js';

const OBJ_GET_INFO_BY_FD = 15;
/** Of struct bpf_map_info, bpf_prog_info and bpf_link_info: type, then id, in all three. */
const ID_AT = 4;
const INFO_BYTES = 8;

/**
 * The number of the map, program or link behind a descriptor.
 *
 * @throws BpfError when it is none of these
 */
export function objectId(fd: number): number {
  const info = Buffer.alloc(INFO_BYTES);
  const attributes = Buffer.alloc(16);
  attributes.writeUInt32LE(fd, 0);
  attributes.writeUInt32LE(info.length, 4);
  attributes.writeBigUInt64LE(addressOf(info), 8);
  const result = bpfCall(OBJ_GET_INFO_BY_FD, attributes);
  if (result < 0)
    throw nativeError('BPF_MAP', `number of the object behind descriptor ${fd}`, result);
  return info.readUInt32LE(ID_AT);
}
