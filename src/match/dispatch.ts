// The rules of one event type: those whose texts do not occur, or whose cheap tests fail, are not
// looked at one by one.

import type { Event } from '../decode/event.js';
import { operandType } from '../rules/transformers.js';
import { typeKind } from '../rules/values.js';
import type { Compiler, Condition } from './compile.js';
import type { Plan } from './plan.js';
import { FEW_VALUES, type IsLooked, wakingAtoms } from './waking.js';
import { type Test, WokenRules } from './woken.js';

/** A rule that an event type can satisfy, by its number. */
export interface Candidate {
  number: number;
  plan: Plan;
}

/**
 * Finds the rules that an event satisfies.
 *
 * Rules that cannot hold unless a text that lies in the record equals, contains, starts or ends with one
 * of theirs are found by the texts that occur: no text is made for the others. Of the rest, rules that
 * begin with the same cheap tests (`evt.is_open_write=true and fd.num>=0`) are a group: its tests are done
 * once, and then its rules are found by the texts that readers make.
 */
export class Dispatch {
  /** How many rules there are. */
  readonly size: number;
  readonly #woken: WokenRules;
  readonly #groups: readonly Group[];

  constructor(candidates: readonly Candidate[], compiler: Compiler) {
    this.size = candidates.length;
    this.#woken = new WokenRules(compiler);
    const isLooked: IsLooked = (operand) => compiler.reader(operand).locate !== undefined;
    const groups = new Map<string, { guards: Plan[]; members: Member[] }>();
    for (const { number, plan } of candidates) {
      const parts = plan.kind === 'all' ? plan.parts : [plan];
      const atoms = wakingAtoms(parts, isLooked);
      if (atoms !== undefined) {
        this.#woken.add({ number, holds: compiler.compileAll(parts) }, atoms);
        continue;
      }
      const { guards, rest } = splitGuards(parts);
      const key = guards.map((guard) => guard.key).join('&');
      const group = groups.get(key) ?? { guards, members: [] };
      groups.set(key, group);
      group.members.push({ number, rest });
    }
    this.#groups = [...groups.values()].map(
      ({ guards, members }) => new Group(guards, members, compiler),
    );
  }

  /** Calls `found` with the number of each rule that holds, in no particular order. */
  find(event: Event, found: (number: number) => void): void {
    this.#woken.find(event, found);
    for (const group of this.#groups) group.find(event, found);
  }
}

interface Member {
  number: number;
  /** What is left of the plan when the guards hold. */
  rest: readonly Plan[];
}

// Below this, looking rules up costs what it saves.
const MIN_INDEXED = 4;

class Group {
  readonly #guards: readonly Condition[];
  /** Rules that are tested whenever the guards hold. */
  readonly #always: Test[] = [];
  readonly #woken: WokenRules;

  constructor(guards: readonly Plan[], members: readonly Member[], compiler: Compiler) {
    this.#guards = guards.map((guard) => compiler.compile(guard));
    this.#woken = new WokenRules(compiler);
    // What may stand anywhere costs as much to look up as to test.
    const isLooked: IsLooked = (_, kind) => kind !== 'inside';
    const atoms = members.map(({ rest }) => wakingAtoms(rest, isLooked));
    const worthwhile = atoms.filter((found) => found !== undefined).length >= MIN_INDEXED;
    members.forEach(({ number, rest }, at) => {
      const test = { number, holds: compiler.compileAll(rest) };
      const found = worthwhile ? atoms[at] : undefined;
      if (found === undefined) this.#always.push(test);
      else this.#woken.add(test, found);
    });
  }

  find(event: Event, found: (number: number) => void): void {
    for (const guard of this.#guards) if (!guard(event)) return;
    for (const test of this.#always) if (test.holds(event)) found(test.number);
    this.#woken.find(event, found);
  }
}

// The tests at the top of a plan that read no text, or only what says little; shared by many rules.
function splitGuards(parts: readonly Plan[]): { guards: Plan[]; rest: Plan[] } {
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
