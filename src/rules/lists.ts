// Lists: resolved once, then replaced in the text of conditions before these are parsed.

import type { Edit, Passage } from './passage.js';

/** A list as the files define it. */
export interface ListDefinition {
  name: string;
  items: readonly string[];
  /** Its place in the order of definitions; kept when it is redefined. */
  index: number;
  /** The place of its last definition or append: items naming lists defined before are resolved. */
  visibility: number;
}

/** Too much text came out of the lists of a rule file. */
export class ExpansionError extends Error {}

/** All lists of a collection, resolved, in the order of their definition. */
export class ListTable {
  /** Items by list name. */
  readonly items = new Map<string, readonly string[]>();
  /** The names with a delimiter in them: they are no words of a text, and always looked for. */
  private readonly noWords = new Set<string>();
  private readonly used = new Set<string>();
  private readonly substitutes = new Map<string, string>();

  /** @throws ExpansionError when lists of lists grow beyond all sense. */
  constructor(definitions: readonly ListDefinition[]) {
    const byName = new Map(definitions.map((list) => [list.name, list]));
    let total = 0;
    for (const list of definitions) {
      if (DELIMITERS.test(list.name)) this.noWords.add(list.name);
      const items: string[] = [];
      for (const item of list.items) {
        const inner = byName.get(item);
        if (inner === undefined || inner.index >= list.visibility) {
          items.push(item);
          continue;
        }
        this.used.add(inner.name);
        total += inner.items.length;
        if (total > MAX_ITEMS) throw new ExpansionError('the lists in lists have too many items');
        for (const value of inner.items) items.push(value);
      }
      this.items.set(list.name, items);
    }
  }

  /** The lists that no item and no condition used so far. */
  unused(): string[] {
    return [...this.items.keys()].filter((name) => !this.used.has(name));
  }

  /**
   * Replaces every list name in a text by the list's items, list after list in their order.
   *
   * A name counts where the characters beside it are delimiters; quotes are none.
   *
   * @throws ExpansionError when the text grows beyond all sense.
   */
  expand(passage: Passage): Passage {
    let { text } = passage;
    const words = new Set(text.split(DELIMITERS));
    const edits: Edit[] = [];
    for (const name of this.items.keys()) {
      if (!words.has(name) && !this.noWords.has(name)) continue;
      const substitute = this.substitute(name);
      const replaced = replaceName(text, name, substitute, edits);
      if (replaced === undefined) continue;
      text = replaced;
      this.used.add(name);
      for (const word of substitute.split(DELIMITERS)) words.add(word);
    }
    return passage.edited(text, edits);
  }

  private substitute(name: string): string {
    const known = this.substitutes.get(name);
    if (known !== undefined) return known;
    const substitute = (this.items.get(name) ?? []).map(quotedItem).join(', ');
    this.substitutes.set(name, substitute);
    return substitute;
  }
}

/** An item in double quotes when it has a blank and no quote at its beginning; nothing is escaped. */
export function quotedItem(item: string): string {
  return item.includes(' ') && !/^["']/.test(item) ? `"${item}"` : item;
}

const MAX_ITEMS = 200_000;
const MAX_TEXT = 8_000_000;
const DELIMITERS = /[ \t\n\r(),=]+/;

// One pass from left to right; `undefined` when the name does not occur. What is done to the blanks
// and commas beside a name is visible inside quoted texts, so it follows the reference to the letter.
function replaceName(text: string, name: string, substitute: string, edits: Edit[]) {
  if (name === '') return undefined;
  const output = new Output();
  let rest = 0;
  for (let at = text.indexOf(name); at >= 0; ) {
    let end = at + name.length;
    const standsAlone = isDelimiter(text[at - 1]) && isDelimiter(text[end]);
    if (!standsAlone) {
      at = text.indexOf(name, at + 1);
      continue;
    }
    const before = output.length;
    output.push(text.slice(rest, at));
    while (end < text.length && isBlank(text[end])) end++;
    output.trimBlanks();
    if (substitute === '' && !output.dropComma() && text[end] === ',') end++;
    const start = output.length;
    const replacement = `${start > 0 ? ' ' : ''}${substitute} `;
    output.push(replacement);
    if (output.length > MAX_TEXT) throw new ExpansionError('the lists make the text too long');
    const removed = before + (end - rest) - start;
    edits.push({ start, removed, length: replacement.length, name: before + (at - rest) });
    rest = end;
    at = text.indexOf(name, start > 0 ? end : end + 1);
  }
  if (rest === 0) return undefined;
  output.push(text.slice(rest));
  return output.text();
}

/** Text that grows at its end; only the last pieces are ever changed. */
class Output {
  length = 0;
  private readonly pieces: string[] = [];

  push(piece: string): void {
    if (piece === '') return;
    this.pieces.push(piece);
    this.length += piece.length;
  }

  trimBlanks(): void {
    while (isBlank(this.last())) this.dropLast();
  }

  dropComma(): boolean {
    if (this.last() !== ',') return false;
    this.dropLast();
    return true;
  }

  text(): string {
    return this.pieces.join('');
  }

  private last(): string | undefined {
    return this.pieces.at(-1)?.at(-1);
  }

  private dropLast(): void {
    const piece = this.pieces.pop() ?? '';
    if (piece.length > 1) this.pieces.push(piece.slice(0, -1));
    this.length--;
  }
}

// The text's ends count as delimiters.
function isDelimiter(char: string | undefined): boolean {
  return char === undefined || '(),='.includes(char) || isBlank(char);
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}
