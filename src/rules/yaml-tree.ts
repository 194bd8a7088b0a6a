// YAML to a small tree with positions, typed the way yaml-cpp does it: a scalar is text until a
// reader wants something else, the first of repeated keys counts, a quote may stay open at the end.
// Aliases share what they stand for, and what they stand for is counted, so that no file can
// blow up.

import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  type Scalar,
} from 'yaml';
import type { SourceText } from './source.js';

export type YamlNode = YamlNull | YamlScalar | YamlSequence | YamlMapping;

interface Span {
  source: SourceText;
  /** Offset of the first character in the file, and of the first one behind. */
  start: number;
  end: number;
}

export interface YamlNull extends Span {
  kind: 'null';
}

export interface YamlSequence extends Span {
  kind: 'sequence';
  items: YamlNode[];
}

export interface YamlMapping extends Span {
  kind: 'mapping';
  entries: YamlEntry[];
  get(key: string): YamlEntry | undefined;
}

export interface YamlEntry {
  key: string;
  keyNode: YamlNode;
  value: YamlNode;
}

export interface YamlScalar extends Span {
  kind: 'scalar';
  text: string;
  /** Neither quoted nor a block. */
  plain: boolean;
  /** Where in the file the character at an index of `text` stands. */
  offsetOf(index: number): number;
}

/** A file that is no YAML, or YAML beyond our limits. */
export class YamlError extends Error {
  readonly offset: number;
  /** Syntax: it is no YAML. Limit: it is too large or too deep once read. */
  readonly kind: 'syntax' | 'limit';

  constructor(kind: 'syntax' | 'limit', message: string, offset: number) {
    super(message);
    this.kind = kind;
    this.offset = offset;
  }
}

/**
 * Parses a stream of documents; an empty one is a null node.
 *
 * @throws YamlError
 */
export function parseYaml(source: SourceText): YamlNode[] {
  const documents = parseDocuments(source);
  return documents.map((document) => new Reader(source).document(document));
}

/** Offset in a scalar's raw text for an index of its value; exported for its test. */
export function alignedOffset(raw: string, value: string, index: number): number {
  let at = /^[|>]/.test(raw) ? raw.indexOf('\n') + 1 : /^["']/.test(raw) ? 1 : 0;
  for (let i = 0; i < value.length && at < raw.length; i++) {
    const wanted = value[i] ?? '';
    if (!isBlank(wanted)) {
      while (isBlank(raw[at] ?? '') && at < raw.length) at++;
      // An escape or a doubled quote: the value's character stands behind its first character.
      if (i < index && raw[at] !== wanted && raw[at + 1] === wanted) at++;
    } else if (!isBlank(raw[at] ?? '')) {
      if (i === index) return at;
      continue;
    }
    if (i === index) return at;
    at++;
  }
  return Math.min(at, raw.length);
}

const MAX_DEPTH = 100;
// What aliases may add: nodes, and characters of text.
const MAX_ALIASED_NODES = 100_000;
const MAX_ALIASED_LENGTH = 4_000_000;

function parseDocuments(source: SourceText): Document[] {
  // A byte order mark is replaced, not removed, so that offsets stay.
  const text = source.text.startsWith('\ufeff') ? ` ${source.text.slice(1)}` : source.text;
  const first = parse(text);
  const open = first.error?.message.match(/^Missing closing (["'])quote/)?.[1];
  const result = open === undefined ? first : parse(`${text}${open}`);
  if (result.error !== undefined) {
    const [start] = result.error.pos;
    throw new YamlError('syntax', result.error.message, Math.min(start, source.text.length));
  }
  return result.documents;
}

function parse(text: string): { documents: Document[]; error?: Document['errors'][number] } {
  try {
    const documents = parseAllDocuments(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      strict: false,
      prettyErrors: false,
      logLevel: 'silent',
    });
    if (!Array.isArray(documents)) return { documents: [] };
    const error = documents.flatMap((document) => document.errors)[0];
    return error === undefined ? { documents } : { documents, error };
  } catch (error) {
    // The parser is recursive: only nesting far beyond MAX_DEPTH gets here.
    if (error instanceof RangeError) throw new YamlError('limit', TOO_DEEP, 0);
    throw error;
  }
}

const TOO_DEEP = 'the YAML nests too deeply';
const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);

class Reader {
  private readonly source: SourceText;
  private readonly anchors = new Map<string, { node: YamlNode; nodes: number; length: number }>();
  private nodes = 0;
  private length = 0;
  private aliasedNodes = 0;
  private aliasedLength = 0;

  constructor(source: SourceText) {
    this.source = source;
  }

  document(document: Document): YamlNode {
    const { contents } = document;
    const start = document.range?.[0] ?? 0;
    return this.node(contents, start, 0);
  }

  private node(node: unknown, fallback: number, depth: number): YamlNode {
    if (depth > MAX_DEPTH) throw new YamlError('limit', TOO_DEEP, fallback);
    if (isAlias(node)) return this.alias(node);
    const nodes = this.nodes++;
    const length = this.length;
    const read = this.read(node, fallback, depth);
    if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) {
      const counted = { node: read, nodes: this.nodes - nodes, length: this.length - length };
      this.anchors.set(node.anchor, counted);
    }
    return read;
  }

  private read(node: unknown, fallback: number, depth: number): YamlNode {
    const span = this.span(node, fallback);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.node(item, span.start, depth + 1));
      return { kind: 'sequence', items, ...span };
    }
    if (isMap(node)) {
      const entries: YamlEntry[] = [];
      const byKey = new Map<string, YamlEntry>();
      for (const pair of node.items) {
        const keyNode = this.node(pair.key, span.start, depth + 1);
        const value = this.node(pair.value, keyNode.end, depth + 1);
        const key = keyNode.kind === 'scalar' ? keyNode.text : '';
        const entry: YamlEntry = { key, keyNode, value };
        if (byKey.has(key)) continue;
        byKey.set(key, entry);
        entries.push(entry);
      }
      return { kind: 'mapping', entries, get: (key) => byKey.get(key), ...span };
    }
    if (!isScalar(node)) return { kind: 'null', ...span };
    const text = String(node.value ?? '');
    this.length += text.length;
    const plain = isPlain(node);
    if (plain && NULLS.has(text)) return { kind: 'null', ...span };
    return scalar(span, text, plain);
  }

  private alias(alias: Alias): YamlNode {
    const target = this.anchors.get(alias.source);
    const at = alias.range?.[0] ?? 0;
    if (target === undefined) {
      throw new YamlError('syntax', `the alias *${alias.source} stands for nothing`, at);
    }
    this.aliasedNodes += target.nodes;
    this.aliasedLength += target.length;
    if (this.aliasedNodes > MAX_ALIASED_NODES || this.aliasedLength > MAX_ALIASED_LENGTH) {
      throw new YamlError('limit', 'the aliases stand for too much text', at);
    }
    this.nodes += target.nodes;
    this.length += target.length;
    return target.node;
  }

  private span(node: unknown, fallback: number): Span {
    const range = isNode(node) ? node.range : undefined;
    const start = range?.[0] ?? fallback;
    return { source: this.source, start, end: range?.[1] ?? start };
  }
}

function scalar(span: Span, text: string, plain: boolean): YamlScalar {
  const offsetOf = (index: number) =>
    span.start + alignedOffset(span.source.text.slice(span.start, span.end), text, index);
  return { kind: 'scalar', text, plain, offsetOf, ...span };
}

function isPlain(node: Scalar): boolean {
  return node.type === undefined || node.type === 'PLAIN';
}

function isNode(node: unknown): node is Node {
  return isScalar(node) || isCollection(node) || isAlias(node);
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\t' || char === '\r';
}
