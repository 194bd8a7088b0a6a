// Random kernel plans and random facts of calls, from a small vocabulary so that they meet.
import { abi_limit, object_kind } from '../../src/abi/layout.js';
import { headOf } from '../../src/plan/heads.js';
import type {
  AddressClass,
  AddressTable,
  ClauseBits,
  IntegerSource,
  IntegerTable,
  KernelPlan,
  PathTable,
  TypePlan,
} from '../../src/plan/kernel-plan.js';
import {
  MAX_CLAIMED_BYTES,
  MAX_INTEGERS,
  MAX_LAST_BYTES,
  MAX_NEEDLE_BYTES,
  MAX_PREFIX_BYTES,
} from '../../src/plan/kernel-plan.js';
import type { Facts } from '../../src/plan/model.js';
import type { Random } from '../unit/match/random.js';

const AF_INET = 2;
const AF_INET6 = 10;
const CONNECT = 42;
const TYPES = [2, 21, CONNECT, 43, 44, 49, 257, 288];
const NAMES = ['a', 'b', 'etc', 'shadow', '.ssh', '...', 'x.sh', 'lib.so'];
const ODD_NAMES = ['', '.', '..', 'y'.repeat(60), 'z'.repeat(70), '\x01\xff', 'w'.repeat(200)];
const COMMS = ['', 'sh', 'bash', 'fifteen-bytes-x'];
const SOURCES: readonly IntegerSource[] = [
  ...(['arg0', 'arg1', 'arg2', 'arg3', 'arg4', 'arg5', 'extra', 'abi', 'ret'] as const),
  ...([
    'address_family',
    'address_port',
    'object_family',
    'object_type',
    'object_protocol',
  ] as const),
  ...(['object_local_port', 'object_remote_port'] as const),
];
const MASKS = [1n, 3n, 0xffn, 0xffffn, 0xffff_ffffn, 0xffff_ffff_ffff_ffffn];
const VALUES = [0n, 1n, 2n, 3n, 10n, 63n, 64n, 80n, 443n, 0xffff_ffffn, 1n << 40n];

/** Cgroups of facts; what a plan says of them is told by the test. */
export const CGROUPS = [1n, 2n, 1n << 33n];

function some<T>(random: Random, most: number, make: () => T): T[] {
  return Array.from({ length: random.int(most + 1) }, make);
}

function maybe<T>(random: Random, make: () => T): T | undefined {
  return random.int(2) === 0 ? undefined : make();
}

/** Most bits are set, so that an event that is looked at by many dimensions still has some. */
export function randomBits(random: Random): ClauseBits {
  const bits = new BigUint64Array(abi_limit.CLAUSE_WORDS);
  const sparse = random.int(4) === 0;
  for (let word = 0; word < bits.length; word++) {
    const draw = (): bigint =>
      (BigInt(random.int(2 ** 31)) << 33n) ^
      (BigInt(random.int(2 ** 31)) << 9n) ^
      BigInt(random.int(512));
    bits[word] = BigInt.asUintN(64, sparse ? draw() & draw() & draw() : draw() | draw() | draw());
  }
  return bits;
}

export function randomPath(random: Random): string {
  const names = some(random, 4, () => random.one(random.int(6) === 0 ? ODD_NAMES : NAMES));
  const path = `/${names.join('/')}`;
  if (random.int(12) > 0) return path;
  // Around the limits of the tables.
  const length = random.one([
    MAX_PREFIX_BYTES,
    abi_limit.MAX_SEARCHED_BYTES,
    MAX_CLAIMED_BYTES,
    3000,
  ]);
  return path + 'p/q'.repeat(2000).slice(0, Math.max(0, length - path.length - 2 + random.int(5)));
}

/** A path as the kernel resolves one: no empty component, no dots, no slash at the end. */
function resolvedPath(random: Random): string {
  const parts = randomPath(random).split('/');
  const path = parts.filter((part) => part !== '' && part !== '.' && part !== '..').join('/');
  return `/${path}`;
}

function bitsBy<K>(random: Random, keys: Iterable<K>): Map<K, ClauseBits> {
  return new Map([...keys].map((key) => [key, randomBits(random)]));
}

function randomPathTable(random: Random): PathTable {
  const cut = (path: string): string => path.slice(0, 1 + random.int(path.length));
  const listed = some(random, 8, () => resolvedPath(random));
  const prefixes = some(random, 8, () => {
    const path = resolvedPath(random);
    return (random.int(2) === 0 ? cut(path) : `${path}/`).slice(0, MAX_PREFIX_BYTES);
  });
  const names = some(random, 6, () => random.one([...NAMES, ...ODD_NAMES]));
  const suffixes = some(random, 6, () =>
    random.one([...NAMES, ...ODD_NAMES]).slice(-1 - random.int(70)),
  );
  const slashed = prefixes.filter((prefix) => prefix.endsWith('/') && random.int(2) === 0);
  const table: PathTable = {
    exact: bitsBy(
      random,
      listed.filter((path) => path.length < MAX_PREFIX_BYTES),
    ),
    prefixes: bitsBy(random, prefixes),
    deeper: bitsBy(random, slashed),
    other: randomBits(random),
  };
  const heads = some(random, 6, () => headOf(resolvedPath(random)));
  if (random.int(2) === 0)
    table.head = { values: bitsBy(random, heads), other: randomBits(random) };
  const last = maybe(random, () => ({
    exact: bitsBy(
      random,
      names.filter((name) => name.length < MAX_LAST_BYTES),
    ),
    suffixes: bitsBy(
      random,
      suffixes.filter((suffix) => suffix !== '').map((suffix) => suffix.slice(-MAX_LAST_BYTES)),
    ),
    other: randomBits(random),
  }));
  if (last !== undefined) table.last = last;
  const needles = some(random, 3, () =>
    random.one(['/.', 'sh', 'etc/a', '/shadow', 'y/p', 'x.sh/b']),
  ).filter((needle) => needle.length <= MAX_NEEDLE_BYTES);
  const asked = needles.map((text) => ({ text, matters: randomBits(random) }));
  if (random.int(2) === 0) table.inside = { needles: asked, absent: randomBits(random) };
  return table;
}

function randomAddress(random: Random): string {
  const bytes = (count: number): string =>
    Array.from({ length: count }, () =>
      String.fromCharCode(random.one([0, 1, 10, 127, 192, 255])),
    ).join('');
  // Never all zeros: what such a local address counts as depends on the other end.
  return random.int(2) === 0 ? bytes(4) : `\x20${bytes(random.one([15]))}`;
}

function randomAddressTable(random: Random): AddressTable {
  const listed = some(random, 8, () => prefixOf(randomAddress(random), random));
  return {
    v4: unique(listed.filter(({ address }) => address.length === 4)),
    v6: unique(listed.filter(({ address }) => address.length === 16)),
    other_v4: randomBits(random),
    other_v6: randomBits(random),
    none: randomBits(random),
  };
}

function prefixOf(address: string, random: Random): AddressClass {
  const prefix_bits = random.int(address.length * 8 + 1);
  const cut = [...address].map((char, at) => {
    const kept = Math.max(0, Math.min(8, prefix_bits - 8 * at));
    return String.fromCharCode(char.charCodeAt(0) & (0xff00 >> kept) & 0xff);
  });
  return { address: cut.join(''), prefix_bits, bits: randomBits(random) };
}

function unique(classes: readonly AddressClass[]): AddressClass[] {
  return [...new Map(classes.map((one) => [`${one.address}/${one.prefix_bits}`, one])).values()];
}

function randomInteger(random: Random): IntegerTable {
  const mask = random.one(MASKS);
  const values = some(random, 5, () => random.one(VALUES) & mask);
  return {
    source: random.one(SOURCES),
    shift: random.one([0, 0, 0, 3, 16]),
    mask,
    values: bitsBy(random, values),
    other: randomBits(random),
  };
}

function randomType(random: Random, paths: number, addresses: number): TypePlan {
  const flag = (): boolean => random.int(2) === 0;
  const type: TypePlan = {
    bits: randomBits(random),
    integers: some(random, MAX_INTEGERS, () => randomInteger(random)),
    uses_process: flag(),
    uses_comm: flag(),
    uses_uid: flag(),
    uses_cgroup: flag(),
  };
  if (flag()) {
    type.result = {
      success: randomBits(random),
      errors: bitsBy(
        random,
        some(random, 3, () => random.one([1, 2, 13, 115])),
      ),
      other_error: randomBits(random),
    };
  }
  if (flag()) type.kinds = Array.from({ length: abi_limit.OBJECT_KINDS }, () => randomBits(random));
  if (flag()) type.path = random.int(paths);
  if (flag()) type.claimed = random.int(paths);
  if (flag()) type.remote = random.int(addresses);
  if (flag()) type.local = random.int(addresses);
  if (flag()) type.no_dots = randomBits(random);
  return type;
}

/** A plan whose tables are all within the limits. */
export function randomPlan(random: Random): KernelPlan {
  const paths = Array.from({ length: 3 }, () => randomPathTable(random));
  const addresses = Array.from({ length: 2 }, () => randomAddressTable(random));
  return {
    clause_count: 64 * abi_limit.CLAUSE_WORDS,
    types: new Map(TYPES.map((type) => [type, randomType(random, paths.length, addresses.length)])),
    paths,
    addresses,
    comm: {
      values: bitsBy(
        random,
        some(random, 3, () => random.one(COMMS)),
      ),
      other: randomBits(random),
    },
    uid: {
      values: bitsBy(
        random,
        some(random, 3, () => random.one([0, 1000, 65534])),
      ),
      other: randomBits(random),
    },
    cgroup_unknown: randomBits(random),
  };
}

/** Facts of a call that could be, and where its cgroup is. */
export function randomFacts(
  random: Random,
  cgroups: ReadonlyMap<bigint, ClauseBits>,
): { facts: Facts; cgroup_id: bigint; claimed: string | undefined } {
  const integer = (): bigint => random.one(VALUES);
  const cgroup_id = random.one(CGROUPS);
  const failed = random.int(3) === 0;
  const kind = failed && random.int(2) === 0 ? 0 : random.int(abi_limit.OBJECT_KINDS);
  const socket = kind === object_kind.OBJECT_SOCKET;
  const family = socket ? random.one([1, AF_INET, AF_INET6, 16]) : 0;
  const address = (of: number): string => {
    if (of !== AF_INET && of !== AF_INET6) return '\0'.repeat(4);
    for (;;) {
      const one = randomAddress(random);
      if (of === AF_INET6 || one.length === 4) return one;
    }
  };
  const claimed = maybe(random, () => randomPath(random));
  const told = HAS_PATH.has(kind) && (failed || random.int(5) > 0);
  const given = random.int(2) === 0 ? 0 : random.one([1, AF_INET, AF_INET6]);
  const facts: Facts = {
    type: random.one(TYPES),
    ret: failed ? -BigInt(random.one([1, 2, 5, 13, 115])) : random.one([0n, 3n, 4096n]),
    args: Array.from({ length: 6 }, integer),
    abi: random.int(3),
    extra: integer(),
    comm: random.one(COMMS),
    uid: random.one([0, 1, 1000, 65534]),
    cgroup: cgroups.get(cgroup_id),
    object: {
      kind,
      flags: socket ? random.one([0, 16, 32, 64]) : 0,
      family,
      socket_type: socket ? random.one([1, 2, 3]) : 0,
      protocol: socket ? random.one([0, 6, 17]) : 0,
      local_port: socket ? random.one([0, 80, 443]) : 0,
      remote_port: socket ? random.one([0, 80, 443]) : 0,
      local_address: address(family),
      remote_address: address(family),
    },
    given: {
      family: given,
      port: given === 0 ? 0 : random.one([0, 80, 443]),
      address: address(given),
    },
    path: told ? resolvedPath(random) : undefined,
    claimed: claimed !== undefined && claimed.length > MAX_CLAIMED_BYTES ? undefined : claimed,
  };
  return { facts, cgroup_id, claimed };
}

const HAS_PATH: ReadonlySet<number> = new Set([
  object_kind.OBJECT_FILE,
  object_kind.OBJECT_DIRECTORY,
  object_kind.OBJECT_CHARDEV,
  object_kind.OBJECT_BLOCKDEV,
]);
