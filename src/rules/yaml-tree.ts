// YAML to a small tree with positions, typed the way yaml-cpp does it: a scalar is text until a
// reader wants something else, the first of repeated keys counts, a quote may stay open at the end.
// Aliases share what they stand for, and what they stand for is counted, so that no file can
// blow up.

import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  Parser,
  type Scalar,
} from 'yaml';
import { alignedOffset } from './scalar-places.js';
import type { SourceText } from './source.js';
import { indented } from './yaml-indent.js';
import { withRemedy } from './yaml-remedy.js';

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
  const { documents, place } = parseDocuments(source);
  return documents.map((document) => new Reader(source, place).document(document));
}

const MAX_DEPTH = 100;
// What aliases may add: nodes, and characters of text.
const MAX_ALIASED_NODES = 100_000;
const MAX_ALIASED_LENGTH = 4_000_000;

// What is lenient in Falco's parser is tried only where ours finds an error, and that one is told if it is
// of no use.
function parseDocuments(source: SourceText): { documents: Document[]; place: Place } {
  // A byte order mark is no part of the YAML, but of the offsets.
  const mark = source.text.startsWith('\ufeff') ? 1 : 0;
  let place: Place = (offset) => Math.min(offset + mark, source.text.length);
  let text = source.text.slice(mark);
  let first: YamlError | undefined;
  for (let repairs = 0; ; repairs++) {
    const { tokens, documents, errors } = parse(text);
    const [error] = errors;
    if (error === undefined) return { documents, place };
    first ??= new YamlError('syntax', withRemedy(error), place(error.pos[0]));
    const isHopeless = repairs === MAX_REPAIRS || errors.length > MAX_ERRORS;
    const repaired = isHopeless ? undefined : indented(text, tokens);
    if (repaired === undefined) throw first;
    const outer = place;
    place = (offset) => outer(repaired.before(offset));
    text = repaired.text;
  }
}

// Each takes another look at the whole file, which is of no use to one that is no rule file at all.
const MAX_REPAIRS = 5;
const MAX_ERRORS = 200;

/** From an offset in the text that was parsed to the one in the file. */
type Place = (offset: number) => number;

interface Parsed {
  tokens: CST.Token[];
  documents: Document[];
  errors: Document['errors'];
}

function parse(text: string): Parsed {
  const tokens = Array.from(new Parser().parse(text));
  for (const token of tokens) checkDepth(token);
  const composer = new Composer({
    schema: 'failsafe',
    uniqueKeys: false,
    strict: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents = Array.from(composer.compose(tokens));
  return { tokens, documents, errors: documents.flatMap(({ errors }) => errors) };
}

// The composer is recursive, and where the stack ends it does not throw but ends the process: V8
// cannot compile a regular expression there. The parser before it uses a stack of its own.
function checkDepth(token: CST.Token): void {
  if (token.type !== 'document') return;
  let level = collections(token.value);
  for (let depth = 0; level.length > 0; depth += 1) {
    const below: Collection[] = [];
    for (const { items, offset } of level) {
      if (depth === MAX_DEPTH && items.length > 0) throw new YamlError('limit', TOO_DEEP, offset);
      for (const { key, value } of items) below.push(...collections(key), ...collections(value));
    }
    level = below;
  }
}

type Collection = CST.BlockMap | CST.BlockSequence | CST.FlowCollection;

function collections(token: CST.Token | null | undefined): Collection[] {
  return token && 'items' in token ? [token] : [];
}

const TOO_DEEP = 'the YAML nests too deeply';
const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);

class Reader {
  private readonly source: SourceText;
  private readonly place: Place;
  private readonly anchors = new Map<string, { node: YamlNode; nodes: number; length: number }>();
  private nodes = 0;
  private length = 0;
  private aliasedNodes = 0;
  private aliasedLength = 0;

  constructor(source: SourceText, place: Place) {
    this.source = source;
    this.place = place;
  }

  document(document: Document): YamlNode {
    const { contents } = document;
    const start = document.range?.[0] ?? 0;
    return this.node(contents, this.place(start), 0);
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
    // A tag such as !!int says nothing of the text; but what has a tag is a text, if it is only ~.
    const text = node.source ?? String(node.value ?? '');
    this.length += text.length;
    const plain = isPlain(node);
    if (plain && node.tag === undefined && NULLS.has(text)) return { kind: 'null', ...span };
    return scalar(span, text, plain);
  }

  private alias(alias: Alias): YamlNode {
    const target = this.anchors.get(alias.source);
    const at = this.place(alias.range?.[0] ?? 0);
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
    if (!range) return { source: this.source, start: fallback, end: fallback };
    return { source: this.source, start: this.place(range[0]), end: this.place(range[1]) };
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
