// The real object in the running kernel, acts that are performed, and the records they caused.

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { record_header, record_kind } from '../../src/abi/layout.js';
import { openSensorObject, type SensorObject } from '../../src/bpf/sensor-object.js';
import { LossWatch } from '../../src/capture/loss.js';
import { Reader } from '../../src/capture/reader.js';
import { type RecordSink, Ring } from '../../src/capture/ring.js';
import { readTasks } from '../../src/capture/tasks.js';
import { IA32_CALLS, NATIVE_CALLS } from '../../src/rules/syscalls.js';
import { type PlainRecord, plainRecord } from './harness-record.js';
import { borrow, keptFds, type Lent } from './pool.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
export const OBJECT_PATH = join(ROOT, 'build/bpf/saker.bpf.o');

/** Where the sources are compiled to, for processes of their own. */
export const COMPILED = join(ROOT, 'build/js');

/** A guest without KVM is some twenty times as slow: do things less often there. */
export const isEmulated = process.env.SAKER_VM_KERNEL !== undefined;

/** How long a record may be on its way before a test gives up: never how long it should take. */
const PATIENCE_MS = 10_000;

/** What to load and attach. */
export interface AttachOptions {
  /** Names of system calls. */
  syscalls?: readonly string[];
  ring_bytes?: number;
  /** Loaded for this test alone, and closed with it: for tests of loading, closing and pinning. */
  own?: boolean;
}

/** Attaches the lifecycle hooks of an object, and the dispatcher when calls are named. */
export function attach(options: AttachOptions = {}): Sensor {
  const natives = (options.syscalls ?? []).map(nativeNumber);
  const lent = lend(options);
  const { object } = lent;
  const sensor = new Sensor(lent);
  object.attachLifecycle();
  object.want(natives);
  return sensor;
}

/** An object that is loaded, with nothing attached: one that others have had, unless it is to be an own one. */
export function lend({ syscalls = [], ring_bytes = 8 << 20, own = false }: AttachOptions): Lent {
  const open = (): SensorObject =>
    openSensorObject({
      object_path: OBJECT_PATH,
      ring_bytes,
      ia32: ia32Natives(),
      syscalls: syscalls.map(nativeNumber),
    });
  const lent = own ? undefined : borrow(ring_bytes, open);
  if (lent !== undefined) return lent;
  const object = open();
  const memory = object.mapRing();
  const giveBack = (): void => {
    memory.close();
    object.close();
  };
  return { object, memory, giveBack };
}

/** The native number of a system call. */
export function nativeNumber(name: string): number {
  for (const [number, other] of NATIVE_CALLS) if (other === name) return number;
  throw new Error(`there is no system call ${name}`);
}

/** i386 number to native number, where both have the same name. */
function ia32Natives(): (number | undefined)[] {
  const byName = new Map([...NATIVE_CALLS].map(([number, name]) => [name, number]));
  const natives: (number | undefined)[] = [];
  for (const [number, name] of IA32_CALLS) natives[number] = byName.get(name);
  return natives;
}

/** A loaded, attached object and the records that came from it. */
export class Sensor {
  readonly ring: Ring;
  readonly reader: Reader;
  readonly loss: LossWatch;
  /** Every record that was read and not handed out. */
  readonly records: PlainRecord[] = [];
  received = 0;
  /** Is given every record, too, as it lies in the ring. */
  also: RecordSink | undefined;
  readonly object: SensorObject;

  constructor(private readonly lent: Lent) {
    const { object, memory } = lent;
    this.object = object;
    this.ring = new Ring(memory);
    this.reader = new Reader({
      ring: this.ring,
      ring_fd: object.ring_fd,
      flag: object.control,
    });
    this.loss = new LossWatch(object.counters);
  }

  /** Reads what is there, without waiting. */
  drain(): void {
    while (this.reader.poll(this.keep, 0).records > 0);
  }

  /**
   * The oldest record of this kind that names the process, and is not handed out yet; waits for it.
   *
   * @param kind name of an enum record_kind value without RECORD_, in lower case
   */
  next(kind: keyof typeof KINDS, pid: number, type?: string): PlainRecord {
    const wanted = record_kind[KINDS[kind]];
    const number = type === undefined ? undefined : nativeNumber(type);
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      this.drain();
      const place = this.records.findIndex(
        ({ header, task }) =>
          header.kind === wanted &&
          task.pid === pid &&
          (number === undefined || header.type === number),
      );
      const [found] = place < 0 ? [] : this.records.splice(place, 1);
      if (found !== undefined) return found;
      if (Date.now() > end) throw new Error(`no ${kind} record of process ${pid} came`);
      this.reader.poll(this.keep, 100);
    }
  }

  /** Runs the task iterator: one record for each process. */
  tasks(): PlainRecord[] {
    const found: PlainRecord[] = [];
    readTasks(this.object.object, 'iter_tasks', (memory, offset, length) => {
      found.push(plainRecord(memory, offset, length));
    });
    return found;
  }

  close(): void {
    this.reader.close();
    this.ring.close();
    this.lent.giveBack();
  }

  private readonly keep = (memory: Buffer, offset: number, length: number): void => {
    this.received += 1;
    if (memory.readUInt32LE(offset + record_header.length) !== length) {
      throw new Error('a record says another length than the ring');
    }
    this.records.push(plainRecord(memory, offset, length));
    this.also?.(memory, offset, length);
  };
}

const KINDS = {
  fork: 'RECORD_FORK',
  exec: 'RECORD_EXEC',
  exit: 'RECORD_EXIT',
  rename: 'RECORD_RENAME',
  call: 'RECORD_CALL',
  tamper: 'RECORD_TAMPER',
} as const;

/** What an act reports: one line of JSON. */
export interface Done {
  pid: number;
  [key: string]: string | number;
}

/** Path of the program that prepare.sh made of test/acts/NAME.c. */
export function actProgram(name: string): string {
  return join(ROOT, 'build/acts', name);
}

/** Performs an act and returns what it says it did. Its input is empty. */
export async function act(name: string, ...args: string[]): Promise<Done> {
  const child = run(actProgram(name), args);
  child.child.stdin?.end();
  return JSON.parse((await child).stdout);
}

/** What this process holds in the kernel, besides what it keeps for others: a leak shows as a difference. */
export function holdings(): { descriptors: number; maps: number; programs: number; links: number } {
  const kinds = readdirSync('/proc/self/fd')
    .filter((fd) => !keptFds.has(fd))
    .map((fd) => kindOf(fd));
  const count = (kind: string): number => kinds.filter((one) => one === kind).length;
  return {
    descriptors: kinds.filter((kind) => kind !== undefined).length,
    maps: count('map_type'),
    programs: count('prog_type'),
    links: count('link_type'),
  };
}

let isWarm = false;

/** As `holdings`, once what the first load of this process opens and leaves open is open. */
export function warmHoldings(): ReturnType<typeof holdings> {
  if (!isWarm) attach().close();
  isWarm = true;
  return holdings();
}

/** What kind of BPF object a descriptor is, as its fdinfo says; `undefined` when it is gone. */
function kindOf(fd: string): string | undefined {
  try {
    const lines = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
    return /^(map_type|prog_type|link_type):/m.exec(lines)?.[1] ?? 'other';
  } catch {
    return undefined; // the descriptor of the listing itself
  }
}
