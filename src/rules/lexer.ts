// Cuts a condition into tokens, on demand: what a run of characters means depends on where it stands
// (`in` may be an operator, a macro or a value), so the parser asks for the kind it can use.

import { RuleError } from '../errors.js';
import type { Position } from './ast.js';
import { fromBytesExactly, toBytes } from './bytes.js';

/** A condition that cannot be parsed; points at the place. */
export class ConditionError extends RuleError {
  /** Where the trouble begins. */
  readonly at: Position;
  /** How many characters are wrong, at least 1. */
  readonly length: number;

  constructor(message: string, at: Position, length = 1) {
    super('RULE_INVALID', message);
    this.at = at;
    this.length = length;
  }
}

/** The kinds of token that are one regular expression; all are linear. */
export const TOKENS = {
  field: /[a-zA-Z][a-zA-Z0-9_]*(?:\.[a-zA-Z][a-zA-Z0-9_]*)+/y,
  identifier: /[a-zA-Z][a-zA-Z0-9_]*/y,
  bareArgument: /[^[\]"' \t\n\v\f\r]+/y,
  bare: /[^()"' \t\n\v\f\r=,]+/y,
  hex: /0[xX][0-9a-zA-Z]+/y,
  number: /[+-]?[0-9]+\.?[0-9]*(?:[eE][+-][0-9]+)?/y,
  not: /not[ \t\n\v\f\r]+/y,
} as const;

/** Reads one condition from left to right; never goes back except through `reset`. */
export class Lexer {
  readonly text: string;
  offset = 0;
  private readonly macro: string | undefined;
  private readonly lineStarts: number[] = [0];
  private quoted: { start: number; end: number; value: string } | undefined;

  /** @param macro the macro whose text this is; becomes part of every position. */
  constructor(text: string, macro?: string) {
    this.text = text;
    this.macro = macro;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.lineStarts.push(at + 1);
    }
  }

  get atEnd(): boolean {
    return this.offset >= this.text.length;
  }

  /** Skips blanks; true when there was one. */
  blank(): boolean {
    const start = this.offset;
    while (isBlank(this.text.charCodeAt(this.offset))) this.offset++;
    return this.offset > start;
  }

  /** Takes `text` if it stands here. */
  take(text: string): boolean {
    if (!this.text.startsWith(text, this.offset)) return false;
    this.offset += text.length;
    return true;
  }

  /** Takes the first of `words` that stands here. */
  takeOneOf<Word extends string>(words: readonly Word[]): Word | undefined {
    return words.find((word) => this.take(word));
  }

  /** Takes a token of one of the regular kinds. */
  token(kind: keyof typeof TOKENS): string | undefined {
    const pattern = TOKENS[kind];
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.offset += found.length;
    return found;
  }

  /** True when a blank stands here. */
  peekBlank(): boolean {
    return isBlank(this.text.charCodeAt(this.offset));
  }

  peek(text: string): boolean {
    return this.text.startsWith(text, this.offset);
  }

  /**
   * Takes a quoted text and returns it with escapes processed.
   *
   * @throws ConditionError when it does not end, or at an escape that does not exist.
   */
  quotedText(): string | undefined {
    const start = this.offset;
    const delimiter = this.text[start];
    if (delimiter !== '"' && delimiter !== "'") return undefined;
    if (this.quoted?.start !== start) {
      const end = this.endOfQuoted(start, delimiter);
      this.quoted = { start, end, value: this.unescape(start + 1, end - 1, delimiter) };
    }
    this.offset = this.quoted.end;
    return this.quoted.value;
  }

  position(offset = this.offset): Position {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const at: Position = { line: low, column: offset - (this.lineStarts[low] ?? 0), offset };
    if (this.macro !== undefined) at.macro = this.macro;
    return at;
  }

  fail(message: string, offset = this.offset, length = 1): never {
    throw new ConditionError(message, this.position(offset), length);
  }

  /** What stands here, shortened, to be named in a message. */
  found(): string {
    if (this.atEnd) return 'the end of the condition';
    const word = /[^\s()"',=]+|[\s\S]/y;
    word.lastIndex = this.offset;
    const text = word.exec(this.text)?.[0] ?? '';
    return `'${text.length > 40 ? `${text.slice(0, 40)}...` : text}'`;
  }

  // Escapes are not counted: a delimiter after any backslash does not end the text.
  private endOfQuoted(start: number, delimiter: string): number {
    for (let at = start; ; ) {
      at = this.text.indexOf(delimiter, at + 1);
      if (at < 0) this.fail(`this quoted text does not end: no ${delimiter} follows`, start);
      if (this.text[at - 1] !== '\\') return at + 1;
    }
  }

  private unescape(start: number, end: number, delimiter: string): string {
    const raw = this.text.slice(start, end);
    if (!raw.includes('\\')) return raw;
    let value = '';
    let bytes = false;
    for (let i = 0; i < raw.length; i++) {
      if (raw[i] !== '\\') {
        value += raw[i];
        continue;
      }
      const next = raw[++i] ?? '';
      const plain = next === delimiter ? next : ESCAPES[next];
      if (plain !== undefined) {
        value += plain;
      } else if (next === 'x' && /^[0-9a-fA-F]{2}/.test(raw.slice(i + 1, i + 3))) {
        const code = Number.parseInt(raw.slice(i + 1, i + 3), 16);
        bytes ||= code >= 0x80;
        value += code < 0x80 ? String.fromCharCode(code) : String.fromCharCode(0xdc00 + code);
        i += 2;
      } else {
        this.fail(unknownEscape(next), start + i - 1, 2);
      }
    }
    // Bytes written one by one may form UTF-8 together.
    return bytes ? fromBytesExactly(toBytes(value)) : value;
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x08 && code <= 0x0a) || code === 0x0d;
}

// A backslash before a blank stands for itself and the blank is dropped: the reference does so.
const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  '/': '/',
  ' ': '\\',
};

function unknownEscape(char: string): string {
  if (char === 'x') return 'an escape \\x needs two hexadecimal digits';
  if (char === '"' || char === "'")
    return `\\${char} is an escape only in text quoted with ${char}`;
  return `unknown escape \\${char}: write \\\\${char} for a backslash followed by it`;
}
