// Loaded objects that tests have one after the other. To load one takes a guest without KVM five to thirty
// seconds, and what it loads is the same each time; between two tests it gets back what it had then.

import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { abi_limit } from '../../src/abi/layout.js';
import { closeFd, waitForHooks } from '../../src/bpf/libc.js';
import { BpfMap, map_type, u32Key } from '../../src/bpf/map.js';
import { BpfObject } from '../../src/bpf/object.js';
import { openPidfd } from '../../src/bpf/pidfd.js';
import type { MappedRing } from '../../src/bpf/ring-memory.js';
import type { SensorObject } from '../../src/bpf/sensor-object.js';
import { Ring } from '../../src/capture/ring.js';

/** An object that somebody has, until it is given back. */
export interface Lent {
  readonly object: SensorObject;
  /** Of its ring. */
  readonly memory: MappedRing;
  /** Nothing is attached any more, and every map is as after the load. May be called twice. */
  giveBack(): void;
}

/** Descriptors that stay open here, whoever has the objects. */
const kept = new Set<string>();
export const keptFds: ReadonlySet<string> = kept;

const pool = new Map<number, Pooled>();

/**
 * Lends the object of this process with a ring of that size, nothing attached; `undefined`: somebody has it.
 * What was loaded for others is loaded already, and `load` answers as if it were not.
 */
export function borrow(ring_bytes: number, open: () => SensorObject): Lent | undefined {
  const pooled = pool.get(ring_bytes) ?? new Pooled(open);
  pool.set(ring_bytes, pooled);
  return pooled.lend();
}

class Pooled {
  readonly object: SensorObject;
  /** Stays mapped: a view of each new mapping counts as garbage, which V8 then looks for everywhere. */
  readonly #memory: MappedRing;
  /** Values of arrays as after the load, but of those that a program zeroes. */
  readonly #initial = new Map<BpfMap, Buffer>();
  readonly #zeroed = new Map<BpfMap, BpfObject>();
  readonly #loadedWith = new Map<string, BpfObject>();
  /** Also those of the first load, which nothing holds but the object. */
  readonly #loaded = new Set<string>();
  /** Programs that whoever has it has asked for. */
  readonly #asked = new Set<string>();
  #isLent = false;

  constructor(open: () => SensorObject) {
    this.object = keeping(open);
    this.#memory = { ...this.object.mapRing(), close: () => {} };
    for (const map of mapsOf(this.object)) {
      if (!isArray(map)) continue;
      const values = Buffer.alloc(map.transfer_bytes * map.max_entries);
      if (!map.getAll(values)) throw new Error(`map ${map.name} cannot be read at once`);
      const isZero = values.equals(Buffer.alloc(values.length));
      if (isZero && map.type === map_type.ARRAY && map.max_entries >= MANY)
        this.#zeroed.set(
          map,
          keeping(() => zeroing(map)),
        );
      else this.#initial.set(map, values);
    }
    const load = this.object.load.bind(this.object);
    this.object.load = (names) => this.#load([...names], load);
  }

  lend(): Lent | undefined {
    if (this.#isLent) return undefined;
    this.#isLent = true;
    let isBack = false;
    return {
      object: this.object,
      memory: this.#memory,
      giveBack: () => {
        if (isBack) return;
        isBack = true;
        this.#reset();
        this.#isLent = false;
      },
    };
  }

  // As `SensorObject.load`: hands out what holds the programs where nobody has asked for them yet.
  #load(names: readonly string[], load: SensorObject['load']): BpfObject | undefined {
    const isNew = names.some((name) => !this.#loaded.has(name));
    const loaded = isNew ? keeping(() => load(names)) : undefined;
    const first = names.find((name) => !this.#asked.has(name));
    for (const name of names) {
      this.#asked.add(name);
      this.#loaded.add(name);
      if (loaded?.has(name)) this.#loadedWith.set(name, loaded);
    }
    return first === undefined ? undefined : this.#loadedWith.get(first);
  }

  #reset(): void {
    const { object } = this;
    object.want([]);
    object.detachAll();
    waitForHooks();
    for (const map of mapsOf(object)) {
      const values = this.#initial.get(map);
      const zeroed = this.#zeroed.get(map)?.run('zero', Buffer.alloc(8));
      if (zeroed !== undefined && zeroed !== map.max_entries)
        throw new Error(`of map ${map.name} only ${zeroed} entries were zeroed`);
      if (values !== undefined) map.putAll(indexes(map.max_entries), values);
      else if (map.type === map_type.TASK_STORAGE) forgetProcesses(map);
      else if (KEYED.has(map.type)) map.deleteAll(Buffer.concat([...map.walk()]));
    }
    // What belongs to a call stays: nothing jumps there unless the call is wanted.
    object.object.map('calls').delete(u32Key(abi_limit.SLOT_KILL));
    object.object.map('exec_kill').delete(u32Key(0));
    const ring = new Ring(this.#memory);
    while (ring.drain(() => {}, 1000) > 0);
    this.#asked.clear();
  }
}

/** So many entries take longer to write from here than the program takes to load. */
const MANY = 4096;

/** The program of pool.bpf.c for that array. */
function zeroing({ fd, type, key_bytes, value_bytes, max_entries }: BpfMap): BpfObject {
  const object = BpfObject.open(
    readFileSync(join(import.meta.dirname, '../../build/acts/kernel/pool.bpf.o')),
  );
  object.setConstant('words', u32Key(value_bytes / 4));
  object.shareMap(new BpfMap({ name: 'array', fd, type, key_bytes, value_bytes, max_entries }));
  object.choose(['zero']);
  object.load();
  return object;
}

const KEYED: ReadonlySet<number> = new Set([map_type.HASH, map_type.LPM_TRIE]);

/** Maps that can be written from here; constants cannot. */
function mapsOf({ object }: SensorObject): BpfMap[] {
  return object.map_names
    .filter((name) => !name.includes('.rodata'))
    .map((name) => object.map(name));
}

function isArray({ type }: BpfMap): boolean {
  return type === map_type.ARRAY || type === map_type.PERCPU_ARRAY;
}

/** The keys of an array, one after the other. */
function indexes(count: number): Uint8Array {
  return new Uint8Array(Uint32Array.from({ length: count }, (_, index) => index).buffer);
}

/** Storage at processes that live; the rest went with its process. */
function forgetProcesses(map: BpfMap): void {
  for (const name of readdirSync('/proc')) {
    const pidfd = /^\d+$/.test(name) ? openPidfd(Number(name)) : -1;
    if (pidfd < 0) continue;
    map.delete(u32Key(pidfd));
    closeFd(pidfd);
  }
}

/** What is open afterwards and was not before stays with the pool. */
function keeping<T>(action: () => T): T {
  const before = openFds();
  const result = action();
  for (const fd of openFds()) if (!before.has(fd)) kept.add(fd);
  return result;
}

function openFds(): Set<string> {
  // The listing takes the lowest number that is free, which is free again afterwards.
  const free = openSync('/dev/null', 'r');
  closeSync(free);
  return new Set(readdirSync('/proc/self/fd').filter((fd) => fd !== String(free)));
}
