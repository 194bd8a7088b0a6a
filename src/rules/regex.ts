// Regular expressions of the rule language: RE2 in POSIX mode, in time linear in the text.

import { RE2JS, RE2JSException } from 're2js';
import { fromBytes } from './bytes.js';

/** A compiled expression; a text matches only as a whole. */
export interface Regex {
  /** @param bytes a byte string; what is not UTF-8 in it counts as U+FFFD. */
  matches(bytes: string): boolean;
}

/**
 * Compiles an expression; `undefined` when POSIX mode refuses it: Perl's classes (`\d`), groups
 * (`(?i)`), boundaries, or a plain mistake.
 *
 * `^` and `$` match at line ends too and `.` does not match a newline, as in the reference.
 */
export function compileRegex(source: string): Regex | undefined {
  const perl = fromPosix(source);
  if (perl === undefined) return undefined;
  try {
    const regex = RE2JS.compile(perl, RE2JS.MULTILINE | RE2JS.DISABLE_UNICODE_GROUPS);
    return { matches: (bytes) => regex.testExact(fromBytes(bytes)) };
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}

/**
 * The operator that does the same for an expression which is only a literal with `^`, `$` or one of
 * `.*`, `.+`, `.?` at its ends; `undefined` when there is none.
 */
export function simplerOperator(source: string): string | undefined {
  const parts = /^\^?(\.[*+?])?[^\\^$.|?*+()[\]{}]+(\.[*+?])?\$?$/.exec(source);
  if (parts === null) return undefined;
  if (parts[1] !== undefined) return parts[2] === undefined ? 'endswith' : 'contains';
  return parts[2] === undefined ? '=' : 'startswith';
}

/** Replaces every match, or its first group if there is one. */
export type Replacer = (text: string, by: string) => string;

/** A replacer for RE2's own syntax; `undefined` when it is none, or matches what is empty. */
export function replacer(source: string): Replacer | undefined {
  try {
    const regex = RE2JS.compile(source);
    if (regex.testExact('')) return undefined;
    return (text, by) => {
      const matcher = regex.matcher(text);
      let result = '';
      let end = 0;
      while (matcher.find()) {
        const group = matcher.groupCount() > 0 && matcher.start(1) >= 0 ? 1 : 0;
        result += text.slice(end, matcher.start(group)) + by;
        end = matcher.end(group);
      }
      return end === 0 ? text : result + text.slice(end);
    };
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}

// re2js offers Perl's syntax only, of which POSIX mode is a part: refuse the rest here. Repeated
// repetitions (`a**`), an error in Perl's, are legal in POSIX mode and mean one of them.
function fromPosix(source: string): string | undefined {
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(source)) {
    return undefined;
  }
  let result = '';
  let inClass = false;
  for (let at = 0; at < source.length; at++) {
    const char = source.charAt(at);
    if (char === '\\') {
      const next = source.charAt(++at);
      if (/[A-Zbcdeg-mopqsuwyz]/.test(next)) return undefined;
      result += char + next;
    } else if (inClass) {
      const named = /^\[:\^?[a-z]+:\]/.exec(source.slice(at, at + 16))?.[0];
      result += named ?? char;
      if (named !== undefined) at += named.length - 1;
      else inClass = char !== ']';
    } else if (char === '[') {
      const start = /^\[\^?\]?/.exec(source.slice(at, at + 3))?.[0] ?? char;
      result += start;
      at += start.length - 1;
      inClass = true;
    } else if (char === '(' && source.charAt(at + 1) === '?') {
      return undefined;
    } else if ('*+?'.includes(char)) {
      const repeats = /^[*+?]+/.exec(source.slice(at))?.[0] ?? char;
      result += new Set(repeats).size === 1 ? char : '*';
      at += repeats.length - 1;
    } else {
      result += char;
    }
  }
  return result;
}
