// Which of many texts does this one equal, start with, end with or contain? One look for all of them.

import type { TextPlace } from '../decode/cursor.js';
import { TextTree } from './text-tree.js';

/** What is looked for, and what must be true of it. */
export interface TextAtom {
  kind: 'equal' | 'prefix' | 'suffix' | 'inside';
  /** A byte string; not empty where it is to be inside. */
  text: string;
}

/** Reports the numbers of all atoms that a text satisfies, some perhaps more than once. */
export class TextIndex {
  readonly #forwards = new TextTree('forwards');
  readonly #backwards = new TextTree('backwards');
  readonly #inside: Inside[] = [];
  // By two bytes: whether a text that is to be inside begins so.
  readonly #pairs = new Uint8Array(PAIRS);

  add({ kind, text }: TextAtom, number: number): void {
    switch (kind) {
      case 'equal':
      case 'prefix':
        this.#forwards.add(text, number, kind === 'equal');
        return;
      case 'suffix':
        this.#backwards.add(text, number, false);
        return;
      case 'inside':
        this.#addInside(text, number);
    }
  }

  /** Calls `found` with the number of each atom that `text` satisfies. */
  find(text: string, found: (number: number) => void): void {
    if (this.#forwards.size > 0) this.#forwards.find(text, found);
    if (this.#backwards.size > 0) this.#backwards.find(text, found);
    for (const one of this.#inside) {
      if (text.includes(one.text)) for (const number of one.numbers) found(number);
    }
  }

  /** The same for a text where it lies. */
  findAt({ memory, start, end }: TextPlace, found: (number: number) => void): void {
    if (this.#forwards.size > 0) this.#forwards.findBytes(memory, start, end, found);
    if (this.#backwards.size > 0) this.#backwards.findBytes(memory, start, end, found);
    if (this.#inside.length > 0) this.#findInside(memory, start, end, found);
  }

  #findInside(
    memory: Uint8Array,
    start: number,
    end: number,
    found: (number: number) => void,
  ): void {
    const pairs = this.#pairs;
    let first = memory[start] ?? 0;
    for (let at = start; at < end; at += 1) {
      const second = memory[at + 1] ?? 0;
      if (pairs[pairOf(first, second)] !== 0) {
        for (const one of this.#inside) {
          if (isAt(one.text, memory, at, end)) for (const number of one.numbers) found(number);
        }
      }
      first = second;
    }
  }

  #addInside(text: string, number: number): void {
    const known = this.#inside.find((one) => one.text === text);
    if (known !== undefined) {
      known.numbers.push(number);
      return;
    }
    this.#inside.push({ text, numbers: [number] });
    const first = text.charCodeAt(0);
    if (text.length > 1) this.#pairs[pairOf(first, text.charCodeAt(1))] = 1;
    else for (let second = 0; second < 256; second += 1) this.#pairs[pairOf(first, second)] = 1;
  }
}

interface Inside {
  readonly text: string;
  readonly numbers: number[];
}

// Few enough to stay in the nearest cache; that two pairs share a place costs a comparison.
const PAIRS = 4096;

function pairOf(first: number, second: number): number {
  return ((first << 5) ^ second) & (PAIRS - 1);
}

function isAt(text: string, memory: Uint8Array, at: number, end: number): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i += 1) if (memory[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
