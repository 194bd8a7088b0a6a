// Event types that a condition can match, from its tree.

import { expect, test } from 'vitest';
import { eventTypes, includesEvent } from '../../../src/rules/event-types.js';
import { ConditionError } from '../../../src/rules/lexer.js';
import { parseCondition } from '../../../src/rules/parser.js';

const SOME = ['open', 'close', 'execve', 'chmod'];

function some(condition: string): string[] {
  const types = eventTypes(parseCondition(condition));
  return SOME.filter((name) => includesEvent(types, name));
}

test('and intersects, or unites', () => {
  expect(some('evt.type in (open, close) and evt.type != close')).toEqual(['open']);
  expect(some('evt.type = open or syscall.type == chmod')).toEqual(['open', 'chmod']);
  expect(some('evt.type = open and evt.type = close')).toEqual([]);
});

test('a part that says nothing about types lets all through an or, none out of an and', () => {
  expect(some('evt.type = open or proc.name = x')).toEqual(SOME);
  expect(some('evt.type = open and proc.name = x')).toEqual(['open']);
});

test('not goes down to the leaves', () => {
  expect(some('not (evt.type = open or proc.name = x)')).toEqual(['close', 'execve', 'chmod']);
  expect(some('not (evt.type = open and proc.name = x)')).toEqual(SOME);
  expect(some('not not_a_macro_yet')).toEqual(SOME);
});

test('numbers that no event has make a condition that never matches', () => {
  expect(some('evt.num = 0')).toEqual([]);
  expect(some('not evt.num > 0')).toEqual([]);
  expect(some('evt.num = -1')).toEqual(SOME);
});

test('a complement includes every name it does not mention', () => {
  const types = eventTypes(parseCondition('evt.type != open'));
  expect(includesEvent(types, 'open')).toBe(false);
  expect(includesEvent(types, 'something new')).toBe(true);
});

test('types compared with fields are refused', () => {
  expect(() => some('evt.type = val(proc.name)')).toThrow(ConditionError);
  expect(() => some('p and not tolower(evt.type) = open')).toThrow(ConditionError);
});
