// The first component of paths: where a path begins rules out most tests, and takes one look in a table.

import { sameBits } from './bits.js';
import { ClassBits } from './classes.js';
import type { ClassTable } from './kernel-plan.js';
import { MAX_HEAD_BYTES } from './kernel-plan.js';
import { Truth } from './kleene.js';
import { MAX_CLASSES, type PathTableInput } from './path-input.js';
import { either, globHead, literalHead, opposite, type PathTest, presence } from './texts.js';

/** The first component of an absolute path, as far as it is looked at. */
export function headOf(path: string): string {
  const [head = ''] = path.slice(1).split('/', 1);
  return head.slice(0, MAX_HEAD_BYTES);
}

/** The table, or `undefined` when no first component makes a clause false. */
export function headTable(input: PathTableInput): ClassTable<string> | undefined {
  const tests = new Map([...input.tests].filter(([, { role }]) => role.part !== 'filename'));
  const classes = new ClassBits(input.entries, (atom) => tests.has(atom), input.all);
  const heads = new Set<string>();
  for (const atom of classes.atoms) {
    const test = tests.get(atom);
    for (const text of test?.texts ?? []) {
      const start = test === undefined ? undefined : startOf(test, text);
      if (start?.text.startsWith('/')) heads.add(headOf(start.text));
    }
  }
  if (heads.size === 0 || heads.size > MAX_CLASSES) return undefined;
  const at = (head: string | undefined) =>
    classes.bits((atom) => {
      const test = tests.get(atom);
      return test === undefined ? Truth.UNKNOWN : truthAt(test, head);
    });
  const other = at(undefined);
  const values = new Map([...heads].map((head) => [head, at(head)]));
  const isIdle = [other, ...values.values()].every((bits) => sameBits(bits, input.all));
  return isIdle ? undefined : { values, other };
}

/** How all paths begin that a text lets a test hold for; `whole`: so far goes the path, or a component of it. */
function startOf(
  { kind, role }: PathTest,
  text: string,
): { text: string; whole: boolean } | undefined {
  switch (kind) {
    case 'equal':
    case 'differs':
      // What lies in the root has any first component.
      return role.part === 'directory' && text === '/' ? undefined : { text, whole: true };
    case 'prefix':
      return { text, whole: false };
    case 'glob':
      return { text: globHead(text), whole: false };
    case 'paths': {
      const { head } = literalHead(text);
      return head === '' ? undefined : { text: head, whole: true };
    }
    default:
      return undefined;
  }
}

/** What a test comes to for paths with this first component, or with none that is listed. */
function truthAt(test: PathTest, head: string | undefined): Truth {
  const truth = either(
    test.texts.map((text) => {
      const start = startOf(test, text);
      if (start === undefined || start.text === '') return Truth.UNKNOWN;
      return mayBegin(start, head) ? Truth.UNKNOWN : Truth.FALSE;
    }),
  );
  if (test.kind === 'exists' || test.kind === 'other') return Truth.UNKNOWN;
  return presence(test, test.kind === 'differs' ? opposite(truth) : truth);
}

function mayBegin(
  { text, whole }: { text: string; whole: boolean },
  head: string | undefined,
): boolean {
  if (!text.startsWith('/')) return false;
  const isWhole = whole || text.includes('/', 1) || text.length > MAX_HEAD_BYTES;
  if (isWhole) return head === headOf(text);
  return head === undefined || head.startsWith(text.slice(1));
}
