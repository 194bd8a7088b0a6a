// Rules found by guards and by texts are the rules that one after the other would hold.

import { expect, test } from 'vitest';
import { TextPlace } from '../../../src/decode/cursor.js';
import { Event, type Reader, type Value } from '../../../src/decode/event.js';
import { compileCondition } from '../../../src/match/compile.js';
import { Matcher } from '../../../src/match/matcher.js';
import { type TextAtom, TextIndex } from '../../../src/match/text-index.js';
import type { FieldRef } from '../../../src/rules/ast.js';
import { typeNumber } from '../../../src/rules/events.js';
import { parseCondition } from '../../../src/rules/parser.js';
import { newSeed, Random } from './random.js';

const WORDS = [
  '',
  '/',
  '/e',
  '/etc',
  '/etc/',
  '/etc/a',
  '/etc/ab',
  'a',
  'ab',
  '.so',
  'x.so',
  'o',
  '/etc/x.so',
];

function holds(atom: TextAtom, text: string): boolean {
  switch (atom.kind) {
    case 'equal':
      return text === atom.text;
    case 'prefix':
      return text.startsWith(atom.text);
    case 'suffix':
      return text.endsWith(atom.text);
    case 'inside':
      return text.includes(atom.text);
  }
}

// Between bytes that are not of the text, but would make some of the words longer.
function lay(text: string, place: TextPlace): void {
  place.memory = Buffer.from(`x.so/etc/${text}b/etc/x.so`, 'latin1');
  place.start = 9;
  place.end = 9 + text.length;
}

test('an index finds every text that a comparison with each would find', () => {
  const seed = newSeed();
  const random = new Random(seed);
  for (let round = 0; round < 200; round++) {
    const atoms = Array.from(
      { length: random.int(12) },
      (): TextAtom => ({
        kind: random.one(['equal', 'prefix', 'suffix', 'inside']),
        text: random.one(WORDS),
      }),
    ).filter(({ kind, text }) => kind !== 'inside' || text.length > 1);
    const index = new TextIndex();
    for (const [number, atom] of atoms.entries()) index.add(atom, number);
    for (const text of [...WORDS, '/etc/abc', 'zz', '/etc/lib.so', 'so']) {
      const found = new Set<number>();
      index.find(text, (number) => found.add(number));
      const foundInBytes = new Set<number>();
      const place = new TextPlace();
      lay(text, place);
      index.findAt(place, (number) => foundInBytes.add(number));
      const wanted = atoms.flatMap((atom, number) => (holds(atom, text) ? [number] : []));
      const where = `SAKER_SEED=${seed} ${JSON.stringify(atoms)} ${text}`;
      expect(sorted(found), where).toEqual(wanted);
      expect(sorted(foundInBytes), where).toEqual(wanted);
    }
  }
});

test('rules with common first tests and many texts match as they would alone', () => {
  const seed = newSeed();
  console.log(`SAKER_SEED=${seed}`);
  const random = new Random(seed);
  const rules = Array.from({ length: 60 }, (_, number) => {
    const text = randomRule(random);
    return { name: `${number}: ${text}`, condition: parseCondition(text) };
  });
  let values: Record<string, Value> = {};
  let liesThere = false;
  const readers = new Map<string, Reader>();
  const resolve = ({ name }: FieldRef): Reader => {
    const locate = (_: Event, place: TextPlace): boolean => {
      const value = values[name];
      if (typeof value !== 'string' || !liesThere) return false;
      lay(value, place);
      return true;
    };
    const read = readers.get(name) ?? Object.assign(() => values[name], { locate });
    readers.set(name, read);
    return read;
  };
  const matcher = new Matcher<(typeof rules)[number]>(rules, resolve);
  const alone = rules.map((rule) => compileCondition(rule.condition, resolve));
  const event = new Event();
  let matches = 0;
  for (let round = 0; round < 400; round++) {
    event.serial++;
    event.type = typeNumber(random.one(['open', 'openat'])) ?? 0;
    liesThere = random.int(4) > 0;
    values = {
      'evt.is_open_write': random.int(2) === 1,
      'fd.num': random.one([-1, 3]),
      'fd.typechar': sometimes(random, ['f', 'd']),
      'fd.name': sometimes(random, WORDS),
      'fd.directory': sometimes(random, WORDS),
      'proc.name': sometimes(random, WORDS),
    };
    const found = matcher.match(event).map((rule) => rule.rule.name);
    const wanted = rules.filter((_, at) => alone[at]?.(event) === true).map((rule) => rule.name);
    expect(found, `SAKER_SEED=${seed} ${JSON.stringify(values)}`).toEqual(wanted);
    matches += found.length;
  }
  expect(matches).toBeGreaterThan(0);
});

function sorted(numbers: ReadonlySet<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}

function sometimes(random: Random, texts: readonly string[]): Value {
  return random.int(8) === 0 ? undefined : random.one(texts);
}

function randomRule(random: Random): string {
  const guards = random.one([
    'evt.is_open_write = true and fd.num >= 0',
    'evt.is_open_write = true and fd.num >= 0',
    'evt.is_open_write = false and fd.typechar = f',
    'not fd.num < 0',
  ]);
  const tests = Array.from({ length: 1 + random.int(3) }, () => randomTest(random));
  const exception = random.int(2) === 0 ? ` and not ${randomTest(random)}` : '';
  return `${guards} and (${tests.join(' or ')})${exception}`;
}

function randomTest(random: Random): string {
  const field = random.one(['fd.name', 'fd.directory', 'proc.name']);
  const word = (): string => `"${random.one(WORDS)}"`;
  switch (random.int(8)) {
    case 6:
      return `${field} glob "${random.one(['/etc/*', '*.so', '/e*b', '*x*', '/*/x*o', '?*'])}"`;
    case 7:
      return `${field} pmatch (${word()}, /etc/*b)`;
    case 0:
      return `${field} in (${word()}, ${word()}, ${word()})`;
    case 1:
      return `${field} startswith ${word()}`;
    case 2:
      return `${field} endswith ${word()}`;
    case 3:
      return `(${field} = ${word()} and proc.name != ${word()})`;
    case 4:
      return `${field} contains ${word()}`;
    default:
      return `${field} = ${word()}`;
  }
}
