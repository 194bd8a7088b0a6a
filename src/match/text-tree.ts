// Texts as a tree of their common beginnings, or of their common ends.

/**
 * Reports the numbers of all texts that a given one equals or begins with, in time that depends on the
 * given one, not on how many there are. Backwards, texts are read from their ends.
 */
export class TextTree {
  readonly #root = new Node(new Uint8Array());
  readonly #step: 1 | -1;

  constructor(direction: 'forwards' | 'backwards') {
    this.#step = direction === 'forwards' ? 1 : -1;
  }

  /** @param whole the text must be all of a given one, otherwise only its beginning */
  add(text: string, number: number, whole: boolean): void {
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    const node = insert(this.#root, this.#step === 1 ? bytes : bytes.reverse());
    if (whole) node.whole = [...node.whole, number];
    else node.begun = [...node.begun, number];
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
        if (text.charCodeAt(at) !== common[i]) return;
      }
      if (node.tell(left === 0, found)) return;
      node = node.next?.get(text.charCodeAt(at));
    }
  }

  /**
   * The same for the text in the bytes from `start` up to `end`. A loop of its own: one for both, that asks
   * at each byte of what it is, took a third longer.
   */
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
        if (memory[at] !== common[i]) return;
      }
      if (node.tell(left === 0, found)) return;
      node = node.next?.get(memory[at] ?? 0);
    }
  }
}

const NONE: readonly number[] = [];

class Node {
  /** What ends here, by whether the given text may go on. */
  begun: readonly number[] = NONE;
  whole: readonly number[] = NONE;
  next: Map<number, Node> | undefined;

  /** @param common to all texts below from the parent on; empty at the root only */
  constructor(public common: Uint8Array) {}

  /** Tells what ends here; `isEnd`: so does the given text. */
  tell(isEnd: boolean, found: (number: number) => void): boolean {
    for (const number of this.begun) found(number);
    if (isEnd) for (const number of this.whole) found(number);
    return isEnd;
  }
}

// The node at which a text ends. Where it leaves what others have in common, their node is split.
function insert(root: Node, text: Uint8Array): Node {
  let node = root;
  let at = 0;
  for (;;) {
    const first = text[at];
    if (first === undefined) return node;
    node.next ??= new Map();
    const child = node.next.get(first);
    if (child === undefined) {
      const made = new Node(text.subarray(at));
      node.next.set(first, made);
      return made;
    }
    const shared = sharedLength(child.common, text, at);
    at += shared;
    if (shared === child.common.length) {
      node = child;
      continue;
    }
    const upper = new Node(child.common.subarray(0, shared));
    child.common = child.common.subarray(shared);
    upper.next = new Map([[child.common[0] ?? 0, child]]);
    node.next.set(first, upper);
    node = upper;
  }
}

function sharedLength(common: Uint8Array, text: Uint8Array, at: number): number {
  let length = 0;
  while (length < common.length && common[length] === text[at + length]) length++;
  return length;
}
