// Macros: parsed on their own and put into conditions as trees, so that grouping is never lost.

import type { Expression, MacroRef, Position } from './ast.js';

/** A macro as the files define it, parsed. */
export interface MacroDefinition {
  name: string;
  /** Its own text as a tree, before the macros in it are replaced. */
  condition: Expression;
  /** Its place in the order of definitions; kept when it is redefined. */
  index: number;
  /** The place of its last definition or append: it sees the macros defined before. */
  visibility: number;
}

/** A macro that cannot be put into a condition. */
export class MacroError extends Error {
  readonly at: Position;
  /** The macro that is not known there; absent when the trouble is another one. */
  readonly unknown: string | undefined;

  constructor(message: string, at: Position, unknown?: string) {
    super(message);
    this.at = at;
    this.unknown = unknown;
  }
}

/** The macros of a collection with all macros in them replaced. */
export class MacroTable {
  /** The finished trees by name, in the order of definition. */
  readonly resolved = new Map<string, Expression>();
  private readonly definitions: Map<string, MacroDefinition>;
  private readonly used = new Set<string>();
  // Macros finished ahead of their turn, for the macro that is being finished.
  private readonly ahead = new Map<string, Expression>();

  constructor(definitions: readonly MacroDefinition[]) {
    this.definitions = new Map(definitions.map((macro) => [macro.name, macro]));
  }

  /**
   * Finishes one macro; must be called for all macros in the order of their definition.
   *
   * @throws MacroError
   */
  resolve(macro: MacroDefinition): Expression {
    this.ahead.clear();
    const expression = this.replace(macro.condition, macro.visibility, []);
    this.resolved.set(macro.name, expression);
    return expression;
  }

  /**
   * Puts the macros into a rule's condition.
   *
   * @throws MacroError
   */
  expand(condition: Expression): Expression {
    this.ahead.clear();
    return this.replace(condition, Number.POSITIVE_INFINITY, []);
  }

  /** Forgets a macro that is wrong. */
  drop(name: string): void {
    this.definitions.delete(name);
  }

  /** The macros that no rule and no other macro used so far. */
  unused(): string[] {
    return [...this.definitions.keys()].filter((name) => !this.used.has(name));
  }

  private replace(expression: Expression, visibility: number, open: string[]): Expression {
    const refs = macroRefs(expression);
    if (refs.length === 0) return expression;
    const bodies = refs.map((ref) => this.body(ref.name, ref.at, visibility, open));
    const known = replacements.get(expression);
    if (known?.bodies.every((body, i) => body === bodies[i])) return known.result;
    const byName = new Map(refs.map((ref, i) => [ref.name, bodies[i] ?? ref]));
    const result = withBodies(expression, byName);
    checkSize(result);
    replacements.set(expression, { bodies, result });
    return result;
  }

  private body(name: string, at: Position, visibility: number, open: string[]): Expression {
    const macro = this.definitions.get(name);
    if (macro === undefined || macro.index >= visibility) {
      const later = macro !== undefined && !open.includes(name);
      const reason = later
        ? `macro '${name}' is only defined further down`
        : `unknown macro '${name}'`;
      throw new MacroError(reason, at, later ? undefined : name);
    }
    if (open.includes(name)) {
      throw new MacroError(`macro '${name}' contains itself: ${[...open, name].join(' > ')}`, at);
    }
    this.used.add(name);
    const finished = this.resolved.get(name) ?? this.ahead.get(name);
    if (finished !== undefined) return finished;
    // A macro redefined further down, seen before its own turn.
    if (open.length > MAX_DEPTH) throw new MacroError('the macros nest too deeply', at);
    const body = this.replace(macro.condition, visibility, [...open, name]);
    this.ahead.set(name, body);
    return body;
  }
}

// Macros share their trees, but whoever walks a condition walks them all: a few macros that name
// each other twice would make a walk endless.
const MAX_NODES = 200_000;
const MAX_DEPTH = 500;

// All files are compiled again after each one: what has not changed keeps its identity, so that
// nothing is computed twice.
const replacements = new WeakMap<Expression, { bodies: Expression[]; result: Expression }>();

function macroRefs(expression: Expression): MacroRef[] {
  if (expression.kind === 'macro') return [expression];
  if (expression.kind === 'check') return [];
  if (expression.kind === 'not') return macroRefs(expression.part);
  return expression.parts.flatMap(macroRefs);
}

function withBodies(expression: Expression, bodies: ReadonlyMap<string, Expression>): Expression {
  if (expression.kind === 'macro') return bodies.get(expression.name) ?? expression;
  if (expression.kind === 'check') return expression;
  if (expression.kind === 'not') {
    return { ...expression, part: withBodies(expression.part, bodies) };
  }
  return { ...expression, parts: expression.parts.map((part) => withBodies(part, bodies)) };
}

interface Size {
  nodes: number;
  depth: number;
}

const sizes = new WeakMap<Expression, Size>();

function checkSize(expression: Expression): void {
  const { nodes, depth } = sizeOf(expression);
  if (nodes > MAX_NODES)
    throw new MacroError('the macros make the condition too long', expression.at);
  if (depth > MAX_DEPTH) throw new MacroError('the macros nest too deeply', expression.at);
}

function sizeOf(expression: Expression): Size {
  const known = sizes.get(expression);
  if (known !== undefined) return known;
  const parts =
    expression.kind === 'not'
      ? [expression.part]
      : expression.kind === 'and' || expression.kind === 'or'
        ? expression.parts
        : [];
  const size = { nodes: 1, depth: 1 };
  for (const part of parts) {
    const inner = sizeOf(part);
    size.nodes += inner.nodes;
    size.depth = Math.max(size.depth, inner.depth + 1);
  }
  sizes.set(expression, size);
  return size;
}
