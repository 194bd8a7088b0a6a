// fnmatch without flags, byte by byte: `*` and `?` match slashes and leading dots too.

/** Tells whether a whole byte string matches. */
export type TextTest = (text: string) => boolean;

/**
 * Compiles a pattern. Time per text is at most its length times the pattern's, whatever the pattern.
 *
 * @param pattern a byte string; `*`, `?`, `[...]`, `[!...]`, `[[:alpha:]]` and backslash escapes. A
 *   bracket that is never closed stands for itself, a backslash at the end matches nothing.
 * @param ignoreCase ASCII letters match in either case.
 */
export function compileGlob(pattern: string, ignoreCase = false): TextTest {
  const tokens = tokenize(pattern, ignoreCase);
  if (tokens === undefined) return () => false;
  const plain = ignoreCase ? undefined : withoutTokens(tokens);
  return plain ?? ((text) => matches(tokens, text));
}

const STAR = -1;
const ANY = -2;

// A token is a byte, STAR, ANY, or a set of bytes as a table of 256.
type Token = number | Uint8Array;

function tokenize(pattern: string, ignoreCase: boolean): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (char === '*') {
      if (tokens.at(-1) !== STAR) tokens.push(STAR);
    } else if (char === '?') {
      tokens.push(ANY);
    } else if (char === '\\') {
      if (++at >= pattern.length) return undefined;
      tokens.push(literal(pattern.charCodeAt(at), ignoreCase));
    } else {
      const set = char === '[' ? bracket(pattern, at, ignoreCase) : undefined;
      tokens.push(set?.bytes ?? literal(pattern.charCodeAt(at), ignoreCase));
      if (set !== undefined) at = set.end;
    }
  }
  return tokens;
}

function literal(code: number, ignoreCase: boolean): Token {
  if (!ignoreCase || otherCase(code) === code) return code;
  const bytes = new Uint8Array(256);
  bytes[code] = 1;
  bytes[otherCase(code)] = 1;
  return bytes;
}

// The set that begins at `at` and the place of its closing bracket; `undefined` without one.
function bracket(
  pattern: string,
  at: number,
  ignoreCase: boolean,
): { bytes: Uint8Array; end: number } | undefined {
  const bytes = new Uint8Array(256);
  const inClass = new Uint8Array(256);
  const fold = (code: number): number =>
    ignoreCase && code >= 65 && code <= 90 ? code + 32 : code;
  const negated = /^[!^]/.test(pattern.charAt(at + 1));
  const first = at + (negated ? 2 : 1);
  let next = first;
  for (;;) {
    const char = pattern.charAt(next);
    if (char === '') return undefined;
    if (char === ']' && next > first) break;
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(next, next + 16));
    const className = CLASSES[named?.[1] ?? ''];
    if (named !== null && className !== undefined) {
      for (let code = 0; code < 128; code++) {
        if (className.test(String.fromCharCode(code))) inClass[code] = 1;
      }
      next += named[0].length;
      continue;
    }
    const from = member(pattern, next);
    next = from.end;
    if (pattern.charAt(next) !== '-' || /^\]?$/.test(pattern.charAt(next + 1))) {
      if (Number.isNaN(from.code)) return undefined;
      bytes[fold(from.code)] = 1;
      continue;
    }
    const to = member(pattern, next + 1);
    if (Number.isNaN(to.code)) return undefined;
    next = to.end;
    for (let code = fold(from.code); code <= fold(to.code); code++) bytes[code] = 1;
  }
  // The C library folds bytes and the ends of ranges to lower case, but asks classes as it is.
  if (ignoreCase) bytes.copyWithin(65, 97, 123);
  for (let code = 0; code < 256; code++) {
    const inside = bytes[code] === 1 || inClass[code] === 1;
    bytes[code] = inside === negated ? 0 : 1;
  }
  return { bytes, end: next };
}

// One byte of a set: itself, escaped, or as `[.x.]` and `[=x=]`.
function member(pattern: string, at: number): { code: number; end: number } {
  const symbol = /^\[([.=])([\s\S])\1\]/.exec(pattern.slice(at, at + 5));
  if (symbol !== null) return { code: pattern.charCodeAt(at + 2), end: at + 5 };
  const escaped = pattern.charAt(at) === '\\' ? 1 : 0;
  return { code: pattern.charCodeAt(at + escaped), end: at + escaped + 1 };
}

const CLASSES: Readonly<Record<string, RegExp | undefined>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[^ -~]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

function otherCase(code: number): number {
  if (code >= 65 && code <= 90) return code + 32;
  return code >= 97 && code <= 122 ? code - 32 : code;
}

// Most patterns of rules are a literal with a star at one or both ends: the engine's own search is
// several times faster than the loop below.
function withoutTokens(tokens: readonly Token[]): TextTest | undefined {
  const starts = tokens[0] === STAR;
  const ends = tokens.length > 0 && tokens.at(-1) === STAR;
  const inner = tokens.slice(starts ? 1 : 0, ends ? Math.max(tokens.length - 1, 1) : undefined);
  let text = '';
  for (const token of inner) {
    if (typeof token !== 'number' || token < 0) return undefined;
    text += String.fromCharCode(token);
  }
  if (starts && ends) return (value) => value.includes(text);
  if (starts) return (value) => value.endsWith(text);
  return ends ? (value) => value.startsWith(text) : (value) => value === text;
}

// On a mismatch only the last star can usefully take one byte more.
function matches(tokens: readonly Token[], text: string): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const wanted = tokens[token];
    if (wanted === STAR) {
      star = token++;
      starAt = at;
    } else if (wanted !== undefined && fits(wanted, text.charCodeAt(at))) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (tokens[token] === STAR) token++;
  return token === tokens.length;
}

function fits(token: Token, code: number): boolean {
  if (typeof token === 'number') return token === ANY || token === code;
  return token[code] === 1;
}
