// Addresses and the two ends of a socket: who is client, who is server, and how that is written.

import { object_kind } from '../abi/layout.js';
import { addressText } from './address.js';
import { AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, type CallCursor } from './call.js';
import type { Event } from './event.js';

/** One end of a connection; the address is 4 or 16 bytes. */
export interface Endpoint {
  address: string;
  port: number;
}

/** What the ends of a socket are to each other, as far as it is known. */
export interface Ends {
  client: Endpoint | undefined;
  server: Endpoint | undefined;
  /** Whether the process that owns the descriptor is the server. */
  is_server: boolean;
}

/** `ip:port` of one end. */
export function endpointText(end: Endpoint): string {
  return `${addressText(end.address)}:${end.port}`;
}

/**
 * Finds out which end is the client.
 *
 * The side that connected is the client, the side that accepted or was bound by its owner is the
 * server; a datagram socket that nobody bound is the client of whoever it sends to.
 *
 * @returns `undefined` where the role is not known: no IP socket, or neither connected nor bound.
 */
export function socketEnds(event: Event): Ends | undefined {
  const call = event.call;
  if (call === undefined || !isInternet(call)) return undefined;
  const group = groupOf(event.type);
  const local = { address: call.local_address, port: call.local_port };
  if (group === Group.CONNECT) {
    return call.is_attempt || connectWorked(call.ret)
      ? ends(local, peerOf(call), false)
      : undefined;
  }
  if (call.is_attempt && event.type === BIND && call.given_family !== 0)
    return {
      client: undefined,
      server: givenEnd(call),
      is_server: true,
    };
  if (call.is_accepted || group === Group.ACCEPT) {
    return ends(remoteOf(call), local, true);
  }
  if (call.is_connected) return ends(local, remoteOf(call), false);
  if (isTransfer(group) && call.given_family !== 0) {
    const peer = givenEnd(call);
    return call.is_bound ? ends(peer, local, true) : ends(local, peer, false);
  }
  if (call.is_bound) return { client: undefined, server: local, is_server: true };
  return undefined;
}

/** `4`, `6` or `undefined` for what is not an IP socket; IPv4-mapped sockets count as IPv4. */
export function internetVersion(call: CallCursor): 4 | 6 | undefined {
  if (!isInternet(call)) return undefined;
  if (call.family === AF_INET) return 4;
  const remote = call.remote_address;
  if (remote.length === 4) return 4;
  return call.given_family === AF_INET6 && call.given_address.length === 4 ? 4 : 6;
}

/** The name of a socket as `fd.name` shows it; empty while it has none. */
export function socketName(event: Event): string {
  const call = event.call;
  if (call === undefined) return '';
  if (call.family === AF_UNIX) return unixName(call);
  const found = socketEnds(event);
  if (found?.server === undefined) return '';
  if (found.client === undefined) return endpointText(found.server);
  return `${endpointText(found.client)}->${endpointText(found.server)}`;
}

/**
 * The ends that a failed connect would have had; `undefined` for other calls, and where the socket has
 * no port of its own any more. The socket has no name then: `fd.name` shows what was tried.
 */
export function refusedTuple(event: Event): string | undefined {
  const call = event.call;
  if (call === undefined || groupOf(event.type) !== Group.CONNECT) return undefined;
  if (!isInternet(call) || call.is_attempt || connectWorked(call.ret)) return undefined;
  if (call.local_port === 0 || call.given_family === 0) return undefined;
  const local = { address: call.local_address, port: call.local_port };
  return `${endpointText(local)}->${endpointText(givenEnd(call))}`;
}

/** `tcp`, `udp`, `icmp` or `raw`; `undefined` where neither protocol nor type says which. */
export function transportName(call: CallCursor): string | undefined {
  if (call.socket_type === SOCK_RAW) return 'raw';
  switch (call.protocol) {
    case IPPROTO_TCP:
      return 'tcp';
    case IPPROTO_UDP:
      return 'udp';
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return 'icmp';
    default:
      return call.protocol === IPPROTO_RAW ? 'raw' : undefined;
  }
}

/** Whether the descriptor is an IP socket. */
export function isInternet(call: CallCursor): boolean {
  return (
    call.object_kind === object_kind.OBJECT_SOCKET &&
    (call.family === AF_INET || call.family === AF_INET6)
  );
}

/** Whether a connect began to work: done, or going on. */
export function connectWorked(ret: number | bigint): boolean {
  return ret === 0 || ret === -EINPROGRESS;
}

/** `fd.type` of a socket and its letter in `fd.typechar`. */
export function socketType(call: CallCursor): readonly [name: string, letter: string] | undefined {
  switch (call.family) {
    case AF_INET:
    case AF_INET6:
      return internetVersion(call) === 4 ? ['ipv4', '4'] : ['ipv6', '6'];
    case AF_UNIX:
      return ['unix', 'u'];
    case AF_NETLINK:
      return ['netlink', 'n'];
    default:
      return undefined;
  }
}

/** What a network call does, as far as the ends of the socket are concerned. */
export enum Group {
  NONE = 0,
  ACCEPT = 1,
  CONNECT = 2,
  SEND = 3,
  RECEIVE = 4,
}

/** The group of an event type; reads and writes of any descriptor count as transfers too. */
export function groupOf(type: number): Group {
  return GROUPS[type] ?? Group.NONE;
}

/** Whether bytes went over the descriptor. */
export function isTransfer(group: Group): boolean {
  return group === Group.SEND || group === Group.RECEIVE;
}

function ends(client: Endpoint, server: Endpoint, is_server: boolean): Ends {
  // A wildcard local address beside an IPv4 peer is IPv4 too: the socket is a mapped one.
  if (client.address.length === 4 && server.address === ANY_16) server.address = ANY_4;
  if (server.address.length === 4 && client.address === ANY_16) client.address = ANY_4;
  return { client, server, is_server };
}

function remoteOf(call: CallCursor): Endpoint {
  return { address: call.remote_address, port: call.remote_port };
}

// A connect that is still going on has its peer in the socket already; the address the caller
// gave is the second choice because it comes from the caller's memory.
function peerOf(call: CallCursor): Endpoint {
  const remote = remoteOf(call);
  return remote.port !== 0 || call.given_family === 0 ? remote : givenEnd(call);
}

function givenEnd(call: CallCursor): Endpoint {
  return { address: call.given_address, port: call.given_port };
}

function unixName(call: CallCursor): string {
  const path = call.path ?? call.claimed;
  if (path === undefined || path === '') return '';
  return `${call.sock.toString(16)}->${call.peer_sock.toString(16)} ${path}`;
}

const BIND = 49; // native number, as those below
const ANY_16 = '\0'.repeat(16);
const ANY_4 = '\0'.repeat(4);
const EINPROGRESS = 115;
const SOCK_RAW = 3;
const IPPROTO_ICMP = 1;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPPROTO_ICMPV6 = 58;
const IPPROTO_RAW = 255;

// Native x86_64 numbers: read, write, pread64, pwrite64, readv, writev, sendfile, sendto,
// recvfrom, sendmsg, recvmsg, preadv, pwritev, recvmmsg, sendmmsg, preadv2, pwritev2.
const GROUPS: Record<number, Group> = {
  0: Group.RECEIVE,
  1: Group.SEND,
  17: Group.RECEIVE,
  18: Group.SEND,
  19: Group.RECEIVE,
  20: Group.SEND,
  40: Group.SEND,
  42: Group.CONNECT,
  43: Group.ACCEPT,
  44: Group.SEND,
  45: Group.RECEIVE,
  46: Group.SEND,
  47: Group.RECEIVE,
  288: Group.ACCEPT,
  295: Group.RECEIVE,
  296: Group.SEND,
  299: Group.RECEIVE,
  307: Group.SEND,
  327: Group.RECEIVE,
  328: Group.SEND,
};
