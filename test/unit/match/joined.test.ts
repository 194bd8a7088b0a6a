// Texts that are joined of parts: what is looked for before they are joined is found as it is afterwards.

import { expect, test } from 'vitest';
import { Event, type Reader } from '../../../src/decode/event.js';
import { joinArguments } from '../../../src/decode/process.js';
import { compileCondition } from '../../../src/match/compile.js';
import type { Check } from '../../../src/rules/ast.js';
import { newSeed, Random } from './random.js';

const CASES = 20_000;
const AT = { line: 0, column: 0, offset: 0 };
/** Both cases of a letter within ASCII and beyond it, and what joins and ends the parts. */
const CHARACTERS = ['a', 'A', '=', ' ', '\0', '\0', 'é', 'É', '.', '['];
const LONGEST_AREA = 12;
const LONGEST_PART = 3;

test('a part of a text is found before its parts are joined as it is afterwards', () => {
  const seed = newSeed();
  const random = new Random(seed);
  const event = new Event();
  let held = 0;
  for (let round = 0; round < CASES; round++) {
    const area = bytes(randomText(random, LONGEST_AREA));
    const part = randomText(random, LONGEST_PART);
    const operator = random.one(['contains', 'icontains'] as const);
    const joined = joinArguments(area, 0, 0);
    const wanted = bytes(part);
    const holds = compileCondition(check(operator, part), () => reader(area))(event);
    const where = `SAKER_SEED=${seed} ${JSON.stringify({ area, operator, part })}`;
    expect(holds, where).toBe(
      operator === 'contains' ? joined.includes(wanted) : lower(joined).includes(lower(wanted)),
    );
    if (holds) held += 1;
  }
  expect(held).toBeGreaterThan(CASES / 100);
  expect(held).toBeLessThan(CASES);
});

function reader(area: string): Reader {
  return Object.assign(() => joinArguments(area, 0, 0), { unjoined: () => area });
}

function check(operator: Check['operator'], value: string): Check {
  const left = { kind: 'field', name: 'proc.env', at: AT } as const;
  const right = { kind: 'value', value, quoted: true, at: AT } as const;
  return { kind: 'check', left, operator, right, at: AT, operatorAt: AT };
}

function randomText(random: Random, longest: number): string {
  return Array.from({ length: random.int(longest + 1) }, () => random.one(CHARACTERS)).join('');
}

/** As texts of a process are held: a character for each byte. */
function bytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

// Only ASCII has cases, as in the language.
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
