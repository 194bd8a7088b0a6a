// A clause against some facts: Kleene's logic, in which a test may be true, false or unknown.

import type { Reader } from '../decode/event.js';
import { fieldReader } from '../enrich/fields.js';
import { Compiler, type Condition } from '../match/compile.js';
import { isTypeCheck, typeTest } from '../match/type-checks.js';
import type { Check, Expression, FieldRef } from '../rules/ast.js';
import { eachField } from '../rules/ast.js';

/** What a test comes to. */
export enum Truth {
  FALSE = 0,
  TRUE = 1,
  UNKNOWN = 2,
}

/** A test that clauses have in common, by its place among all. */
export interface Atom {
  readonly index: number;
  readonly check: Check;
  /** Compiled by the matcher when it is first asked; to be taken from here each time. */
  readonly holds: Condition;
  /** What it costs, in the matcher's units. */
  readonly cost: number;
  /** Both sides'. */
  readonly fields: readonly FieldRef[];
  /** Compares the name of the event's type: what it comes to for one. */
  readonly ofType: ((eventType: string) => boolean) | undefined;
}

/** Negation normal form: only tests are negated. */
export type Formula =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'literal'; readonly atom: number; readonly negated: boolean }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Formula[] };

export const ALWAYS: Formula = { kind: 'constant', value: true };
export const NEVER: Formula = { kind: 'constant', value: false };

/** Turns conditions into formulas over atoms that are numbered once for all of them. */
export class Formulas {
  readonly atoms: Atom[] = [];
  readonly #byKey = new Map<string, Atom>();
  /** Clauses of a rule, and rules that use a macro, have most of their conditions in common. */
  readonly #formulas = new Map<Expression, Formula>();
  readonly #opposites = new Map<Expression, Formula>();
  readonly #compiler: Compiler;

  constructor(resolve: (field: FieldRef) => Reader | undefined = readerOf) {
    this.#compiler = new Compiler(resolve);
  }

  /** The formula of a condition; `negated` that of its opposite. */
  of(expression: Expression, negated = false): Formula {
    const made = negated ? this.#opposites : this.#formulas;
    const known = made.get(expression);
    if (known !== undefined) return known;
    const formula = this.#make(expression, negated);
    made.set(expression, formula);
    return formula;
  }

  #make(expression: Expression, negated: boolean): Formula {
    switch (expression.kind) {
      case 'macro':
        return negated ? ALWAYS : NEVER; // planCondition in match/plan.ts
      case 'not':
        return this.of(expression.part, !negated);
      case 'and':
      case 'or': {
        const kind = (expression.kind === 'and') === negated ? 'any' : 'all';
        return grouped(kind, expression.parts, (part) => this.of(part, negated));
      }
      case 'check':
        return this.#literal(expression, negated);
    }
  }

  #literal(check: Check, negated: boolean): Formula {
    const plan = this.#compiler.plan(check);
    if (plan.kind === 'constant') return plan.value === negated ? NEVER : ALWAYS;
    const known = this.#byKey.get(plan.key);
    if (known !== undefined) return { kind: 'literal', atom: known.index, negated };
    const atom: Atom & { holds: Condition } = {
      index: this.atoms.length,
      check,
      holds: (event) => {
        const holds = this.#compiler.compile(plan);
        atom.holds = holds;
        return holds(event);
      },
      cost: plan.cost,
      fields: fieldsOf(check),
      ofType: isTypeCheck(check) ? typeTest(check) : undefined,
    };
    this.atoms.push(atom);
    this.#byKey.set(plan.key, atom);
    return { kind: 'literal', atom: atom.index, negated };
  }
}

/** The formula with some atoms decided: what they settle is gone. */
export function decided(formula: Formula, truthOf: (atom: number) => Truth): Formula {
  switch (formula.kind) {
    case 'constant':
      return formula;
    case 'literal': {
      const truth = truthOf(formula.atom);
      if (truth === Truth.UNKNOWN) return formula;
      return (truth === Truth.TRUE) === formula.negated ? NEVER : ALWAYS;
    }
    default:
      return grouped(formula.kind, formula.parts, (part) => decided(part, truthOf));
  }
}

/**
 * What is left of a formula when only some atoms can be known: it is false if the others, unknown as
 * they are, cannot help; `ALWAYS` when it can never be false.
 */
export function restricted(formula: Formula, isKnown: (atom: number) => boolean): Formula {
  switch (formula.kind) {
    case 'constant':
      return formula;
    case 'literal':
      return isKnown(formula.atom) ? formula : ALWAYS;
    default:
      return grouped(formula.kind, formula.parts, (part) => restricted(part, isKnown));
  }
}

/** The same with what is cheap to find out first. */
export function ordered(formula: Formula, costOf: (atom: number) => number): Formula {
  if (formula.kind !== 'all' && formula.kind !== 'any') return formula;
  const cost = (part: Formula): number => {
    let sum = 0;
    eachLiteral(part, (atom) => {
      sum += costOf(atom);
    });
    return sum;
  };
  const parts = formula.parts
    .map((part) => ({ part: ordered(part, costOf), cost: cost(part) }))
    .sort((a, b) => a.cost - b.cost);
  return { kind: formula.kind, parts: parts.map(({ part }) => part) };
}

/** Whether the formula is not false. */
export function mayHold(formula: Formula, truthOf: (atom: number) => Truth): boolean {
  switch (formula.kind) {
    case 'constant':
      return formula.value;
    case 'literal':
      return truthOf(formula.atom) !== (formula.negated ? Truth.TRUE : Truth.FALSE);
    case 'all':
      for (const part of formula.parts) if (!mayHold(part, truthOf)) return false;
      return true;
    case 'any':
      for (const part of formula.parts) if (mayHold(part, truthOf)) return true;
      return false;
  }
}

/** What a formula comes to. */
export function whole(formula: Formula, truthOf: (atom: number) => Truth): Truth {
  if (!mayHold(formula, truthOf)) return Truth.FALSE;
  return mayHold(opposed(formula), truthOf) ? Truth.UNKNOWN : Truth.TRUE;
}

/** The formula of the opposite (De Morgan). */
export function opposed(formula: Formula): Formula {
  switch (formula.kind) {
    case 'constant':
      return formula.value ? NEVER : ALWAYS;
    case 'literal':
      return { ...formula, negated: !formula.negated };
    default:
      return { kind: formula.kind === 'all' ? 'any' : 'all', parts: formula.parts.map(opposed) };
  }
}

/** Calls `visit` for every literal. */
export function eachLiteral(
  formula: Formula,
  visit: (atom: number, negated: boolean) => void,
): void {
  if (formula.kind === 'literal') visit(formula.atom, formula.negated);
  else if (formula.kind !== 'constant') for (const part of formula.parts) eachLiteral(part, visit);
}

/** The atoms of a formula; found once. */
export function atomsOf(formula: Formula): ReadonlySet<number> {
  const known = ATOMS.get(formula);
  if (known !== undefined) return known;
  const atoms = new Set<number>();
  eachLiteral(formula, (atom) => atoms.add(atom));
  ATOMS.set(formula, atoms);
  return atoms;
}

const ATOMS = new WeakMap<Formula, ReadonlySet<number>>();

/** One text for formulas that say the same in the same words. */
export function formulaKey(formula: Formula): string {
  switch (formula.kind) {
    case 'constant':
      return formula.value ? 'T' : 'F';
    case 'literal':
      return formula.negated ? `!${formula.atom}` : String(formula.atom);
    default: {
      const parts = formula.parts.map(formulaKey);
      return `${formula.kind === 'all' ? '&' : '|'}(${parts.join()})`;
    }
  }
}

/** A field of a rule as the matcher reads it. */
export function readerOf(field: FieldRef): Reader | undefined {
  return fieldReader(field.name, field.argument);
}

// What becomes of the parts, as far as they must be looked at: constants folded, nested groups of one kind made flat.
function grouped<Part>(
  kind: 'all' | 'any',
  parts: readonly Part[],
  become: (part: Part) => Formula,
): Formula {
  const decisive = kind === 'any';
  const kept: Formula[] = [];
  for (const one of parts) {
    const part = become(one);
    if (part.kind === 'constant') {
      if (part.value === decisive) return part;
    } else if (part.kind === kind) kept.push(...part.parts);
    else kept.push(part);
  }
  const [only] = kept;
  if (only === undefined) return decisive ? NEVER : ALWAYS;
  return kept.length === 1 ? only : { kind, parts: kept };
}

function fieldsOf(check: Check): FieldRef[] {
  const fields: FieldRef[] = [];
  eachField(check.left, (field) => fields.push(field));
  if (check.right?.kind === 'transformer') eachField(check.right, (field) => fields.push(field));
  return fields;
}
