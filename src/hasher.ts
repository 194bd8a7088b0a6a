// The thread that hashes files for rules. A file that a watched process named may lie on a file system
// whose server never answers: then this thread hangs, and nothing else does.
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { toOrdinaryPriority } from './bpf/ordinary-priority.js';

/** Which file to hash. Texts are byte strings. */
export interface HashRequest {
  /** As the process that used it would write it. */
  path: string;
  pid: number;
  /** It is the program that the process runs, or ran. */
  isProgram: boolean;
  /** What the kernel said of it; a file that differs is another one. */
  inode: bigint | undefined;
  mtime_ns: bigint | undefined;
}

/** Lower case; `undefined` when there is no such file any more, or none that can be hashed. */
export type HashAnswer = string | undefined;

/** Larger files are not hashed: it would take seconds. */
export const MAX_HASHED_BYTES = 256 * 1024 * 1024;
/** For one file. */
const LIMIT_MS = 5000;
const CHUNK_BYTES = 1024 * 1024;
const MAX_KNOWN = 4096;
/** Opens a name without opening the file: no device is touched, no pipe waited for. fcntl.h, x86 and arm64. */
const O_PATH = 0o10000000;

/** Hashes, by what tells one state of a file from another. */
const known = new Map<string, string>();
const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);

/** Hashes one file; never throws. */
export function hashFile(request: HashRequest): HashAnswer {
  for (const path of placesOf(request)) {
    const sha256 = attempt(() => hashAt(path, request));
    if (sha256 !== undefined) return sha256;
  }
  return undefined;
}

// The process's own view first: its root may be another one, and its program may have no name any more.
function placesOf({ path, pid, isProgram, inode }: HashRequest): Buffer[] {
  const bytes = Buffer.from(path, 'latin1');
  const places: Buffer[] = [];
  if (isProgram && (inode !== undefined || runs(pid, bytes))) {
    places.push(Buffer.from(`/proc/${pid}/exe`));
  }
  if (!path.startsWith('/')) return places;
  places.push(Buffer.concat([Buffer.from(`/proc/${pid}/root`), bytes]), bytes);
  return places;
}

// Where the kernel did not tell the inode, the name must do.
function runs(pid: number, path: Buffer): boolean {
  const now = attempt(() => readlinkSync(`/proc/${pid}/exe`, { encoding: 'buffer' }));
  return now?.equals(path) === true;
}

function hashAt(path: Buffer, { inode, mtime_ns }: HashRequest): string | undefined {
  const found = openSync(path, O_PATH);
  try {
    const stat = fstatSync(found, { bigint: true });
    if (!stat.isFile() || stat.size > MAX_HASHED_BYTES) return undefined;
    if (inode !== undefined && stat.ino !== inode) return undefined;
    if (mtime_ns !== undefined && stat.mtimeNs !== mtime_ns) return undefined;
    const key = `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const descriptor = openSync(
      `/proc/self/fd/${found}`,
      constants.O_RDONLY | constants.O_NONBLOCK,
    );
    try {
      const sha256 = contentHash(descriptor);
      const after = fstatSync(descriptor, { bigint: true });
      if (after.mtimeNs !== stat.mtimeNs || after.size !== stat.size) return undefined;
      if (sha256 !== undefined) remember(key, sha256);
      return sha256;
    } finally {
      closeSync(descriptor);
    }
  } finally {
    closeSync(found);
  }
}

function contentHash(descriptor: number): string | undefined {
  const hash = createHash('sha256');
  const end_ms = performance.now() + LIMIT_MS;
  for (let total = 0; total <= MAX_HASHED_BYTES; ) {
    const count = readSync(descriptor, chunk, 0, chunk.length, null);
    if (count === 0) return hash.digest('hex');
    hash.update(chunk.subarray(0, count));
    total += count;
    if (performance.now() > end_ms) return undefined;
  }
  return undefined;
}

function remember(key: string, sha256: string): void {
  const [oldest] = known.keys();
  if (known.size >= MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  known.set(key, sha256);
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined; // gone, or not ours to read: the next place, or no hash
  }
}

if (parentPort !== null) toOrdinaryPriority(); // it began with that of the main thread
parentPort?.on('message', (request: HashRequest) => {
  parentPort?.postMessage(hashFile(request));
});
