// Tests of paths: what a listed path, prefix, last component or suffix says about them.

import { type Check, eachField } from '../rules/ast.js';
import { toBytes } from '../rules/bytes.js';
import { operandType } from '../rules/transformers.js';
import { typeKind } from '../rules/values.js';
import type { TextRole } from './dimensions.js';
import { Truth } from './kleene.js';

/** A comparison of one text with constants, of which the planner knows what they ask for. */
export interface TextTest {
  kind:
    | 'equal'
    | 'differs'
    | 'prefix'
    | 'paths'
    | 'suffix'
    | 'inside'
    | 'glob'
    | 'exists'
    | 'other';
  /** Byte strings. */
  texts: readonly string[];
}

/** A text test and the part of a path that it is about. */
export interface PathTest extends TextTest {
  role: TextRole;
}

/** What a check asks of a text; `undefined` where its left side is not just a field with one text. */
export function textTest(check: Check): TextTest | undefined {
  if (TESTS.has(check)) return TESTS.get(check);
  const test = makeTest(check);
  TESTS.set(check, test);
  return test;
}

// Each type of event asks about the same checks.
const TESTS = new WeakMap<Check, TextTest | undefined>();

function makeTest(check: Check): TextTest | undefined {
  if (check.left.kind !== 'field' || check.modifier !== undefined) return undefined;
  const typed = operandType(check.left);
  if ('error' in typed || typed.list || typed.field?.many === true) return undefined;
  if (typeKind(typed.type) !== 'text') return undefined;
  if (check.right?.kind === 'transformer') {
    let fields = 0;
    eachField(check.right, () => {
      fields += 1;
    });
    return fields === 0 ? { kind: 'other', texts: [] } : undefined;
  }
  const right = check.right;
  const values = right === undefined ? [] : right.kind === 'value' ? [right.value] : right.values;
  return { kind: KINDS[check.operator] ?? 'other', texts: values.map(toBytes) };
}

const KINDS: Readonly<Record<string, TextTest['kind'] | undefined>> = {
  '=': 'equal',
  '==': 'equal',
  in: 'equal',
  intersects: 'equal',
  '!=': 'differs',
  startswith: 'prefix',
  pmatch: 'paths',
  endswith: 'suffix',
  contains: 'inside',
  glob: 'glob',
  exists: 'exists',
};

/** A pattern of `pmatch`: its components, as a path, as far as no glob stands in them. */
export function literalHead(pattern: string): { head: string; whole: boolean } {
  const components = pattern.split('/').filter((one) => one !== '');
  const first = components.findIndex((one) => GLOB.test(one));
  const literal = first < 0 ? components : components.slice(0, first);
  return { head: literal.map((one) => `/${one}`).join(''), whole: first < 0 };
}

/** What stands before the first special character of a glob. */
export function globHead(pattern: string): string {
  const at = pattern.search(GLOB);
  return at < 0 ? pattern : pattern.slice(0, at);
}

/** A text that must be in whatever satisfies the test; `undefined` when there is none of two bytes. */
export function needleOf(test: TextTest): string | undefined {
  const [only, second] = test.texts;
  if (only === undefined || second !== undefined) return undefined;
  if (test.kind === 'inside') return only.length < 2 ? undefined : only;
  if (test.kind !== 'glob' || /[[\\]/.test(only)) return undefined;
  const longest = only.split(/[*?]+/).reduce((a, b) => (b.length >= a.length ? b : a), '');
  return longest.length < 2 ? undefined : longest;
}

/** Whether a text without two dots in a row can satisfy the test. */
export function needsDots(test: TextTest): boolean {
  switch (test.kind) {
    case 'equal':
    case 'prefix':
    case 'suffix':
    case 'inside':
      return test.texts.every((text) => text.includes('..'));
    case 'glob':
      return test.texts.every((text) => !/[[\\]/.test(text) && text.includes('..'));
    default:
      return false;
  }
}

/** Opposite of a truth. */
export function opposite(truth: Truth): Truth {
  if (truth === Truth.UNKNOWN) return truth;
  return truth === Truth.TRUE ? Truth.FALSE : Truth.TRUE;
}

/** A truth of one of several texts: one that holds is enough. */
export function either(truths: readonly Truth[]): Truth {
  if (truths.includes(Truth.TRUE)) return Truth.TRUE;
  return truths.includes(Truth.UNKNOWN) ? Truth.UNKNOWN : Truth.FALSE;
}

/** A value that may be missing makes no test true for sure. */
export function presence({ role }: PathTest, truth: Truth): Truth {
  return role.maybe_missing && truth === Truth.TRUE ? Truth.UNKNOWN : truth;
}

const GLOB = /[*?[\\]/;
