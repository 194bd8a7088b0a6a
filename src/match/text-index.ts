// Which of many texts does this one equal, start with, end with or contain? One look for all of them.

import type { TextPlace } from '../decode/cursor.js';
import { TextsInside } from './text-inside.js';
import { TextTree } from './text-tree.js';

/** What is looked for, and what must be true of it. */
export interface TextAtom {
  kind: 'equal' | 'prefix' | 'suffix' | 'inside';
  /** A byte string; of two bytes or more where it is to be inside. */
  text: string;
}

/** Reports the numbers of all atoms that a text satisfies, some perhaps more than once. */
export class TextIndex {
  // Most fields are asked for texts of one kind.
  #forwards: TextTree | undefined;
  #backwards: TextTree | undefined;
  #inside: TextsInside | undefined;

  add({ kind, text }: TextAtom, number: number): void {
    switch (kind) {
      case 'equal':
      case 'prefix':
        this.#forwards ??= new TextTree('forwards');
        this.#forwards.add(text, number, kind === 'equal');
        return;
      case 'suffix':
        this.#backwards ??= new TextTree('backwards');
        this.#backwards.add(text, number, false);
        return;
      case 'inside':
        this.#inside ??= new TextsInside();
        this.#inside.add(text, number);
    }
  }

  /** Calls `found` with the number of each atom that `text` satisfies. */
  find(text: string, found: (number: number) => void): void {
    this.#forwards?.find(text, found);
    this.#backwards?.find(text, found);
    this.#inside?.find(text, found);
  }

  /** The same for a text where it lies. */
  findAt({ memory, start, end }: TextPlace, found: (number: number) => void): void {
    this.#forwards?.findBytes(memory, start, end, found);
    this.#backwards?.findBytes(memory, start, end, found);
    this.#inside?.findBytes(memory, start, end, found);
  }
}
