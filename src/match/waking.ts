// Of a condition, texts of which one must occur for it to hold: what the rules of an event are found by.

import type { Operand } from '../rules/ast.js';
import { toBytes } from '../rules/bytes.js';
import { findField } from '../rules/fields.js';
import { operandType } from '../rules/transformers.js';
import { typeKind } from '../rules/values.js';
import type { Leaf, Merged, Plan } from './plan.js';
import type { TextAtom } from './text-index.js';
import { constantsOf } from './type-checks.js';

/** A test of a field's text. */
export interface FieldAtom {
  operand: Operand;
  atom: TextAtom;
}

/** Fields whose text is one of a handful, so that they tell events apart but not rules. */
export const FEW_VALUES: ReadonlySet<string> = new Set([
  'evt.type',
  'evt.res',
  'evt.category',
  'evt.dir',
  'evt.source',
  'fd.typechar',
  'fd.type',
  'fd.l4proto',
  'fd.sockfamily',
  'container.id',
  'container.type',
  'container.name',
  'user.name',
  'user.loginname',
  'group.name',
]);

/** Whether texts of a field are looked up, and in that way. */
export type IsLooked = (operand: Operand, kind: TextAtom['kind']) => boolean;

/**
 * Tests of which one must hold for all parts to hold: those of the part that wakes a rule least.
 *
 * @returns `undefined` when no part is like that
 */
export function wakingAtoms(parts: readonly Plan[], isLooked: IsLooked): FieldAtom[] | undefined {
  return cheapest(parts.map((part) => atomsOf(part, isLooked)));
}

function cheapest(found: readonly (FieldAtom[] | undefined)[]): FieldAtom[] | undefined {
  let best: FieldAtom[] | undefined;
  for (const atoms of found) {
    if (atoms === undefined || atoms.some(({ atom }) => isWeak(atom))) continue;
    if (best === undefined || costOf(atoms) < costOf(best)) best = atoms;
  }
  return best;
}

// A prefix such as "/" wakes the rule on nearly every event.
function isWeak({ kind, text }: TextAtom): boolean {
  return kind !== 'equal' && text.length < 2;
}

// More texts wake a rule more often; a text that may stand anywhere takes a look at every byte.
function costOf(atoms: readonly FieldAtom[]): number {
  return atoms.reduce((sum, { atom }) => sum + atomCost(atom), 0);
}

function atomCost({ kind, text }: TextAtom): number {
  // A beginning of one component is that of many paths: /usr/
  if (kind === 'prefix' && /^\/[^/]*\/?$/.test(text)) return 100;
  return kind === 'inside' ? 4 : 1;
}

function atomsOf(plan: Plan, isLooked: IsLooked): FieldAtom[] | undefined {
  switch (plan.kind) {
    case 'any': {
      const atoms: FieldAtom[] = [];
      for (const part of plan.parts) {
        const found = atomsOf(part, isLooked);
        if (found === undefined) return undefined;
        atoms.push(...found);
      }
      return atoms;
    }
    case 'all':
      return wakingAtoms(plan.parts, isLooked);
    case 'merged':
      return atomsOfMerged(plan, isLooked);
    case 'leaf':
      return atomsOfLeaf(plan, isLooked);
    default:
      return undefined;
  }
}

function atomsOfMerged(plan: Merged, isLooked: IsLooked): FieldAtom[] | undefined {
  if (plan.paths.length > 0) return undefined;
  return looked(
    [
      ...fieldAtoms(plan.left, 'equal', plan.equal),
      ...fieldAtoms(plan.left, 'prefix', plan.prefixes),
      ...fieldAtoms(plan.left, 'suffix', plan.suffixes),
      ...fieldAtoms(plan.left, 'inside', plan.inside),
    ],
    isLooked,
  );
}

function atomsOfLeaf({ check }: Leaf, isLooked: IsLooked): FieldAtom[] | undefined {
  const { left, operator, modifier, right } = check;
  if (modifier !== undefined || right === undefined || right.kind === 'transformer') {
    return undefined;
  }
  const constants = constantsOf(check);
  if (operator === 'glob') return atomsOfGlob(left, constants[0] ?? '', isLooked);
  const kind = ATOM_KINDS[operator];
  return kind === undefined ? undefined : looked(fieldAtoms(left, kind, constants), isLooked);
}

const ATOM_KINDS: Readonly<Record<string, TextAtom['kind'] | undefined>> = {
  '=': 'equal',
  '==': 'equal',
  in: 'equal',
  intersects: 'equal',
  startswith: 'prefix',
  endswith: 'suffix',
  contains: 'inside',
};

// What stands between the stars: each of it must occur.
function atomsOfGlob(left: Operand, pattern: string, isLooked: IsLooked): FieldAtom[] | undefined {
  if (!pattern.includes('*') || /[?[\\]/.test(pattern)) return undefined;
  const texts = pattern.split('*');
  const atoms = texts.map((text, at) => {
    const kind = at === 0 ? 'prefix' : at === texts.length - 1 ? 'suffix' : 'inside';
    return looked(fieldAtoms(left, kind, [text]), isLooked);
  });
  return cheapest(atoms);
}

// All of them, or none.
function looked(atoms: FieldAtom[], isLooked: IsLooked): FieldAtom[] | undefined {
  const areAll = atoms.every(
    ({ operand, atom }) => isTelling(operand) && isLooked(operand, atom.kind),
  );
  return areAll ? atoms : undefined;
}

function fieldAtoms(
  operand: Operand,
  kind: TextAtom['kind'],
  texts: readonly string[],
): FieldAtom[] {
  return texts.map((text) => ({ operand, atom: { kind, text: toBytes(text) } }));
}

// A text field with one value that differs from event to event.
function isTelling(operand: Operand): boolean {
  if (operand.kind !== 'field') return false;
  const typed = operandType(operand);
  if ('error' in typed || typed.list || typed.field?.many === true) return false;
  const name = findField(operand.name)?.name ?? '';
  return typeKind(typed.type) === 'text' && !FEW_VALUES.has(name);
}
