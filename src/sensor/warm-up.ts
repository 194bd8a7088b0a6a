// Runs the way of an event before there are any: code that has not run yet is slow. Of the first 5,000 opens
// each took 12 us of the sensor's time, of those after 20,000 some 3 us (busy machine, Node 20); under a load
// that begins when the agent does the ring fills meanwhile. So rules are tried on records made up here first,
// and what these leave behind is thrown away.
import { object_kind, record_header } from '../abi/layout.js';
import { findClaim } from '../decode/claim.js';
import { encodeRecord, type RecordParts, type Texts, type Values } from '../decode/encode.js';
import { Enricher } from '../enrich/enricher.js';
import type { Matcher } from '../match/matcher.js';
import { typeNumber } from '../rules/events.js';

/** More than this is not worth a later start. */
const LIMIT_MS = 40;
/** By then what runs often is compiled. */
const ROUNDS = 500;
/** Opens are what most events are: other calls come once in so many rounds. */
const OTHERS_EVERY = 8;

/** Lets made-up events pass decoding, enrichment and rules; none of them can give an alert. */
export function warmUp(matcher: Matcher, limit_ms: number = LIMIT_MS): void {
  const enricher = new Enricher({ boot_epoch_ns: 0n, is_live: false });
  const types = matcher.wantedTypes();
  const [often, all] = [madeUp(types, false), madeUp(types, true)];
  const end_ms = performance.now() + limit_ms;
  for (let round = 0; round < ROUNDS && performance.now() < end_ms; round += 1) {
    for (const record of round % OTHERS_EVERY === 0 ? all : often) {
      const kind = record.readUInt16LE(record_header.kind);
      const event = enricher.take(kind, record, 0, record.length);
      if (event === undefined) continue;
      matcher.match(event);
      if (findClaim(event) !== undefined) event.read(false);
    }
  }
}

// The life of a small program, with the calls that rules ask for.
function madeUp(types: ReadonlySet<number>, withOthers: boolean): Buffer[] {
  const records = [fork(), exec()];
  for (const [number, name] of OPENS) {
    if (!types.has(number)) continue;
    for (const [path, flags] of FILES) records.push(open(number, name, path, flags));
  }
  for (const type of withOthers ? types : []) {
    if (type < FIRST_LIFECYCLE && !OPENS.has(type)) records.push(call(type));
  }
  records.push(exit());
  return records;
}

const FIRST_LIFECYCLE = 512; // enum event_type
const OPENS = new Map(
  ['open', 'openat'].flatMap((name) => {
    const number = typeNumber(name);
    return number === undefined ? [] : [[number, name] as const];
  }),
);

const O_WRONLY = 1;
const O_CREAT = 0o100;
const FILES: readonly (readonly [path: string, flags: number])[] = [
  ['/etc/ld.so.cache', 0],
  ['/usr/lib/x86_64-linux-gnu/libc.so.6', 0],
  ['/usr/share/zoneinfo/Etc/UTC', 0],
  ['/proc/3/status', 0],
  ['/dev/null', O_WRONLY],
  ['/var/log/app/app.log', O_WRONLY],
  ['/tmp/build/file.tmp', O_WRONLY | O_CREAT],
  ['/home/user/src/module.c', 0],
];

const TASK: Values = {
  pid: 3,
  tid: 3,
  parent_pid: 2,
  start_ns: 3_000_000_000n,
  parent_start_ns: 2_000_000_000n,
  session: 2,
  pgid: 3,
  vpid: 3,
  vtid: 3,
  vpgid: 3,
  uid: 1000,
  gid: 1000,
  comm: 'program',
};

function record(parts: RecordParts): Buffer {
  return encodeRecord({ header: { time_ns: 4_000_000_000n }, task: TASK, ...parts });
}

function fork(): Buffer {
  return record({ kind: 'fork' });
}

function exec(): Buffer {
  const texts = {
    exe: '/usr/bin/program',
    cwd: '/home/user',
    argv: 'program\0--option\0file\0',
    env: 'PATH=/usr/bin:/bin\0HOME=/home/user\0LANG=C.UTF-8\0',
    cgroup: '/user.slice',
  };
  return record({ kind: 'exec', own: { argc: 3, inode: 9n, ctime_ns: 1n, mtime_ns: 1n }, texts });
}

function exit(): Buffer {
  return record({ kind: 'exit', own: { reaper_pid: 1, reaper_start_ns: 1n } });
}

function open(type: number, name: string, path: string, flags: number): Buffer {
  const arguments_ = name === 'open' ? [1n, BigInt(flags)] : [AT_FDCWD, 1n, BigInt(flags)];
  const texts: Texts = { path, claimed: path };
  return record({
    kind: 'call',
    type,
    call: { ret: 3, args: padded(arguments_), extra: BigInt(flags), number: type },
    object: { fd: 3, kind: object_kind.OBJECT_FILE, inode: 7n, dev: 1, mode: 0o100644 },
    texts,
  });
}

function call(type: number): Buffer {
  return record({
    kind: 'call',
    type,
    call: { ret: 0, args: padded([3n]), number: type },
    texts: { claimed: '/tmp/build/file.tmp' },
  });
}

const AT_FDCWD = 0xffff_ff9cn;

function padded(values: readonly bigint[]): bigint[] {
  return Array.from({ length: 6 }, (_, at) => values[at] ?? 0n);
}
