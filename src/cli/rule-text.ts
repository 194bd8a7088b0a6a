// The text of one rule file, whatever is behind its name: a pipe that nobody writes to must not hang
// the agent, and a file without end must not fill the memory.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { RuleError } from '../errors.js';

/** What was read. */
export interface ReadText {
  text: string;
  /** A file can be read again, a pipe cannot. */
  isFile: boolean;
}

/**
 * Reads to the end. Of a pipe, waits until somebody has written to it and closed it.
 *
 * @throws RuleError RULE_READ when there is more than `MAX_RULE_BYTES`, or when nothing comes for
 *   `PIPE_WAIT_MS`; errors of the system as they are.
 */
export function readRuleText(path: string): ReadText {
  // Without O_NONBLOCK the opening of a pipe waits for somebody who writes.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (stat.size > MAX_RULE_BYTES) throw tooLarge(path);
    const bytes = readToEnd(descriptor, path, stat.isFIFO());
    return { text: bytes.toString('utf8'), isFile: stat.isFile() };
  } finally {
    closeSync(descriptor);
  }
}

/** A hundred thousand rules; Falco's own are a hundredth of it. */
export const MAX_RULE_BYTES = 16 * 1024 * 1024;

/** How long a pipe may be silent. */
export const PIPE_WAIT_MS = 5000;

// Who writes a byte now and then must come to an end too.
const MAX_WAIT_MS = 60_000;
const CHUNK_BYTES = 64 * 1024;
const NAP_MS = 10;

function readToEnd(descriptor: number, path: string, isPipe: boolean): Buffer {
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
      if (total > MAX_RULE_BYTES) throw tooLarge(path);
      continue;
    }
    // A pipe looks ended until the first writer opens it.
    if (count === 0 && (!isPipe || total > 0)) return Buffer.concat(chunks, total);
    if (silent_ms >= PIPE_WAIT_MS || waited_ms >= MAX_WAIT_MS) throw silent(path);
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

function tooLarge(path: string): RuleError {
  const message = `cannot read rules from ${path}: it holds more than ${MAX_RULE_BYTES} bytes`;
  return new RuleError('RULE_READ', message, { hint: 'split the rules into several files' });
}

function silent(path: string): RuleError {
  const message = `cannot read rules from ${path}: nobody wrote to it and closed it`;
  return new RuleError('RULE_READ', message, { hint: 'write rules to it, or name a file with -r' });
}
