// Reads the task iterator: one record for each process that was there before the hooks were.

import { readSync } from 'node:fs';
import { record_header } from '../abi/layout.js';
import { openIterator } from '../bpf/attach.js';
import { closeFd } from '../bpf/libc.js';
import type { BpfObject } from '../bpf/object.js';
import { RingError } from '../errors.js';
import type { RecordSink } from './ring.js';

/** Longer than any record; what one read asks for. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Runs an iterator program once and hands each of its records to `sink`.
 *
 * @returns how many records there were
 * @throws BpfError when the kernel refuses the iterator (`/proc` is then the way)
 * @throws RingError when its output is not made of records
 */
export function readTasks(object: BpfObject, program: string, sink: RecordSink): number {
  const fd = openIterator(object, program);
  try {
    return splitRecords((into, start) => readSome(fd, into, start), sink);
  } finally {
    closeFd(fd);
  }
}

/**
 * Cuts a stream of records that each begin with `struct record_header` into records.
 *
 * @param read fills the buffer from `start` and returns how many bytes it wrote, 0 at the end
 * @throws RingError on a length that no record can have, or a stream that ends inside of one
 */
export function splitRecords(
  read: (into: Buffer, start: number) => number,
  sink: RecordSink,
): number {
  const memory = Buffer.alloc(CHUNK_BYTES);
  let count = 0;
  let filled = 0;
  for (;;) {
    const more = read(memory, filled);
    filled += more;
    let at = 0;
    while (filled - at >= record_header.size) {
      const length = memory.readUInt32LE(at + record_header.length);
      if (length < record_header.size || length > CHUNK_BYTES) {
        throw new RingError('RING_CORRUPT', `task iterator: a record of ${length} bytes`);
      }
      if (length > filled - at) break;
      sink(memory, at, length);
      count += 1;
      at += length;
    }
    memory.copyWithin(0, at, filled);
    filled -= at;
    if (more === 0) break;
  }
  if (filled > 0) throw new RingError('RING_CORRUPT', 'task iterator: the last record is cut');
  return count;
}

function readSome(fd: number, into: Buffer, start: number): number {
  for (;;) {
    try {
      return readSync(fd, into, start, into.length - start, null);
    } catch (error) {
      // The kernel pauses a long walk after a million tasks without output.
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') continue;
      throw error;
    }
  }
}
