// A rule file's text with positions: where an offset lies, and the line with a caret under it.

/** A rule file as it was read. */
export interface RuleSource {
  /** The path or another name for messages. */
  name: string;
  text: string;
}

/** A place in a rule file; line and column count from 0. */
export interface Place {
  file: string;
  line: number;
  column: number;
  /** In UTF-16 units from the beginning of the file. */
  offset: number;
}

/** A rule file whose offsets can be turned into lines and columns. */
export class SourceText {
  readonly name: string;
  readonly text: string;
  private lineStarts: number[] | undefined;

  constructor(source: RuleSource) {
    this.name = source.name;
    this.text = source.text;
  }

  place(offset: number): Place {
    const starts = this.starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.name, line: low, column: offset - (starts[low] ?? 0), offset };
  }

  /**
   * The line of a place and below it a caret, or carets under `length` characters.
   *
   * Safe to print: control characters are made visible, a long line is cut around the place.
   */
  snippet(offset: number, length = 1): string {
    const { line, column } = this.place(offset);
    const start = this.starts()[line] ?? 0;
    // Not searched for: a file may be one line of megabytes with something to say at every item.
    const next = this.starts()[line + 1];
    const end = next === undefined ? this.text.length : next - 1;
    const isCr = end > start && this.text.charCodeAt(end - 1) === CARRIAGE_RETURN;
    const whole = this.text.slice(start, isCr ? end - 1 : end);
    const from = Math.max(0, column - SNIPPET_WIDTH / 2);
    const before = printable(whole.slice(from, column));
    const marked = whole.slice(column, Math.min(column + length, from + SNIPPET_WIDTH));
    const after = printable(whole.slice(column + marked.length, from + SNIPPET_WIDTH));
    const left = from > 0 ? '...' : '';
    const right = whole.length > from + SNIPPET_WIDTH ? '...' : '';
    const carets = '^'.repeat(Math.max(1, printable(marked).length));
    const text = `${left}${before}${printable(marked)}${after}${right}`;
    return `${text}\n${' '.repeat(left.length + before.length)}${carets}`;
  }

  private starts(): number[] {
    if (this.lineStarts !== undefined) return this.lineStarts;
    const starts = [0];
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) {
      starts.push(at + 1);
    }
    this.lineStarts = starts;
    return starts;
  }
}

/** Text for a terminal: control and other invisible characters are written as escapes. */
export function printable(text: string): string {
  return text.replaceAll('\t', ' ').replace(INVISIBLE, escaped);
}

/** JSON that a terminal can be shown: the same characters are JSON's own escapes in it. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(INVISIBLE, (char) =>
    char === '\n' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const SNIPPET_WIDTH = 160;
const CARRIAGE_RETURN = 13;

// Controls, soft hyphen and zero-width or direction-changing marks, line separators, lone
// surrogates, the byte order mark: all could hide or rearrange what a terminal shows.
const INVISIBLE = /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\p{Cs}]/gu;

function escaped(char: string): string {
  const code = char.charCodeAt(0);
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
