// The YAML of a test file: one document with places, where `0755` stays the text that it is.

import { LineCounter, parseDocument, type ScalarTag } from 'yaml';
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
  const document = parseDocument(text, {
    lineCounter: lines,
    customTags: (tags) => tags.map((tag) => (isInteger(tag) ? { ...tag, test: DECIMAL } : tag)),
  });
  const problems = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return `${name}:${line}:${col}: ${error.message.split('\n')[0]?.replace(/ at line .*$/, '')}`;
  });
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
  return {
    tree: problems.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 }),
    where,
    problems,
  };
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
