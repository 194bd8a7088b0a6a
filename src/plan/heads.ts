// The first component of paths: where a path begins rules out most tests, and takes one look in a table.

import { sameBits } from './bits.js';
import { ClassBits } from './classes.js';
import type { ClassTable } from './kernel-plan.js';
import { MAX_HEAD_BYTES } from './kernel-plan.js';
import { Truth } from './kleene.js';
import { MAX_CLASSES, type PathTableInput } from './path-input.js';
import { globHead, literalHead, opposite, type PathTest, presence } from './texts.js';

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
  const starts = new Map<number, (Start | undefined)[]>();
  for (const atom of classes.atoms) {
    const test = tests.get(atom);
    const found = test?.texts.map((text) => startOf(test, text)) ?? [];
    for (const start of found) if (start?.isAbsolute) heads.add(start.head);
    starts.set(atom, found);
  }
  if (heads.size === 0 || heads.size > MAX_CLASSES) return undefined;
  const at = (head: string | undefined) =>
    classes.bits((atom) => {
      const test = tests.get(atom);
      return test === undefined ? Truth.UNKNOWN : truthAt(test, starts.get(atom) ?? [], head);
    });
  const other = at(undefined);
  const values = new Map([...heads].map((head) => [head, at(head)]));
  const isIdle = [other, ...values.values()].every((bits) => sameBits(bits, input.all));
  return isIdle ? undefined : { values, other };
}

/** How all paths begin that a text lets a test hold for. */
interface Start {
  text: string;
  isAbsolute: boolean;
  /** The first component of all of them; otherwise it begins with the text. */
  isWhole: boolean;
  head: string;
}

// `undefined`: in any way.
function startOf(test: PathTest, text: string): Start | undefined {
  const found = beginning(test, text);
  if (found === undefined || found.text === '') return undefined;
  const isWhole = found.whole || found.text.includes('/', 1) || found.text.length > MAX_HEAD_BYTES;
  const isAbsolute = found.text.startsWith('/');
  return { text: found.text, isAbsolute, isWhole, head: headOf(found.text) };
}

/** `whole`: so far goes the path, or a component of it. */
function beginning(
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
function truthAt(
  test: PathTest,
  starts: readonly (Start | undefined)[],
  head: string | undefined,
): Truth {
  if (test.kind === 'exists' || test.kind === 'other') return Truth.UNKNOWN;
  const isOpen = starts.some((start) => start === undefined || mayBegin(start, head));
  const truth = isOpen ? Truth.UNKNOWN : Truth.FALSE;
  return presence(test, test.kind === 'differs' ? opposite(truth) : truth);
}

function mayBegin(
  { text, isAbsolute, isWhole, head: own }: Start,
  head: string | undefined,
): boolean {
  if (!isAbsolute) return false;
  if (isWhole) return head === own;
  return head === undefined || head.startsWith(text.slice(1));
}
