import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { withRemedy } from '../../../src/rules/yaml-remedy.js';

test.each([
  ['- a:\n\t- b\n', 'indent with blanks'],
  ['- a: b: c\n', 'put a text with a colon into quotes'],
  ['- a: @b\n', 'put the text into quotes'],
  ['- a: [b, c\n- d: e\n', 'close the bracket'],
  ['- a: "\\q"\n', 'write the backslash twice'],
  ['a: 1\na: 2\n', 'leave one of them'],
])('%j is told with a remedy, and no place', (text, remedy) => {
  const [error] = parseDocument(text).errors;
  const told = error === undefined ? '' : withRemedy(error);
  expect(told).toContain(`; ${remedy}`);
  expect(told).not.toMatch(/ at line |\n/);
});
