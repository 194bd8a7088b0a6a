// A YAML file of one document as plain data with places: the configuration, and tests of rules. Rule
// files are read as Falco reads them, by rules/yaml-tree.ts.
import { type Document, isMap, isScalar, LineCounter, parseDocument, type ScalarTag } from 'yaml';
import { withRemedy } from '../rules/yaml-remedy.js';
import type { Where } from './section.js';

/** The document. */
export interface YamlDocument {
  /** `undefined` when there are problems, or nothing is said. */
  tree: unknown;
  /** `FILE:LINE:COLUMN: ` of a path; a key that is not there has the place of what it would be in. */
  where: Where;
  /** What YAML itself has against it. */
  problems: string[];
}

/**
 * Reads the text of a file.
 *
 * @param name what messages call it
 * @param zeroIsText `0755` stays the text that it is: modes are octal to everybody but YAML 1.2
 */
export function parseYamlDocument(text: string, name: string, zeroIsText = false): YamlDocument {
  const lines = new LineCounter();
  const problems: string[] = [];
  let document: Document.Parsed;
  let tree: unknown;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      customTags: (tags) =>
        zeroIsText
          ? tags.map((tag) => (isInteger(tag) ? { ...tag, test: DECIMAL } : tag))
          : [...tags],
    });
    for (const error of document.errors.slice(0, MAX_PROBLEMS)) {
      const { line, col } = lines.linePos(error.pos[0]);
      problems.push(`${name}:${line}:${col}: ${withRemedy(error)}`);
    }
    tree = problems.length > 0 ? undefined : (document.toJS({ maxAliasCount: 100 }) ?? undefined);
  } catch (error) {
    // Nested without end, or aliases of aliases that would become too much.
    problems.push(`${name}: ${withRemedy(error)}`);
    return { tree: undefined, where: () => `${name}: `, problems };
  }
  const where: Where = (path, key = false) => {
    const keyNode = key ? keyOf(document, path) : undefined;
    if (keyNode !== undefined) {
      const { line, col } = lines.linePos(keyNode.range[0]);
      return `${name}:${line}:${col}: `;
    }
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

// What follows is seldom more than the echo of the first.
const MAX_PROBLEMS = 5;

const DECIMAL = /^[-+]?(?:0|[1-9][0-9]*)$/;

function isInteger(tag: unknown): tag is ScalarTag {
  if (typeof tag !== 'object' || tag === null || !('tag' in tag) || !('test' in tag)) return false;
  return tag.tag === 'tag:yaml.org,2002:int' && tag.test instanceof RegExp && tag.test.test('07');
}

// The node of a key itself, not of what it holds.
function keyOf(
  document: Document.Parsed,
  path: readonly (string | number)[],
): { range: [number, number, number] } | undefined {
  const mapping = document.getIn(path.slice(0, -1), true);
  if (!isMap(mapping)) return undefined;
  const name = String(path.at(-1));
  for (const { key } of mapping.items)
    if (isScalar(key) && String(key.value) === name && hasRange(key)) return key;
  return undefined;
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return node !== null && typeof node === 'object' && 'range' in node && Array.isArray(node.range);
}
