// Which tests of paths a path, or all that begin alike, can be about: those that name how it begins, or what lies
// below. Of a hundred tests with hundreds of texts these are few, and the others come to what they usually do.

import { Truth } from './kleene.js';
import { globHead, literalHead, type PathTest, presence } from './texts.js';

/** Finds the tests, by atom. */
export class Concerns {
  /** By how all paths begin that a text of theirs lets them hold for. */
  readonly #byHead = new Map<string, Set<number>>();
  /** By the class that such a path falls into, unless it is listed. */
  readonly #byClass = new Map<string, Set<number>>();

  /** @param longest the longest listed prefix of a text */
  constructor(tests: Iterable<readonly [number, PathTest]>, longest: (text: string) => string) {
    for (const [atom, test] of tests)
      for (const head of headsOf(test)) {
        add(this.#byHead, head, atom);
        add(this.#byClass, longest(head), atom);
        add(this.#byClass, longest(`${head}/`), atom);
      }
  }

  /** Those that paths which begin so may be about, when no longer prefix of theirs is listed. */
  below(prefix: string): Set<number> {
    const found = this.of(prefix);
    for (const atom of this.#byClass.get(prefix) ?? []) found.add(atom);
    return found;
  }

  /** Those that this path may be about. */
  of(path: string): Set<number> {
    const found = new Set<number>();
    for (let end = 0; end <= path.length; end += 1)
      for (const atom of this.#byHead.get(path.slice(0, end)) ?? []) found.add(atom);
    return found;
  }
}

/** What a test comes to for paths that it is not about. */
export function unconcerned(test: PathTest): Truth {
  switch (test.kind) {
    case 'differs':
    case 'exists':
      return presence(test, Truth.TRUE);
    case 'inside':
    case 'suffix':
    case 'other':
      return Truth.UNKNOWN;
    default:
      return Truth.FALSE;
  }
}

/** Whether that is certain of a path of which the whole is known. */
export function isCertain(test: PathTest): boolean {
  return unconcerned(test) === Truth.FALSE;
}

function headsOf({ kind, texts }: PathTest): readonly string[] {
  switch (kind) {
    case 'equal':
    case 'differs':
    case 'prefix':
      return texts;
    case 'paths':
      return texts.map((text) => literalHead(text).head);
    case 'glob':
      return texts.map(globHead);
    case 'inside':
      return [''];
    default:
      return [];
  }
}

function add(map: Map<string, Set<number>>, key: string, atom: number): void {
  const atoms = map.get(key);
  if (atoms === undefined) map.set(key, new Set([atom]));
  else atoms.add(atom);
}
