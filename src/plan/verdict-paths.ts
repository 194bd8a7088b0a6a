// Tables of paths for verdicts: in each class every test is known to be true or false, because whatever a
// rule compares with is listed.

import { type Atom, eachLiteral, Truth } from './kleene.js';
import { literalHead, type TextTest } from './texts.js';
import { mustBits, type VerdictBits, type VerdictEntry } from './verdict-bits.js';
import { textOf } from './verdict-texts.js';

/** What holds for a path: one set of each group, ANDed. All texts are byte strings. */
export interface VerdictPaths {
  /** Whole paths, else the longest listed prefix, else `other`. */
  readonly exact: ReadonlyMap<string, VerdictBits>;
  readonly prefixes: ReadonlyMap<string, VerdictBits>;
  readonly other: VerdictBits;
  /** The path up to its last slash, with it. */
  readonly directories: ReadonlyMap<string, VerdictBits>;
  readonly directory_other: VerdictBits;
  /** Last components, else their longest listed suffix, else `last_other`. */
  readonly names: ReadonlyMap<string, VerdictBits>;
  readonly suffixes: ReadonlyMap<string, VerdictBits>;
  readonly last_other: VerdictBits;
}

/** The parts of clauses by what of the path they are about. */
export interface PathEntries {
  readonly whole: readonly VerdictEntry[];
  readonly directory: readonly VerdictEntry[];
  readonly last: readonly VerdictEntry[];
}

/** The tables for parts of which `exactText` knows all tests. */
export function verdictPaths(
  entries: PathEntries,
  atoms: readonly Atom[],
  all: VerdictBits,
): VerdictPaths {
  return {
    ...wholePaths(entries.whole, atoms, all),
    ...directories(entries.directory, atoms, all),
    ...lastComponents(entries.last, atoms, all),
  };
}

function wholePaths(entries: readonly VerdictEntry[], atoms: readonly Atom[], all: VerdictBits) {
  const tests = testsOf(entries, atoms);
  const paths = new Set<string>();
  const starts = new Set<string>();
  for (const { kind, texts } of tests.values()) {
    for (const text of texts) {
      if (kind === 'paths') {
        const { head } = literalHead(text);
        if (head === '') continue;
        paths.add(head);
        starts.add(`${head}/`);
      } else if (kind === 'prefix') {
        if (text.startsWith('/')) starts.add(text);
      } else if (text.startsWith('/')) paths.add(text);
    }
  }
  const exact = (path: string): VerdictBits =>
    mustBits(entries, all, (atom) => truth(tests.get(atom), (test) => isTrueOf(test, path)));
  // No path of the class is listed itself, and none begins with a longer listed text.
  const below = (prefix: string): VerdictBits =>
    mustBits(entries, all, (atom) => truth(tests.get(atom), (test) => isTrueBelow(test, prefix)));
  return {
    exact: new Map([...paths].map((path) => [path, exact(path)])),
    prefixes: new Map([...starts].map((prefix) => [prefix, below(prefix)])),
    other: below(''),
  };
}

function directories(entries: readonly VerdictEntry[], atoms: readonly Atom[], all: VerdictBits) {
  const tests = testsOf(entries, atoms);
  const of = (directory: string): VerdictBits =>
    mustBits(entries, all, (atom) => truth(tests.get(atom), (test) => isTrueOf(test, directory)));
  const listed = new Set([...tests.values()].flatMap(({ texts }) => texts));
  const found = new Map<string, VerdictBits>();
  for (const one of listed)
    if (one.startsWith('/')) found.set(one === '/' ? one : `${one}/`, of(one));
  return { directories: found, directory_other: of(UNLISTED) };
}

function lastComponents(
  entries: readonly VerdictEntry[],
  atoms: readonly Atom[],
  all: VerdictBits,
) {
  const tests = testsOf(entries, atoms);
  const names = new Set<string>();
  const suffixes = new Set<string>();
  for (const { kind, texts } of tests.values())
    for (const text of texts) {
      if (kind !== 'suffix') names.add(text);
      else if (text.startsWith('/')) names.add(text.slice(1));
      else if (text !== '') suffixes.add(text);
    }
  const of = (name: string): VerdictBits =>
    mustBits(entries, all, (atom) =>
      truth(tests.get(atom), (test) => isTrueOf(test, test.kind === 'suffix' ? `/${name}` : name)),
    );
  // What ends so, is not listed itself, and has no longer listed end.
  const endingWith = (suffix: string): VerdictBits =>
    mustBits(entries, all, (atom) =>
      truth(tests.get(atom), ({ kind, texts }) =>
        kind === 'suffix'
          ? texts.some((text) => suffix.endsWith(text))
          : kind === 'differs' || kind === 'exists',
      ),
    );
  return {
    names: new Map(
      [...names].filter((name) => !name.includes('/')).map((name) => [name, of(name)]),
    ),
    suffixes: new Map([...suffixes].map((suffix) => [suffix, endingWith(suffix)])),
    last_other: endingWith(''),
  };
}

/** Whether a test holds for a text. */
export function isTrueOf({ kind, texts }: TextTest, text: string): boolean {
  switch (kind) {
    case 'equal':
      return texts.includes(text);
    case 'differs':
      return !texts.includes(text);
    case 'prefix':
      return texts.some((one) => text.startsWith(one));
    case 'suffix':
      return texts.some((one) => text.endsWith(one));
    case 'paths':
      return texts.some((one) => {
        const { head } = literalHead(one);
        return text === head || text.startsWith(`${head}/`);
      });
    default:
      return kind === 'exists';
  }
}

function isTrueBelow({ kind, texts }: TextTest, prefix: string): boolean {
  switch (kind) {
    case 'differs':
    case 'exists':
      return true;
    case 'prefix':
      return texts.some((text) => prefix.startsWith(text));
    case 'paths':
      return texts.some((text) => {
        const { head } = literalHead(text);
        return head === '' || prefix.startsWith(`${head}/`);
      });
    default:
      return false;
  }
}

function testsOf(
  entries: readonly VerdictEntry[],
  atoms: readonly Atom[],
): ReadonlyMap<number, TextTest> {
  const found = new Map<number, TextTest>();
  for (const { formula } of entries)
    eachLiteral(formula, (atom) => {
      const check = atoms[atom]?.check;
      const test = check === undefined ? undefined : textOf(check);
      if (test !== undefined) found.set(atom, test);
    });
  return found;
}

function truth(test: TextTest | undefined, holds: (test: TextTest) => boolean): Truth {
  return test === undefined ? Truth.UNKNOWN : holds(test) ? Truth.TRUE : Truth.FALSE;
}

/** No directory: it begins without a slash. */
const UNLISTED = ' ';
