// What a conformance case is, and how its result is compared. The cases themselves are data that
// lies outside the project; test/conformance/main.ts says where.

import { isDeepStrictEqual } from 'node:util';

/** One case as it stands in its file; what is in it depends on the file. */
export type Case = { id: string; group?: string } & Record<string, unknown>;

export type Outcome = 'pass' | { fail: string };

/** A file of cases and the check of one of them. */
export interface Suite {
  file: string;
  /** What is printed in the place of the file's name. */
  name?: string;
  /** The cases of the parsed file. */
  cases(content: unknown): Case[];
  /** @param directory where the files of cases are. */
  run(one: Case, directory: string): Outcome;
}

/** The cases of a file that is an array of objects with an `id`. */
export function caseList(content: unknown): Case[] {
  if (!Array.isArray(content)) throw new Error('a file of cases must be an array');
  return content.filter(isCase);
}

/** Passes when every wanted value equals the one we got; says the first difference otherwise. */
export function compare(got: Record<string, unknown>, want: Record<string, unknown>): Outcome {
  for (const [key, wanted] of Object.entries(want)) {
    if (!isDeepStrictEqual(got[key], wanted)) {
      return { fail: `${key}: got ${shown(got[key])}, wanted ${shown(wanted)}` };
    }
  }
  return 'pass';
}

/** An object with text keys, or an empty one when the value is none. */
export function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCase(value: unknown): value is Case {
  return isRecord(value) && typeof value.id === 'string';
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > 400 ? `${json.slice(0, 400)}...` : json;
}
