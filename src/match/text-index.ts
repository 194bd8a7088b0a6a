// Which of many texts does this one equal, start with or end with? One look for all of them.

/** What is looked for, and the number to report when it is found. */
export interface TextAtom {
  kind: 'equal' | 'prefix' | 'suffix';
  /** A byte string. */
  text: string;
}

/** Reports the numbers of all atoms that a text satisfies, some perhaps more than once. */
export class TextIndex {
  readonly #equal = new Map<string, number[]>();
  readonly #root: Branch = { common: '', numbers: [], next: new Map() };
  readonly #suffixes = new Map<number, { text: string; numbers: number[] }[]>();

  add(atom: TextAtom, number: number): void {
    switch (atom.kind) {
      case 'equal':
        push(this.#equal, atom.text, number);
        return;
      case 'prefix':
        insert(this.#root, atom.text, number);
        return;
      case 'suffix':
        this.#addSuffix(atom.text, number);
    }
  }

  /** Calls `found` with the number of each atom that `text` satisfies. */
  find(text: string, found: (number: number) => void): void {
    const equal = this.#equal.get(text);
    if (equal !== undefined) for (const number of equal) found(number);
    this.#findPrefixes(text, found);
    if (this.#suffixes.size > 0) this.#findSuffixes(text, found);
  }

  #findPrefixes(text: string, found: (number: number) => void): void {
    let node: Branch | undefined = this.#root;
    let at = 0;
    while (node !== undefined) {
      if (!text.startsWith(node.common, at)) return;
      at += node.common.length;
      for (const number of node.numbers) found(number);
      node = node.next.get(text.charCodeAt(at));
    }
  }

  #findSuffixes(text: string, found: (number: number) => void): void {
    const last = text.charCodeAt(text.length - 1);
    for (const key of [lastKey(text), last]) {
      for (const suffix of this.#suffixes.get(key) ?? NONE) {
        if (text.endsWith(suffix.text)) for (const number of suffix.numbers) found(number);
      }
    }
  }

  #addSuffix(text: string, number: number): void {
    if (text === '') {
      // Every text ends with nothing: the root of the prefixes reports it too.
      insert(this.#root, '', number);
      return;
    }
    const key = text.length === 1 ? text.charCodeAt(0) : lastKey(text);
    const bucket = this.#suffixes.get(key) ?? [];
    this.#suffixes.set(key, bucket);
    const known = bucket.find((suffix) => suffix.text === text);
    if (known === undefined) bucket.push({ text, numbers: [number] });
    else known.numbers.push(number);
  }
}

interface Branch {
  common: string;
  numbers: number[];
  next: Map<number, Branch>;
}

const NONE: readonly { text: string; numbers: number[] }[] = [];

// The last two bytes; above 255, so that it differs from a single byte.
function lastKey(text: string): number {
  return ((text.charCodeAt(text.length - 2) + 1) << 8) | text.charCodeAt(text.length - 1);
}

function push(map: Map<string, number[]>, text: string, number: number): void {
  const known = map.get(text);
  if (known === undefined) map.set(text, [number]);
  else known.push(number);
}

// The root's `common` is empty and stays so; a node is split where a new text leaves it.
function insert(root: Branch, text: string, number: number): void {
  let node = root;
  let at = 0;
  for (;;) {
    if (at === text.length) {
      node.numbers.push(number);
      return;
    }
    const code = text.charCodeAt(at);
    const child = node.next.get(code);
    if (child === undefined) {
      node.next.set(code, { common: text.slice(at), numbers: [number], next: new Map() });
      return;
    }
    const shared = sharedLength(child.common, text, at);
    if (shared < child.common.length) {
      const lower: Branch = { ...child, common: child.common.slice(shared) };
      child.next = new Map([[lower.common.charCodeAt(0), lower]]);
      child.common = child.common.slice(0, shared);
      child.numbers = [];
    }
    node = child;
    at += shared;
  }
}

function sharedLength(common: string, text: string, at: number): number {
  let length = 0;
  while (length < common.length && common.charCodeAt(length) === text.charCodeAt(at + length)) {
    length++;
  }
  return length;
}
