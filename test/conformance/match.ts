// match-cases.json: a condition with the value of every field it mentions is true or false.

import { Event, type Value } from '../../src/decode/event.js';
import { compileCondition } from '../../src/match/compile.js';
import type { FieldRef } from '../../src/rules/ast.js';
import { toBytes } from '../../src/rules/bytes.js';
import { operandText } from '../../src/rules/canonical.js';
import { parseCondition, RULE_MAX_DEPTH } from '../../src/rules/parser.js';
import { parseAddress } from '../../src/rules/values.js';
import { type Case, caseList, compare, type Outcome, record, type Suite, text } from './case.js';

export const matchSuite: Suite = { file: 'match-cases.json', cases: caseList, run };

function run(one: Case): Outcome {
  const fields = record(one.fields);
  const expression = parseCondition(text(one.condition), { maxDepth: RULE_MAX_DEPTH });
  const condition = compileCondition(expression, (field) => () => givenValue(field, fields));
  return compare({ result: condition(new Event()) }, { result: one.expect });
}

/**
 * The value of a case as a reader would give it: byte strings, addresses as bytes, a list of values
 * for both sides and for ancestors.
 */
export function givenValue(field: FieldRef, fields: Record<string, unknown>): Value {
  const given = record(fields[operandText(field)] ?? fields[field.name]);
  const type = text(given.type);
  if (typeof given.hex === 'string') return Buffer.from(given.hex, 'hex').toString('latin1');
  for (const several of [given.any, given.ancestors]) {
    if (!Array.isArray(several)) continue;
    if (several.every((item) => typeof item === 'number')) return several;
    return several.filter((item) => typeof item === 'string').map((item) => bytesOf(item, type));
  }
  const value = given.value;
  if (Array.isArray(value)) return value.map((item) => toBytes(text(item)));
  if (typeof value === 'string') return bytesOf(value, type);
  // What is beyond 2^53 is a bigint in a reader; the cases use multiples that JSON keeps exact.
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) || !Number.isInteger(value) ? value : BigInt(value);
  }
  return typeof value === 'boolean' ? value : undefined;
}

function bytesOf(value: string, type: string): string {
  if (type !== 'IPADDR' && type !== 'IPNET') return toBytes(value);
  const address = parseAddress(value);
  if (address === undefined) throw new Error(`not an address: ${value}`);
  return address;
}
