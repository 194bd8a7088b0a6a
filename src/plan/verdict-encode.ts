// A plan of verdicts as the kernel keeps it: struct verdict_plan, and the entries of its tables.

import {
  abi_limit,
  address_key,
  comm_key,
  integer_key,
  last_key,
  path_key,
  verdict_class,
  verdict_plan,
  verdict_table,
} from '../abi/layout.js';
import { OPERATIONS } from './operations.js';
import type { VerdictBits } from './verdict-bits.js';
import type { VerdictEnd } from './verdict-net.js';
import type { VerdictPaths } from './verdict-paths.js';
import type { VerdictPlan } from './verdict-plan.js';
import type { VerdictValues } from './verdict-values.js';

/** A process, by what no other has; its start in ns after boot. */
export interface Known {
  readonly pid: number;
  readonly start_ns: bigint;
}

/** Who is never acted on by the kernel. */
export interface Spared extends Known {
  /** Is never killed; absent: nobody. */
  readonly parent?: Known;
}

export type EntryMap =
  | 'verdict_nets'
  | 'verdict_paths'
  | 'verdict_lasts'
  | 'verdict_comms'
  | 'verdict_ids';

/** Collects what goes into the maps for one slot. */
export class Entries {
  readonly maps = new Map<EntryMap, { keys: Buffer[]; values: Buffer[] }>();
  #tables = 0;

  constructor(readonly slot: number) {}

  table(): number {
    this.#tables += 1;
    return ((this.slot << 31) | this.#tables) >>> 0;
  }

  add(map: EntryMap, key: Buffer, value: Buffer): void {
    const { keys, values } = this.maps.get(map) ?? { keys: [], values: [] };
    keys.push(key);
    values.push(value);
    this.maps.set(map, { keys, values });
  }
}

/**
 * struct verdict_plan; what its tables hold is added to the entries.
 *
 * @param limits the places of the rules in map kill_limits, by clause
 */
export function encoded(
  plan: VerdictPlan,
  entries: Entries,
  agent: Spared,
  limits: readonly number[],
): Buffer {
  const value = Buffer.alloc(verdict_plan.size);
  const put = (bits: VerdictBits, at: number): void => void value.writeBigUInt64LE(bits, at);
  const { operations, depends, calls } = verdict_plan;
  value.fill(0xff, calls.at, calls.at + calls.count * calls.stride);
  for (const { number, types } of OPERATIONS)
    types.slice(0, abi_limit.VERDICT_CALLS).forEach((type, i) => {
      const place = number * abi_limit.VERDICT_CALLS + i;
      value.writeUInt16LE(type, calls.at + place * calls.stride);
    });
  for (const [number, bits] of plan.operations) put(bits, operations.at + 8 * number);
  for (const [dimension, bits] of plan.depends) put(bits, depends.at + 8 * dimension);
  put(plan.walks, verdict_plan.walks);
  put(plan.deny, verdict_plan.deny);
  put(plan.audit, verdict_plan.audit);
  put(plan.error_deny, verdict_plan.error_deny);
  for (const [i, bits] of plan.modes.entries()) put(bits, verdict_plan.modes.at + 8 * i);
  for (const [i, bits] of plan.kinds.entries()) put(bits, verdict_plan.kinds.at + 8 * i);
  put(plan.directories, verdict_plan.directories);
  comms(entries, verdict_table.COMM_TABLE, plan.comm);
  put(plan.comm.other, verdict_plan.comm_other);
  ids(entries, verdict_table.UID_TABLE, plan.uid);
  put(plan.uid.other, verdict_plan.uid_other);
  ids(entries, verdict_table.GID_TABLE, plan.gid);
  put(plan.gid.other, verdict_plan.gid_other);
  paths(entries, plan.path).copy(value, verdict_plan.path.at);
  paths(entries, plan.path2).copy(value, verdict_plan.path2.at);
  paths(entries, plan.exe).copy(value, verdict_plan.exe.at);
  paths(entries, plan.parent).copy(value, verdict_plan.parent.at);
  paths(entries, plan.ancestor).copy(value, verdict_plan.ancestor.at);
  comms(entries, verdict_table.PARENT_COMM_TABLE, plan.parent_comm);
  put(plan.parent_comm.other, verdict_plan.parent_comm_other);
  comms(entries, verdict_table.ANCESTOR_COMM_TABLE, plan.ancestor_comm);
  put(plan.ancestor_comm.other, verdict_plan.ancestor_comm_other);
  put(plan.no_ancestor, verdict_plan.no_ancestor);
  put(plan.no_ancestor_comm, verdict_plan.no_ancestor_comm);
  put(plan.targets, verdict_plan.targets);
  paths(entries, plan.target).copy(value, verdict_plan.target.at);
  comms(entries, verdict_table.TARGET_COMM_TABLE, plan.target_comm);
  put(plan.target_comm.other, verdict_plan.target_comm_other);
  ids(entries, verdict_table.TARGET_PID_TABLE, plan.target_pid);
  put(plan.target_pid.other, verdict_plan.target_pid_other);
  put(plan.host, verdict_plan.host);
  put(plan.container, verdict_plan.container);
  put(plan.nets, verdict_plan.nets);
  for (const [i, bits] of plan.net.sockets.entries()) put(bits, verdict_plan.sockets.at + 8 * i);
  for (const [operation, { values, other }] of plan.net.numbers) {
    const high = BigInt(operation) << 32n;
    for (const [number, bits] of values)
      id(entries, verdict_table.NUMBER_TABLE, high | BigInt(number), bits);
    put(other, verdict_plan.numbers_other.at + 8 * operation);
  }
  end(entries, verdict_table.SERVER_PORT_TABLE, plan.net.server).copy(
    value,
    verdict_plan.server.at,
  );
  end(entries, verdict_table.REMOTE_PORT_TABLE, plan.net.remote).copy(
    value,
    verdict_plan.remote.at,
  );
  value.writeUInt32LE(agent.pid, verdict_plan.agent);
  value.writeUInt32LE(startOf(agent), verdict_plan.agent_start_cs);
  if (agent.parent !== undefined) {
    value.writeUInt32LE(agent.parent.pid, verdict_plan.parent_pid);
    value.writeUInt32LE(startOf(agent.parent), verdict_plan.parent_start_cs);
  }
  put(plan.kill, verdict_plan.kill);
  put(plan.parts, verdict_plan.parts);
  for (const { event, argument, values, other } of plan.arguments) {
    const high = BigInt(event * abi_limit.ARGUMENT_PLACES + argument) << 32n;
    for (const [value, bits] of values)
      id(entries, verdict_table.ARGUMENT_TABLE, high | BigInt(value), bits);
    id(entries, verdict_table.OTHER_ARGUMENT_TABLE, high, other);
  }
  for (const [event, bits] of plan.kills) put(bits, verdict_plan.kills.at + 8 * event);
  for (const [clause, place] of limits.entries())
    value.writeUInt8(place, verdict_plan.limits.at + clause);
  return value;
}

/** Hundredths of a second, as /proc tells it. */
function startOf({ start_ns }: Known): number {
  return Number(BigInt.asUintN(32, start_ns / 10_000_000n));
}

function comms(entries: Entries, table: number, { values }: VerdictValues<string>): void {
  for (const [comm, bits] of values) {
    const key = Buffer.alloc(comm_key.size);
    key.write(comm, comm_key.comm.at, 'latin1');
    key.writeUInt32LE(table | entries.slot, comm_key.slot);
    entries.add('verdict_comms', key, word(bits));
  }
}

function ids(entries: Entries, table: number, { values }: VerdictValues<number>): void {
  for (const [value, bits] of values) id(entries, table, BigInt(value), bits);
}

function id(entries: Entries, table: number, value: bigint, bits: VerdictBits): void {
  const key = Buffer.alloc(integer_key.size);
  key.writeBigUInt64LE(value, integer_key.value);
  key.writeUInt32LE(table | entries.slot, integer_key.table);
  entries.add('verdict_ids', key, word(bits));
}

/** struct verdict_end; its tables are added. */
function end(entries: Entries, ports: number, plan: VerdictEnd): Buffer {
  const { server: at } = verdict_plan;
  const value = Buffer.alloc(at.size);
  const put = (offset: number, bits: VerdictBits): void =>
    void value.writeBigUInt64LE(bits, offset - at.at);
  put(at.other_v4, plan.other_v4);
  put(at.other_v6, plan.other_v6);
  put(at.no_address, plan.no_address);
  put(at.other_port, plan.other_port);
  put(at.no_port, plan.no_port);
  for (const [port, bits] of plan.ports) id(entries, ports, BigInt(port), bits);
  if (plan.networks.length === 0) return value;
  const table = (entries.slot << 15) | ports; // 16 bits, of one end only
  value.writeUInt16LE(table, at.table - at.at);
  for (const { network, bits } of plan.networks) {
    const key = Buffer.alloc(address_key.size);
    key.writeUInt32LE(TABLE_BITS + network.bits, address_key.prefix_bits);
    key.writeUInt16LE(table, address_key.table);
    key.writeUInt16LE(network.address.length === 4 ? AF_INET : AF_INET6, address_key.family);
    key.write(network.address, address_key.address.at, 'latin1');
    entries.add('verdict_nets', key, word(bits));
  }
  return value;
}

/** struct verdict_paths; its tables are added. */
function paths(entries: Entries, plan: VerdictPaths): Buffer {
  const { path: at } = verdict_plan;
  const value = Buffer.alloc(at.size);
  const add = (map: EntryMap, size: number, textAt: number, table: number) => {
    return (text: string, bits: VerdictBits, listed = text): void => {
      const key = Buffer.alloc(size);
      key.writeUInt32LE(TABLE_BITS + 8 * text.length, path_key.prefix_bits);
      key.writeUInt32LE(table, path_key.table);
      key.write(text, textAt, 'latin1');
      const entry = Buffer.alloc(verdict_class.size);
      entry.writeBigUInt64LE(bits, verdict_class.bits);
      entry.writeUInt32LE(listed.length, verdict_class.length);
      entries.add(map, key, entry);
    };
  };
  const put = (offset: number, bits: VerdictBits): void =>
    void value.writeBigUInt64LE(bits, offset - at.at);
  put(at.other, plan.other);
  put(at.directory_other, plan.directory_other);
  put(at.last_other, plan.last_other);
  if (plan.exact.size + plan.prefixes.size > 0) {
    const table = entries.table();
    const listed = add('verdict_paths', path_key.size, path_key.path.at, table);
    for (const [path, bits] of plan.exact) listed(`${path}\0`, bits);
    for (const [prefix, bits] of plan.prefixes) listed(prefix, bits);
    value.writeUInt32LE(table, at.table - at.at);
  }
  if (plan.directories.size > 0) {
    const table = entries.table();
    const listed = add('verdict_paths', path_key.size, path_key.path.at, table);
    for (const [directory, bits] of plan.directories) listed(directory, bits);
    value.writeUInt32LE(table, at.directory_table - at.at);
  }
  if (plan.names.size + plan.suffixes.size > 0) {
    const table = entries.table();
    const listed = add('verdict_lasts', last_key.size, last_key.reversed.at, table);
    for (const [name, bits] of plan.names) listed(reversed(`/${name}`), bits);
    for (const [suffix, bits] of plan.suffixes) listed(reversed(suffix), bits);
    value.writeUInt32LE(table, at.last_table - at.at);
  }
  return value;
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}

function word(bits: VerdictBits): Buffer {
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(bits);
  return value;
}

const AF_INET = 2;
const AF_INET6 = 10;
const TABLE_BITS = 32; // the number of the table is part of the key of a trie
