// A tree of values as one line of JSON that is safe to print and that strict parsers take.
import { jsonString } from './alert.js';
import type { JsonValue } from './alert-object.js';

/** A tree under construction: what is `undefined` or an empty object is left out. */
export type JsonTree = JsonValue | undefined | readonly JsonTree[] | { [key: string]: JsonTree };

/**
 * Prints a tree without newline. Control characters and marks of direction are escaped, a surrogate
 * without its half becomes U+FFFD: strict parsers refuse it.
 */
export function jsonLine(tree: JsonTree): string {
  return printed(tree) ?? 'null';
}

/** Text without halves of surrogate pairs. */
export function wellFormed(text: string): string {
  return SURROGATE.test(text) ? text.replace(LONE_SURROGATES, '\ufffd') : text;
}

const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function printed(tree: JsonTree): string | undefined {
  switch (typeof tree) {
    case 'undefined':
      return undefined;
    case 'string':
      return `"${jsonString(wellFormed(tree))}"`;
    case 'number':
      return Number.isFinite(tree) ? String(tree) : 'null';
    case 'bigint':
    case 'boolean':
      return String(tree);
    case 'object':
      break;
  }
  if (tree === null) return 'null';
  if (isList(tree)) return `[${tree.map((item) => printed(item) ?? 'null').join(',')}]`;
  const members = Object.entries(tree).flatMap(([key, item]) => {
    const value = printed(item);
    return value === undefined ? [] : [`"${jsonString(wellFormed(key))}":${value}`];
  });
  return members.length === 0 ? undefined : `{${members.join(',')}}`;
}

function isList(
  tree: readonly JsonTree[] | { readonly [key: string]: JsonTree },
): tree is readonly JsonTree[] {
  return Array.isArray(tree);
}
