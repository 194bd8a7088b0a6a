// Random events for the filter's property test: records of calls as the kernel makes them, and processes
// in a small tree with containers and users.

import { object_flag, object_kind } from '../../../src/abi/layout.js';
import { CallCursor } from '../../../src/decode/call.js';
import { DecodeCounters } from '../../../src/decode/cursor.js';
import { addressField, encodeRecord, type Values } from '../../../src/decode/encode.js';
import { Event, NOBODY, type ProcessView } from '../../../src/decode/event.js';
import { FIRST_PID_NS } from '../../../src/decode/task.js';
import { typeNumber } from '../../../src/rules/events.js';
import { parseAddress } from '../../../src/rules/values.js';
import type { Random } from '../match/random.js';
import { CONTAINERS, POOLS, type Pools, SURROUNDINGS, UIDS } from './random-pools.js';

/** A process with some ancestors, all the way up. */
export function randomProcess(
  random: Random,
  pools: Pools = POOLS,
  depth = 1 + random.int(5),
): ProcessView {
  const isTop = depth <= 1;
  const parent = isTop ? undefined : randomProcess(random, pools, depth - 1);
  const comm = random.one(pools.comms);
  const args = random.one(pools.args);
  const exe = random.one(pools.programs);
  return {
    ...NOBODY,
    pid: isTop ? random.one([1, 1, 1, 77]) : 100 + depth,
    known: random.int(20) > 0,
    uncertain: random.int(30) === 0,
    parent,
    comm,
    exe,
    exepath: random.one(pools.programs),
    args,
    cmdline: args === '' ? comm : `${comm} ${args}`,
    argv: [exe, ...args.split(' ').filter((one) => one !== '')],
    env: random.one([[], ['HOME=/root', 'X=1'], ['LD_PRELOAD=/tmp/x']]),
    cwd: maybe(random, ['/', '/root/', '/tmp/', undefined]),
    uid: random.one(UIDS),
    exe_flags: random.int(16),
    exe_inode: BigInt(random.int(3)),
    container: maybe(random, CONTAINERS),
  };
}

/** A call of a process, decoded; the event is its own object. */
export function randomEvent(
  random: Random,
  process: ProcessView,
  comm: string,
  uid: number,
  pools: Pools = POOLS,
): Event {
  const name = random.one(pools.types);
  const type = typeNumber(name) ?? 0;
  const ret = random.int(3) === 0 ? -random.one([1, 2, 13, 17, 111, 115, 106, 600]) : random.int(6);
  const flags = random.one([0, 1, 2, 3, 0o101, 0o102, 0o1101, 0o2000000, 0o200000, 0o20200002]);
  const args = Array.from({ length: 6 }, () =>
    random.one([0n, 1n, 2n, 5n, 17n, 0x4200n, 0o4755n, 1000n, 0xffff_ffffn, BigInt(flags)]),
  );
  const opens = OPENS.has(name);
  if (name === 'open') args[1] = BigInt(flags);
  if (name === 'openat' || name === 'open_by_handle_at') args[2] = BigInt(flags);
  const path = random.one(pools.paths);
  const object =
    opens && ret < 0 ? { kind: object_kind.OBJECT_NONE } : randomObject(random, name, pools);
  const claims = random.int(3) > 0 ? path : random.one([...pools.paths, ...pools.claims]);
  const claimed = CLAIMING.test(name) && random.int(12) > 0 ? claims : undefined;
  const texts = {
    path: objectPath(random, object.kind, path),
    claimed,
    base: claimed?.startsWith('/') === false ? maybe(random, ['/etc', '/', undefined]) : undefined,
    claimed2: TWO_PATHS.test(name) ? random.one([...pools.paths, ...pools.claims]) : undefined,
  };
  const record = encodeRecord({
    kind: 'call',
    type,
    header: { time_ns: 9_000_000_000n },
    task: {
      pid: Math.max(process.pid, 1),
      tid: 7,
      comm,
      uid,
      start_ns: 5_000_000_000n,
      pid_ns: random.one([FIRST_PID_NS, FIRST_PID_NS, 5]),
    },
    call: {
      ret,
      args,
      extra: opens ? (name === 'creat' ? 0o1101 : flags) : 0,
      extra2: random.one([0, 0o644, 0o755]),
    },
    object: { fd: ret, ...object },
    address: ADDRESSED.test(name) ? randomGiven(random, pools) : {},
    texts,
  });
  const call = new CallCursor(new DecodeCounters());
  if (!call.bind(record, 0, record.length)) throw new Error('the record is refused');
  const event = new Event();
  event.advance();
  event.type = type;
  event.task = call;
  event.call = call;
  event.process = process;
  event.surroundings = SURROUNDINGS;
  event.peer_changed = random.int(2) === 0;
  return event;
}

const OPENS = new Set<string>(['open', 'openat', 'openat2', 'creat', 'open_by_handle_at']);
const CLAIMING =
  /^(open|openat|openat2|creat|unlink.*|mkdir.*|rmdir|chmod|fchmodat|rename.*|link.*|symlink.*|stat|chdir|mount|umount2|mknod|quotactl|execve|memfd_create|prctl)$/;
const TWO_PATHS = /^(rename|link|symlink|mount)/;
const ADDRESSED = /^(connect|bind|sendto|recvfrom)$/;

// What is true of all objects that the kernel describes: sockets alone have ends and a family.
function randomObject(random: Random, name: string, pools: Pools): { kind: number } & Values {
  const { OBJECT_NONE, OBJECT_FILE, OBJECT_DIRECTORY, OBJECT_SOCKET, OBJECT_OTHER } = object_kind;
  const isSocket = /^(connect|accept|sendto|recvfrom|bind|listen|socket)/.test(name);
  const any = random.int(OBJECT_OTHER + 1);
  const likely = isSocket
    ? OBJECT_SOCKET
    : random.one([OBJECT_FILE, OBJECT_FILE, OBJECT_DIRECTORY]);
  const kind: number = random.int(4) === 0 ? any : likely;
  if (kind === OBJECT_NONE) return { kind };
  const flags = random.one([0, 0, object_flag.OBJECT_CREATED, object_flag.OBJECT_UPPER_LAYER]);
  const shared = random.int(6) === 0 ? object_flag.OBJECT_SHARED_TABLE : 0;
  const open_flags = random.one([0, 0o200000, 0o20200000]);
  if (kind !== OBJECT_SOCKET) return { kind, flags: flags | shared, open_flags };
  const family = random.one([2, 2, 10, 1, 16, 17]);
  const is6 = family === 10;
  const hasPorts = is6 || family === 2;
  return {
    kind,
    flags:
      shared |
      random.one([0, object_flag.OBJECT_ACCEPTED, object_flag.OBJECT_BOUND]) |
      random.one([0, object_flag.OBJECT_CONNECTED]),
    family,
    socket_type: random.one([1, 2, 3]),
    protocol: random.one([0, 6, 17, 1, 58, 255, 132]),
    local_port: hasPorts ? random.one(pools.ports) : 0,
    remote_port: hasPorts ? random.one(pools.ports) : 0,
    local_address: randomAddress(random, is6, pools),
    remote_address: randomAddress(random, is6, pools),
  };
}

function randomGiven(random: Random, pools: Pools): Values {
  const family = random.one([0, 2, 2, 10, 1]);
  const address = randomAddress(random, family === 10, pools);
  return family === 0 ? {} : { family, port: random.one(pools.ports), address };
}

function randomAddress(random: Random, is6: boolean, { addresses }: Pools): string {
  const fitting = addresses.filter((text) => text.includes(':') === is6);
  if (is6 && random.int(3) === 0) {
    const mapped = parseAddress(random.one(addresses.filter((text) => !text.includes(':')))) ?? '';
    return `${'\0'.repeat(10)}\xff\xff${mapped}`;
  }
  return addressField(parseAddress(random.one(fitting)) ?? '');
}

function objectPath(random: Random, kind: number, path: string) {
  switch (kind) {
    case object_kind.OBJECT_NONE:
      return undefined;
    case object_kind.OBJECT_SOCKET:
      return random.int(3) === 0 ? '/run/x.sock' : undefined;
    case object_kind.OBJECT_ANON:
      return random.one(['[eventfd]', 'bpf-map', '[io_uring]', '[strange]']);
    case object_kind.OBJECT_MEMFD:
      return '/memfd:x';
    case object_kind.OBJECT_PIPE:
    case object_kind.OBJECT_OTHER:
      return maybe(random, [undefined, path]);
    default:
      return random.int(15) === 0 ? { text: path, flags: 1 } : path;
  }
}

// One of them, which may be nothing.
function maybe<T>(random: Random, items: readonly (T | undefined)[]): T | undefined {
  return items[random.int(items.length)];
}
