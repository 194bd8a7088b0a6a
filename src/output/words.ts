// Looks for many words in a text at once, in one pass: the automaton of Aho and Corasick, whatever the
// letter case. One expression of as many alternatives looks at each of them at every character.

/** A word, and the bit that says that it was found. */
export type Word = readonly [word: string, bit: number];

/** Tells which kinds of words a text holds. */
export class WordFinder {
  /** The next state by state and class of character. */
  readonly #next: Uint16Array;
  /** What has been found when a state is reached. */
  readonly #found: Uint32Array;
  readonly #classes = new Uint8Array(256);
  readonly #width: number;

  /** @param words of ASCII characters; less than 60,000 characters together */
  constructor(words: readonly Word[]) {
    const characters = new Set(words.flatMap(([word]) => [...word.toLowerCase()]));
    this.#width = characters.size + 1;
    let number = 0;
    for (const character of characters) {
      number += 1;
      for (const form of [character, character.toUpperCase()])
        this.#classes[form.charCodeAt(0)] = number;
    }
    const states = 1 + words.reduce((sum, [word]) => sum + word.length, 0);
    this.#next = new Uint16Array(states * this.#width);
    this.#found = new Uint32Array(states);
    this.#complete(this.#addWords(words));
  }

  /** The bits of all words in a text; of a character above 255 none is part. */
  find(text: string): number {
    const next = this.#next;
    const classes = this.#classes;
    const width = this.#width;
    let state = 0;
    let bits = 0;
    for (let at = 0; at < text.length; at++) {
      state = next[state * width + (classes[text.charCodeAt(at)] ?? 0)] ?? 0;
      if (state !== 0) bits |= this.#found[state] ?? 0;
    }
    return bits;
  }

  // The tree of the words; returns how many states it has.
  #addWords(words: readonly Word[]): number {
    let states = 1;
    for (const [word, bit] of words) {
      let state = 0;
      for (const character of word) {
        const place = state * this.#width + (this.#classes[character.charCodeAt(0)] ?? 0);
        if (this.#next[place] === 0) this.#next[place] = states++;
        state = this.#next[place] ?? 0;
      }
      this.#found[state] = (this.#found[state] ?? 0) | bit;
    }
    return states;
  }

  // Where a word does not go on, the longest end of it that begins one does.
  #complete(states: number): void {
    const fallback = new Uint16Array(states);
    const queue: number[] = [];
    for (let kind = 0; kind < this.#width; kind++) {
      const child = this.#next[kind] ?? 0;
      if (child !== 0) queue.push(child);
    }
    for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
      const other = fallback[state] ?? 0;
      this.#found[state] = (this.#found[state] ?? 0) | (this.#found[other] ?? 0);
      for (let kind = 0; kind < this.#width; kind++) {
        const place = state * this.#width + kind;
        const onward = this.#next[other * this.#width + kind] ?? 0;
        const child = this.#next[place] ?? 0;
        if (child === 0) {
          this.#next[place] = onward;
          continue;
        }
        fallback[child] = onward;
        queue.push(child);
      }
    }
  }
}
