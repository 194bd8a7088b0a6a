// Lines that YAML wants further in. Falco's parser takes no notice of the indentation inside of quotes and
// brackets, and rule files make use of it; ours ends the text or the list there.

import type { CST } from 'yaml';

/** A text with blanks put in at the beginning of lines, and where its parts stood without them. */
export interface Indented {
  text: string;
  /** From an offset in this text to the one in the text before. */
  before(offset: number): number;
}

/**
 * Indents the lines inside of the first quotes or brackets that were cut off; a quote that is open at
 * the last line of the file is closed.
 *
 * @param tokens the text's, from the parser
 * @returns `undefined` when nothing was cut off, or nothing closes it
 */
export function indented(text: string, tokens: readonly CST.Token[]): Indented | undefined {
  const start = firstCut(text, tokens);
  if (start === undefined) return undefined;
  const end = closing(text, start);
  if (end === undefined) {
    const isLastLine = /^[^\n]*\s*$/.test(text.slice(start));
    if (!isLastLine || !QUOTES.has(text.charAt(start))) return undefined;
    return { text: text + text.charAt(start), before: (offset) => Math.min(offset, text.length) };
  }
  const inside = text.slice(start, end);
  // Elsewhere a document ends with these, even inside of quotes.
  if (/^(?:---|\.\.\.)(?:\s|$)/m.test(inside)) return undefined;
  const column = start - (text.lastIndexOf('\n', start) + 1);
  const blanks = ' '.repeat(column + 1);
  const starts = Array.from(inside.matchAll(/\n/g), ({ index }) => start + index + 1);
  if (starts.length === 0) return undefined;
  return {
    text: text.slice(0, start) + inside.replaceAll('\n', `\n${blanks}`) + text.slice(end),
    before: (offset) => withoutBlanks(offset, starts, blanks.length),
  };
}

const QUOTES: ReadonlySet<string> = new Set(['"', "'"]);

/** @param starts of the lines that `count` blanks were put in at, as they were before */
function withoutBlanks(offset: number, starts: readonly number[], count: number): number {
  let line = 0;
  for (let end = starts.length; line < end; ) {
    const middle = (line + end) >> 1;
    if ((starts[middle] ?? 0) + middle * count <= offset) line = middle + 1;
    else end = middle;
  }
  return Math.max(offset - line * count, starts[line - 1] ?? 0);
}

function firstCut(text: string, tokens: readonly CST.Token[]): number | undefined {
  let first: number | undefined;
  const open: (CST.Token | CST.CollectionItem)[] = [...tokens];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!('type' in next)) {
      if (next.key) open.push(next.key);
      if (next.value) open.push(next.value);
      continue;
    }
    if (isCut(text, next) && (first === undefined || next.offset < first)) first = next.offset;
    if (next.type === 'document' && next.value !== undefined) open.push(next.value);
    if ('items' in next) for (const item of next.items) open.push(item);
  }
  return first;
}

function isCut(text: string, token: CST.Token): boolean {
  switch (token.type) {
    case 'flow-collection':
      return token.end.length === 0;
    case 'double-quoted-scalar':
    case 'single-quoted-scalar':
      return closing(text, token.offset) !== token.offset + token.source.length;
    default:
      return false;
  }
}

// Behind what closes the quote or bracket at `start`.
function closing(text: string, start: number): number | undefined {
  const quote = text.charAt(start);
  if (QUOTES.has(quote)) return behindQuotes(text, start, quote);
  let depth = 0;
  // The last character that is no blank: quotes count only where a text can begin.
  let last = '';
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    if (/\s/.test(char)) continue;
    if (QUOTES.has(char) && '[{,:'.includes(last)) {
      const end = behindQuotes(text, at, char);
      if (end === undefined) return undefined;
      at = end - 1;
    } else if (char === '#' && /\s/.test(text.charAt(at - 1))) {
      const end = text.indexOf('\n', at);
      if (end < 0) return undefined;
      at = end;
      continue;
    } else if (char === '[' || char === '{') depth++;
    else if ((char === ']' || char === '}') && --depth === 0) return at + 1;
    last = char;
  }
  return undefined;
}

function behindQuotes(text: string, start: number, quote: string): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\' && quote === '"') at++;
    else if (char === quote && quote === "'" && text.charAt(at + 1) === quote) at++;
    else if (char === quote) return at + 1;
  }
  return undefined;
}
