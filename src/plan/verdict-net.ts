// Verdicts on sockets and numbers: which tests the kernel decides of an operation that is about to be
// done, and the sets of clauses for what it finds.

import { object_kind, socket_transport, socket_version, verdict_operation } from '../abi/layout.js';
import type { Check, FieldRef } from '../rules/ast.js';
import type { Network } from '../rules/values.js';
import { maskedTo, networksIn, sizeOf, witness } from './addresses.js';
import { paramOf } from './dimensions.js';
import type { Atom } from './kleene.js';
import { constants } from './listed.js';
import { OPERATIONS, type Operation, operationOf } from './operations.js';
import type { CallFacts, SyntheticCall } from './synthetic.js';
import { isNamed, valuesIn } from './verdict-arguments.js';
import { bitsOfCall, checksOf, type VerdictBits, type VerdictEntry } from './verdict-bits.js';
import type { VerdictClause } from './verdict-clause.js';
import { isEquality, type Part, type PartKind, refused } from './verdict-part.js';

/** Sets by the address and the port of one end. */
export interface VerdictEnd {
  readonly networks: readonly { readonly network: Network; readonly bits: VerdictBits }[];
  readonly other_v4: VerdictBits;
  readonly other_v6: VerdictBits;
  readonly no_address: VerdictBits;
  readonly ports: ReadonlyMap<number, VerdictBits>;
  readonly other_port: VerdictBits;
  readonly no_port: VerdictBits;
}

/** Sets by the number of an operation. */
export interface VerdictNumbers {
  readonly values: ReadonlyMap<number, VerdictBits>;
  readonly other: VerdictBits;
}

/** What is decided by sockets and numbers. */
export interface VerdictNets {
  /** By version * SOCKET_TRANSPORTS + transport. */
  readonly sockets: readonly VerdictBits[];
  readonly server: VerdictEnd;
  readonly remote: VerdictEnd;
  /** By operation. */
  readonly numbers: ReadonlyMap<number, VerdictNumbers>;
}

/** On what a test of a socket or of a number rests; `undefined` when it is about something else. */
export function netPart(
  field: FieldRef,
  check: Check,
  operation: Operation,
  type: number,
): Part | undefined {
  const { name } = field;
  const parameter = paramOf(field, type)?.name;
  if (operation.parameter !== undefined && parameter === operation.parameter)
    return isNamed(field) && isEquality(check) && valuesIn(check, type) !== undefined
      ? { kind: 'number' }
      : refused('the kernel decides whole numbers and names (=, in, !=) of a named argument');
  if (!operation.hasSocket) return undefined;
  if (/^fd\.(type|typechar|sockfamily)$/.test(name)) return { kind: 'socket' };
  if (operation.ends === 'none') return undefined;
  if (name === 'fd.l4proto') return { kind: 'socket' };
  const [, side, what] = /^fd\.([cslr]?)(ip|net|port)$/.exec(name) ?? [];
  if (side === undefined) return undefined;
  if (operation.ends === 'told' && side !== 's')
    return refused(
      'of a call that was done the kernel knows the server: fd.sip, fd.snet, fd.sport',
    );
  const isServer = side === 's' || (side === '' && operation.ends === 'server');
  if (!isServer && (side !== 'r' || operation.ends === 'server'))
    return refused(
      operation.ends === 'server'
        ? 'before this only the own end is known: fd.sip, fd.snet, fd.sport'
        : 'before this only the other end is known: fd.sip, fd.snet, fd.sport (or fd.rip, fd.rnet, fd.rport)',
    );
  if (!isEquality(check)) return refused('the kernel decides single values (=, in, !=)');
  const kind = isServer ? 'server' : 'remote';
  return { kind: what === 'port' ? `${kind}_port` : kind };
}

/** The sets of all clauses. */
export function verdictNets(
  entriesOf: (kind: PartKind) => VerdictEntry[],
  atoms: readonly Atom[],
  all: VerdictBits,
  calls: SyntheticCall,
): VerdictNets {
  const bits = (kind: PartKind, type: number, facts: CallFacts): VerdictBits =>
    bitsOfCall(entriesOf(kind), all, atoms, calls, type, facts);
  const checksIn = (kind: PartKind): Check[] => checksOf(entriesOf(kind), atoms);
  const end = (kind: 'server' | 'remote'): VerdictEnd => {
    const listed = distinct(checksIn(kind).flatMap((check) => networksIn(check)));
    const at = (address: string | undefined): VerdictBits =>
      address === undefined ? 0n : bits(kind, CONNECT, withEnds(address, SOME_PORT));
    const port = (number: number): VerdictBits =>
      bits(`${kind}_port`, CONNECT, withEnds(SOME_V4, number));
    const ports = new Set(
      checksIn(`${kind}_port`).flatMap((check) => constants(check).map(Number)),
    );
    let other = SOME_PORT;
    while (ports.has(other)) other += 1;
    return {
      networks: listed.map((network) => ({
        network,
        bits: at(
          network.bits === 8 * network.address.length
            ? network.address
            : witness(network, sizeOf(network), listed),
        ),
      })),
      other_v4: at(witness(undefined, 4, listed)),
      other_v6: at(witness(undefined, 16, listed)),
      no_address: bits(kind, CONNECT, socket(AF_UNIX)),
      ports: new Map(
        [...ports].filter((one) => one >= 0 && one < 65_536).map((one) => [one, port(one)]),
      ),
      other_port: port(other),
      no_port: bits(`${kind}_port`, CONNECT, socket(AF_UNIX)),
    };
  };
  const numbers = new Map<number, VerdictNumbers>();
  for (const operation of OPERATIONS) {
    const [type] = operation.types;
    if (operation.parameter === undefined || type === undefined) continue;
    const values = new Set(checksIn('number').flatMap((check) => valuesIn(check, type) ?? []));
    const at = (value: number): VerdictBits =>
      bits('number', type, { args: Array.from({ length: 6 }, () => BigInt(value)) });
    let other = 0x5a5;
    while (values.has(other)) other += 1;
    numbers.set(operation.number, {
      values: new Map([...values].map((value) => [value, at(value)])),
      other: at(other),
    });
  }
  return {
    sockets: SOCKETS.map((facts) => bits('socket', CONNECT, facts)),
    server: end('server'),
    remote: end('remote'),
    numbers,
  };
}

/**
 * The clauses that need LSM hooks. What is sent over a connected socket no hook of a cgroup sees: without the
 * clause's connect it could be.
 */
export function lsmBits(clauses: readonly VerdictClause[], net: VerdictNets): VerdictBits {
  const notInternet = otherThanInternet(net);
  const families = otherFamilies(net);
  let bits = 0n;
  for (const [at, { action, operations }] of clauses.entries()) {
    if (action === 'kill') continue;
    const bit = 1n << BigInt(at);
    const needs = [...operations].some((number) => {
      if ((operationOf(number)?.withoutLsm.length ?? 0) === 0) return true;
      if (number === verdict_operation.VERDICT_SOCKET) return (notInternet & families & bit) !== 0n;
      if (number === verdict_operation.VERDICT_SEND)
        if (!operations.has(verdict_operation.VERDICT_CONNECT)) return true;
      return (notInternet & bit) !== 0n;
    });
    if (needs) bits |= bit;
  }
  return bits;
}

// The clauses that may be about sockets which are not of the internet.
function otherThanInternet({ sockets, server, remote }: VerdictNets): VerdictBits {
  const others = sockets.reduce((sum, bits, at) => (isInternetClass(at) ? sum : sum | bits), 0n);
  return others & server.no_address & server.no_port & remote.no_address & remote.no_port;
}

// The clauses that may be about families of sockets other than AF_INET and AF_INET6.
function otherFamilies({ numbers }: VerdictNets): VerdictBits {
  const families = numbers.get(verdict_operation.VERDICT_SOCKET);
  if (families === undefined) return 0n;
  let bits = families.other;
  for (const [family, one] of families.values)
    if (family !== AF_INET && family !== AF_INET6) bits |= one;
  return bits;
}

function isInternetClass(at: number): boolean {
  const version = Math.floor(at / socket_transport.SOCKET_TRANSPORTS);
  return version === socket_version.SOCKET_V4 || version === socket_version.SOCKET_V6;
}

function distinct(networks: readonly Network[]): Network[] {
  const found = new Map<string, Network>();
  for (const { address, bits } of networks) {
    const masked = maskedTo(address, bits);
    found.set(`${masked}/${bits}`, { address: masked, bits });
  }
  return [...found.values()];
}

function socket(family: number, socket_type = SOCK_STREAM, protocol = 0): CallFacts {
  return { kind: object_kind.OBJECT_SOCKET, family, socket_type, protocol, ret: 0 };
}

// Both ends are the same: a test is about one of them, and of that the operation says which it is.
function withEnds(address: string, port: number): CallFacts {
  return {
    ...socket(address.length === 4 ? AF_INET : AF_INET6, SOCK_STREAM, IPPROTO_TCP),
    remote_address: address,
    local_address: address,
    remote_port: port,
    local_port: port,
  };
}

const CONNECT = 42; // native number
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const AF_VSOCK = 40;
const SOCK_STREAM = 1;
const SOCK_RAW = 3;
const IPPROTO_ICMP = 1;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPPROTO_SCTP = 132;
const SOME_PORT = 40_000;
const SOME_V4 = '\xc6\x33\x64\x09';
const SOME_V6 = `\x20\x01\x0d\xb8${'\0'.repeat(11)}\x09`;

/** By `enum socket_version`, then by `enum socket_transport`. */
const SOCKETS: readonly CallFacts[] = [AF_VSOCK, AF_INET, AF_INET6, AF_UNIX, AF_NETLINK].flatMap(
  (family) =>
    [
      [SOCK_STREAM, IPPROTO_SCTP],
      [SOCK_STREAM, IPPROTO_TCP],
      [SOCK_STREAM, IPPROTO_UDP],
      [SOCK_STREAM, IPPROTO_ICMP],
      [SOCK_RAW, IPPROTO_TCP],
    ].map(([type = 0, protocol = 0]) => {
      const address = family === AF_INET6 ? SOME_V6 : SOME_V4;
      const isInternet = family === AF_INET || family === AF_INET6;
      return isInternet
        ? { ...withEnds(address, SOME_PORT), family, socket_type: type, protocol }
        : socket(family, type, protocol);
    }),
);
