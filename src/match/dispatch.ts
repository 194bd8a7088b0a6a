// The rules of one event type: those whose cheap tests fail, or whose texts do not occur, are not
// looked at one by one.

import type { Event, Reader } from '../decode/event.js';
import type { Operand } from '../rules/ast.js';
import { toBytes } from '../rules/bytes.js';
import { operandText } from '../rules/canonical.js';
import { findField } from '../rules/fields.js';
import { operandType } from '../rules/transformers.js';
import { typeKind } from '../rules/values.js';
import type { Compiler, Condition } from './compile.js';
import { constantsOf, type Plan } from './plan.js';
import { type TextAtom, TextIndex } from './text-index.js';

/** A rule that an event type can satisfy, by its number. */
export interface Candidate {
  number: number;
  plan: Plan;
}

/**
 * Finds the rules that an event satisfies.
 *
 * Rules that begin with the same cheap tests (`evt.is_open_write=true and fd.num>=0`) are a group:
 * its tests are done once. Inside of a group, rules that cannot hold unless a field equals, starts or
 * ends with one of their texts are found by the texts that occur.
 */
export class Dispatch {
  readonly #groups: readonly Group[];
  /** How many rules there are. */
  readonly size: number;

  constructor(candidates: readonly Candidate[], compiler: Compiler) {
    this.size = candidates.length;
    const groups = new Map<string, { guards: Plan[]; members: Member[] }>();
    for (const { number, plan } of candidates) {
      const { guards, rest } = splitGuards(plan);
      const key = guards.map((guard) => guard.key).join('&');
      const group = groups.get(key) ?? { guards, members: [] };
      groups.set(key, group);
      group.members.push({ number, plan, rest });
    }
    this.#groups = [...groups.values()].map(
      ({ guards, members }) => new Group(guards, members, compiler),
    );
  }

  /** Calls `found` with the number of each rule that holds, in no particular order. */
  find(event: Event, found: (number: number) => void): void {
    for (const group of this.#groups) group.find(event, found);
  }
}

interface Member {
  number: number;
  plan: Plan;
  /** What is left of the plan when the guards hold. */
  rest: readonly Plan[];
}

interface Test {
  readonly number: number;
  readonly holds: Condition;
}

interface IndexedField {
  readonly read: Reader;
  readonly index: TextIndex;
}

// Below this, looking rules up costs what it saves.
const MIN_INDEXED = 4;

class Group {
  readonly #guards: readonly Condition[];
  /** Rules that are tested whenever the guards hold. */
  readonly #always: Test[] = [];
  readonly #indexed: Test[] = [];
  readonly #fields: IndexedField[] = [];
  /** By place in `#indexed`: the round in which it was last woken. */
  readonly #woken: Uint32Array;
  #round = 0;
  readonly #awake: number[] = [];
  readonly #wake = (place: number): void => {
    if (this.#woken[place] === this.#round) return;
    this.#woken[place] = this.#round;
    this.#awake.push(place);
  };

  constructor(guards: readonly Plan[], members: readonly Member[], compiler: Compiler) {
    this.#guards = guards.map((guard) => compiler.compile(guard));
    const atoms = members.map((member) => bestAtoms(member.rest));
    const worthwhile = atoms.filter((found) => found !== undefined).length >= MIN_INDEXED;
    const fields = new Map<string, IndexedField>();
    members.forEach((member, at) => {
      const holds = compiler.compileAll(member.rest);
      const found = worthwhile ? atoms[at] : undefined;
      if (found === undefined) {
        this.#always.push({ number: member.number, holds });
        return;
      }
      for (const { operand, atom } of found) {
        const key = operandText(operand);
        const field = fields.get(key) ?? { read: compiler.reader(operand), index: new TextIndex() };
        fields.set(key, field);
        field.index.add(atom, this.#indexed.length);
      }
      this.#indexed.push({ number: member.number, holds });
    });
    this.#fields = [...fields.values()];
    this.#woken = new Uint32Array(this.#indexed.length);
  }

  find(event: Event, found: (number: number) => void): void {
    for (const guard of this.#guards) if (!guard(event)) return;
    for (const test of this.#always) if (test.holds(event)) found(test.number);
    if (this.#fields.length === 0) return;
    this.#nextRound();
    for (const field of this.#fields) {
      const value = field.read(event);
      if (typeof value === 'string') field.index.find(value, this.#wake);
    }
    for (const place of this.#awake) {
      const test = this.#indexed[place];
      if (test?.holds(event) === true) found(test.number);
    }
  }

  #nextRound(): void {
    this.#awake.length = 0;
    this.#round = (this.#round + 1) >>> 0;
    if (this.#round !== 0) return;
    this.#woken.fill(0);
    this.#round = 1;
  }
}

interface FieldAtom {
  operand: Operand;
  atom: TextAtom;
}

// The tests at the top of a plan that read no text, or only what says little; shared by many rules.
function splitGuards(plan: Plan): { guards: Plan[]; rest: Plan[] } {
  const parts = plan.kind === 'all' ? plan.parts : [plan];
  const guards: Plan[] = [];
  const rest: Plan[] = [];
  for (const part of parts) (isGuard(part) ? guards : rest).push(part);
  guards.sort((a, b) => (a.key < b.key ? -1 : 1)).sort((a, b) => a.cost - b.cost);
  return { guards, rest };
}

function isGuard(part: Plan): boolean {
  if (part.kind === 'not') return isGuard(part.part);
  if (part.kind !== 'leaf' || part.check.right?.kind === 'transformer') return false;
  const { left } = part.check;
  if (left.kind !== 'field') return false;
  const typed = operandType(left);
  if ('error' in typed || typed.list || typed.field?.many === true) return false;
  const kind = typeKind(typed.type);
  return kind === 'bool' || kind === 'number' || FEW_VALUES.has(left.name);
}

// Texts that are one of a handful, so that they tell events apart but not rules.
const FEW_VALUES: ReadonlySet<string> = new Set([
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

// The part with the fewest texts of which one must occur; `undefined` when no part is like that.
function bestAtoms(parts: readonly Plan[]): FieldAtom[] | undefined {
  let best: FieldAtom[] | undefined;
  for (const part of parts) {
    const atoms = atomsOf(part);
    if (atoms === undefined || atoms.some(({ atom }) => isWeak(atom))) continue;
    if (best === undefined || atoms.length < best.length) best = atoms;
  }
  return best;
}

// A prefix such as "/" wakes the rule on nearly every event.
function isWeak(atom: TextAtom): boolean {
  return atom.kind !== 'equal' && atom.text.length < 2;
}

/** Tests of which one must hold for the plan to hold; `undefined` when there is no such list. */
function atomsOf(plan: Plan): FieldAtom[] | undefined {
  switch (plan.kind) {
    case 'any': {
      const atoms: FieldAtom[] = [];
      for (const part of plan.parts) {
        const found = atomsOf(part);
        if (found === undefined) return undefined;
        atoms.push(...found);
      }
      return atoms;
    }
    case 'all':
      return bestAtoms(plan.parts);
    case 'merged': {
      if (!isTelling(plan.left) || plan.inside.length > 0 || plan.paths.length > 0) {
        return undefined;
      }
      return [
        ...fieldAtoms(plan.left, 'equal', plan.equal),
        ...fieldAtoms(plan.left, 'prefix', plan.prefixes),
        ...fieldAtoms(plan.left, 'suffix', plan.suffixes),
      ];
    }
    case 'leaf': {
      const { check } = plan;
      const kind = ATOM_KINDS[check.operator];
      if (kind === undefined || check.modifier !== undefined) return undefined;
      if (check.right === undefined || check.right.kind === 'transformer') return undefined;
      return isTelling(check.left) ? fieldAtoms(check.left, kind, constantsOf(check)) : undefined;
    }
    default:
      return undefined;
  }
}

const ATOM_KINDS: Readonly<Record<string, TextAtom['kind'] | undefined>> = {
  '=': 'equal',
  '==': 'equal',
  in: 'equal',
  intersects: 'equal',
  startswith: 'prefix',
  endswith: 'suffix',
};

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
