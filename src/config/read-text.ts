// The text of one file that somebody named, whatever is behind the name: a pipe that nobody writes
// to must not hang the agent, and a file without end must not fill the memory.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** What was read. */
export interface ReadText {
  text: string;
  /** A file can be read again, a pipe cannot. */
  isFile: boolean;
}

/**
 * Reads to the end. Of a pipe, waits until somebody has written to it and closed it.
 *
 * @throws errors of the system; the same with the code EFBIG when there is more than
 *   `MAX_TEXT_BYTES`, and ETIMEDOUT when a pipe is silent for `PIPE_WAIT_MS`.
 */
export function readText(path: string): ReadText {
  // Without O_NONBLOCK the opening of a pipe waits for somebody who writes.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (stat.size > MAX_TEXT_BYTES) throw coded('EFBIG');
    const bytes = readToEnd(descriptor, stat.isFIFO());
    return { text: bytes.toString('utf8'), isFile: stat.isFile() };
  } finally {
    closeSync(descriptor);
  }
}

/** In words, why a file could not be read or written. */
export function readFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return REASONS[code] ?? code;
}

/** A hundred thousand rules; Falco's own are a hundredth of it. */
export const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** How long a pipe may be silent. */
export const PIPE_WAIT_MS = 5000;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is no folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'its links lead in a circle',
  ENXIO: 'it is a socket or a device that is not there',
  ENAMETOOLONG: 'the name is too long',
  EISDIR: 'it is a folder',
  EEXIST: 'it is there already',
  ENOSPC: 'no space is left',
  EDQUOT: 'no space is left to this user',
  EROFS: 'its file system is read-only',
  EFBIG: `it holds more than ${MAX_TEXT_BYTES} bytes`,
  ETIMEDOUT: 'nobody wrote to it and closed it',
};

// Who writes a byte now and then must come to an end too.
const MAX_WAIT_MS = 60_000;
const CHUNK_BYTES = 64 * 1024;
const NAP_MS = 10;

function readToEnd(descriptor: number, isPipe: boolean): Buffer {
  const chunks: Buffer[] = [];
  let total = 0;
  let waited_ms = 0;
  let silent_ms = 0;
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    const count = readSome(descriptor, chunk);
    if (count !== undefined && count > 0) {
      chunks.push(Buffer.from(chunk.subarray(0, count)));
      total += count;
      silent_ms = 0;
      if (total > MAX_TEXT_BYTES) throw coded('EFBIG');
      continue;
    }
    // A pipe looks ended until the first writer opens it.
    if (count === 0 && (!isPipe || total > 0)) return Buffer.concat(chunks, total);
    if (silent_ms >= PIPE_WAIT_MS || waited_ms >= MAX_WAIT_MS) throw coded('ETIMEDOUT');
    Atomics.wait(NAP, 0, 0, NAP_MS);
    silent_ms += NAP_MS;
    waited_ms += NAP_MS;
  }
}

const NAP = new Int32Array(new SharedArrayBuffer(4));

/** `undefined`: nothing yet. */
function readSome(descriptor: number, into: Buffer): number | undefined {
  try {
    return readSync(descriptor, into, 0, into.length, null);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}

function coded(code: 'EFBIG' | 'ETIMEDOUT'): Error {
  return Object.assign(new Error(REASONS[code]), { code });
}
