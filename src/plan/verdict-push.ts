// Writes plans of verdicts into the kernel's tables: beside those in force, which go on until the number of
// the new plan is set.

import {
  abi_limit,
  address_key,
  comm_key,
  integer_key,
  last_key,
  path_key,
  verdict_class,
  verdict_count,
  type verdict_place,
  verdict_plan,
  verdict_table,
} from '../abi/layout.js';
import { waitForHooks } from '../bpf/libc.js';
import { possibleCpus, u32Key } from '../bpf/map.js';
import type { SensorObject } from '../bpf/sensor-object.js';
import { BpfError } from '../errors.js';
import { OPERATIONS } from './operations.js';
import type { VerdictBits } from './verdict-bits.js';
import type { VerdictEnd } from './verdict-net.js';
import type { VerdictPaths } from './verdict-paths.js';
import { MAX_VERDICT_CLAUSES, type VerdictPlan, type VerdictValues } from './verdict-plan.js';

/** What came of one clause, see `struct verdict_count`. */
export type VerdictCount = Record<Exclude<keyof typeof verdict_count, 'size'>, bigint>;

/** The tables of a loaded object. Without a plan nothing is denied. */
export class VerdictTables {
  #number = 0;
  /** Keys that were written, by slot. */
  readonly #written: readonly [Written[], Written[]] = [[], []];

  constructor(private readonly sensor: SensorObject) {}

  /** Where the tables of the next plan will be. */
  get next_slot(): number {
    return this.#number >= LAST_NUMBER ? 0 : (this.#number + 1) & 1;
  }

  /** The number of the plan in force, 0: none. */
  get number(): number {
    return this.#number;
  }

  /**
   * Puts a plan in force, whose programs are loaded and attached; counts begin at zero.
   *
   * @param agent is never denied anything: its pid, and when it started, in ns after boot
   * @returns the number of the plan
   * @throws BpfError when a map is full; the plan before stays in force
   */
  push(plan: VerdictPlan, agent: { pid: number; start_ns: bigint }): number {
    const { object, control } = this.sensor;
    const number = this.#number >= LAST_NUMBER ? 2 : this.#number + 1;
    const slot = number & 1;
    const entries = new Entries(slot);
    const value = encoded(plan, entries, agent);
    this.#empty(slot);
    try {
      for (const [map, { keys, values }] of entries.maps) {
        const all = Buffer.concat(keys);
        this.#written[slot === 0 ? 0 : 1].push({ map, keys: all });
        if (keys.length > object.map(map).max_entries / 2)
          throw new BpfError('BPF_MAP', `map ${map} has no room for ${keys.length} entries`);
        object.map(map).putAll(all, Buffer.concat(values));
      }
      this.#resetCounts(slot);
      object.map('verdict_plans').put(u32Key(slot), value);
    } catch (error) {
      this.#empty(slot);
      throw error;
    }
    control.verdicts = number;
    this.#number = number;
    waitForHooks();
    return number;
  }

  /** Nothing is denied any more. */
  clear(): void {
    if (this.sensor.control.verdicts === 0) return;
    this.sensor.control.verdicts = 0;
    waitForHooks();
  }

  /** Says where the processes of a cgroup are; until then that is unknown. */
  tellCgroup(cgroup_id: bigint, place: verdict_place): void {
    const key = Buffer.alloc(8);
    key.writeBigUInt64LE(cgroup_id);
    this.sensor.object.map('verdict_cgroups').tryPut(key, u32Key(place));
  }

  /** What came of the clauses of a plan that is in force, or was until the last `push`. */
  counts(number: number): VerdictCount[] {
    const map = this.sensor.object.map('verdict_counts');
    const value = Buffer.alloc(map.transfer_bytes);
    return Array.from({ length: MAX_VERDICT_CLAUSES }, (_, clause) => {
      map.get(u32Key((number & 1) * MAX_VERDICT_CLAUSES + clause), value);
      return summed(value);
    });
  }

  #resetCounts(slot: number): void {
    const map = this.sensor.object.map('verdict_counts');
    const zero = Buffer.alloc(map.transfer_bytes);
    for (let clause = 0; clause < MAX_VERDICT_CLAUSES; clause += 1)
      map.put(u32Key(slot * MAX_VERDICT_CLAUSES + clause), zero);
  }

  /** Takes out what was written into a slot that no hook reads any more. */
  #empty(slot: number): void {
    for (const { map, keys } of this.#written[slot === 0 ? 0 : 1].splice(0))
      this.sensor.object.map(map).deleteAll(keys);
  }
}

type EntryMap =
  | 'verdict_nets'
  | 'verdict_paths'
  | 'verdict_lasts'
  | 'verdict_comms'
  | 'verdict_ids';

interface Written {
  map: EntryMap;
  keys: Buffer;
}

/** Collects what goes into the maps for one slot. */
class Entries {
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

function encoded(
  plan: VerdictPlan,
  entries: Entries,
  agent: { pid: number; start_ns: bigint },
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
  const start_cs = Number(BigInt.asUintN(32, agent.start_ns / 10_000_000n));
  value.writeUInt32LE(start_cs, verdict_plan.agent_start_cs);
  return value;
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

function summed(value: Buffer): VerdictCount {
  const count: VerdictCount = {
    denied: 0n,
    audited: 0n,
    error_denied: 0n,
    error_audited: 0n,
    error_allowed: 0n,
    untold: 0n,
    lost: 0n,
    second: 0n,
    told: 0n,
  };
  for (let cpu = 0; cpu < possibleCpus(); cpu += 1)
    for (const name of COUNTED)
      count[name] += value.readBigUInt64LE(cpu * verdict_count.size + verdict_count[name]);
  return count;
}

const COUNTED = [
  'denied',
  'audited',
  'error_denied',
  'error_audited',
  'error_allowed',
  'untold',
  'lost',
] as const;
const AF_INET = 2;
const AF_INET6 = 10;
const TABLE_BITS = 32; // the number of the table is part of the key of a trie
/** Records carry it in 32 bits; 1 would be in the slot of the one before. */
const LAST_NUMBER = 0xffff_ffff;
