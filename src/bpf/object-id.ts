// What the kernel says of a map, a program or a link: its number, by which others may ask for it, and
// the shape of a map that was pinned by somebody else.

import { nativeError } from './errno.js';
import { addressOf, bpfCall } from './libc.js';
import { BpfMap } from './map.js';

const OBJ_GET_INFO_BY_FD = 15;

/** Of struct bpf_map_info, bpf_prog_info and bpf_link_info: type, then id, in all three. */
const ID_AT = 4;
const ID_BYTES = 8;

/** The rest is of struct bpf_map_info, linux/bpf.h. */
const KEY_SIZE_AT = 8;
const VALUE_SIZE_AT = 12;
const MAX_ENTRIES_AT = 16;
const MAP_BYTES = 20;

/**
 * The number of the map, program or link behind a descriptor.
 *
 * @throws BpfError when it is none of these
 */
export function objectId(fd: number): number {
  return askKernel(fd, ID_BYTES).readUInt32LE(ID_AT);
}

/**
 * A map of which there is only a descriptor, which stays the caller's.
 *
 * @throws BpfError when the kernel does not tell
 */
export function mapOfFd(name: string, fd: number): BpfMap {
  const info = askKernel(fd, MAP_BYTES);
  return new BpfMap({
    name,
    fd,
    type: info.readUInt32LE(0),
    key_bytes: info.readUInt32LE(KEY_SIZE_AT),
    value_bytes: info.readUInt32LE(VALUE_SIZE_AT),
    max_entries: info.readUInt32LE(MAX_ENTRIES_AT),
  });
}

function askKernel(fd: number, bytes: number): Buffer {
  const info = Buffer.alloc(bytes);
  const attributes = Buffer.alloc(16);
  attributes.writeUInt32LE(fd, 0);
  attributes.writeUInt32LE(info.length, 4);
  attributes.writeBigUInt64LE(addressOf(info), 8);
  const result = bpfCall(OBJ_GET_INFO_BY_FD, attributes);
  if (result < 0)
    throw nativeError('BPF_MAP', `the kernel on the object behind descriptor ${fd}`, result);
  return info;
}
