// The spool's files: chunks of alerts and the position of each output in an embedded store (LevelDB).
//
// A write is in the operating system's hands when it resolves, and with `sync` on the disk: LevelDB
// calls fdatasync on its log. Tables and the manifest, with its folder, are always synced.
import { open, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { SpoolError } from '../errors.js';
import { makeFolder } from './make-folder.js';
import { damagedLogBytes } from './spool-tail.js';

/** Alerts that were written together. */
export interface Chunk {
  /** The position of the first. */
  first: number;
  count: number;
  /** When they were written, since 1970. */
  time_ms: number;
  /** Whole lines of UTF-8. */
  lines: Uint8Array;
}

/** A chunk without its lines. */
export interface ChunkExtent extends Omit<Chunk, 'lines'> {
  bytes: number;
}

/** What opening a store found out. */
export interface StoreRecovery {
  /** Of half-written or damaged records, which are gone. */
  damaged_bytes: number;
  /** The store had to be made anew from what was left of it. */
  repaired: boolean;
  /** Nothing could be read: it was put here, and this is an empty one. */
  moved_to: string | undefined;
}

/** The store of one agent. */
export class SpoolStore {
  private constructor(
    private readonly db: Database,
    private readonly folder: string,
    readonly recovery: StoreRecovery,
  ) {}

  /**
   * Opens the store below a folder, or makes one, and has `load` read it. What is damaged is dropped,
   * and said in `recovery`; `load` is called again then.
   *
   * @throws SpoolError SPOOL_BUSY when another process has it open, SPOOL_BROKEN when the disk is
   *   full, read-only or not ours.
   */
  static async open<T>(
    folder: string,
    load: (store: SpoolStore) => Promise<T>,
  ): Promise<{ store: SpoolStore; loaded: T }> {
    const path = join(folder, STORE);
    const recovery: StoreRecovery = { damaged_bytes: 0, repaired: false, moved_to: undefined };
    const attempt = async () => {
      const store = new SpoolStore(await openDatabase(path), folder, recovery);
      try {
        return { store, loaded: await load(store) };
      } catch (error) {
        await store.close();
        throw error;
      }
    };
    try {
      // 0700: alerts tell an attacker what is seen and what is not.
      await makeFolder(folder, 0o700);
      recovery.damaged_bytes = await damagedLogBytes(path);
      return await withRepair(path, recovery, attempt);
    } catch (cause) {
      throw spoolError(folder, cause);
    }
  }

  /** All chunks in order. Reads the whole store. */
  async *extents(): AsyncGenerator<ChunkExtent> {
    for await (const key of this.db.keys({ gte: CHUNK, lt: CHUNKS_END })) yield extentOf(key);
  }

  /** Where each output stands: the first alert it is not done with. */
  async positions(): Promise<Map<string, number>> {
    const range = { gte: OUTPUT, lt: OUTPUTS_END, valueEncoding: 'utf8' };
    const positions = new Map<string, number>();
    for await (const [key, value] of this.db.iterator<string, string>(range)) {
      const position = Number(value);
      if (Number.isSafeInteger(position)) positions.set(key.slice(OUTPUT.length), position);
    }
    return positions;
  }

  /** Stores chunks and positions: all of them or, when it throws, perhaps some. */
  async write(
    chunks: readonly Chunk[],
    positions: ReadonlyMap<string, number>,
    sync: boolean,
  ): Promise<void> {
    const batch = this.db.batch();
    for (const chunk of chunks) batch.put(chunkKey(chunk), chunk.lines);
    for (const [output, position] of positions)
      batch.put(`${OUTPUT}${output}`, String(position), { valueEncoding: 'utf8' });
    await batch.write({ sync });
  }

  /** Forgets outputs that no longer exist. */
  async forget(outputs: readonly string[]): Promise<void> {
    await this.db.batch(outputs.map((output) => ({ type: 'del', key: `${OUTPUT}${output}` })));
  }

  /** The chunks from the one that holds `position`, or the first behind it, until so many bytes. */
  async read(position: number, limit_bytes: number): Promise<Chunk[]> {
    const chunks: Chunk[] = [];
    let bytes = 0;
    const before = this.db.iterator({
      gte: CHUNK,
      lt: positionKey(position),
      reverse: true,
      limit: 1,
    });
    for await (const [key, lines] of before) {
      const { first, count, time_ms } = extentOf(key);
      if (first + count > position) chunks.push({ first, count, time_ms, lines });
    }
    const range = { gte: positionKey(position), lt: CHUNKS_END, highWaterMarkBytes: READ_AHEAD };
    for await (const [key, lines] of this.db.iterator(range)) {
      const { first, count, time_ms } = extentOf(key);
      chunks.push({ first, count, time_ms, lines });
      bytes += lines.length;
      if (bytes >= limit_bytes) break;
    }
    return chunks;
  }

  /** Removes all chunks that begin before `position`. */
  async clear(position: number): Promise<void> {
    await this.db.clear({ gte: CHUNK, lt: positionKey(position) });
  }

  /** Whether the disk would take another write. Asked before a store that failed is opened anew. */
  async probe(): Promise<void> {
    await probe(this.folder);
  }

  /** May be called twice. */
  async close(): Promise<void> {
    await this.db.close();
  }
}

/** Writes as much as opening a store may need, and removes it. @throws what the disk says. */
export async function probe(folder: string): Promise<void> {
  const path = join(folder, 'probe');
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(Buffer.alloc(PROBE_BYTES));
    await file.sync();
  } finally {
    await file.close();
    await unlink(path);
  }
}

/** Whether what the store threw says that its content is damaged. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  // A file that the manifest names is not there, or ends before its end (env_posix.cc says EINVAL).
  const lost = code === 'LEVEL_IO_ERROR' && /No such file|Invalid argument/.test(reasonOf(error));
  return lost || code === 'LEVEL_CORRUPTION';
}

type Database = ClassicLevel<string, Uint8Array>;

const STORE = 'alerts';
const CHUNK = 'c';
const CHUNKS_END = 'd';
const OUTPUT = 'p';
const OUTPUTS_END = 'q';
/** Of LevelDB's memory, written to a table when it is full. */
const WRITE_BUFFER_BYTES = 8 * 1024 * 1024;
const PROBE_BYTES = WRITE_BUFFER_BYTES + 2 * 1024 * 1024;
const READ_AHEAD = 256 * 1024;

async function withRepair<T>(
  path: string,
  recovery: StoreRecovery,
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  recovery.repaired = true;
  try {
    await rm(join(path, 'lost'), { recursive: true, force: true }); // where repairing puts the rest
    await ClassicLevel.repair(path);
    return await attempt();
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  // One is kept for whoever wants to look; a disk that damages all of them must not fill up.
  recovery.moved_to = `${path}.damaged`;
  await rm(recovery.moved_to, { recursive: true, force: true });
  await rename(path, recovery.moved_to);
  return await attempt();
}

async function openDatabase(path: string): Promise<Database> {
  const db: Database = new ClassicLevel(path, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    // Most alerts are gone before they would be compressed, and the bound is one of bytes on disk.
    compression: false,
    writeBufferSize: WRITE_BUFFER_BYTES,
    cacheSize: 1024 * 1024, // what is read is read once
    maxOpenFiles: 64,
  });
  await db.open();
  return db;
}

function spoolError(folder: string, cause: unknown): SpoolError {
  if (codeOf(cause) === 'LEVEL_LOCKED')
    return new SpoolError('SPOOL_BUSY', `another agent uses the spool ${folder}`, {
      hint: 'give each agent a spool.path of its own, or stop the other one',
      cause,
    });
  return new SpoolError('SPOOL_BROKEN', `cannot use the spool ${folder}: ${reasonOf(cause)}`, {
    hint: 'make spool.path a folder on a disk that can be written to and is not full',
    cause,
  });
}

/** The innermost code: abstract-level wraps what LevelDB says. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const inner = codeOf(error.cause);
  return inner !== '' ? inner : 'code' in error ? String(error.code) : '';
}

/** The innermost message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

// Numbers of a fixed width, so that the order of keys is the order of alerts.
function chunkKey({ first, count, time_ms, lines }: Chunk): string {
  return (
    positionKey(first) +
    hex(count, COUNT_DIGITS) +
    hex(time_ms, TIME_DIGITS) +
    hex(lines.length, SIZE_DIGITS)
  );
}

function positionKey(position: number): string {
  return CHUNK + hex(position, POSITION_DIGITS);
}

function extentOf(key: string): ChunkExtent {
  let at = CHUNK.length;
  const [first = 0, count = 0, time_ms = 0, bytes = 0] = DIGITS.map((digits) => {
    at += digits;
    return Number.parseInt(key.slice(at - digits, at), 16);
  });
  return { first, count, time_ms, bytes };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

const POSITION_DIGITS = 14; // 2^53
const COUNT_DIGITS = 8;
const TIME_DIGITS = 12;
const SIZE_DIGITS = 8;
const DIGITS = [POSITION_DIGITS, COUNT_DIGITS, TIME_DIGITS, SIZE_DIGITS];
