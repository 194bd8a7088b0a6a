// The kernel filter in TypeScript: what it does with the facts of one call, in its order. For tests, and
// for saying where an event would stop.

import { object_flag, object_kind } from '../abi/layout.js';
import type { CallCursor } from '../decode/call.js';
import { typesOf } from '../decode/types.js';
import { intersect } from './bits.js';
import type {
  AddressTable,
  ClauseBits,
  IntegerTable,
  KernelPlan,
  ProcessBits,
  TypePlan,
} from './kernel-plan.js';
import { type Dimension, isPlainPath, textLooks } from './model-looks.js';

/** What the kernel sees of a call when it ends. */
export interface Facts {
  /** Native number. */
  type: number;
  ret: bigint;
  args: readonly bigint[];
  abi: number;
  /** `call_part.extra`: flags of an open. */
  extra: bigint;
  comm: string;
  uid: number;
  /** What its cgroup is said to be; `undefined`: nobody has said. */
  cgroup?: ClauseBits | undefined;
  object: {
    kind: number;
    flags: number;
    family: number;
    socket_type: number;
    protocol: number;
    local_port: number;
    remote_port: number;
    /** 4 or 16 bytes, IPv4-mapped ones as 4. */
    local_address: string;
    remote_address: string;
  };
  given: { family: number; port: number; address: string };
  /** The object's path, where the kernel can tell it in full. */
  path: string | undefined;
  /** The first path argument, where it can be read in full. */
  claimed: string | undefined;
}

/** What is said about the process, and whether it still holds. */
export interface ProcessEntry {
  bits: ProcessBits;
  /** All facts are as they were (`bits`), all but ancestors, or only what exec alone changes. */
  holds: 'bits' | 'kinless_bits' | 'fixed_bits';
}

export interface Verdict {
  /** The clauses that may still hold. */
  bits: ClauseBits;
  /** Where the last of them fell. */
  stopped_at?: Dimension;
}

/** What the filter makes of a call. */
export function classify(plan: KernelPlan, facts: Facts, process?: ProcessEntry): Verdict {
  const type = plan.types.get(facts.type);
  if (type === undefined) return { bits: plan.cgroup_unknown.map(() => 0n), stopped_at: 'type' };
  const bits = type.bits.slice();
  for (const [dimension, found] of looks(plan, type, facts, process, bits))
    if (!intersect(bits, found)) return { bits, stopped_at: dimension };
  return { bits };
}

/** The facts of a record of a call. */
export function factsOfCall(call: CallCursor): Omit<Facts, 'cgroup'> {
  return {
    type: call.type,
    ret: BigInt(call.ret),
    args: [0, 1, 2, 3, 4, 5].map((index) => BigInt(call.arg(index))),
    abi: call.abi,
    extra: BigInt.asUintN(64, BigInt(call.extra)),
    comm: call.comm,
    uid: call.uid,
    object: {
      kind: call.object_kind,
      flags: call.object_flags,
      family: call.family,
      socket_type: call.socket_type,
      protocol: call.protocol,
      local_port: call.local_port,
      remote_port: call.remote_port,
      local_address: call.local_address,
      remote_address: call.remote_address,
    },
    given: { family: call.given_family, port: call.given_port, address: call.given_address },
    path: call.path_flags === 0 ? call.path : undefined,
    claimed: call.claimed,
  };
}

function* looks(
  plan: KernelPlan,
  type: TypePlan,
  facts: Facts,
  process: ProcessEntry | undefined,
  open: ClauseBits,
): Generator<[Dimension, ClauseBits]> {
  if (type.result !== undefined) {
    const { success, errors, other_error } = type.result;
    const failed = errors.get(Number(-facts.ret)) ?? other_error;
    yield ['result', facts.ret >= 0n ? success : failed];
  }
  for (const table of type.integers) yield ['integers', integerBits(table, facts)];
  const kind = type.kinds?.[facts.object.kind];
  if (kind !== undefined) yield ['kind', kind];
  if (type.uses_process && process !== undefined) {
    yield ['process', process.bits[process.holds]];
  }
  if (process === undefined || process.holds === 'fixed_bits') {
    if (type.uses_comm) yield ['comm', plan.comm.values.get(facts.comm) ?? plan.comm.other];
    if (type.uses_uid) yield ['uid', plan.uid.values.get(facts.uid) ?? plan.uid.other];
    if (type.uses_cgroup) yield ['cgroup', facts.cgroup ?? plan.cgroup_unknown];
  }
  for (const side of ['remote', 'local'] as const) {
    const table = plan.addresses[type[side] ?? -1];
    const found = table && addressBits(table, endOf(facts, side));
    if (found !== undefined) yield [side, found];
  }
  yield* pathLooks(plan, type, facts, open);
}

function* pathLooks(
  plan: KernelPlan,
  type: TypePlan,
  facts: Facts,
  open: ClauseBits,
): Generator<[Dimension, ClauseBits]> {
  const { kind, flags } = facts.object;
  const isShared = (flags & object_flag.OBJECT_SHARED_TABLE) !== 0;
  const table = plan.paths[type.path ?? -1];
  if (table !== undefined && facts.path !== undefined && HAS_PATH.has(kind)) {
    // Another thread may have put something else behind the descriptor.
    if (!isShared || facts.claimed === facts.path) {
      yield* textLooks(table, facts.path, ['path', 'last'], open);
    }
    yield* dotLooks(type, facts);
    return;
  }
  // The text is read in any case: dots are looked for first.
  yield* dotLooks(type, facts);
  const claimed = plan.paths[type.claimed ?? -1];
  if (claimed === undefined || facts.claimed === undefined) return;
  if (type.path !== undefined && facts.ret >= 0n) return;
  if (!isPlainPath(facts.claimed)) return;
  yield* textLooks(claimed, facts.claimed, ['claimed', 'claimed_last'], open);
}

function* dotLooks({ no_dots }: TypePlan, { claimed }: Facts): Generator<[Dimension, ClauseBits]> {
  if (no_dots !== undefined && claimed?.includes('..') === false) yield ['dots', no_dots];
}

const HAS_PATH: ReadonlySet<number> = new Set([
  object_kind.OBJECT_FILE,
  object_kind.OBJECT_DIRECTORY,
  object_kind.OBJECT_CHARDEV,
  object_kind.OBJECT_BLOCKDEV,
]);

function integerBits({ source, shift, mask, values, other }: IntegerTable, facts: Facts) {
  const value = (integerOf(source, facts) >> BigInt(shift)) & mask;
  return values.get(value) ?? other;
}

function integerOf(source: IntegerTable['source'], facts: Facts): bigint {
  const { object, given } = facts;
  switch (source) {
    case 'arg0':
    case 'arg1':
    case 'arg2':
    case 'arg3':
    case 'arg4':
    case 'arg5':
      return facts.args[Number(source.slice(3))] ?? 0n;
    case 'extra':
      return facts.extra;
    case 'abi':
      return BigInt(facts.abi);
    case 'ret':
      return BigInt.asUintN(64, facts.ret);
    case 'address_family':
      return BigInt(given.family);
    case 'address_port':
      return BigInt(given.port);
    case 'object_family':
      return BigInt(object.family);
    case 'object_type':
      return BigInt(object.socket_type);
    case 'object_protocol':
      return BigInt(object.protocol);
    case 'object_local_port':
      return BigInt(object.local_port);
    case 'object_remote_port':
      return BigInt(object.remote_port);
  }
}

// 4 or 16 bytes, nothing for no address, `undefined` where the bits stay.
function endOf(facts: Facts, side: 'remote' | 'local'): string | undefined {
  const { object, given, type, ret } = facts;
  if (object.kind !== object_kind.OBJECT_SOCKET) return undefined;
  if (object.family !== AF_INET && object.family !== AF_INET6) return undefined;
  const isConnect = CONNECTS.has(type);
  if (isConnect && ret !== 0n && ret !== -EINPROGRESS) return undefined;
  if (side === 'local') return object.local_address;
  const isSure =
    ACCEPTS.has(type) ||
    (object.flags & (object_flag.OBJECT_ACCEPTED | object_flag.OBJECT_CONNECTED)) !== 0;
  if (isConnect ? object.remote_port !== 0 || given.family === 0 : isSure)
    return object.remote_address;
  if (given.family === 0) return '';
  return given.family === AF_INET || given.family === AF_INET6 ? given.address : undefined;
}

function addressBits(table: AddressTable, address: string | undefined): ClauseBits | undefined {
  if (address === undefined) return undefined;
  if (address === '') return table.none;
  const listed = address.length === 4 ? table.v4 : table.v6;
  let best: { prefix_bits: number; bits: ClauseBits } | undefined;
  for (const one of listed)
    if (
      one.prefix_bits > (best?.prefix_bits ?? -1) &&
      begins(address, one.address, one.prefix_bits)
    )
      best = one;
  return best?.bits ?? (address.length === 4 ? table.other_v4 : table.other_v6);
}

function begins(address: string, prefix: string, bits: number): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = (0xff00 >> Math.min(8, bits - bit)) & 0xff;
    if (((address.charCodeAt(bit >> 3) ^ prefix.charCodeAt(bit >> 3)) & mask) !== 0) return false;
  }
  return true;
}

const AF_INET = 2;
const AF_INET6 = 10;
const EINPROGRESS = 115n;
const CONNECTS = typesOf('connect');
const ACCEPTS = typesOf('accept accept4');
