// May the kernel decide a rule alone? Its clauses for verdicts, each a conjunction of parts that rest on
// one fact each, which the kernel holds exactly; or what stands in the way.

import { abi_limit } from '../abi/layout.js';
import type { Expression, Position } from '../rules/ast.js';
import { canonicalText } from '../rules/canonical.js';
import { EVENTS, eventName, typeNumber } from '../rules/events.js';
import { callFacts } from './dimensions.js';
import { killEvents } from './kill-events.js';
import {
  ALWAYS,
  type Atom,
  decided,
  eachLiteral,
  type Formula,
  Formulas,
  formulaKey,
  NEVER,
  Truth,
} from './kleene.js';
import { OPERATIONS, type Operation } from './operations.js';
import { SyntheticCall } from './synthetic.js';
import type { PartKind } from './verdict-part.js';
import { partOf } from './verdict-parts.js';

/** Why the kernel cannot decide a rule. */
export interface Inexact {
  /** Where the test stands that is in the way; absent where none is. */
  readonly at: Position | undefined;
  readonly message: string;
}

/** A conjunction that the kernel decides. */
export interface ExactClause {
  /** Operations that it is about. */
  readonly operations: ReadonlySet<number>;
  /** What must hold, by what it rests on; nothing: whatever is done. */
  readonly parts: ReadonlyMap<PartKind, Formula>;
}

/** What the kernel decides of a rule, of which user space decides the rest. */
export interface PartlyExact {
  readonly clauses: readonly ExactClause[];
  /** Why it does not decide all of it; `undefined` when it does, of calls that work. */
  readonly rest: Inexact | undefined;
}

/** Finds the clauses of rules; their tests are numbered once for all of them. */
export class ExactRules {
  readonly #formulas = new Formulas();
  readonly #calls = new SyntheticCall();

  /** The tests that clauses speak of. */
  get atoms(): readonly Atom[] {
    return this.#formulas.atoms;
  }

  /** The clauses of a condition, or why it cannot have a verdict. */
  clauses(condition: Expression): ExactClause[] | Inexact {
    try {
      return this.#clauses(this.#formulas.of(condition));
    } catch (error) {
      if (error instanceof InexactError) return error.inexact;
      throw error;
    }
  }

  /** The clauses by which the kernel can kill. */
  killClauses(condition: Expression): PartlyExact {
    const formula = this.#formulas.of(condition);
    const clauses = new Clauses();
    let rest: Inexact | undefined;
    let failing: Inexact | undefined;
    for (const event of killEvents()) {
      try {
        clauses.add(event, this.#conjunctions(formula, event));
      } catch (error) {
        if (!(error instanceof InexactError)) throw error;
        if (event.result === 'fails') failing ??= error.inexact;
        else rest ??= error.inexact;
      }
    }
    const working = killEvents().filter(({ result }) => result !== 'fails');
    const others = this.#others(formula, working);
    if (others.length > 0)
      rest ??= { at: undefined, message: `the kernel does not kill by ${some(others)}` };
    if (clauses.all.length === 0) rest ??= failing;
    return { clauses: clauses.all, rest };
  }

  #clauses(formula: Formula): ExactClause[] {
    this.#refuseOthers(formula);
    const clauses = new Clauses();
    for (const operation of OPERATIONS)
      clauses.add(operation, this.#conjunctions(formula, operation));
    if (clauses.all.length === 0) refuse(undefined, 'it can match no operation that can be denied');
    return clauses.all;
  }

  // A rule that is denied is not matched besides: what has no verdict would be lost.
  #refuseOthers(formula: Formula): void {
    const others = this.#others(formula, OPERATIONS);
    if (others.length === 0) return;
    const at = firstTypeAt(formula, this.atoms);
    refuse(
      at,
      at === undefined
        ? 'it names no event type (evt.type): only named operations can be denied'
        : `it also matches events that cannot be denied (${some(others)}); name only ${deniableNames()}`,
    );
  }

  /** Other events that it may match, by name. */
  #others(formula: Formula, operations: readonly Operation[]): string[] {
    const known = new Set(operations.flatMap(({ types }) => types));
    return EVENTS.flatMap(({ name }) => {
      const type = typeNumber(name);
      if (type !== undefined && known.has(type)) return [];
      return isNever(this.#ofName(formula, name)) ? [] : name;
    });
  }

  #ofName(formula: Formula, name: string): Formula {
    const { atoms } = this;
    return decided(formula, (atom) => {
      const ofType = atoms[atom]?.ofType;
      return ofType === undefined ? Truth.UNKNOWN : ofType(name) ? Truth.TRUE : Truth.FALSE;
    });
  }

  // What is left for the calls of an operation, which the kernel does not tell apart.
  #conjunctions(formula: Formula, operation: Operation): Map<PartKind, Formula>[] {
    const left = new Map<string, { formula: Formula; kinds: ReadonlyMap<number, PartKind> }>();
    for (const type of operation.types) {
      const kinds = new Map<number, PartKind>();
      const rest = this.#ofType(formula, operation, type, kinds);
      if (!isNever(rest)) left.set(formulaKey(rest), { formula: rest, kinds });
    }
    return [...left.values()].flatMap((one) =>
      split(one.formula, one.kinds).map((parts) => byKind(parts, one.kinds)),
    );
  }

  #ofType(
    formula: Formula,
    operation: Operation,
    type: number,
    kinds: Map<number, PartKind>,
  ): Formula {
    const ofName = this.#ofName(formula, eventName(type));
    const ofType = decided(ofName, (atom) => this.#byTypeAlone(atom, type));
    if (isNever(ofType)) return NEVER;
    const refusals = new Map<number, string>();
    const rest = decided(ofType, (atom) => {
      const test = this.atoms[atom];
      if (test === undefined) return Truth.UNKNOWN;
      const part = partOf(test, operation, type, this.#calls);
      if (part.kind === 'known') return part.truth;
      if (part.kind === 'refused') refusals.set(atom, part.why);
      else kinds.set(atom, part.kind);
      return Truth.UNKNOWN;
    });
    eachLiteral(rest, (atom) => {
      const why = refusals.get(atom);
      const check = this.atoms[atom]?.check;
      if (why !== undefined && check !== undefined)
        refuse(check.at, `'${canonicalText(check)}' cannot be decided in the kernel: ${why}`);
    });
    return rest;
  }

  #byTypeAlone(atom: number, type: number): Truth {
    const test = this.atoms[atom];
    if (test === undefined || test.fields.length === 0) return Truth.UNKNOWN;
    if (test.fields.some((field) => callFacts(field, type)?.length !== 0)) return Truth.UNKNOWN;
    return test.holds(this.#calls.event(type, {})) ? Truth.TRUE : Truth.FALSE;
  }
}

/** Clauses that are alike but for their operation are one. */
class Clauses {
  readonly #known = new Map<string, ExactClause & { operations: Set<number> }>();

  add({ number }: Operation, conjunctions: readonly ReadonlyMap<PartKind, Formula>[]): void {
    for (const parts of conjunctions) {
      const key = [...parts].map(([kind, part]) => `${kind}:${formulaKey(part)}`).join();
      const known = this.#known.get(key) ?? { operations: new Set(), parts };
      known.operations.add(number);
      this.#known.set(key, known);
    }
  }

  get all(): ExactClause[] {
    return [...this.#known.values()];
  }
}

function some(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} …` : names.join(', ');
}

/** The names of events that can be denied. */
function deniableNames(): string {
  return OPERATIONS.flatMap(({ types }) => types.map((type) => eventName(type))).join(', ');
}

class InexactError extends Error {
  constructor(readonly inexact: Inexact) {
    super(inexact.message);
  }
}

function refuse(at: Position | undefined, message: string): never {
  throw new InexactError({ at, message });
}

function isNever(formula: Formula): boolean {
  return formula.kind === 'constant' && !formula.value;
}

function firstTypeAt(formula: Formula, atoms: readonly Atom[]): Position | undefined {
  let at: Position | undefined;
  eachLiteral(formula, (atom) => {
    const test = atoms[atom];
    if (test?.ofType !== undefined) at ??= test.check.at;
  });
  return at;
}

/** The fact that all of a formula rests on; `undefined` where there are several. */
function onlyKind(
  formula: Formula,
  kinds: ReadonlyMap<number, PartKind>,
): PartKind | 'none' | undefined {
  const found = new Set<PartKind>();
  eachLiteral(formula, (atom) => {
    const kind = kinds.get(atom);
    if (kind !== undefined) found.add(kind);
  });
  const [only, other] = found;
  return other === undefined ? (only ?? 'none') : undefined;
}

// Disjunctions over several facts become several clauses.
function split(formula: Formula, kinds: ReadonlyMap<number, PartKind>): Formula[][] {
  if (onlyKind(formula, kinds) !== undefined) return [[formula]];
  if (formula.kind === 'any') {
    const together = new Map<PartKind, Formula[]>();
    const found: Formula[][] = [];
    for (const part of formula.parts) {
      const kind = onlyKind(part, kinds);
      if (kind === undefined) found.push(...split(part, kinds));
      else if (kind === 'none') found.push([part]);
      else together.set(kind, [...(together.get(kind) ?? []), part]);
    }
    for (const parts of together.values()) found.push([any(parts)]);
    return bounded(found);
  }
  if (formula.kind !== 'all') return [[formula]];
  let found: Formula[][] = [[]];
  for (const part of formula.parts) {
    const options = split(part, kinds);
    found = bounded(found.flatMap((done) => options.map((option) => [...done, ...option])));
  }
  return found;
}

function bounded(found: Formula[][]): Formula[][] {
  if (found.length > MAX_ALTERNATIVES)
    refuse(undefined, `it has more than ${MAX_ALTERNATIVES} alternatives; make rules of them`);
  return found;
}

function any(parts: readonly Formula[]): Formula {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : { kind: 'any', parts };
}

function byKind(
  parts: readonly Formula[],
  kinds: ReadonlyMap<number, PartKind>,
): Map<PartKind, Formula> {
  const found = new Map<PartKind, Formula[]>();
  for (const part of parts) {
    const kind = onlyKind(part, kinds);
    if (kind === undefined || kind === 'none') continue; // constants are true by now
    found.set(kind, [...(found.get(kind) ?? []), part]);
  }
  return new Map(
    [...found]
      .sort()
      .map(([kind, [only = ALWAYS, ...more]]) => [
        kind,
        more.length === 0 ? only : { kind: 'all', parts: [only, ...more] },
      ]),
  );
}

/** No plan has room for more. */
const MAX_ALTERNATIVES = abi_limit.VERDICT_CLAUSES;
