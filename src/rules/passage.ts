// A condition or output put together from pieces of rule files, which knows where each piece came
// from: appends join texts of several items, exceptions add text, lists are replaced in the text.

import type { SourceText } from './source.js';
import type { YamlNode, YamlScalar } from './yaml-tree.js';

/** A place in a file before it is turned into line and column. */
export interface Origin {
  source: SourceText;
  offset: number;
}

/** Text with origins; never changed once made. */
export class Passage {
  readonly text: string;
  private readonly pieces: readonly Piece[];
  private readonly edits: readonly Edit[];

  private constructor(text: string, pieces: readonly Piece[], edits: readonly Edit[]) {
    this.text = text;
    this.pieces = pieces;
    this.edits = edits;
  }

  /** The text of a YAML scalar, from `start` to `end` of its value. */
  static of(scalar: YamlScalar, text = scalar.text, start = 0): Passage {
    return new Passage(text, [{ start: 0, node: scalar, scalar, from: start }], []);
  }

  /** Text we made for a node: every place in it is the node's beginning. */
  static made(text: string, node: YamlNode): Passage {
    return new Passage(text, [{ start: 0, node, scalar: undefined, from: 0 }], []);
  }

  /** Joins passages that have not been edited; `between` belongs to the passage before it. */
  static join(passages: readonly Passage[], between: string): Passage {
    const pieces: Piece[] = [];
    // Thousands of items may append to one rule: what comes first is neither copied nor flattened.
    let text = '';
    for (const [index, passage] of passages.entries()) {
      if (passage.edits.length > 0) throw new Error('an edited passage cannot be joined');
      if (index > 0) text += between;
      const start = text.length;
      for (const piece of passage.pieces) {
        pieces.push(start === 0 ? piece : { ...piece, start: piece.start + start });
      }
      text += passage.text;
    }
    return new Passage(text, pieces, []);
  }

  /** The passage between two texts we made. */
  wrap(before: string, after: string): Passage {
    const pieces = this.pieces.map((piece) => ({ ...piece, start: piece.start + before.length }));
    return new Passage(`${before}${this.text}${after}`, pieces, this.edits);
  }

  /** The passage after replacements that turned its text into `text`, in the order they were made. */
  edited(text: string, edits: readonly Edit[]): Passage {
    return edits.length === 0 ? this : new Passage(text, this.pieces, [...this.edits, ...edits]);
  }

  /** Where the character at an offset came from. */
  origin(offset: number): Origin {
    let at = offset;
    for (const edit of this.edits.toReversed()) {
      if (at >= edit.start + edit.length) at += edit.removed - edit.length;
      else if (at >= edit.start) at = edit.name;
    }
    const index = Math.max(
      0,
      this.pieces.findLastIndex((piece) => piece.start <= at),
    );
    const piece = this.pieces[index];
    if (piece === undefined) throw new Error('a passage has at least one piece');
    const { node, scalar } = piece;
    const inside = piece.from + Math.max(0, at - piece.start);
    return { source: node.source, offset: scalar?.offsetOf(inside) ?? node.start };
  }
}

/** One replacement: `removed` characters at `start` became `length` others. */
export interface Edit {
  start: number;
  removed: number;
  length: number;
  /** Where the replaced name began; blanks around it are removed too. */
  name: number;
}

interface Piece {
  /** Where the piece begins in the passage before edits. */
  start: number;
  node: YamlNode;
  /** Whose text it is; without, every place in it stands for the node's beginning. */
  scalar: YamlScalar | undefined;
  /** Where in the scalar's value the piece begins. */
  from: number;
}
