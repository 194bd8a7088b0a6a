// Tables of addresses: the networks that rules tell apart, at either end of a socket.

import { object_kind } from '../abi/layout.js';
import { Group, groupOf } from '../decode/network.js';
import type { Check } from '../rules/ast.js';
import { findField } from '../rules/fields.js';
import { type Network, parseAddress, parseNetwork } from '../rules/values.js';
import { sameBits } from './bits.js';
import { ClassBits } from './classes.js';
import type { AddressClass, AddressTable, ClauseBits } from './kernel-plan.js';
import { type Atom, Truth } from './kleene.js';
import { ACCEPTS, type CallInput, CONNECTS } from './results.js';
import { agreed, type CallFacts } from './synthetic.js';

export type Side = 'remote' | 'local';

/** By the address at one side; `undefined` when none makes a clause false. */
export function addressTable(input: CallInput, side: Side): AddressTable | undefined {
  const { type, entries, atoms, all, calls } = input;
  const mine = (atom: number): boolean => isAddressTest(atoms[atom], type, side);
  const classes = new ClassBits(entries, mine, all);
  if (classes.size === 0) return undefined;
  const networks = [...classes.atoms].flatMap((atom) => networksIn(atoms[atom]?.check));
  const listed = distinct(networks);
  const bitsOf = (inside: Network | undefined, size: 4 | 16): ClauseBits => {
    const address = witness(inside, size, listed);
    if (address === undefined) return all;
    const truths = agreed(classes.atoms, atoms, type, callsWith(side, address, listed), calls);
    return classes.bits((atom) => truths.get(atom) ?? Truth.UNKNOWN);
  };
  const classesOf = (size: 4 | 16): AddressClass[] =>
    listed
      .filter((network) => sizeOf(network) === size)
      .map((network) => ({
        address: network.address,
        prefix_bits: network.bits,
        // The wildcard of a mapped socket is shown as that of IPv4.
        bits: isWildcard6(network) ? all : bitsOf(network, size),
      }));
  const v6 = classesOf(16);
  if (!v6.some((one) => one.prefix_bits === 128 && one.address === ANY_16))
    v6.push({ address: ANY_16, prefix_bits: 128, bits: all });
  const table: AddressTable = {
    v4: classesOf(4),
    v6,
    other_v4: bitsOf(undefined, 4),
    other_v6: bitsOf(undefined, 16),
    none: all,
  };
  const found = [...table.v4, ...table.v6].map(({ bits }) => bits);
  const isIdle = [...found, table.other_v4, table.other_v6].every((bits) => sameBits(bits, all));
  return isIdle ? undefined : table;
}

/** More networks than this are not told apart. */
const MAX_NETWORKS = 4096;
const ANY_16 = '\0'.repeat(16);

// Which end the field shows: of a connect the peer is the server, of an accept the client; whoever it is,
// it is one of the two sides.
function isAddressTest(atom: Atom | undefined, type: number, side: Side): boolean {
  const check = atom?.check;
  if (check?.left.kind !== 'field' || check.right?.kind === 'transformer') return false;
  if (check.modifier !== undefined || check.left.argument !== undefined) return false;
  if (!['=', '==', '!=', 'in'].includes(check.operator)) return false;
  const shown = /^fd\.([cs]?)(ip|net)$/.exec(check.left.name)?.[1];
  if (shown === undefined) return false;
  if (networksIn(check).length > MAX_NETWORKS) return false;
  const isConnect = CONNECTS.has(type);
  if (shown === '') {
    const group = groupOf(type);
    return isConnect || ACCEPTS.has(type) || (side === 'remote' && isMessage(group, type));
  }
  if (!isConnect && !ACCEPTS.has(type)) return false;
  return (shown === 's') === ((side === 'remote') === isConnect);
}

function isMessage(group: Group, type: number): boolean {
  return (group === Group.SEND || group === Group.RECEIVE) && type !== SENDFILE;
}

const SENDFILE = 40;

/** The networks that a check compares with; an address is a network of itself. */
export function networksIn(check: Check | undefined): Network[] {
  const right = check?.right;
  if (check?.left.kind !== 'field' || right === undefined || right.kind === 'transformer')
    return [];
  const texts = right.kind === 'value' ? [right.value] : right.values;
  const isNetwork = findField(check.left.name)?.type === 'IPNET';
  return texts.flatMap((text) => {
    if (isNetwork) return parseNetwork(text) ?? [];
    const address = parseAddress(text);
    return address === undefined ? [] : { address, bits: address.length * 8 };
  });
}

function distinct(networks: readonly Network[]): Network[] {
  const found = new Map<string, Network>();
  for (const { address, bits } of networks) {
    const masked = { address: maskedTo(address, bits), bits };
    if (found.size < MAX_NETWORKS) found.set(`${masked.address}/${bits}`, masked);
  }
  return [...found.values()];
}

/** Some address of the class: inside of the network, outside of all listed ones that are smaller. */
export function witness(
  inside: Network | undefined,
  size: 4 | 16,
  listed: readonly Network[],
): string | undefined {
  const smaller = listed.filter(
    (network) =>
      sizeOf(network) === size &&
      (inside === undefined || (network.bits > inside.bits && contains(inside, network.address))),
  );
  const base =
    inside?.address ?? (size === 4 ? '\xc6\x33\x64\x09' : `\x20\x01\x0d\xb8${'\0'.repeat(11)}\x09`);
  const isFree = (one: string): boolean =>
    !isMapped(one) && one !== ANY_16 && !smaller.some((network) => contains(network, one));
  const next = flipped(base, 8 * size - 1); // :: itself stands for no address
  for (const one of [base, next])
    if (isFree(one) && (inside === undefined || contains(inside, one))) return one;
  for (const network of smaller)
    for (let bit = inside?.bits ?? 0; bit < network.bits; bit += 1) {
      const candidate = flipped(network.address, bit);
      if (isFree(candidate)) return candidate;
    }
  return undefined;
}

// The calls of which an address is that side's, as far as the tests can tell them apart.
function callsWith(side: Side, address: string, listed: readonly Network[]): CallFacts[] {
  const family = address.length === 4 ? 2 : 10;
  const others = [
    ...listed.map((network) => witness(network, sizeOf(network), listed) ?? network.address),
    '\xc6\x33\x64\x07',
    '\0\0\0\0',
    witness(undefined, 4, listed) ?? address,
  ];
  return [...new Set(others)].map((other) => ({
    kind: object_kind.OBJECT_SOCKET,
    family,
    ret: 0,
    object_flags: CONNECTED,
    remote_port: 1,
    local_port: 1,
    remote_address: side === 'remote' ? address : other,
    local_address: side === 'local' ? address : other,
  }));
}

const CONNECTED = 32; // OBJECT_CONNECTED

/** Bytes of a network's addresses. */
export function sizeOf({ address }: Network): 4 | 16 {
  return address.length === 4 ? 4 : 16;
}

function isWildcard6({ address, bits }: Network): boolean {
  return bits === 128 && address === ANY_16;
}

function isMapped(address: string): boolean {
  return address.length === 16 && address.startsWith(`${'\0'.repeat(10)}\xff\xff`);
}

function contains(network: Network, address: string): boolean {
  return maskedTo(address, network.bits) === maskedTo(network.address, network.bits);
}

/** The address with the bits of its host cleared. */
export function maskedTo(address: string, bits: number): string {
  let masked = '';
  for (let at = 0; at < address.length; at += 1) {
    const left = Math.max(0, Math.min(8, bits - at * 8));
    masked += String.fromCharCode(address.charCodeAt(at) & (0xff00 >> left) & 0xff);
  }
  return masked;
}

function flipped(address: string, bit: number): string {
  const at = bit >> 3;
  const byte = address.charCodeAt(at) ^ (0x80 >> (bit & 7));
  return address.slice(0, at) + String.fromCharCode(byte) + address.slice(at + 1);
}
