// What the parts of clauses for verdicts rest on, and how a test is said not to be one.

import type { Check } from '../rules/ast.js';
import type { Truth } from './kleene.js';

/** The arguments of a call that was done. */
export const ARGUMENTS = ['arg0', 'arg1', 'arg2', 'arg3', 'arg4', 'arg5'] as const;

/** Its numbers by their place: its arguments, and its result where it failed. */
export const VALUES = [...ARGUMENTS, 'result'] as const;

/** What takes a walk to a root, or to the ancestors. */
export const WALKING_KINDS = [
  'exe',
  'exe_last',
  'pexe',
  'pexe_last',
  'pcomm',
  'aexe',
  'acomm',
  'last',
  'path',
  'directory',
  'last2',
  'path2',
  'directory2',
] as const;

/** Sockets, and the numbers of operations. */
export const NET_KINDS = [
  'number',
  'socket',
  'server',
  'server_port',
  'remote',
  'remote_port',
] as const;

/** Whom a signal or tracing is aimed at: path of the program and its end, name, number. */
export const TARGET_KINDS = ['target', 'target_last', 'target_comm', 'target_pid'] as const;

/** What a part of a clause rests on; each has tables of its own. */
export const PART_KINDS = [
  'mode',
  'kind',
  'comm',
  'uid',
  'gid',
  'container',
  ...WALKING_KINDS,
  ...NET_KINDS,
  ...TARGET_KINDS,
  ...VALUES,
] as const;

export type PartKind = (typeof PART_KINDS)[number];

/** What the kernel can do with a test: decide it by a fact, know it beforehand, or neither. */
export type Part =
  | { readonly kind: PartKind }
  | { readonly kind: 'known'; readonly truth: Truth }
  | { readonly kind: 'refused'; readonly why: string };

/** A test that the kernel cannot decide, and why. */
export function refused(why: string): Part {
  return { kind: 'refused', why };
}

/** Whether a test compares with single values, each of which a table can list. */
export function isEquality(check: Check): boolean {
  return (
    check.modifier === undefined &&
    check.right?.kind !== 'transformer' &&
    ['=', '==', '!=', 'in'].includes(check.operator)
  );
}
