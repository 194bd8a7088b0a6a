// Tests of texts that the kernel's tables hold exactly, and the fields of programs and their names.

import type { Check } from '../rules/ast.js';
import { toBytes } from '../rules/bytes.js';
import { constants } from './listed.js';
import { type TextTest, textTest } from './texts.js';
import type { PartKind } from './verdict-part.js';

/** On what tests of the programs and names of a process, those it comes from and whom it aims at rest. */
export const KIN: Readonly<Record<string, PartKind | undefined>> = {
  'proc.exepath': 'exe',
  'proc.pexepath': 'pexe',
  'proc.pname': 'pcomm',
  'proc.aexepath': 'aexe',
  'proc.aname': 'acomm',
  'target.exepath': 'target',
  'target.name': 'target_comm',
};

/** The texts that a test compares with, also where the field is a list of texts. */
export function textOf(check: Check): TextTest | undefined {
  if (check.left.kind === 'field' && isListed(check) && KIN[check.left.name] !== undefined) {
    return { kind: 'equal', texts: constants(check).map(toBytes) };
  }
  return exactText(check);
}

/** A test of a text that the kernel's tables hold exactly. */
export function exactText(check: Check): TextTest | undefined {
  const test = textTest(check);
  return test !== undefined &&
    test.kind !== 'other' &&
    test.kind !== 'inside' &&
    test.kind !== 'glob'
    ? test
    : undefined;
}

/** Whether a test asks for one of some texts. */
export function isListed({ operator, modifier, right }: Check): boolean {
  return (
    modifier === undefined &&
    right !== undefined &&
    right.kind !== 'transformer' &&
    ['=', '==', 'in', 'intersects'].includes(operator)
  );
}
