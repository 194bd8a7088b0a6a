// A plan's types as `struct type_filter`, and with them every table that they refer to.

import {
  abi_limit,
  filter_flag,
  integer_filter,
  integer_source,
  type_filter,
} from '../abi/layout.js';
import type {
  ClauseBits,
  IntegerSource,
  IntegerTable,
  KernelPlan,
  TypePlan,
} from './kernel-plan.js';
import { bytesOf, u32 } from './table-entries.js';
import {
  type AddressNumbers,
  type PathNumbers,
  type Room,
  TableOmitted,
  Tables,
} from './tables.js';

/** What a plan is in the kernel. */
export interface PlanTables {
  readonly tables: Tables;
  /** What is not looked at, and why: `openat path: map paths is full`. All bits stay there. */
  readonly omitted: readonly string[];
}

const { SYSCALL_COUNT, OBJECT_KINDS, MAX_INTEGERS, NARROW_WORDS } = abi_limit;
/** Values below it are found without a hash: a place in array sets each. */
const DENSE = 64n;

const SOURCES: Readonly<Record<IntegerSource, number>> = {
  arg0: 0,
  arg1: 1,
  arg2: 2,
  arg3: 3,
  arg4: 4,
  arg5: 5,
  extra: integer_source.INTEGER_EXTRA,
  abi: integer_source.INTEGER_ABI,
  ret: integer_source.INTEGER_RET,
  address_family: integer_source.INTEGER_ADDRESS_FAMILY,
  address_port: integer_source.INTEGER_ADDRESS_PORT,
  object_family: integer_source.INTEGER_OBJECT_FAMILY,
  object_type: integer_source.INTEGER_OBJECT_TYPE,
  object_protocol: integer_source.INTEGER_OBJECT_PROTOCOL,
  object_local_port: integer_source.INTEGER_OBJECT_LOCAL_PORT,
  object_remote_port: integer_source.INTEGER_OBJECT_REMOTE_PORT,
};

/** Makes the entries of a plan for a slot (0 or 1). */
export function planTables(plan: KernelPlan, slot: number, room: Room): PlanTables {
  const tables = new Tables(slot, room);
  const omitted: string[] = [];
  const shared = new SharedTables(plan, tables, omitted);
  for (let type = 0; type < SYSCALL_COUNT; type++) {
    const value = Buffer.alloc(type_filter.size);
    const own = plan.types.get(type);
    if (own !== undefined) new TypeEntry(value, plan, tables, shared, type, omitted).fill(own);
    tables.add('types', u32(slot * SYSCALL_COUNT + type), value);
  }
  return { tables, omitted };
}

/** Tables of the whole plan: made once, when the first type asks. */
class SharedTables {
  readonly comm_other: number | undefined;
  readonly uids: number | undefined;
  readonly uid_other: number | undefined;
  readonly cgroup_other: number | undefined;

  constructor(plan: KernelPlan, tables: Tables, omitted: string[]) {
    const types = [...plan.types.values()];
    const attempt = (what: string, make: () => number): number | undefined =>
      omitting(omitted, what, make);
    if (types.some(({ uses_comm }) => uses_comm)) {
      this.comm_other = attempt('comm', () => {
        tables.comms(plan.comm.values);
        return tables.place(plan.comm.other);
      });
    }
    if (types.some(({ uses_uid }) => uses_uid)) {
      const { values, other } = plan.uid;
      this.uid_other = attempt('uid', () => tables.place(other));
      this.uids = attempt('uid', () =>
        tables.integers([...values].map(([uid, bits]) => [BigInt(uid), bits] as const)),
      );
    }
    if (types.some(({ uses_cgroup }) => uses_cgroup)) {
      this.cgroup_other = attempt('cgroup', () => tables.place(plan.cgroup_unknown));
    }
  }
}

class TypeEntry {
  private flags: number = filter_flag.TESTS_TYPE;

  constructor(
    private readonly value: Buffer,
    private readonly plan: KernelPlan,
    private readonly tables: Tables,
    private readonly shared: SharedTables,
    private readonly type: number,
    private readonly omitted: string[],
  ) {}

  fill(type: TypePlan): void {
    const { value, tables, shared, plan } = this;
    bytesOf(type.bits).copy(value, type_filter.bits.at);
    value.writeUInt32LE(isWide(type.bits) ? 1 : 0, type_filter.wide);
    this.result(type);
    this.integers(type.integers);
    const { kinds, no_dots } = type;
    if (kinds !== undefined) {
      const sets = Array.from({ length: OBJECT_KINDS }, (_, kind) => kinds[kind] ?? type.bits);
      this.put('kinds', filter_flag.TESTS_KINDS, type_filter.kinds, () => tables.place(...sets));
    }
    if (no_dots !== undefined) {
      this.put('dots', filter_flag.TESTS_NO_DOTS, type_filter.no_dots, () => tables.place(no_dots));
    }
    if (type.uses_process) this.flags |= filter_flag.TESTS_PROCESS;
    this.live(type.uses_comm, filter_flag.TESTS_COMM, type_filter.comm_other, shared.comm_other);
    this.live(
      type.uses_cgroup,
      filter_flag.TESTS_CGROUP,
      type_filter.cgroup_other,
      shared.cgroup_other,
    );
    if (shared.uids !== undefined) {
      this.live(type.uses_uid, filter_flag.TESTS_UID, type_filter.uid_other, shared.uid_other);
      value.writeUInt32LE(shared.uids, type_filter.uids);
    }
    this.path('path', filter_flag.TESTS_PATH, type_filter.path.at, type.path);
    this.path('claimed', filter_flag.TESTS_CLAIMED, type_filter.claimed.at, type.claimed);
    for (const [name, flag] of [
      ['remote', filter_flag.TESTS_REMOTE],
      ['local', filter_flag.TESTS_LOCAL],
    ] as const) {
      const place = type[name];
      const table = place === undefined ? undefined : plan.addresses[place];
      if (table === undefined) continue;
      this.numbers(name, flag, type_filter[name].at, () => wordsOfAddress(tables.addresses(table)));
    }
    value.writeUInt32LE(this.flags, type_filter.flags);
  }

  private result({ result }: TypePlan): void {
    if (result === undefined) return;
    const { value, tables } = this;
    bytesOf(result.success).copy(value, type_filter.success.at);
    bytesOf(result.other_error).copy(value, type_filter.other_error.at);
    if (result.errors.size > 0) {
      const errors = [...result.errors].map(([errno, bits]) => [BigInt(errno), bits] as const);
      const found = this.put('errors', filter_flag.TESTS_ERRORS, type_filter.errors, () =>
        tables.integers(errors),
      );
      if (!found) return; // their numbers must not count as others
    }
    this.flags |= filter_flag.TESTS_RESULT;
  }

  /** Those that need no more than the call come first: the dispatcher looks at them. */
  private integers(integers: readonly IntegerTable[]): void {
    const isLate = ({ source }: IntegerTable): boolean =>
      SOURCES[source] >= integer_source.INTEGER_ADDRESS_FAMILY;
    const ordered = [
      ...integers.filter((one) => !isLate(one)),
      ...integers.filter((one) => isLate(one)),
    ];
    let count = 0;
    let early = 0;
    for (const one of ordered.slice(0, MAX_INTEGERS)) {
      const at = type_filter.integers.at + count * type_filter.integers.stride;
      const made = omitting(this.omitted, `${this.type} ${one.source}`, () =>
        this.integer(at, one),
      );
      if (made === undefined) continue;
      count += 1;
      if (isLate(one)) this.flags |= filter_flag.TESTS_LATE_INTEGER;
      else early += 1;
    }
    if (integers.length > MAX_INTEGERS) this.omitted.push(`${this.type}: too many integers`);
    this.value.writeUInt32LE(early, type_filter.early);
    this.value.writeUInt32LE(count, type_filter.integer_count);
  }

  private integer(at: number, { source, shift, mask, values, other }: IntegerTable): true {
    const { value, tables } = this;
    const small = [...values.keys()].filter((one) => one < DENSE);
    const large = [...values].filter(([one]) => one >= DENSE);
    const dense = small.length === 0 ? 0 : Number(small.reduce((a, b) => (a > b ? a : b))) + 1;
    const sets = Array.from({ length: dense }, (_, one) => values.get(BigInt(one)) ?? other);
    const entry = Buffer.alloc(integer_filter.size);
    entry.writeBigUInt64LE(mask, integer_filter.mask);
    entry.writeUInt32LE(SOURCES[source], integer_filter.source);
    entry.writeUInt32LE(shift, integer_filter.shift);
    entry.writeUInt32LE(dense, integer_filter.dense);
    entry.writeUInt32LE(dense === 0 ? 0 : tables.place(...sets), integer_filter.base);
    entry.writeUInt32LE(large.length === 0 ? 0 : tables.integers(large), integer_filter.table);
    entry.writeUInt32LE(tables.place(other), integer_filter.other);
    entry.copy(value, at);
    return true;
  }

  private path(name: string, flag: number, at: number, place: number | undefined): void {
    const table = place === undefined ? undefined : this.plan.paths[place];
    if (table === undefined) return;
    this.numbers(name, flag, at, () => wordsOfPath(this.tables.path(table)));
  }

  private live(uses: boolean, flag: number, at: number, other: number | undefined): void {
    if (!uses || other === undefined) return;
    this.flags |= flag;
    this.value.writeUInt32LE(other, at);
  }

  private put(name: string, flag: number, at: number, make: () => number): boolean {
    return this.numbers(name, flag, at, () => [make()]);
  }

  /** Writes words and raises the flag, or omits the dimension. */
  private numbers(name: string, flag: number, at: number, make: () => readonly number[]): boolean {
    const words = omitting(this.omitted, `${this.type} ${name}`, make);
    if (words === undefined) return false;
    words.forEach((word, i) => {
      this.value.writeUInt32LE(word, at + 4 * i);
    });
    this.flags |= flag;
    return true;
  }
}

function isWide(bits: ClauseBits): boolean {
  return bits.subarray(NARROW_WORDS).some((word) => word !== 0n);
}

function wordsOfPath(numbers: PathNumbers): number[] {
  const { head, head_other, head_matters, table, other, matters } = numbers;
  const { last_table, last_other, last_matters, needles, absent, rare, others } = numbers;
  const whole = [head, head_other, head_matters, table, other, matters];
  return [...whole, last_table, last_other, last_matters, needles, absent, rare, others];
}

function wordsOfAddress({ table, other_v4, other_v6, none }: AddressNumbers): number[] {
  return [table, other_v4, other_v6, none];
}

/** What `make` gives; `undefined`, and a word about it, when there is no room. */
function omitting<T>(omitted: string[], what: string, make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TableOmitted)) throw error;
    omitted.push(`${what}: ${error.message}`);
    return undefined;
  }
}
