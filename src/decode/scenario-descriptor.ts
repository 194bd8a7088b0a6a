// The descriptors of a scenario: what the kernel would say a number stands for.

import { object_flag, object_kind } from '../abi/layout.js';
import { AF_INET, AF_INET6 } from './call.js';
import { addressField, type Values } from './encode.js';
import type { Endpoint } from './network.js';

/** What a descriptor stands for; several numbers may share one, as after dup. */
export interface Descriptor {
  /** `enum object_kind`. */
  kind: number;
  /** As the kernel shows it; `undefined` for pipes and for sockets without a path. */
  path?: string;
  inode: number | bigint;
  dev: number;
  /** The kernel's `O_...`. */
  open_flags: number;
  /** `enum object_flag`. */
  flags: number;
  family: number;
  socket_type: number;
  protocol: number;
  local?: Endpoint;
  remote?: Endpoint;
}

/** A file or directory that was opened. */
export function fileDescriptor(path: string, open_flags = 0): Descriptor {
  const directory = (open_flags & O_DIRECTORY) !== 0 && (open_flags & O_TMPFILE) !== O_TMPFILE;
  const kind = directory ? object_kind.OBJECT_DIRECTORY : object_kind.OBJECT_FILE;
  return { ...EMPTY, kind, path, open_flags };
}

/** A directory as `fds` of a scenario lists it. */
export function directoryDescriptor(path: string): Descriptor {
  return fileDescriptor(path, O_DIRECTORY);
}

export function pipeDescriptor(): Descriptor {
  return { ...EMPTY, kind: object_kind.OBJECT_PIPE, inode: nextInode() };
}

/** Something without a file: `[eventfd]`, `bpf-prog`, ... */
export function anonymousDescriptor(name: string): Descriptor {
  return { ...EMPTY, kind: object_kind.OBJECT_ANON, path: name, inode: nextInode() };
}

export function memfdDescriptor(name: string): Descriptor {
  const path = `/memfd:${name}`;
  return { ...EMPTY, kind: object_kind.OBJECT_MEMFD, path, inode: nextInode() };
}

/**
 * A new socket.
 *
 * @param protocol 0: the one that the kernel chooses for the type
 */
export function socketDescriptor(family: number, type: number, protocol: number): Descriptor {
  const isInternet = family === AF_INET || family === AF_INET6;
  const chosen = protocol === 0 && isInternet ? (CHOSEN_PROTOCOL[type] ?? 0) : protocol;
  const socket = { family, socket_type: type, protocol: chosen, inode: nextInode() };
  return { ...EMPTY, kind: object_kind.OBJECT_SOCKET, ...socket };
}

/** A descriptor's part of a record, and its path. */
export function objectOf(
  descriptor: Descriptor,
  fd: number,
): { object: Values; path: string | undefined } {
  const { kind, inode, dev, open_flags, flags, family, socket_type, protocol } = descriptor;
  const { local, remote } = descriptor;
  const ends: Values = {
    local_port: local?.port ?? 0,
    remote_port: remote?.port ?? 0,
    local_address: addressField(wide(local?.address ?? '', family)),
    remote_address: addressField(wide(remote?.address ?? '', family)),
  };
  const what = { fd, kind, inode, dev, open_flags, flags, family, socket_type, protocol };
  return { object: { ...what, ...ends }, path: descriptor.path };
}

/** An address as a record of that family holds it: IPv4 in an IPv6 socket is mapped. */
export function wide(address: string, family: number): string {
  return family === AF_INET6 && address.length === 4 ? MAPPED_PREFIX + address : address;
}

/** Marks what a socket has become. */
export function mark(descriptor: Descriptor, flag: 'ACCEPTED' | 'CONNECTED' | 'BOUND'): void {
  descriptor.flags |= object_flag[`OBJECT_${flag}`];
}

const EMPTY: Descriptor = {
  kind: object_kind.OBJECT_NONE,
  inode: 0,
  dev: 0,
  open_flags: 0,
  flags: 0,
  family: 0,
  socket_type: 0,
  protocol: 0,
};

// Sockets are told apart by their inode.
let lastInode = 1000;

function nextInode(): number {
  lastInode += 1;
  return lastInode;
}

const CHOSEN_PROTOCOL: Readonly<Record<number, number>> = { 1: 6, 2: 17 }; // tcp, udp
const MAPPED_PREFIX = `${'\0'.repeat(10)}\xff\xff`;
const O_DIRECTORY = 0o200000;
const O_TMPFILE = 0o20200000;
