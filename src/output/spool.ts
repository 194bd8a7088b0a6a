// Alerts on disk until every remote output is done with them: one log for all outputs, in which each
// has its own position. Bounded by bytes and age, oldest dropped first. When the disk refuses, alerts
// wait in memory, within a bound, and are delivered from there: an alert is never held back for it.
import { SpoolError } from '../errors.js';
import { SpoolIndex } from './spool-index.js';
import { SpoolLog } from './spool-log.js';
import type { SpoolCounts, SpoolOptions } from './spool-options.js';
import { countOf, PendingChunks, RecentChunks } from './spool-pending.js';
import { SpoolReaders } from './spool-readers.js';
import { type Chunk, isDamage, SpoolStore } from './spool-store.js';

/** The spool of one agent. */
export class Spool {
  readonly readers: SpoolReaders;
  #index: SpoolIndex;
  readonly #pending = new PendingChunks(MEMORY_BYTES);
  readonly #recent = new RecentChunks(RECENT_BYTES);
  #store: SpoolStore | undefined;
  #usable = false;
  #opened = false;
  /** The position of the next alert, and of the first that is not on disk. */
  #end = 1;
  #stored = 1;
  readonly #moved = new Map<string, number>();
  #work: Promise<void> | undefined;
  #reads: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  readonly #ageTimer: NodeJS.Timeout;
  #closed = false;
  #failures = 0;
  readonly #log: SpoolLog;

  private constructor(private readonly options: SpoolOptions) {
    this.#index = new SpoolIndex(options.max_bytes, options.max_age_ms);
    this.#log = new SpoolLog(options.path, options.log, () => this.#now());
    this.readers = new SpoolReaders(options.outputs, (name) => ({
      read: (position, limit_bytes) => this.#read(position, limit_bytes),
      moved: (position) => this.#move(name, position),
      missing: (alerts) => this.#log.missing(name, alerts),
    }));
    this.#ageTimer = setInterval(() => this.#kick(), AGE_CHECK_MS).unref();
  }

  /**
   * Opens the store and finds each output's place. A disk that refuses is told in the log, and tried
   * again later.
   *
   * @throws SpoolError SPOOL_BUSY when another agent uses the folder.
   */
  static async open(options: SpoolOptions): Promise<Spool> {
    const spool = new Spool(options);
    try {
      await spool.#openStore();
    } catch (error) {
      if (!(error instanceof SpoolError) || error.code === 'SPOOL_BUSY') {
        await spool.close();
        throw error;
      }
      spool.#broke(error);
    }
    return spool;
  }

  /**
   * Takes whole lines, `count` alerts; the bytes must not change afterwards.
   *
   * @returns true once they are on disk; false when they only wait in memory, or were dropped there.
   */
  append(lines: Uint8Array, count: number): Promise<boolean> {
    if (this.#closed) {
      this.#log.lost(count);
      return Promise.resolve(false);
    }
    const stored = this.#pending.add({ first: this.#end, count, time_ms: this.#now(), lines });
    this.#end += count;
    this.#boundMemory();
    this.#kick();
    if (!this.#usable) this.readers.wake();
    return stored;
  }

  counts(): SpoolCounts {
    return {
      alerts: this.readers.queued(this.#first(), this.#end),
      bytes: this.#index.bytes + this.#pending.bytes,
      dropped: this.#log.dropped,
      on_disk: this.#usable,
    };
  }

  /** Alerts that an output has yet to deliver. */
  queued(output: string): number {
    return this.readers.get(output)?.queued(this.#first(), this.#end) ?? 0;
  }

  /** Writes what it can and closes the store. May be called twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#ageTimer);
    this.#kick();
    while (this.#work !== undefined) await this.#work;
    this.#log.lost(countOf(this.#pending.clear()));
    this.readers.close();
    await this.#exclusive(async () => await this.#store?.close());
  }

  // One writer at a time: while it writes, what arrives waits and is then written together.
  #kick(): void {
    if (this.#work !== undefined || !this.#usable) return;
    this.#work = this.#writeAll().finally(() => {
      this.#work = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    await Promise.resolve(); // what else this turn of the loop appends goes with it
    try {
      do {
        await this.#writeSome();
        await this.#trim();
      } while (this.#usable && this.#pending.length > 0);
    } catch (error) {
      this.#broke(error);
    }
  }

  async #writeSome(): Promise<void> {
    const store = this.#store;
    if (store === undefined) return;
    const chunks = this.#pending.take(WRITE_BYTES);
    const positions = new Map(this.#moved);
    if (chunks.length === 0 && positions.size === 0) return;
    this.#moved.clear();
    try {
      await store.write(chunks, positions, this.options.sync && chunks.length > 0);
    } catch (error) {
      for (const [name, position] of positions)
        if (!this.#moved.has(name)) this.#moved.set(name, position);
      throw error;
    }
    this.#pending.stored();
    for (const chunk of chunks) {
      this.#index.add({ ...chunk, bytes: chunk.lines.length });
      this.#recent.add(chunk);
      this.#stored = chunk.first + chunk.count;
    }
    this.readers.wake();
  }

  // What all outputs are done with, what is too old, and the oldest over the bound.
  async #trim(): Promise<void> {
    let below = this.#index.doneBelow(Math.min(this.readers.position, this.#stored));
    const limit = this.#index.boundBelow(this.#now());
    if (limit > below) {
      below = limit;
      this.#log.overBound(this.readers.dropBelow(limit));
    }
    if (below === 0) return;
    await this.#store?.clear(below);
    this.#index.cut(below);
  }

  #move(output: string, position: number): void {
    this.#moved.set(output, position);
    this.#recent.release(this.readers.position);
    if (!this.#usable)
      // All outputs have what was waiting for the disk.
      this.#pending.release(this.readers.position);
    else if (this.#timer === undefined)
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#kick();
      }, POSITION_DELAY_MS).unref();
  }

  async #read(position: number, limit_bytes: number): Promise<readonly Chunk[]> {
    return await this.#exclusive(async () => {
      const store = this.#store;
      if (position >= this.#stored)
        return this.#usable ? [] : this.#pending.read(position, limit_bytes);
      if (store === undefined) return []; // what comes first is on a disk that may come back
      try {
        return (
          this.#recent.read(position, limit_bytes) ?? (await store.read(position, limit_bytes))
        );
      } catch (error) {
        if (this.#closed) return [];
        this.#store = undefined;
        await store.close().catch(() => {}); // it failed already
        this.#broke(error);
        return [];
      }
    });
  }

  // Reads hold threads of a small pool, and a store must not be closed under a read.
  #exclusive<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#reads.then(act);
    this.#reads = result.catch(() => {}); // whoever called hears of it
    return result;
  }

  #broke(error: unknown): void {
    this.#usable = false;
    this.#failures++;
    this.#pending.refused();
    this.#log.broke(error, MEMORY_BYTES);
    // What is on disk cannot even be read: outputs go on with what waits in memory until it can.
    if (this.#store === undefined && this.#opened && this.#failures > GIVE_UP) {
      this.#opened = false;
      this.#startOver(this.#pending.first ?? this.#end, new Map());
    }
    this.readers.wake();
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#again(error), this.options.retry_ms ?? RETRY_MS);
    this.#timer.unref();
  }

  // After a failed write LevelDB's log may hold half a record, behind which nothing would be found
  // again: it is opened anew, which needs room on the disk, so that is looked for first.
  async #again(before: unknown): Promise<void> {
    this.#timer = undefined;
    try {
      if (this.#store !== undefined && !isDamage(before)) await this.#store.probe();
      await this.#work; // a write that was under way when a read failed
      await this.#exclusive(async () => {
        if (this.#closed) return;
        if (this.#store !== undefined && isDamage(before)) this.#opened = false;
        await this.#store?.close();
        this.#store = undefined;
        await this.#openStore();
      });
    } catch (error) {
      this.#broke(error);
    }
  }

  async #openStore(): Promise<void> {
    const { path, outputs, max_bytes, max_age_ms } = this.options;
    const { store, loaded } = await SpoolStore.open(path, async (opened) => {
      const index = new SpoolIndex(max_bytes, max_age_ms);
      for await (const extent of opened.extents()) index.add(extent);
      return { index, positions: await opened.positions() };
    });
    const { index, positions } = loaded;
    const names = outputs.map(({ name }) => name);
    await store.forget([...positions.keys()].filter((name) => !names.includes(name)));
    const end = Math.max(index.end, 1, ...positions.values());
    this.#index = index;
    if (!this.#opened || end !== this.#stored) this.#startOver(end, positions);
    this.#opened = true;
    this.#store = store;
    this.#usable = true;
    this.#failures = 0;
    for (const [name, position] of this.readers.positions()) this.#moved.set(name, position);
    this.#log.opened(store.recovery, this.counts().alerts);
    this.#kick();
    this.readers.wake();
  }

  // The store knows where each output stands; what waits in memory comes behind what it holds.
  #startOver(end: number, positions: ReadonlyMap<string, number>): void {
    const shift = end - (this.#pending.first ?? this.#end);
    this.#pending.shift(shift);
    this.#recent.clear();
    this.#end += shift;
    this.#stored = end;
    this.#moved.clear();
    this.readers.startOver(positions, end);
  }

  #first(): number {
    return this.#index.first ?? this.#pending.first ?? this.#end;
  }

  #boundMemory(): void {
    const alerts = countOf(this.#pending.overBound());
    if (alerts === 0) return;
    this.#log.lost(alerts);
    this.readers.pass(alerts);
  }

  #now(): number {
    return this.options.now_ms?.() ?? Date.now();
  }
}

/** Of text that waits for the disk, or in its place; and of what some output has yet to deliver. */
const MEMORY_BYTES = 32 * 1024 * 1024;
const RECENT_BYTES = 24 * 1024 * 1024;
const WRITE_BYTES = 4 * 1024 * 1024;
const RETRY_MS = 5000;
/** So many attempts to read what is on disk before outputs go on without it. */
const GIVE_UP = 3;
const AGE_CHECK_MS = 60_000;
// Positions may lag behind: the worst is that alerts are sent twice after a crash.
const POSITION_DELAY_MS = 200;
