// The last component of paths: whole, and by its endings.

import { ClassBits } from './classes.js';
import { type ClauseBits, type LastTable, MAX_LAST_BYTES } from './kernel-plan.js';
import { Truth } from './kleene.js';
import { MAX_CLASSES, type PathTableInput } from './path-input.js';
import { either, opposite, type PathTest, presence } from './texts.js';

/** The table, or `undefined` when no last component makes a clause false. */
export function lastTable(input: PathTableInput): LastTable | undefined {
  const tests = new Map([...input.tests].filter(([, test]) => isOfLast(test)));
  const classes = new ClassBits(input.entries, (atom) => tests.has(atom), input.all);
  if (classes.size === 0) return undefined;
  const exact = new Set<string>();
  const suffixes = new Set<string>();
  for (const [atom, { kind, texts }] of tests) {
    if (!classes.atoms.has(atom)) continue;
    for (const text of texts) {
      if (kind === 'suffix') {
        const slash = text.lastIndexOf('/');
        const tail = text.slice(slash + 1);
        if (slash >= 0) addLast(exact, tail, MAX_LAST_BYTES - 1);
        else addLast(suffixes, text, MAX_LAST_BYTES);
      } else addLast(exact, text, MAX_LAST_BYTES - 1);
    }
  }
  const bits = (component: string, kind: 'exact' | 'suffix' | 'other'): ClauseBits =>
    classes.bits((atom) => {
      const test = tests.get(atom);
      if (test === undefined) return Truth.UNKNOWN;
      const truth = either(
        test.texts.map((text) => truthOfLast(test, text, component, kind, exact, suffixes)),
      );
      return presence(test, test.kind === 'differs' ? opposite(truth) : truth);
    });
  return {
    exact: new Map([...exact].map((one) => [one, bits(one, 'exact')])),
    suffixes: new Map([...suffixes].map((one) => [one, bits(one, 'suffix')])),
    other: bits('', 'other'),
  };
}

function isOfLast({ kind, role }: PathTest): boolean {
  if (role.part === 'directory') return false;
  if (kind === 'suffix') return true;
  return role.part === 'filename' && (kind === 'equal' || kind === 'differs');
}

function addLast(set: Set<string>, text: string, limit: number): void {
  if (text !== '' && text.length <= limit && set.size < MAX_CLASSES) set.add(text);
}

/** `component` is the whole last component, a suffix of it that is the longest listed, or nothing. */
function truthOfLast(
  { kind, role }: PathTest,
  text: string,
  component: string,
  known: 'exact' | 'suffix' | 'other',
  exact: ReadonlySet<string>,
  suffixes: ReadonlySet<string>,
): Truth {
  // Texts that the root, which has no last component, could satisfy as well as what is too long.
  if (text === '' || text === '/') return Truth.UNKNOWN;
  if (kind !== 'suffix') {
    if (known === 'exact') return component === text ? Truth.TRUE : Truth.FALSE;
    if (text.includes('/')) return Truth.FALSE;
    return exact.has(text) || !text.endsWith(component) ? Truth.FALSE : Truth.UNKNOWN;
  }
  const slash = text.lastIndexOf('/');
  if (slash >= 0 && role.part === 'filename') return Truth.FALSE;
  if (slash >= 0) {
    const tail = text.slice(slash + 1);
    if (tail === '') return Truth.UNKNOWN;
    if (known === 'exact') return component === tail ? Truth.UNKNOWN : Truth.FALSE;
    return exact.has(tail) || !tail.endsWith(component) ? Truth.FALSE : Truth.UNKNOWN;
  }
  if (known !== 'other' && component.endsWith(text)) return Truth.TRUE;
  if (known === 'exact') return Truth.FALSE;
  return !suffixes.has(text) && text.endsWith(component) ? Truth.UNKNOWN : Truth.FALSE;
}
