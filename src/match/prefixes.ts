// Many prefixes at once: by their bytes (`startswith`), or by path components (`pmatch`).

import { compileGlob, type TextTest } from './glob.js';

/**
 * Tells whether a text starts with one of the prefixes, in time that depends on the text, not on how
 * many prefixes there are: they are kept as a tree of their common beginnings.
 */
export function startsWithAny(prefixes: readonly string[]): TextTest {
  const distinct = [...new Set(prefixes)].sort();
  const [only] = distinct;
  if (only === undefined) return () => false;
  if (distinct.length === 1) return (text) => text.startsWith(only);
  const root = branch(distinct, 0);
  return (text) => {
    let node = root;
    let at = 0;
    for (;;) {
      if (node.common !== '' && !text.startsWith(node.common, at)) return false;
      if (node.complete) return true;
      at += node.common.length;
      const next = node.next.get(text.charCodeAt(at));
      if (next === undefined) return false;
      node = next;
    }
  };
}

/**
 * Tells whether the leading components of a path match all components of one of the patterns, each
 * by fnmatch. Slashes at the ends and doubled ones do not count; a pattern without components, `/`,
 * matches every path.
 */
export function matchesPathPrefix(patterns: readonly string[]): TextTest {
  const root = new PathNode();
  for (const pattern of patterns) {
    let node = root;
    for (const component of pattern.split('/')) if (component !== '') node = node.child(component);
    node.complete = true;
  }
  return (path) => root.matches(path, 0);
}

interface Branch {
  /** What all prefixes below have in common from here on. */
  common: string;
  /** One of the prefixes ends behind `common`: no need to look further. */
  complete: boolean;
  next: Map<number, Branch>;
}

// `sorted` is not empty, without doubles, and all have the same first `from` bytes.
function branch(sorted: readonly string[], from: number): Branch {
  const first = sorted[0] ?? '';
  const last = sorted.at(-1) ?? '';
  let end = from;
  while (end < first.length && first.charCodeAt(end) === last.charCodeAt(end)) end++;
  const common = first.slice(from, end);
  if (end === first.length) return { common, complete: true, next: new Map() };
  const groups = new Map<number, string[]>();
  for (const prefix of sorted) {
    const code = prefix.charCodeAt(end);
    const group = groups.get(code);
    if (group === undefined) groups.set(code, [prefix]);
    else group.push(prefix);
  }
  const next = new Map<number, Branch>();
  for (const [code, group] of groups) next.set(code, branch(group, end));
  return { common, complete: false, next };
}

// One component of the patterns. Each node is visited at most once per path: its depth says which
// component of the path it is compared with.
class PathNode {
  complete = false;
  private readonly literals = new Map<string, PathNode>();
  private readonly globs: { text: string; test: TextTest; node: PathNode }[] = [];

  child(component: string): PathNode {
    if (!/[*?[\\]/.test(component)) {
      const known = this.literals.get(component) ?? new PathNode();
      this.literals.set(component, known);
      return known;
    }
    const known = this.globs.find((glob) => glob.text === component)?.node;
    if (known !== undefined) return known;
    const node = new PathNode();
    this.globs.push({ text: component, test: compileGlob(component), node });
    return node;
  }

  matches(path: string, from: number): boolean {
    if (this.complete) return true;
    let start = from;
    while (path.charCodeAt(start) === SLASH) start++;
    if (start >= path.length) return false;
    const slash = path.indexOf('/', start);
    const end = slash < 0 ? path.length : slash;
    const component = path.slice(start, end);
    if (this.literals.get(component)?.matches(path, end) === true) return true;
    for (const glob of this.globs) {
      if (glob.test(component) && glob.node.matches(path, end)) return true;
    }
    return false;
  }
}

const SLASH = 0x2f;
