// The names that conditions compare addresses with.
import { expect, test } from 'vitest';
import { comparedHostNames } from '../../../src/rules/host-names.js';
import { parseCondition } from '../../../src/rules/parser.js';

function names(...conditions: string[]): string[] {
  return comparedHostNames(conditions.map((one) => parseCondition(one)));
}

test('names on the right of a comparison with an address are collected, each once', () => {
  expect(
    names(
      'fd.sip.name = b.example and not fd.cip.name in (c.example, a.example)',
      'fd.rip.name != "d.example" or (fd.lip.name = b.example)',
      'fd.sip.name = oneof (e.example, f.example)',
    ),
  ).toEqual(['a.example', 'b.example', 'c.example', 'd.example', 'e.example', 'f.example']);
});

test('an address and a name in another script can be resolved', () => {
  expect(names('fd.sip.name in (10.0.0.1, "2001:db8::1", "bücher.example")')).toEqual([
    '10.0.0.1',
    '2001:db8::1',
    'bücher.example',
  ]);
});

test('parts of names, patterns and what no host can be called are left out', () => {
  expect(
    names(
      'fd.sip.name contains example or fd.sip.name glob *.example or fd.sip.name exists',
      'fd.sip.name in ("<NA>", "", "a b", "-x", "../x")',
      'proc.name = a.example and fd.sip = 10.0.0.1',
    ),
  ).toEqual([]);
});
