// Protocol Buffers, as far as container runtimes need them: a message is read into its fields by
// number and written from parts; the meaning of a number stands where it is used.
// Encoding: https://protobuf.dev/programming-guides/encoding/
import { RuntimeError } from '../errors.js';

/**
 * One message of an answer. Absent fields read as the default of proto3: empty text, 0, an empty
 * message. Reading costs at most the size of the bytes; nested messages are read when asked for.
 */
export class Message {
  readonly #fields = new Map<number, (bigint | Buffer)[]>();

  /** @throws RuntimeError RUNTIME_ANSWER when the bytes are no message. */
  constructor(bytes: Buffer) {
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; shift < 70n; shift += 7n) {
        const byte = bytes[at++];
        if (byte === undefined) throw malformed('a number is cut off');
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return BigInt.asUintN(64, value);
      }
      throw malformed('a number is too long');
    };
    const part = (length: bigint): Buffer => {
      if (length > BigInt(bytes.length - at)) throw malformed('a field is cut off');
      const start = at;
      at += Number(length);
      return bytes.subarray(start, at);
    };
    while (at < bytes.length) {
      const tag = varint();
      const number = Number(tag >> 3n);
      if (number === 0 || number > MAX_FIELD) throw malformed('a field has no valid number');
      const wire = Number(tag & 7n);
      if (wire === WIRE_VARINT) this.#add(number, varint());
      else if (wire === WIRE_BYTES) this.#add(number, part(varint()));
      else if (wire === WIRE_64) this.#add(number, part(8n).readBigUInt64LE());
      else if (wire === WIRE_32) this.#add(number, BigInt(part(4n).readUInt32LE()));
      else throw malformed('a field has an unknown encoding');
    }
  }

  /** A text as a byte string. */
  text(number: number): string {
    const value = this.#last(number);
    return Buffer.isBuffer(value) ? value.latin1Slice() : '';
  }

  bytes(number: number): Buffer {
    const value = this.#last(number);
    return Buffer.isBuffer(value) ? value : NO_BYTES;
  }

  /** An int64. */
  integer(number: number): bigint {
    const value = this.#last(number);
    return typeof value === 'bigint' ? BigInt.asIntN(64, value) : 0n;
  }

  flag(number: number): boolean {
    return this.integer(number) !== 0n;
  }

  has(number: number): boolean {
    return this.#fields.has(number);
  }

  message(number: number): Message {
    return new Message(this.bytes(number));
  }

  messages(number: number): Message[] {
    return this.#all(number).map((bytes) => new Message(bytes));
  }

  texts(number: number): string[] {
    return this.#all(number).map((bytes) => bytes.latin1Slice());
  }

  /** A map<string, string>, as byte strings. */
  textMap(number: number): Map<string, string> {
    return new Map(this.messages(number).map((entry) => [entry.text(1), entry.text(2)]));
  }

  #last(number: number): bigint | Buffer | undefined {
    return this.#fields.get(number)?.at(-1);
  }

  #all(number: number): Buffer[] {
    return (this.#fields.get(number) ?? []).filter((value) => Buffer.isBuffer(value));
  }

  #add(number: number, value: bigint | Buffer): void {
    const values = this.#fields.get(number);
    if (values === undefined) this.#fields.set(number, [value]);
    else values.push(value);
  }
}

/** A field to be written: a text, a number, a truth value, or the bytes of another message. */
export type Field = readonly [
  number: number,
  value: string | number | bigint | boolean | Uint8Array,
];

/** Encodes a message from its fields, in the order given; texts are JS text. */
export function encode(...fields: readonly Field[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const [number, value] of fields) {
    if (typeof value === 'string' || value instanceof Uint8Array) {
      const bytes = typeof value === 'string' ? Buffer.from(value) : value;
      parts.push(varintOf((number << 3) | WIRE_BYTES), varintOf(bytes.length), bytes);
    } else parts.push(varintOf((number << 3) | WIRE_VARINT), varintOf(value));
  }
  return Buffer.concat(parts);
}

const WIRE_VARINT = 0;
const WIRE_64 = 1;
const WIRE_BYTES = 2;
const WIRE_32 = 5;
const MAX_FIELD = 2 ** 29 - 1;
const NO_BYTES = Buffer.alloc(0);

function varintOf(value: number | bigint | boolean): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

function malformed(what: string): RuntimeError {
  return new RuntimeError('RUNTIME_ANSWER', `malformed protobuf message: ${what}`);
}
