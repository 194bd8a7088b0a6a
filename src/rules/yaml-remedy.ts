// What to do where the YAML library finds no YAML.

import { type ErrorCode, YAMLError } from 'yaml';

/** The first line of the error without its place and, where one is known, a remedy. */
export function withRemedy(error: unknown): string {
  const told = error instanceof Error ? error.message : String(error);
  if (/call stack/.test(told)) return 'it is nested too deeply';
  const message = (told.split('\n')[0] ?? '').replace(/ at line \d.*$/, '');
  const remedy = error instanceof YAMLError ? REMEDIES.get(error.code) : undefined;
  return remedy === undefined ? message : `${message}; ${remedy}`;
}

const LEAVE_ONE = 'leave one of them';
const INDENT = 'indent the keys of one item equally, with blanks';

const REMEDIES: ReadonlyMap<ErrorCode, string> = new Map<ErrorCode, string>([
  ['BAD_DQ_ESCAPE', 'write the backslash twice, or use single quotes'],
  ['BAD_INDENT', 'close the bracket, and indent what is in it further than its key'],
  ['BAD_SCALAR_START', 'put the text into quotes'],
  ['BLOCK_AS_IMPLICIT_KEY', `put a text with a colon into quotes, and ${INDENT}`],
  ['BLOCK_IN_FLOW', 'put a text with a colon or a dash into quotes'],
  ['DUPLICATE_KEY', LEAVE_ONE],
  ['MISSING_CHAR', `add the quote, colon or dash that is missing, and ${INDENT}`],
  ['MULTILINE_IMPLICIT_KEY', `add the colon or dash that is missing, and ${INDENT}`],
  ['MULTIPLE_ANCHORS', LEAVE_ONE],
  ['MULTIPLE_TAGS', LEAVE_ONE],
  ['TAB_AS_INDENT', 'indent with blanks'],
  ['UNEXPECTED_TOKEN', `look for a tab, or for text behind a quote or bracket, and ${INDENT}`],
]);
