// Where the characters of a YAML scalar's value stand in its raw text: quotes, escapes, folding and
// indentation lie between the two.

/**
 * Finds the offset in a scalar's raw text for an index of its value, by walking both.
 *
 * @param raw from the quote, the block indicator or the first character on.
 * @returns the raw text's length for an index behind the value.
 */
export function alignedOffset(raw: string, value: string, index: number): number {
  const style = raw[0];
  let at = style === '|' || style === '>' ? raw.indexOf('\n') + 1 : 0;
  if (style === '"' || style === "'") at = 1;
  for (let i = 0; i < value.length && at < raw.length; i++) {
    const blank = isBlank(value[i]);
    if (!blank) at = behindBlanks(raw, at, style);
    if (i === index) return at;
    // Folded blanks of the value may have no counterpart of their own.
    if (!blank || isBlank(raw[at]) || raw[at] === '\\') at += charLength(raw, at, style);
  }
  return Math.min(at, raw.length);
}

// Also behind a line that ends in a backslash, which in double quotes joins two lines.
function behindBlanks(raw: string, start: number, style: string | undefined): number {
  let at = start;
  while (at < raw.length) {
    if (isBlank(raw[at])) at++;
    else if (style === '"' && raw[at] === '\\' && raw[at + 1] === '\n') at += 2;
    else break;
  }
  return at;
}

function charLength(raw: string, at: number, style: string | undefined): number {
  if (style === "'" && raw[at] === "'") return 2;
  if (style !== '"' || raw[at] !== '\\') return 1;
  return ESCAPE_LENGTHS[raw[at + 1] ?? ''] ?? 2;
}

const ESCAPE_LENGTHS: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\n' || char === '\t' || char === '\r';
}
