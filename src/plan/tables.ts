// The tables of a plan as entries of the kernel filter's maps. Makes them only; push.ts writes them.

import {
  abi_limit,
  address_key,
  comm_key,
  integer_key,
  last_key,
  needle,
  needle_set,
  path_class,
  path_key,
} from '../abi/layout.js';
import { lackedBySome, noBits, unite } from './bits.js';
import { headPlaces } from './head-places.js';
import type {
  AddressClass,
  AddressTable,
  ClassTable,
  ClauseBits,
  InsideTable,
  LastTable,
  PathTable,
} from './kernel-plan.js';
import { type RareBytes, rareBytes } from './rare-bytes.js';
import { bytesOf, type Entries, TABLE_BITS, type TableMap, trieKey, u32 } from './table-entries.js';

/** How many entries one plan may have in a map. */
export type Room = (map: TableMap) => number;

/** Numbers of tables and places of sets, as `struct path_filter` has them; 0: none. */
export interface PathNumbers {
  head: number;
  head_other: number;
  head_matters: number;
  table: number;
  other: number;
  matters: number;
  last_table: number;
  last_other: number;
  last_matters: number;
  needles: number;
  absent: number;
  /** A byte, the two of `next` and `care`, from the lowest byte on. */
  rare: number;
  others: number;
}

/** As `struct address_filter`. */
export interface AddressNumbers {
  table: number;
  other_v4: number;
  other_v6: number;
  none: number;
}

/** There is no room for a table, or it holds what the kernel cannot look up: it is done without. */
export class TableOmitted extends Error {}

const { MAX_PREFIX_BYTES, MAX_LAST_BYTES, MAX_NEEDLES, MAX_NEEDLE_BYTES } = abi_limit;
const AF_INET = 2;
const AF_INET6 = 10;

/** Collects the entries of one plan for one slot (0 or 1). */
export class Tables {
  private readonly maps = new Map<TableMap, Entries>();
  /** Where in array sets a run of sets lies, by its bytes: most are the same. */
  private readonly runs = new Map<string, number>();
  private readonly made = new Map<object, PathNumbers | AddressNumbers>();
  private tableCount = 0;
  private addressCount = 0;

  constructor(
    private readonly slot: number,
    private readonly room: Room,
  ) {
    // The first place says that there is no set, which is nobody's then.
    this.add('sets', u32(this.setPlace(0)), Buffer.alloc(bytesOf(new BigUint64Array(8)).length));
  }

  of(map: TableMap): Entries {
    let entries = this.maps.get(map);
    if (entries === undefined) {
      entries = { keys: [], values: [] };
      this.maps.set(map, entries);
    }
    return entries;
  }

  /** @throws TableOmitted when the map has no room left */
  add(map: TableMap, key: Buffer, value: Buffer): void {
    const { keys, values } = this.of(map);
    if (keys.length >= this.room(map)) throw new TableOmitted(`map ${map} is full`);
    keys.push(key);
    values.push(value);
  }

  /** The place of a set, or of the first of some that lie side by side. */
  place(...sets: readonly ClauseBits[]): number {
    const bytes = sets.map(bytesOf);
    const key = Buffer.concat(bytes).toString('latin1');
    const known = this.runs.get(key);
    if (known !== undefined) return known;
    const first = this.of('sets').keys.length;
    if (first + sets.length > this.room('sets')) throw new TableOmitted('array sets is full');
    bytes.forEach((value, i) => {
      this.add('sets', u32(this.setPlace(first + i)), value);
    });
    this.runs.set(key, this.setPlace(first));
    return this.setPlace(first);
  }

  /** A table of map integers. */
  integers(values: Iterable<readonly [bigint, ClauseBits]>): number {
    const table = this.nextTable();
    for (const [value, bits] of values) {
      const key = Buffer.alloc(integer_key.size);
      key.writeBigUInt64LE(value, integer_key.value);
      key.writeUInt32LE(table, integer_key.table);
      this.add('integers', key, bytesOf(bits));
    }
    return table;
  }

  comms(values: ReadonlyMap<string, ClauseBits>): void {
    for (const [comm, bits] of values) {
      if (comm.length >= comm_key.comm.count)
        throw new TableOmitted(`a comm of ${comm.length} bytes`);
      const key = Buffer.alloc(comm_key.size);
      key.write(comm, comm_key.comm.at, 'latin1');
      key.writeUInt32LE(this.slot, comm_key.slot);
      this.add('comms', key, bytesOf(bits));
    }
  }

  path(table: PathTable): PathNumbers {
    const known = this.made.get(table);
    if (known !== undefined && 'last_table' in known) return known;
    const numbers: PathNumbers = {
      ...this.head(table.head),
      table: this.wholePaths(table),
      other: this.place(table.other),
      matters: this.place(lackedBySome(wholeSets(table))),
      ...this.last(table.last),
      ...this.inside(table.inside),
    };
    this.made.set(table, numbers);
    return numbers;
  }

  addresses(table: AddressTable): AddressNumbers {
    const known = this.made.get(table);
    if (known !== undefined && 'other_v4' in known) return known;
    const number = (this.slot << 15) | ++this.addressCount;
    if (this.addressCount >= 1 << 15)
      throw new TableOmitted('more tables of addresses than numbers');
    for (const one of table.v4) this.address(number, AF_INET, one);
    for (const one of table.v6) this.address(number, AF_INET6, one);
    const numbers: AddressNumbers = {
      table: table.v4.length + table.v6.length === 0 ? 0 : number,
      other_v4: this.place(table.other_v4),
      other_v6: this.place(table.other_v6),
      none: this.place(table.none),
    };
    this.made.set(table, numbers);
    return numbers;
  }

  private wholePaths({ exact, prefixes, deeper }: PathTable): number {
    if (exact.size + prefixes.size === 0) return 0;
    const table = this.nextTable();
    const add = (text: string, bits: ClauseBits, more?: ClauseBits): void => {
      if (text.length > MAX_PREFIX_BYTES) throw new TableOmitted(`${text.length} bytes of a path`);
      const value = Buffer.alloc(path_class.size);
      bytesOf(bits).copy(value, path_class.bits.at);
      if (more !== undefined && text.endsWith('/')) {
        value.writeUInt32LE(text.length - 1, path_class.slash);
        value.writeUInt32LE(this.place(more), path_class.deeper);
      }
      this.add('paths', trieKey(path_key.size, table, path_key.path.at, text), value);
    };
    for (const [path, bits] of exact) add(`${path}\0`, bits);
    for (const [prefix, bits] of prefixes) add(prefix, bits, deeper.get(prefix));
    return table;
  }

  private head(
    table: ClassTable<string> | undefined,
  ): Pick<PathNumbers, 'head' | 'head_other' | 'head_matters'> {
    if (table === undefined) return { head: 0, head_other: 0, head_matters: 0 };
    const { values, other } = table;
    return {
      head: this.heads(values),
      head_other: this.place(other),
      head_matters: this.place(lackedBySome([other, ...values.values()])),
    };
  }

  // 0, as without a table: what heads tell is told by the whole path as well.
  private heads(values: ReadonlyMap<string, ClauseBits>): number {
    const sets = [...values].map(([head, bits]) => [head, this.place(bits)] as const);
    const value = headPlaces(new Map(sets));
    if (value === undefined) return 0;
    const number = this.slot * this.room('heads') + this.of('heads').keys.length;
    this.add('heads', u32(number), value);
    return number + 1;
  }

  private last(
    table: LastTable | undefined,
  ): Pick<PathNumbers, 'last_table' | 'last_other' | 'last_matters'> {
    if (table === undefined) return { last_table: 0, last_other: 0, last_matters: 0 };
    const number = this.nextTable();
    const add = (text: string, bits: ClauseBits): void => {
      if (text.length > MAX_LAST_BYTES) throw new TableOmitted(`${text.length} bytes of a name`);
      const reversed = [...text].reverse().join('');
      this.add(
        'lasts',
        trieKey(last_key.size, number, last_key.reversed.at, reversed),
        bytesOf(bits),
      );
    };
    for (const [name, bits] of table.exact) add(`/${name}`, bits);
    for (const [suffix, bits] of table.suffixes) add(suffix, bits);
    const empty = table.exact.size + table.suffixes.size === 0;
    const sets = [table.other, ...table.exact.values(), ...table.suffixes.values()];
    return {
      last_table: empty ? 0 : number,
      last_other: this.place(table.other),
      last_matters: this.place(lackedBySome(sets)),
    };
  }

  private inside(
    table: InsideTable | undefined,
  ): Pick<PathNumbers, 'needles' | 'absent' | 'rare' | 'others'> {
    if (table === undefined) return { needles: 0, absent: 0, rare: 0, others: 0 };
    const value = Buffer.alloc(needle_set.size);
    if (table.needles.length > MAX_NEEDLES)
      throw new TableOmitted('more needles than are looked for');
    table.needles.forEach(({ text, matters }, i) => {
      if (text.length < 2 || text.length > MAX_NEEDLE_BYTES) {
        throw new TableOmitted(`a needle of ${text.length} bytes`);
      }
      const at = needle_set.needles.at + i * needle_set.needles.stride;
      value.write(text, at + needle.text, 'latin1');
      value.fill(0xff, at + needle.mask, at + needle.mask + text.length);
      bytesOf(matters).copy(value, at + needle.matters.at);
    });
    const number = this.slot * this.room('needles') + this.of('needles').keys.length;
    this.add('needles', u32(number), value);
    const rare = rareBytes(table.needles.map(({ text }) => text));
    const others = noBits();
    for (const { text, matters } of table.needles)
      if (rare === undefined || !text.includes(String.fromCharCode(rare.byte)))
        unite(others, matters);
    return {
      needles: number + 1,
      absent: this.place(table.absent),
      rare: rare === undefined ? 0 : wordOf(rare),
      others: this.place(others),
    };
  }

  private address(
    table: number,
    family: number,
    { address, prefix_bits, bits }: AddressClass,
  ): void {
    const key = Buffer.alloc(address_key.size);
    key.writeUInt32LE(TABLE_BITS + prefix_bits, address_key.prefix_bits);
    key.writeUInt16LE(table, address_key.table);
    key.writeUInt16LE(family, address_key.family);
    key.write(address, address_key.address.at, 'latin1');
    this.add('addresses', key, bytesOf(bits));
  }

  private nextTable(): number {
    return ((this.slot << 31) | ++this.tableCount) >>> 0;
  }

  private setPlace(n: number): number {
    return this.slot * this.room('sets') + n;
  }
}

function wordOf({ byte, next, care }: RareBytes): number {
  const [one, other] = next;
  return (byte | (one << 8) | (other << 16) | (care << 24)) >>> 0;
}

function wholeSets({ exact, prefixes, deeper, other }: PathTable): ClauseBits[] {
  return [other, ...exact.values(), ...prefixes.values(), ...deeper.values()];
}
