// The YAML of a test file: one document with places, where `0755` stays the text that it is.

import { type Document, LineCounter, parseDocument, type ScalarTag } from 'yaml';
import type { Where } from '../config-section.js';

/** A test file as plain data. */
export interface TestDocument {
  tree: unknown;
  /** `FILE:LINE:COLUMN: ` of a path. */
  where: Where;
  /** What YAML itself has against it. */
  problems: string[];
}

/** Reads the text of a file; `name` is what messages call it. */
export function parseTestYaml(text: string, name: string): TestDocument {
  const lines = new LineCounter();
  const problems: string[] = [];
  const none = { tree: undefined, where: () => `${name}: `, problems };
  let document: Document.Parsed;
  let tree: unknown;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      customTags: (tags) => tags.map((tag) => (isInteger(tag) ? { ...tag, test: DECIMAL } : tag)),
    });
    for (const error of document.errors) {
      const { line, col } = lines.linePos(error.pos[0]);
      const message = error.message.split('\n')[0]?.replace(/ at line .*$/, '');
      problems.push(`${name}:${line}:${col}: ${message}`);
    }
    tree = problems.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Nested without end, or aliases of aliases that would become too much.
    problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return none;
  }
  const where: Where = (path) => {
    // A key that is not there has the place of what it would be in.
    for (let length = path.length; length >= 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      if (!hasRange(node)) continue;
      const { line, col } = lines.linePos(node.range[0]);
      return `${name}:${line}:${col}: `;
    }
    return `${name}: `;
  };
  return { tree, where, problems };
}

// Without a zero in front: modes are octal to everybody but YAML 1.2.
const DECIMAL = /^[-+]?(?:0|[1-9][0-9]*)$/;

function isInteger(tag: unknown): tag is ScalarTag {
  if (typeof tag !== 'object' || tag === null || !('tag' in tag) || !('test' in tag)) return false;
  return tag.tag === 'tag:yaml.org,2002:int' && tag.test instanceof RegExp && tag.test.test('07');
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return node !== null && typeof node === 'object' && 'range' in node && Array.isArray(node.range);
}
