// Texts as a tree of their common beginnings, or of their common ends.

/**
 * Reports the numbers of all texts that a given one equals or begins with, in time that depends on the
 * given one, not on how many there are. Backwards, texts are read from their ends.
 */
export class TextTree {
  /** How many texts there are. */
  size = 0;
  readonly #root = new Node('');
  readonly #step: 1 | -1;

  constructor(direction: 'forwards' | 'backwards') {
    this.#step = direction === 'forwards' ? 1 : -1;
  }

  /** @param whole the text must be all of a given one, otherwise only its beginning */
  add(text: string, number: number, whole: boolean): void {
    const node = insert(this.#root, this.#step === 1 ? text : reversed(text));
    (whole ? node.whole : node.begun).push(number);
    this.size += 1;
  }

  /** Calls `found` with the number of each text that `text` equals or begins with. */
  find(text: string, found: (number: number) => void): void {
    const step = this.#step;
    let left = text.length;
    let at = step === 1 ? 0 : left - 1;
    let node: Node | undefined = this.#root;
    while (node !== undefined) {
      const { common } = node;
      left -= common.length;
      if (left < 0) return;
      for (let i = 0; i < common.length; i += 1, at += step) {
        if (text.charCodeAt(at) !== common.charCodeAt(i)) return;
      }
      for (const number of node.begun) found(number);
      if (left === 0) {
        for (const number of node.whole) found(number);
        return;
      }
      node = node.next.get(text.charCodeAt(at));
    }
  }

  /** The same for the text in the bytes from `start` up to `end`. */
  findBytes(memory: Uint8Array, start: number, end: number, found: (number: number) => void): void {
    const step = this.#step;
    let left = end - start;
    let at = step === 1 ? start : end - 1;
    let node: Node | undefined = this.#root;
    while (node !== undefined) {
      const { common } = node;
      left -= common.length;
      if (left < 0) return;
      for (let i = 0; i < common.length; i += 1, at += step) {
        if (memory[at] !== common.charCodeAt(i)) return;
      }
      for (const number of node.begun) found(number);
      if (left === 0) {
        for (const number of node.whole) found(number);
        return;
      }
      node = node.next.get(memory[at] ?? 0);
    }
  }
}

class Node {
  /** What ends here, by whether the given text may go on. */
  readonly begun: number[] = [];
  readonly whole: number[] = [];
  readonly next = new Map<number, Node>();

  /** @param common to all texts below from the parent on; empty at the root only */
  constructor(public common: string) {}
}

// The node at which a text ends. Where it leaves what others have in common, their node is split.
function insert(root: Node, text: string): Node {
  let node = root;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const child = node.next.get(code);
    if (child === undefined) {
      const made = new Node(text.slice(at));
      node.next.set(code, made);
      return made;
    }
    const shared = sharedLength(child.common, text, at);
    if (shared === child.common.length) {
      node = child;
    } else {
      const upper = new Node(child.common.slice(0, shared));
      child.common = child.common.slice(shared);
      upper.next.set(child.common.charCodeAt(0), child);
      node.next.set(code, upper);
      node = upper;
    }
    at += shared;
  }
  return node;
}

function sharedLength(common: string, text: string, at: number): number {
  let length = 0;
  while (length < common.length && common.charCodeAt(length) === text.charCodeAt(at + length)) {
    length++;
  }
  return length;
}

// Byte strings: every character stands for itself.
function reversed(text: string): string {
  return [...text].reverse().join('');
}
