// Readers of fd.* that are about the ends of a socket.

import { AF_INET6, AF_UNIX, type CallCursor } from './call.js';
import { descriptorEntry, isOpenOrCreat } from './descriptors.js';
import { type Event, NOT_AVAILABLE, type Reader } from './event.js';
import {
  connectWorked,
  type Endpoint,
  Group,
  groupOf,
  isInternet,
  isTransfer,
  socketEnds,
  transportName,
} from './network.js';

/** Readers by field name. The networks (`fd.snet`) read the address that is compared. */
export const SOCKET_READERS: Readonly<Record<string, Reader>> = {
  'fd.ip': (event) => bothSides(event)?.map((end) => end.address),
  'fd.net': (event) => bothSides(event)?.map((end) => end.address),
  'fd.port': (event) => bothSides(event)?.map((end) => end.port),
  'fd.cip': (event) => client(event)?.address,
  'fd.sip': (event) => server(event)?.address,
  'fd.lip': (event) => local(event)?.address,
  'fd.rip': (event) => remote(event)?.address,
  'fd.cnet': (event) => client(event)?.address,
  'fd.snet': (event) => server(event)?.address,
  'fd.lnet': (event) => local(event)?.address,
  'fd.rnet': (event) => remote(event)?.address,
  'fd.cip.name': (event) => namesOf(event, client(event)),
  'fd.sip.name': (event) => namesOf(event, server(event)),
  'fd.lip.name': (event) => namesOf(event, local(event)),
  'fd.rip.name': (event) => namesOf(event, remote(event)),
  'fd.cport': (event) => client(event)?.port,
  'fd.sport': (event) => server(event)?.port,
  'fd.lport': (event) => local(event)?.port,
  'fd.rport': (event) => remote(event)?.port,
  // Falco looks services up only when it is told to, so these are the numbers as text.
  'fd.proto': (event) => bothSides(event)?.map((end) => end.port),
  'fd.cproto': (event) => portText(client(event)),
  'fd.sproto': (event) => portText(server(event)),
  'fd.lproto': (event) => portText(local(event)),
  'fd.rproto': (event) => portText(remote(event)),
  'fd.l4proto': (event) => {
    const call = descriptorEntry(event);
    if (call === undefined) return undefined;
    if (!isInternet(call) || ends(event) === undefined) return NOT_AVAILABLE;
    return transportName(call) ?? NOT_AVAILABLE;
  },
  'fd.sockfamily': (event) => {
    const call = descriptorEntry(event);
    if (call === undefined) return undefined;
    if (isInternet(call)) return 'ip';
    return call.family === AF_UNIX ? 'unix' : undefined;
  },
  'fd.is_server': (event) => {
    if (descriptorEntry(event) === undefined) return undefined;
    return ends(event)?.is_server === true;
  },
  'fd.connected': connected,
  'fd.name_changed': nameChanged,
};

function ends(event: Event) {
  return descriptorEntry(event) === undefined ? undefined : socketEnds(event);
}

function client(event: Event): Endpoint | undefined {
  return ends(event)?.client;
}

function server(event: Event): Endpoint | undefined {
  return ends(event)?.server;
}

// Falco's way: the client is the local side if its address is one of this host's, else the server.
function local(event: Event): Endpoint | undefined {
  const found = ends(event);
  if (found?.client === undefined) return undefined;
  return event.surroundings.isLocalAddress(found.client.address) ? found.client : found.server;
}

function remote(event: Event): Endpoint | undefined {
  const found = ends(event);
  if (found?.client === undefined) return undefined;
  return event.surroundings.isLocalAddress(found.client.address) ? found.server : found.client;
}

// An address without a name is a present value without elements: it differs from every name.
function namesOf(event: Event, end: Endpoint | undefined): readonly string[] | undefined {
  return end && event.surroundings.hostNames(end.address);
}

function portText(end: Endpoint | undefined): string | undefined {
  return end === undefined || end.port === 0 ? undefined : String(end.port);
}

// These ignore the role: a socket whose ends are not known compares as address 0 and port 0.
function bothSides(event: Event): Endpoint[] | undefined {
  const call = descriptorEntry(event);
  if (call === undefined || !isInternet(call)) return undefined;
  const found = socketEnds(event);
  if (found === undefined) {
    const none = { address: call.family === AF_INET6 ? ANY_16 : ANY_4, port: 0 };
    return [none, none];
  }
  if (found.server === undefined) return undefined;
  return found.client === undefined ? [found.server] : [found.client, found.server];
}

function connected(event: Event): boolean | undefined {
  const call = descriptorEntry(event);
  if (call === undefined) return undefined;
  const group = groupOf(event.type);
  if (!isInternet(call)) return call.is_connected || (group === Group.CONNECT && call.ret === 0);
  if (group === Group.CONNECT) return connectWorked(call.ret);
  if (group === Group.ACCEPT) return call.ret >= 0;
  if (call.is_connected || call.is_accepted) return true;
  // Falco counts a socket as connected after any transfer on it, except the first datagram of a
  // socket that its owner bound.
  return isTransfer(group) && call.ret >= 0 && !(isBoundDatagram(call) && event.peer_changed);
}

function nameChanged(event: Event): boolean | undefined {
  const call = descriptorEntry(event);
  if (call === undefined) return undefined;
  switch (groupOf(event.type)) {
    case Group.CONNECT:
      return connectWorked(call.ret);
    case Group.ACCEPT:
      return call.ret >= 0;
    case Group.SEND:
    case Group.RECEIVE:
      return event.peer_changed;
    case Group.NONE:
      return isOpenOrCreat(event.type) && call.ret >= 0;
  }
}

function isBoundDatagram(call: CallCursor): boolean {
  return call.is_bound && call.given_family !== 0;
}

const ANY_4 = '\0'.repeat(4);
const ANY_16 = '\0'.repeat(16);
