// Runs the way of an event before there are any: code that has not run yet is slow. Of the first 5,000 opens
// each took 12 us of the sensor's time, of those after 20,000 some 3 us (busy machine, Node 20); under a load
// that begins when the agent does the ring fills meanwhile. So rules are tried on records made up here first,
// and what these leave behind is thrown away.
import { exit_record, object_kind, record_header, record_kind } from '../abi/layout.js';
import { findClaim } from '../decode/claim.js';
import { encodeRecord, type RecordParts, type Texts, type Values } from '../decode/encode.js';
import { Enricher } from '../enrich/enricher.js';
import type { Matcher } from '../match/matcher.js';
import { typeNumber } from '../rules/events.js';
import { compileEagerly, compileSoon } from './compilers.js';
import { FilterProcesses } from './filter-processes.js';

/** More than this is not worth a later start. */
const START_LIMIT_MS = 40;
/** Records wait for no longer than this while the rest is done in idle time, and compilers have the time between. */
const SLICE_MS = 2;
const GAP_MS = 4;
/** Programs; by then what runs often is compiled. */
const ROUNDS = 2000;
/** Opens are what most events are; other calls come once in so many rounds. */
const OPENS_PER_ROUND = 2;
const OTHERS_EVERY = 4;

/** Lets made-up events pass decoding, enrichment and rules; none of them can give an alert. */
export class WarmUp {
  readonly #enricher = new Enricher({ boot_epoch_ns: 0n, is_live: false });
  readonly #processes: FilterProcesses;
  /** All records, as in a ring. */
  readonly #memory: Buffer;
  /** Where they are. */
  readonly #program: { readonly fork: number; readonly exec: number; readonly exit: number };
  readonly #opens: Turn;
  readonly #others: Turn;
  readonly #due_ms: number;
  #round = 0;

  /** @param wait_ms how long `workIdle` does nothing */
  constructor(
    private readonly matcher: Matcher,
    wait_ms = 0,
  ) {
    this.#due_ms = performance.now() + wait_ms;
    const records: Buffer[] = [];
    let end = 0;
    const place = (record: Buffer): number => {
      records.push(record);
      end += record.length;
      return end - record.length;
    };
    const parent = place(shell());
    this.#program = { fork: place(fork()), exec: place(exec()), exit: place(exit()) };
    const types = matcher.wantedTypes();
    this.#opens = new Turn(opens(types).map(place));
    this.#others = new Turn(others(types).map(place));
    this.#memory = Buffer.concat(records);
    this.#processes = new FilterProcesses({
      entries: { write: () => true, counts: { written: 0, gone: 0, refused: 0 } },
      living: () => this.#enricher.tree.living(),
      epochNow: () => 0n,
    });
    this.#take(parent);
    const nothing = new BigUint64Array(1);
    const sets = {
      bits: nothing,
      fixed_bits: nothing,
      child_bits: nothing,
      kinless_bits: nothing,
    };
    const bits = { ...sets, uses_ancestors: false };
    const planner = { bits: () => bits, containerBits: () => nothing };
    this.#processes.use({ number: 1, planner, tellCgroup: () => {} });
  }

  /** What there was to compile is. */
  get over(): boolean {
    return this.#round >= ROUNDS;
  }

  /** Time until `workIdle` has something to do, at most `limit_ms`. */
  pause_ms(limit_ms: number): number {
    if (this.over) return limit_ms;
    return Math.min(limit_ms, Math.max(GAP_MS, Math.ceil(this.#due_ms - performance.now())));
  }

  /** A little of it; to be called when there is nothing else to do. */
  workIdle(): void {
    if (this.over || performance.now() < this.#due_ms) return;
    compileEagerly();
    this.work(SLICE_MS);
    compileSoon();
  }

  /** Works for so long at most. */
  work(limit_ms: number = START_LIMIT_MS): void {
    const end_ms = performance.now() + limit_ms;
    while (!this.over && performance.now() < end_ms) {
      const { fork, exec, exit } = this.#program;
      this.#take(fork);
      this.#take(exec);
      for (let count = 0; count < OPENS_PER_ROUND; count += 1) this.#take(this.#opens.next());
      if (this.#round % OTHERS_EVERY === 0) this.#take(this.#others.next());
      this.#take(exit);
      this.#processes.work();
      this.#round += 1;
    }
  }

  #take(at: number | undefined): void {
    if (at === undefined) return;
    const memory = this.#memory;
    const kind = memory.readUInt16LE(at + record_header.kind);
    if (kind !== record_kind.RECORD_TASK) this.#identify(at);
    const event = this.#enricher.take(kind, memory, at, this.#length(at));
    const { process_of_record: process, cloner_of_record: cloner } = this.#enricher;
    if (process === undefined) return;
    if (kind === record_kind.RECORD_CALL) this.#processes.note(process, process.pid, process.uid);
    else this.#processes.changed(kind, process, 0n, cloner);
    if (event === undefined) return;
    this.matcher.match(event);
    if (findClaim(event) !== undefined) event.read(false);
  }

  // Each round is another process.
  #identify(at: number): void {
    const pid = FIRST_PID + this.#round;
    this.#memory.writeUInt32LE(pid, at + exit_record.task.pid);
    this.#memory.writeUInt32LE(pid, at + exit_record.task.tid);
  }

  #length(at: number): number {
    return this.#memory.readUInt32LE(at + record_header.length);
  }
}

/** Places, one after the other and again from the first. */
class Turn {
  #at = 0;

  constructor(private readonly places: readonly number[]) {}

  next(): number | undefined {
    const place = this.places[this.#at];
    this.#at = this.#at + 1 < this.places.length ? this.#at + 1 : 0;
    return place;
  }
}

function opens(types: ReadonlySet<number>): Buffer[] {
  return [...OPENS]
    .filter(([number]) => types.has(number))
    .flatMap(([number, name]) => FILES.map(([path, flags]) => open(number, name, path, flags)));
}

// One of every other call that rules ask for.
function others(types: ReadonlySet<number>): Buffer[] {
  return [...types].filter((type) => type < FIRST_LIFECYCLE && !OPENS.has(type)).map(call);
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

const FIRST_PID = 3;
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

function shell(): Buffer {
  const task = { ...TASK, pid: 2, tid: 2, start_ns: 2_000_000_000n, parent_pid: 0, comm: 'sh' };
  return record({ kind: 'task', task, own: { argc: 1 }, texts: { ...TEXTS, argv: 'sh\0' } });
}

function fork(): Buffer {
  const own = { cloner_pid: 2, cloner_start_ns: 2_000_000_000n };
  return record({ kind: 'fork', task: { ...TASK, comm: 'sh' }, own });
}

function exec(): Buffer {
  const own = { argc: 3, inode: 9n, ctime_ns: 1n, mtime_ns: 1n };
  return record({ kind: 'exec', task: { ...TASK, exec_id: 1n }, own, texts: TEXTS });
}

function exit(): Buffer {
  const own = { reaper_pid: 2, reaper_start_ns: 2_000_000_000n };
  return record({ kind: 'exit', task: { ...TASK, exec_id: 1n }, own });
}

const TEXTS = {
  exe: '/usr/bin/program',
  cwd: '/home/user',
  argv: 'program\0--option\0file\0',
  env: 'PATH=/usr/bin:/bin\0HOME=/home/user\0LANG=C.UTF-8\0',
  cgroup: '/user.slice',
};

function open(type: number, name: string, path: string, flags: number): Buffer {
  const arguments_ = name === 'open' ? [1n, BigInt(flags)] : [AT_FDCWD, 1n, BigInt(flags)];
  const texts: Texts = { path, claimed: path };
  return record({
    kind: 'call',
    task: { ...TASK, exec_id: 1n },
    type,
    call: { ret: 3, args: padded(arguments_), extra: BigInt(flags), number: type },
    object: { fd: 3, kind: object_kind.OBJECT_FILE, inode: 7n, dev: 1, mode: 0o100644 },
    texts,
  });
}

function call(type: number): Buffer {
  return record({
    kind: 'call',
    task: { ...TASK, exec_id: 1n },
    type,
    call: { ret: 0, args: padded([3n]), number: type },
    texts: { claimed: '/tmp/build/file.tmp' },
  });
}

const AT_FDCWD = 0xffff_ff9cn;

function padded(values: readonly bigint[]): bigint[] {
  return Array.from({ length: 6 }, (_, at) => values[at] ?? 0n);
}
