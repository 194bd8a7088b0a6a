// Which of many texts occur somewhere in this one?

/**
 * Reports the numbers of all texts that occur in a given one.
 *
 * Most bytes of the given text are not looked at: two of them say how far ahead the end of the first
 * `length` bytes of any of the texts can be (S. Wu, U. Manber: A fast algorithm for multi-pattern
 * searching, 1994).
 */
export class TextsInside {
  readonly #texts: { bytes: Uint8Array; text: string; numbers: number[] }[] = [];
  /** Of the shortest text. */
  #length = 0;
  // By two bytes: how far they are, at least, from where a text may have its `length`th byte.
  readonly #skips = new Uint8Array(PAIRS);

  /** @param text of two bytes or more */
  add(text: string, number: number): void {
    const known = this.#texts.find((one) => one.text === text);
    if (known !== undefined) {
      known.numbers.push(number);
      return;
    }
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    this.#texts.push({ bytes, text, numbers: [number] });
    this.#length = Math.min(MAX_LENGTH, ...this.#texts.map((one) => one.text.length));
    this.#skips.fill(this.#length - 1);
    for (const one of this.#texts) this.#takePairs(one.bytes);
  }

  /** Calls `found` with the number of each text that occurs in `text`. */
  find(text: string, found: (number: number) => void): void {
    for (const one of this.#texts) {
      if (text.includes(one.text)) for (const number of one.numbers) found(number);
    }
  }

  /** The same for the text in the bytes from `start` up to `end`; some perhaps more than once. */
  findBytes(memory: Uint8Array, start: number, end: number, found: (number: number) => void): void {
    const skips = this.#skips;
    const before = this.#length - 1;
    let at = start + before;
    while (at < end) {
      const skip = skips[pairOf(memory[at - 1] ?? 0, memory[at] ?? 0)] ?? 1;
      if (skip === 0) this.#compare(memory, at - before, end, found);
      at += Math.max(skip, 1);
    }
  }

  #compare(memory: Uint8Array, at: number, end: number, found: (number: number) => void): void {
    for (const { bytes, numbers } of this.#texts) {
      if (isAt(bytes, memory, at, end)) for (const number of numbers) found(number);
    }
  }

  #takePairs(bytes: Uint8Array): void {
    for (let at = 1; at < this.#length; at += 1) {
      const pair = pairOf(bytes[at - 1] ?? 0, bytes[at] ?? 0);
      this.#skips[pair] = Math.min(this.#skips[pair] ?? 0, this.#length - 1 - at);
    }
  }
}

// Few enough to stay in the nearest cache; that two pairs share a place costs a shorter skip.
const PAIRS = 4096;
// More is seldom skipped, and has to fit a byte.
const MAX_LENGTH = 32;

function pairOf(first: number, second: number): number {
  return ((first << 5) ^ second) & (PAIRS - 1);
}

function isAt(text: Uint8Array, memory: Uint8Array, at: number, end: number): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i += 1) if (memory[at + i] !== text[i]) return false;
  return true;
}
