// Capture files: records to a file and back, for `saker record` and `saker replay`.
//
//     "SAKERCAP" | u32 version | u32 length of the facts | facts (JSON) | { u32 length | entry }...
//
// An entry is a record, or with the top bit of its length set a note: JSON of what became known of the host
// meanwhile. All integers are little-endian. A file is only readable by a build with the same ABI_HASH.

import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { ABI_HASH, record_header } from '../abi/layout.js';
import { readFailure } from '../config/read-text.js';
import { SakerError } from '../errors.js';
import type { RecordSink } from './ring.js';

/** What is known about the host that a capture comes from: whatever JSON can say. */
export type CaptureFacts = Readonly<Record<string, unknown>>;

const MAGIC = Buffer.from('SAKERCAP', 'latin1');
const VERSION = 1;
const PREFIX_BYTES = MAGIC.length + 8;
const MAX_FACTS_BYTES = 16 * 1024 * 1024;
const NOTE = 0x8000_0000;
/** Twice what the kernel side can build; a longer one is garbage. */
export const MAX_CAPTURED_BYTES = 64 * 1024;
const CHUNK_BYTES = 1 << 20;

/**
 * Writes records to a file, in chunks, up to a limit. A write that fails ends it: the file is closed and keeps
 * what is whole, and the counts are of that.
 */
export class CaptureWriter {
  /** Records written, those in the present chunk included. */
  records = 0;
  /** Records that found the file at its limit. */
  refused = 0;
  private readonly chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  private filled = 0;
  /** Of the file, when all is written. */
  bytes = 0;
  private fd: number;

  /**
   * Makes the file, readable by its owner alone: it holds arguments and paths of every process.
   *
   * @param facts kept as they are; `abi` is added
   * @throws SakerError CAPTURE_FILE when it exists or cannot be made
   */
  constructor(
    private readonly path: string,
    facts: CaptureFacts,
    private readonly limit_bytes: number = Number.MAX_SAFE_INTEGER,
  ) {
    const text = Buffer.from(JSON.stringify({ ...facts, abi: ABI_HASH }));
    if (text.length > MAX_FACTS_BYTES) throw fileError(path, 'the facts are too long');
    this.fd = io('make', path, () => openSync(path, 'wx', 0o600));
    const prefix = Buffer.alloc(PREFIX_BYTES);
    MAGIC.copy(prefix);
    prefix.writeUInt32LE(VERSION, MAGIC.length);
    prefix.writeUInt32LE(text.length, MAGIC.length + 4);
    const head = Buffer.concat([prefix, text]);
    this.bytes = head.length;
    this.write(head);
  }

  /**
   * Adds a record; a `RecordSink`.
   *
   * @returns false when the file is at its limit: counted, not written
   * @throws SakerError CAPTURE_FILE when the file cannot be written
   */
  readonly add = (memory: Buffer, offset: number, length: number): boolean => {
    if (length > MAX_CAPTURED_BYTES || this.bytes + 4 + length > this.limit_bytes) {
      this.refused += 1;
      return false;
    }
    this.entry(length, memory, offset, length);
    this.records += 1;
    return true;
  };

  /**
   * Adds a note; a longer one than a record may be is left out.
   *
   * @returns false when it was
   * @throws SakerError CAPTURE_FILE when the file cannot be written
   */
  note(value: unknown): boolean {
    const text = Buffer.from(JSON.stringify(value));
    if (text.length > MAX_CAPTURED_BYTES || this.bytes + 4 + text.length > this.limit_bytes)
      return false;
    this.entry((NOTE | text.length) >>> 0, text, 0, text.length);
    return true;
  }

  /**
   * Writes what the present chunk holds.
   *
   * @throws SakerError CAPTURE_FILE when the file cannot be written
   */
  flush(): void {
    const bytes = this.chunk.subarray(0, this.filled);
    this.filled = 0;
    this.write(bytes);
  }

  /**
   * Flushes and closes. May be called twice.
   *
   * @throws SakerError CAPTURE_FILE when the rest cannot be written
   */
  close(): void {
    if (this.fd < 0) return;
    this.flush();
    this.release();
  }

  private entry(head: number, memory: Buffer, offset: number, length: number): void {
    if (this.filled + 4 + length > CHUNK_BYTES) this.flush();
    this.chunk.writeUInt32LE(head, this.filled);
    memory.copy(this.chunk, this.filled + 4, offset, offset + length);
    this.filled += 4 + length;
    this.bytes += 4 + length;
  }

  private write(bytes: Buffer): void {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.fd, bytes, written);
    } catch (cause) {
      this.giveUp(bytes, written);
      throw ioError('write', this.path, cause);
    }
  }

  // Of what was to be written, only the first bytes were.
  private giveUp(bytes: Buffer, written: number): void {
    const before = this.bytes - bytes.length;
    let whole = 0;
    for (let at = 0; before > 0 && at < bytes.length; ) {
      const head = bytes.readUInt32LE(at);
      at += 4 + (head >= NOTE ? head - NOTE : head);
      if (at <= written) whole = at;
      else if (head < NOTE) this.records -= 1;
    }
    this.bytes = before + whole;
    try {
      ftruncateSync(this.fd, this.bytes);
    } catch {
      // A reader finds half a record at the end, and says so.
    }
    this.release();
  }

  private release(): void {
    const { fd } = this;
    this.fd = -1;
    closeSync(fd);
  }
}

/** What reading a capture file found. */
export interface Capture {
  facts: CaptureFacts;
  records: number;
  /** Bytes at the end that are no whole record: the recorder was killed, or the disk full. */
  cut_bytes: number;
}

/** Who reads a capture file. */
export interface CaptureSink {
  /** Runs before the first entry. */
  facts?(facts: CaptureFacts): void;
  record: RecordSink;
  note?(value: unknown): void;
}

/**
 * Hands each entry of a capture file over, in the order in which they were recorded.
 *
 * @throws SakerError CAPTURE_FILE when it is no capture, of another ABI, or holds garbage
 */
export function readCapture(path: string, sink: CaptureSink): Capture {
  const fd = io('read', path, () => openSync(path, 'r'));
  try {
    const facts = readFacts(fd, path);
    sink.facts?.(facts);
    return { facts, ...readEntries(fd, path, sink) };
  } finally {
    closeSync(fd);
  }
}

function readFacts(fd: number, path: string): CaptureFacts {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  if (fill(fd, path, prefix) < PREFIX_BYTES || !prefix.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw fileError(path, 'is not a capture file');
  }
  const version = prefix.readUInt32LE(MAGIC.length);
  if (version !== VERSION) throw fileError(path, `has format ${version}, not ${VERSION}`);
  const length = prefix.readUInt32LE(MAGIC.length + 4);
  if (length > MAX_FACTS_BYTES) throw fileError(path, 'holds garbage');
  const text = Buffer.alloc(length);
  if (fill(fd, path, text) < length) throw fileError(path, 'ends before its first record');
  const facts = parseFacts(text.toString());
  if (facts === undefined) throw fileError(path, 'holds garbage');
  if (facts.abi !== ABI_HASH) {
    throw fileError(
      path,
      'was recorded by another version of Saker',
      'replay it with that version',
    );
  }
  return facts;
}

function parseFacts(text: string): CaptureFacts | undefined {
  const parsed = parseJson(text);
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller says which file
  }
}

function readEntries(
  fd: number,
  path: string,
  sink: CaptureSink,
): { records: number; cut_bytes: number } {
  const memory = Buffer.alloc(CHUNK_BYTES);
  let records = 0;
  let filled = 0;
  for (;;) {
    const more = fill(fd, path, memory.subarray(filled));
    filled += more;
    let at = 0;
    while (filled - at >= 4) {
      const head = memory.readUInt32LE(at);
      const isNote = head >= NOTE;
      const length = isNote ? head - NOTE : head;
      if ((!isNote && length < record_header.size) || length > MAX_CAPTURED_BYTES)
        throw fileError(path, `holds a record of ${length} bytes (number ${records + 1})`);
      if (length > filled - at - 4) break;
      if (isNote) sink.note?.(parseJson(memory.toString('utf8', at + 4, at + 4 + length)));
      else {
        sink.record(memory, at + 4, length);
        records += 1;
      }
      at += 4 + length;
    }
    memory.copyWithin(0, at, filled);
    filled -= at;
    if (more === 0) return { records, cut_bytes: filled };
  }
}

function fill(fd: number, path: string, bytes: Buffer): number {
  return io('read', path, () => {
    let filled = 0;
    while (filled < bytes.length) {
      const more = readSync(fd, bytes, filled, bytes.length - filled, null);
      if (more === 0) break;
      filled += more;
    }
    return filled;
  });
}

function io<T>(use: keyof typeof HINTS, path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw ioError(use, path, cause);
  }
}

function ioError(use: keyof typeof HINTS, path: string, cause: unknown): SakerError {
  const message = `cannot ${use} ${path}: ${readFailure(cause)}`;
  return new SakerError('CAPTURE_FILE', message, { hint: HINTS[use], cause });
}

const HINTS = {
  read: 'name a file that saker record wrote',
  make: 'name a file that is not there yet, in a folder that is',
  write: 'make room, or name a file elsewhere',
};

function fileError(path: string, what: string, hint?: string): SakerError {
  return new SakerError('CAPTURE_FILE', `${path} ${what}`, hint === undefined ? {} : { hint });
}
