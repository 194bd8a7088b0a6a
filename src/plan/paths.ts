// Tables of paths: which paths, prefixes, last components and texts inside the rules tell apart.

import { object_kind } from '../abi/layout.js';
import { isOpenOrCreat } from '../decode/descriptors.js';
import { sameBits } from './bits.js';
import { ClassBits } from './classes.js';
import { Concerns, isCertain, unconcerned } from './concerns.js';
import { headTable } from './heads.js';
import {
  type ClauseBits,
  type InsideTable,
  MAX_NEEDLE_BYTES,
  MAX_NEEDLES,
  MAX_PREFIX_BYTES,
  type PathTable,
} from './kernel-plan.js';
import { type Atom, Truth } from './kleene.js';
import { lastTable } from './last.js';
import { MAX_CLASSES, type PathTableInput } from './path-input.js';
import { agreed, type CallFacts, type SyntheticCall } from './synthetic.js';
import { globHead, literalHead, needleOf, opposite, type PathTest, presence } from './texts.js';

/** The table, or `undefined` when no path makes a clause false. */
export function pathTable(
  input: PathTableInput,
  atoms: readonly Atom[],
  calls: SyntheticCall,
): PathTable | undefined {
  const whole = wholeTable(input, atoms, calls);
  const last = lastTable(input);
  const inside = insideTable(input);
  const head = headTable(input);
  if (whole === undefined && last === undefined && inside === undefined) return undefined;
  const table: PathTable = whole ?? {
    exact: new Map(),
    prefixes: new Map(),
    deeper: new Map(),
    other: input.all,
  };
  if (head !== undefined) table.head = head;
  if (last !== undefined) table.last = last;
  if (inside !== undefined) table.inside = inside;
  return table;
}

function wholeTable(
  input: PathTableInput,
  atoms: readonly Atom[],
  calls: SyntheticCall,
): PathTable | undefined {
  const tests = [...input.tests].filter(([, test]) => test.role.part !== 'filename');
  const known = new Set(tests.map(([atom]) => atom));
  const classes = new ClassBits(input.entries, (atom) => known.has(atom), input.all);
  if (classes.size === 0) return undefined;
  const asked = tests.filter(([atom]) => classes.atoms.has(atom));
  const listed = listedOf(asked.map(([, test]) => test));
  const concerns = new Concerns(asked, listed.longest);
  const bitsOf = classes.unlike((atom) => {
    const test = input.tests.get(atom);
    return test === undefined ? Truth.UNKNOWN : unconcerned(test);
  });
  const open = asked.flatMap(([atom, test]) => (isCertain(test) ? [] : atom));
  const exact = new Map<string, ClauseBits>();
  for (const path of listed.exact) {
    const wanted = new Set([...concerns.of(path), ...open]);
    exact.set(path, bitsOf(agreed(wanted, atoms, input.type, eventsOf(input, path), calls)));
  }
  const at = (prefix: string, deeper: boolean): ClauseBits => {
    const truths = new Map<number, Truth>();
    for (const atom of concerns.below(prefix)) {
      const test = input.tests.get(atom);
      if (test !== undefined) truths.set(atom, truthBelow(test, prefix, deeper, listed));
    }
    return bitsOf(truths);
  };
  const prefixes = new Map<string, ClauseBits>();
  const deeper = new Map<string, ClauseBits>();
  for (const prefix of listed.prefixes) {
    prefixes.set(prefix, at(prefix, false));
    if (!prefix.endsWith('/')) continue;
    const below = at(prefix, true);
    if (!sameBits(prefixes.get(prefix) ?? input.all, below)) deeper.set(prefix, below);
  }
  return { exact, prefixes, deeper, other: at('', false) };
}

interface Listed {
  exact: ReadonlySet<string>;
  prefixes: ReadonlySet<string>;
  /** The longest listed prefix of a text, the text itself included. */
  longest(text: string): string;
  /** `literalHead` of a pattern. */
  head(pattern: string): { head: string; whole: boolean };
}

function listedOf(tests: readonly PathTest[]): Listed {
  const exact = new Set<string>();
  const prefixes = new Set<string>();
  const addPrefix = (text: string): void => {
    if (text.startsWith('/') && prefixes.size < MAX_CLASSES)
      prefixes.add(text.slice(0, MAX_PREFIX_BYTES));
  };
  const addExact = (text: string): void => {
    if (!text.startsWith('/')) return;
    if (text.length >= MAX_PREFIX_BYTES) addPrefix(text);
    else if (exact.size < MAX_CLASSES) exact.add(text);
  };
  for (const { kind, texts, role } of tests) {
    for (const text of texts) {
      if (kind === 'prefix') addPrefix(text);
      else if (kind === 'glob') addPrefix(globHead(text));
      else if (kind === 'equal' || kind === 'differs') {
        addExact(text);
        if (role.part === 'directory') addPrefix(text === '/' ? text : `${text}/`);
      } else if (kind === 'paths') {
        const { head, whole } = literalHead(text);
        if (head !== '' && whole) addExact(head);
        if (head !== '') addPrefix(`${head}/`);
      }
    }
  }
  const longest = (text: string): string => {
    for (let end = Math.min(text.length, MAX_PREFIX_BYTES); end > 0; end -= 1)
      if (prefixes.has(text.slice(0, end))) return text.slice(0, end);
    return '';
  };
  return { exact, prefixes, longest: keeping(longest), head: keeping(literalHead) };
}

// Each text is asked for once for each prefix.
function keeping<T>(find: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text) ?? find(text);
    known.set(text, found);
    return found;
  };
}

/**
 * What a test comes to for paths that begin with `prefix`, are not listed themselves, and have no
 * longer listed prefix; with `deeper` a slash follows the prefix.
 */
function truthBelow(test: PathTest, prefix: string, deeper: boolean, listed: Listed): Truth {
  switch (test.kind) {
    case 'differs':
      return presence(test, opposite(truthOfAny(test, prefix, deeper, listed)));
    case 'exists':
      return presence(test, Truth.TRUE);
    case 'other':
    case 'suffix':
      return Truth.UNKNOWN;
    default:
      return presence(test, truthOfAny(test, prefix, deeper, listed));
  }
}

function truthOfAny(test: PathTest, prefix: string, deeper: boolean, listed: Listed): Truth {
  let found = Truth.FALSE;
  for (const text of test.texts) {
    const truth = truthOfText(test, text, prefix, deeper, listed);
    if (truth === Truth.TRUE) return truth;
    if (truth === Truth.UNKNOWN) found = truth;
  }
  return found;
}

function truthOfText(
  { kind, role }: PathTest,
  text: string,
  prefix: string,
  deeper: boolean,
  listed: Listed,
): Truth {
  const isDirectory = role.part === 'directory';
  // A path that begins with the text can be in this class only if no longer prefix is listed for it.
  const isOpen = (start: string): boolean => listed.longest(start) === prefix;
  switch (kind) {
    case 'equal':
    case 'differs': {
      if (!text.startsWith('/')) return Truth.FALSE;
      if (!listed.exact.has(text) && isOpen(text)) return Truth.UNKNOWN;
      if (!isDirectory) return Truth.FALSE;
      const below = text === '/' ? text : `${text}/`;
      if (prefix.startsWith(below)) {
        const isBelow = deeper || prefix.slice(below.length).includes('/');
        return isBelow ? Truth.FALSE : Truth.UNKNOWN;
      }
      return isOpen(below) ? Truth.UNKNOWN : Truth.FALSE;
    }
    case 'prefix': {
      if (text === '') return Truth.TRUE;
      if (prefix.startsWith(text)) {
        const isSure = !isDirectory || prefix.slice(text.length).includes('/') || text === '/';
        return isSure ? Truth.TRUE : Truth.UNKNOWN;
      }
      return text.startsWith('/') && isOpen(text) ? Truth.UNKNOWN : Truth.FALSE;
    }
    case 'paths': {
      const { head, whole } = listed.head(text);
      if (head === '') return whole ? Truth.TRUE : Truth.UNKNOWN;
      if (whole && prefix.startsWith(`${head}/`)) return Truth.TRUE;
      if (prefix.startsWith(`${head}/`) || isOpen(`${head}/`)) return Truth.UNKNOWN;
      return whole && !listed.exact.has(head) && isOpen(head) ? Truth.UNKNOWN : Truth.FALSE;
    }
    case 'inside':
      return !isDirectory && prefix.includes(text) ? Truth.TRUE : Truth.UNKNOWN;
    case 'glob': {
      const head = globHead(text);
      if (head === '' || prefix.startsWith(head)) return Truth.UNKNOWN;
      return head.startsWith('/') && isOpen(head) ? Truth.UNKNOWN : Truth.FALSE;
    }
    default:
      return Truth.UNKNOWN;
  }
}

function insideTable(input: PathTableInput): InsideTable | undefined {
  const found = new Map<number, string>();
  const counts = new Map<string, number>();
  for (const [atom, test] of input.tests) {
    const needle = needleOf(test)?.slice(-MAX_NEEDLE_BYTES);
    if (needle === undefined) continue;
    found.set(atom, needle);
  }
  const probe = new ClassBits(input.entries, (atom) => found.has(atom), input.all);
  for (const atom of probe.atoms) {
    const needle = found.get(atom);
    if (needle !== undefined) counts.set(needle, (counts.get(needle) ?? 0) + 1);
  }
  const needles = [...counts.keys()].slice(0, MAX_NEEDLES);
  const isKnown = (atom: number): boolean => needles.includes(found.get(atom) ?? '');
  const classes = new ClassBits(input.entries, isKnown, input.all);
  if (classes.size === 0) return undefined;
  const absent = classes.bits((atom) => (isKnown(atom) ? Truth.FALSE : Truth.UNKNOWN));
  if (sameBits(input.all, absent)) return undefined;
  const about = (text: string): ClauseBits => classes.about((atom) => found.get(atom) === text);
  return { needles: needles.map((text) => ({ text, matters: about(text) })), absent };
}

/** The events that a path may come from, as far as it makes a difference. */
function eventsOf({ type, source }: PathTableInput, text: string): CallFacts[] {
  if (source === 'path') {
    const found = { ret: 3, path: text };
    return [
      { ...found, kind: object_kind.OBJECT_FILE },
      { ...found, kind: object_kind.OBJECT_DIRECTORY, open_flags: O_DIRECTORY },
    ];
  }
  const failed = [-1, -2].map((ret) => ({ ret, claimed: text }));
  return isOpenOrCreat(type) ? failed : [{ ret: 0, claimed: text }, ...failed];
}

const O_DIRECTORY = 0o200000;
