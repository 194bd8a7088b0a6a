// JSON from a container runtime, read without trust: any part may be missing or something else.
import { RuntimeError } from '../errors.js';
import { toBytes } from '../rules/bytes.js';

/** A value of an answer; what is missing or of another kind reads as empty. */
export class Json {
  constructor(private readonly value: unknown) {}

  /** @throws RuntimeError RUNTIME_ANSWER when the text is not JSON. */
  static parse(text: string): Json {
    try {
      return new Json(JSON.parse(text));
    } catch (cause) {
      throw new RuntimeError('RUNTIME_ANSWER', 'an answer is not JSON', { cause });
    }
  }

  /** The value of a key, through several levels. */
  at(...keys: readonly string[]): Json {
    let value = this.value;
    for (const key of keys) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
        return new Json(undefined);
      value = Reflect.get(value, key);
    }
    return new Json(value);
  }

  /** A byte string; empty for anything but a text. */
  text(): string {
    return typeof this.value === 'string' ? toBytes(this.value) : '';
  }

  flag(): boolean {
    return this.value === true;
  }

  list(): Json[] {
    return Array.isArray(this.value) ? this.value.map((item: unknown) => new Json(item)) : [];
  }

  /** The keys of an object as byte strings, with their values. */
  entries(): [string, Json][] {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value))
      return [];
    return Object.entries(this.value).map(([key, item]: [string, unknown]) => [
      toBytes(key),
      new Json(item),
    ]);
  }

  /** An object whose values are texts; other values are left out. */
  textEntries(): [string, string][] {
    return this.entries().flatMap(([key, item]): [string, string][] =>
      typeof item.value === 'string' ? [[key, item.text()]] : [],
    );
  }

  /** Neither missing nor null. */
  get exists(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** Time since 1970 of an RFC 3339 text, to the nanosecond; `undefined` for none and for year 1. */
  get time_ns(): bigint | undefined {
    const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/.exec(
      this.text(),
    );
    const seconds_ms = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`);
    if (match === null || Number.isNaN(seconds_ms) || seconds_ms <= 0) return undefined;
    return BigInt(seconds_ms) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
  }

  /** As a byte string of JSON; empty when missing. */
  toText(): string {
    return this.exists ? toBytes(JSON.stringify(this.value)) : '';
  }
}
