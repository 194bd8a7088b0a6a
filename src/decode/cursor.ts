// Bounds and typed reads on the bytes of one record; a cursor is reused and never kept.

import type { At } from '../abi/at.js';
import { span } from '../abi/layout.js';

declare global {
  // What toString('latin1') calls in the end; a quarter faster for the short texts of a record.
  interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> {
    latin1Slice(start?: number, end?: number): string;
  }
}

/** Where a text lies; valid as long as its record. Reused: whoever asks hands one over. */
export class TextPlace {
  memory: Uint8Array = ZEROES;
  start = 0;
  /** Behind the last byte. */
  end = 0;
}

/** What the decoder had to refuse; read by the metrics. */
export class DecodeCounters {
  /** Records whose own length or kind did not make sense: skipped. */
  malformed_records = 0;
  /** Spans that left their record: the part is absent. */
  malformed_spans = 0;
}

/**
 * A window on one record.
 *
 * `bind` checks that the record is as long as its fixed part, so that the reads of fixed fields
 * need no check of their own; spans are checked one by one, because their offsets come from the
 * record. A text is made when it is first asked for and kept until the next `bind`.
 */
export class Cursor {
  protected readonly counters: DecodeCounters;
  private readonly fixedBytes: number;
  private memory: Buffer = ZEROES;
  private view: DataView = ZEROES_VIEW;
  private recordAt = 0;
  private recordBytes = 0;
  private generation = 0;
  // One place per 8 bytes of the fixed part: spans and char arrays all begin on a multiple of 8.
  private readonly texts: (string | undefined)[];
  private readonly made: Float64Array;

  /** @param fixedBytes size of the struct the record begins with */
  constructor(fixedBytes: number, counters: DecodeCounters) {
    this.fixedBytes = fixedBytes;
    this.counters = counters;
    this.texts = new Array<string | undefined>(fixedBytes >> 3).fill(undefined);
    this.made = new Float64Array(fixedBytes >> 3);
  }

  /**
   * Moves to another record.
   *
   * @param memory the ring's memory; the same object each time, a view is made when it changes
   * @returns false when the record is too short for its kind or leaves the memory: counted
   */
  bind(memory: Buffer, offset: number, length: number): boolean {
    if (offset < 0 || length < this.fixedBytes || offset + length > memory.length) {
      this.counters.malformed_records += 1;
      return false;
    }
    if (memory !== this.memory) {
      this.memory = memory;
      this.view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    }
    this.recordAt = offset;
    this.recordBytes = length;
    this.generation += 1;
    return true;
  }

  /** Goes up with every `bind`: what was computed for an earlier number is stale. */
  get recordNumber(): number {
    return this.generation;
  }

  /** The whole record as a copy, for whoever keeps it. */
  bytes(): Buffer {
    return Buffer.from(this.memory.subarray(this.recordAt, this.recordAt + this.recordBytes));
  }

  protected u8(at: At<'u8'>): number {
    return this.view.getUint8(this.recordAt + at);
  }

  protected u16(at: At<'u16'>): number {
    return this.view.getUint16(this.recordAt + at, true);
  }

  protected u32(at: At<'u32'>): number {
    return this.view.getUint32(this.recordAt + at, true);
  }

  protected i32(at: At<'s32'>): number {
    return this.view.getInt32(this.recordAt + at, true);
  }

  protected u64(at: At<'u64'>): bigint {
    return this.view.getBigUint64(this.recordAt + at, true);
  }

  protected i64(at: At<'s64'>): bigint {
    return this.view.getBigInt64(this.recordAt + at, true);
  }

  /** An unsigned 64-bit integer: a number where that is exact, else a bigint. */
  protected int(at: At<'u64'>): number | bigint {
    const high = this.view.getUint32(this.recordAt + at + 4, true);
    if (high >= 0x200000) return this.u64(at);
    return high * 0x1_0000_0000 + this.view.getUint32(this.recordAt + at, true);
  }

  /** A signed 64-bit integer, normalised as `int`. */
  protected signed(at: At<'s64'>): number | bigint {
    const high = this.view.getInt32(this.recordAt + at + 4, true);
    if (high >= 0x200000 || high < -0x1fffff) return this.i64(at);
    return high * 0x1_0000_0000 + this.view.getUint32(this.recordAt + at, true);
  }

  /** The bytes of a span as a byte string; `undefined` when absent. */
  protected text(at: At<'span'>): string | undefined {
    const place = at >> 3;
    if (this.made[place] === this.generation) return this.texts[place];
    const text = this.readText(at);
    this.made[place] = this.generation;
    this.texts[place] = text;
    return text;
  }

  /** Where the text of a span lies; false when it is absent. */
  protected locateText(at: At<'span'>, place: TextPlace): boolean {
    const end = this.spanEnd(at);
    if (end <= 0) return false;
    place.memory = this.memory;
    place.start = this.recordAt + this.u16(at + span.offset);
    place.end = this.recordAt + end;
    return true;
  }

  /** Where the text of a char array lies. */
  protected locateChars(at: number, size: number, place: TextPlace): void {
    const from = this.recordAt + at;
    place.memory = this.memory;
    place.start = from;
    place.end = this.charsEnd(from, size);
  }

  /** A char array of the struct up to its first NUL. */
  protected chars(at: number, size: number): string {
    const place = at >> 3;
    if (this.made[place] === this.generation) return this.texts[place] ?? '';
    const from = this.recordAt + at;
    const text = this.memory.latin1Slice(from, this.charsEnd(from, size));
    this.made[place] = this.generation;
    this.texts[place] = text;
    return text;
  }

  /** Whether a char array holds that byte string. */
  protected charsAre(at: number, size: number, text: string): boolean {
    const from = this.recordAt + at;
    const length = text.length;
    if (length > size || (length < size && this.memory[from + length] !== 0)) return false;
    for (let i = 0; i < length; i += 1) {
      if (this.memory[from + i] !== text.charCodeAt(i)) return false;
    }
    return true;
  }

  /** `size` bytes of the struct as a byte string, not kept. */
  protected raw(at: number, size: number): string {
    return this.memory.latin1Slice(this.recordAt + at, this.recordAt + at + size);
  }

  /** Whether a span has something in it that lies inside the record. */
  protected has(at: At<'span'>): boolean {
    return this.spanEnd(at) > 0;
  }

  /** `enum span_flag` of a span, 0 when absent. */
  protected spanFlags(at: At<'span'>): number {
    return this.u16(at + span.flags);
  }

  /** Length of a span in bytes, 0 when absent. */
  protected spanBytes(at: At<'span'>): number {
    return this.has(at) ? this.u16(at + span.length) : 0;
  }

  /** Whether one span is, byte for byte, a second, a slash and a third; without a second the third. */
  protected isJoined(whole: At<'span'>, front: At<'span'>, back: At<'span'>): boolean {
    const [wholeEnd, frontEnd, backEnd] = [
      this.spanEnd(whole),
      this.spanEnd(front),
      this.spanEnd(back),
    ];
    if (wholeEnd <= 0 || backEnd <= 0 || frontEnd < 0) return false;
    const { memory, recordAt } = this;
    // From the end: there paths differ.
    let at = recordAt + wholeEnd;
    const start = recordAt + this.u16(whole + span.offset);
    const backStart = recordAt + this.u16(back + span.offset);
    if (at - start < recordAt + backEnd - backStart) return false;
    for (let i = recordAt + backEnd; i > backStart; )
      if (memory[--at] !== memory[--i]) return false;
    if (frontEnd === 0) return at === start;
    const frontStart = recordAt + this.u16(front + span.offset);
    if (at - start !== recordAt + frontEnd - frontStart + 1 || memory[--at] !== SLASH) return false;
    for (let i = recordAt + frontEnd; i > frontStart; )
      if (memory[--at] !== memory[--i]) return false;
    return true;
  }

  private charsEnd(from: number, size: number): number {
    let end = from;
    while (end < from + size && this.memory[end] !== 0) end += 1;
    return end;
  }

  private readText(at: number): string | undefined {
    const end = this.spanEnd(at);
    if (end < 0) this.counters.malformed_spans += 1;
    if (end <= 0) return undefined;
    return this.memory.latin1Slice(this.recordAt + this.u16(at + span.offset), this.recordAt + end);
  }

  /** Where the span ends, from the start of the record; 0: absent, -1: malformed. */
  private spanEnd(at: number): number {
    const offset = this.u16(at + span.offset);
    if (offset === 0) return 0;
    const end = offset + this.u16(at + span.length);
    return offset < this.fixedBytes || end > this.recordBytes ? -1 : end;
  }
}

const SLASH = 47;

// What a cursor sees before its first record: longer than the fixed part of any.
const ZEROES = Buffer.alloc(1024);
const ZEROES_VIEW = new DataView(ZEROES.buffer, ZEROES.byteOffset, ZEROES.byteLength);
