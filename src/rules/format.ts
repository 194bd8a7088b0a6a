// An output format to its parts: literal text and placeholders.

import type { Operand } from './ast.js';
import { findField, useField } from './fields.js';
import { ConditionError } from './lexer.js';
import { parseOperand } from './parser.js';

/** `%proc.name`, `%10proc.name`, `%proc.aname[2]`, `%toupper(proc.name)`. */
export interface Placeholder {
  kind: 'placeholder';
  /** Bytes to cut or pad to; 0 for none. */
  width: number;
  operand: Operand;
  /** Offset of the percent sign. */
  offset: number;
}

export interface Literal {
  kind: 'literal';
  text: string;
}

export type FormatPart = Literal | Placeholder;

/** What is wrong with a format. */
export interface FormatProblem {
  kind: 'problem';
  message: string;
  /** Of the percent sign. */
  offset: number;
  /** How many characters are wrong. */
  length: number;
  /** The field or call as it was written. */
  token: string;
}

/**
 * Cuts a format into its parts. Each placeholder takes the longest run of characters that is a
 * valid field; a call ends at its closing parenthesis.
 */
export function parseFormat(format: string): FormatPart[] | FormatProblem {
  let parsed = PARSED.get(format);
  if (parsed === undefined) {
    parsed = parse(format);
    if (PARSED.size === MAX_PARSED) PARSED.clear();
    PARSED.set(format, parsed);
  }
  return parsed;
}

// Those who check a rule's output, show it or look for its fields ask one after the other, for each file again.
const PARSED = new Map<string, FormatPart[] | FormatProblem>();
const MAX_PARSED = 512;

function parse(format: string): FormatPart[] | FormatProblem {
  const parts: FormatPart[] = [];
  let literalFrom = 0;
  for (let at = format.indexOf('%'); at >= 0; at = format.indexOf('%', literalFrom)) {
    if (at > literalFrom) parts.push({ kind: 'literal', text: format.slice(literalFrom, at) });
    const digits = digitsAt(format, at + 1);
    const width = Math.min(Number(digits), MAX_WIDTH);
    const start = at + 1 + digits.length;
    const found = callAt(format, start) ?? fieldAt(format, start);
    if (found === undefined) return problem(format, at, start);
    parts.push({ kind: 'placeholder', width, operand: found.operand, offset: at });
    literalFrom = found.end;
  }
  if (literalFrom < format.length) {
    parts.push({ kind: 'literal', text: format.slice(literalFrom) });
  }
  return parts;
}

// Far beyond any real format; keeps a rule from asking for gigabytes of blanks.
const MAX_WIDTH = 65_536;

function digitsAt(format: string, start: number): string {
  let end = start;
  while (/^[0-9]$/.test(format.charAt(end))) end++;
  return format.slice(start, end);
}

interface Found {
  operand: Operand;
  end: number;
}

function callAt(format: string, start: number): Found | undefined {
  if (!/^[a-z][a-z0-9_]*\(/.test(format.slice(start, start + 64))) return undefined;
  let end = closing(format, start);
  if (end === undefined) return undefined;
  const argument = /^\[(?:"[^"]*"|'[^']*'|[^\][\s"']+)\]/.exec(format.slice(end));
  if (argument !== null) end += argument[0].length;
  const operand = parsed(format.slice(start, end));
  return operand === undefined ? undefined : { operand, end };
}

// Behind the parenthesis that closes the first one.
function closing(format: string, start: number): number | undefined {
  let depth = 0;
  let quote = '';
  for (let at = start; at < format.length; at++) {
    const char = format.charAt(at);
    if (quote !== '') {
      if (char === quote && format.charAt(at - 1) !== '\\') quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return at + 1;
  }
  return undefined;
}

function fieldAt(format: string, start: number): Found | undefined {
  const run = /^[a-zA-Z0-9_.]+/.exec(format.slice(start, start + 256))?.[0] ?? '';
  for (let length = run.length; length > 0; length--) {
    const name = run.slice(0, length);
    // Most prefixes are no field: asking `useField` for the reason would cost more than all else.
    if (findField(name) === undefined) continue;
    const end = start + length;
    const brackets = /^\[(?:"([^"]*)"|'([^']*)'|([^\][\s"']+))\]/.exec(
      format.slice(end, end + 512),
    );
    const argument = brackets?.[1] ?? brackets?.[2] ?? brackets?.[3];
    if (brackets !== null && argument !== undefined && 'spec' in useField(name, argument)) {
      const operand: Operand = { kind: 'field', name, argument, at: NOWHERE };
      return { operand, end: end + brackets[0].length };
    }
    if ('spec' in useField(name, undefined)) {
      return { operand: { kind: 'field', name, at: NOWHERE }, end };
    }
  }
  return undefined;
}

function parsed(text: string): Operand | undefined {
  try {
    return parseOperand(text);
  } catch (error) {
    if (error instanceof ConditionError) return undefined;
    throw error;
  }
}

const NOWHERE = { line: 0, column: 0, offset: 0 };

function problem(format: string, at: number, start: number): FormatProblem {
  const token = /^[^\s%,;|"']*/.exec(format.slice(start))?.[0] ?? '';
  const length = Math.max(1, start - at + token.length);
  const name = /^[a-zA-Z0-9_.]*/.exec(token)?.[0] ?? '';
  const use = name === '' || token.includes('(') ? undefined : useField(name, undefined);
  const said =
    use !== undefined && 'message' in use
      ? use.message
      : `%${token} is no field and no transformer`;
  const message = token === '' ? 'a percent sign must be followed by a field' : said;
  return { kind: 'problem', message, offset: at, length, token: name };
}
