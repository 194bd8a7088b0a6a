// Rules that are asleep until one of their texts occurs in an event.

import { TextPlace } from '../decode/cursor.js';
import type { Event, Reader } from '../decode/event.js';
import { operandText } from '../rules/canonical.js';
import type { Compiler, Condition } from './compile.js';
import { TextIndex } from './text-index.js';
import type { FieldAtom } from './waking.js';

/** A rule by its number. */
export interface Test {
  readonly number: number;
  readonly holds: Condition;
}

/** Looks up the texts of an event and evaluates the rules that they wake. */
export class WokenRules {
  readonly #tests: Test[] = [];
  readonly #fields: IndexedField[] = [];
  /** By place in `#tests`: the round in which it was last woken. */
  readonly #woken: number[] = [];
  // The first `#count` are places of rules that are awake: emptying an array takes longer than filling it.
  readonly #awake: number[] = [];
  #count = 0;
  #round = 0;
  readonly #wake = (at: number): void => {
    if (this.#woken[at] === this.#round) return;
    this.#woken[at] = this.#round;
    this.#awake[this.#count] = at;
    this.#count += 1;
  };

  constructor(private readonly compiler: Compiler) {}

  /** @param atoms tests of which one must hold for the rule to hold */
  add(test: Test, atoms: readonly FieldAtom[]): void {
    for (const { operand, atom } of atoms) {
      const name = operandText(operand);
      let field = this.#fields.find((one) => one.name === name);
      if (field === undefined) {
        const read = this.compiler.reader(operand);
        field = { name, read, locate: read.locate ?? nowhere, index: new TextIndex() };
        this.#fields.push(field);
      }
      field.index.add(atom, this.#tests.length);
    }
    this.#tests.push(test);
    this.#woken.push(0);
  }

  /** Calls `found` with the number of each rule that holds, in no particular order. */
  find(event: Event, found: (number: number) => void): void {
    this.#round += 1;
    this.#count = 0;
    for (const { locate, read, index } of this.#fields) {
      if (locate(event, PLACE)) {
        index.findAt(PLACE, this.#wake);
      } else {
        const value = read(event);
        if (typeof value === 'string') index.find(value, this.#wake);
      }
    }
    for (let i = 0; i < this.#count; i += 1) {
      const test = this.#tests[this.#awake[i] ?? 0];
      if (test?.holds(event) === true) found(test.number);
    }
  }
}

interface IndexedField {
  readonly name: string;
  readonly read: Reader;
  readonly locate: (event: Event, place: TextPlace) => boolean;
  readonly index: TextIndex;
}

function nowhere(): boolean {
  return false;
}

// Reused: nothing is kept of it.
const PLACE = new TextPlace();
