// Output formats, compiled once per rule: an event to the alert's message and its fields.

import { addressText } from '../decode/address.js';
import type { Event, Reader, Value } from '../decode/event.js';
import { printable } from '../decode/param-text.js';
import { operandReader, type Resolve } from '../match/transform.js';
import { eachField, type FieldRef, type Operand } from '../rules/ast.js';
import { toBytes } from '../rules/bytes.js';
import { operandText } from '../rules/canonical.js';
import { parseFormat } from '../rules/format.js';
import type { Rule } from '../rules/rule.js';
import { operandType } from '../rules/transformers.js';
import { typeKind } from '../rules/values.js';
import type { AlertValue } from './alert.js';

/** What a missing value prints. */
export const MISSING = '<NA>';

/** What the template needs of a rule. */
export type TemplateRule = Pick<Rule, 'output' | 'extraFields'>;

/** A rule's output: its message, and the values of `output_fields`. */
export class AlertTemplate {
  /** Keys of `output_fields`, each once, in the order of `values`. */
  readonly fieldNames: readonly string[];
  readonly #format: Format;
  readonly #values: ((event: Event) => AlertValue)[] = [];
  /** What the message is made of besides the values, behind them. */
  readonly #others: ((event: Event) => AlertValue)[] = [];
  readonly #parts: readonly (string | ValuePart)[];
  #inputs: readonly AlertValue[] = [];
  #told: Told | undefined;

  /**
   * @param rule checked by `checkOutput`; what is no field prints as it stands.
   * @param staticFields added under `static.NAME`.
   * @param resolve gives the readers; a field without one is always missing.
   */
  constructor(
    rule: TemplateRule,
    staticFields: Readonly<Record<string, string>>,
    resolve: Resolve,
  ) {
    this.#format = new Format(rule.output, resolve);
    const values = new Map<string, (event: Event) => AlertValue>();
    for (const field of this.#format.fields) {
      values.set(operandText(field), fieldValue(field, resolve));
    }
    const own = new Map(values);
    for (const { key, format, raw } of rule.extraFields) {
      const extra = new Format(raw ? `%${format}` : format, resolve);
      const [field] = extra.fields;
      values.set(
        key,
        raw && field !== undefined ? fieldValue(field, resolve) : (event) => extra.text(event),
      );
    }
    for (const [name, value] of Object.entries(staticFields)) {
      const bytes = toBytes(value);
      values.set(`static.${name}`, () => bytes);
    }
    this.fieldNames = [...values.keys()];
    this.#values = [...values.values()];
    this.#parts = this.#format.parts.map((part) => {
      if (typeof part === 'string') return part;
      const name = operandText(part.operand);
      const isValue = !TIMES.has(name) && own.has(name) && own.get(name) === values.get(name);
      const at = isValue
        ? this.fieldNames.indexOf(name)
        : this.#values.length + this.#others.push(part.text) - 1;
      return { width: part.width, at };
    });
  }

  /**
   * Message and values at once, of which each field is read once. Alerts come in bursts of the same: where
   * nothing differs from the last time it is the very object of the last time, and who prints it can tell.
   */
  told(event: Event): Told {
    const before = this.#inputs;
    const own = this.#values.length;
    const count = own + this.#others.length;
    let inputs: AlertValue[] | undefined;
    for (let at = 0; at < count; at++) {
      const value = (at < own ? this.#values[at] : this.#others[at - own])?.(event);
      if (inputs === undefined) {
        if (at < before.length && isSame(value, before[at])) continue;
        inputs = before.slice(0, at);
      }
      inputs.push(value);
    }
    if (inputs === undefined && this.#told !== undefined) return this.#told;
    this.#inputs = inputs ?? [];
    const message = this.#messageOf(this.#inputs);
    this.#told = { message, values: this.#inputs.slice(0, own) };
    return this.#told;
  }

  #messageOf(inputs: readonly AlertValue[]): string {
    let text = '';
    for (const part of this.#parts) {
      text +=
        typeof part === 'string' ? part : fitted(valueText(inputs[part.at]) ?? MISSING, part.width);
      if (text.length > MAX_TEXT_BYTES) return `${text.slice(0, MAX_TEXT_BYTES)}...`;
    }
    return text;
  }

  /** The output without time and priority, as a byte string. */
  message(event: Event): string {
    return this.#format.text(event);
  }

  /** In the order of `fieldNames`; texts are byte strings. */
  values(event: Event): AlertValue[] {
    return this.#values.map((value) => value(event));
  }
}

/** What a rule says of an event. */
export interface Told {
  /** The output without time and priority, as a byte string. */
  readonly message: string;
  /** In the order of `fieldNames`; texts are byte strings. */
  readonly values: readonly AlertValue[];
}

/** One format, compiled. */
export class Format {
  /** Every field it mentions, also inside of calls; some may occur more than once. */
  readonly fields: readonly FieldRef[];
  /** Literal texts, and what is read of the event. */
  readonly parts: readonly (string | Part)[];

  /** @param format without a leading star: it would be printed. */
  constructor(format: string, resolve: Resolve) {
    const parts = parseFormat(format);
    const fields: FieldRef[] = [];
    if (!Array.isArray(parts)) {
      this.parts = [toBytes(format)];
    } else {
      this.parts = parts.map((part) => {
        if (part.kind === 'literal') return toBytes(part.text);
        eachField(part.operand, (field) => fields.push(field));
        const { operand, width } = part;
        return { operand, width, text: textReader(operand, resolve) };
      });
    }
    this.fields = fields;
  }

  /** The whole text as a byte string; a missing value prints as `<NA>`. */
  text(event: Event): string {
    let text = '';
    for (const part of this.parts) {
      text += typeof part === 'string' ? part : fitted(part.text(event) ?? MISSING, part.width);
      if (text.length > MAX_TEXT_BYTES) return `${text.slice(0, MAX_TEXT_BYTES)}...`;
    }
    return text;
  }

  /**
   * The text up to the first missing value.
   *
   * @returns `complete` false when there was one.
   */
  textUntilMissing(event: Event): { text: string; complete: boolean } {
    let text = '';
    for (const part of this.parts) {
      const next = typeof part === 'string' ? part : part.text(event);
      if (next === undefined) return { text, complete: false };
      text += typeof part === 'string' ? next : fitted(next, part.width);
    }
    return { text, complete: true };
  }
}

// No sensible output comes near; one with ten thousand wide fields would take all memory per alert.
const MAX_TEXT_BYTES = 1024 * 1024;

interface Part {
  operand: Operand;
  /** Bytes to pad or cut to, 0 for none. */
  width: number;
  text: (event: Event) => string | undefined;
}

/** A part of a message that is one of the inputs. */
interface ValuePart {
  width: number;
  at: number;
}

// As `textReader` prints what `fieldValue` makes of a field.
function valueText(value: AlertValue): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return typeof value === 'object' ? `(${value.join(',')})` : String(value);
}

function isSame(a: AlertValue, b: AlertValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

function fitted(text: string, width: number): string {
  return width === 0 ? text : text.slice(0, width).padEnd(width);
}

function textReader(operand: Operand, resolve: Resolve): (event: Event) => string | undefined {
  const { read, several, isAddress } = valueReader(operand, resolve);
  return (event) => {
    const value = read(event);
    if (value === undefined) return undefined;
    if (typeof value === 'string') return isAddress ? addressText(value) : value;
    if (typeof value !== 'object') return String(value);
    const texts = listTexts(value, isAddress);
    return several ? texts.join(' ') : `(${texts.join(',')})`;
  };
}

/** The typed value of a field as `output_fields` has it: addresses and several values as text. */
function fieldValue(field: FieldRef, resolve: Resolve): (event: Event) => AlertValue {
  if (TIMES.has(field.name)) return (event) => event.time_ns;
  const { read, several, isAddress } = valueReader(field, resolve);
  return (event) => {
    const value = read(event);
    if (typeof value === 'string') return isAddress ? addressText(value) : value;
    if (typeof value !== 'object') return value;
    const texts = listTexts(value, isAddress);
    return several ? texts.join(' ') : texts;
  };
}

// Printed as text, but a number of nanoseconds among the fields.
const TIMES: ReadonlySet<string> = new Set(['evt.time', 'evt.time.iso8601']);

function valueReader(
  operand: Operand,
  resolve: Resolve,
): { read: Reader; several: boolean; isAddress: boolean } {
  const typed = operandType(operand);
  if ('error' in typed) return { read: () => undefined, several: false, isAddress: false };
  const isAddress = typeKind(typed.type) === 'address';
  // A field that is only for comparisons has no value of its own.
  const read: Reader =
    typed.field?.spec.filterOnly === true
      ? () => undefined
      : operandReader(shown(operand), resolve);
  const shownRead = typed.field?.spec.name === 'evt.buffer' ? printableOnly(read) : read;
  return { read: presentOnly(shownRead), several: typed.field?.many === true, isAddress };
}

// Without index proc.apid prints the number of the process itself, as the reference does; the other
// fields of ancestors print all of them.
function shown(operand: Operand): Operand {
  const isOwn = operand.kind === 'field' && operand.name === 'proc.apid';
  return isOwn && operand.argument === undefined ? { ...operand, argument: '0' } : operand;
}

// Data is shown as `evt.arg.data` shows it.
function printableOnly(read: Reader): Reader {
  return (event): Value => {
    const value = read(event);
    return typeof value === 'string' ? printable(value) : value;
  };
}

function presentOnly(read: Reader): Reader {
  return (event): Value => {
    const value = read(event);
    return typeof value === 'object' && value.length === 0 ? undefined : value;
  };
}

function listTexts(values: readonly string[] | readonly number[], isAddress: boolean): string[] {
  return Array.from<string | number, string>(values, (value) =>
    typeof value === 'string' && isAddress ? addressText(value) : String(value),
  );
}
