// parser-cases.json: a condition is accepted or not, its canonical text and its tree.

import type { Expression, Operand, Right, TransformerArg } from '../../src/rules/ast.js';
import { canonicalText } from '../../src/rules/canonical.js';
import { ConditionError } from '../../src/rules/lexer.js';
import { parseCondition } from '../../src/rules/parser.js';
import { type Case, caseList, compare, type Outcome, type Suite, text } from './case.js';

export const parserSuite: Suite = { file: 'parser-cases.json', cases: caseList, run };

function run(one: Case): Outcome {
  const condition = text(one.condition);
  if (one.valid !== true) return refused(condition);
  const variants = [condition, ` \t${condition}\n `];
  // The reference's own tests also turn every blank of a valid input into another kind of blank.
  if (!/["'\n]/.test(condition)) variants.push(condition.replaceAll(' ', '\t\r\n'));
  for (const variant of variants) {
    const outcome = accepted(variant, one);
    if (outcome !== 'pass') return outcome;
  }
  return 'pass';
}

function accepted(condition: string, one: Case): Outcome {
  try {
    const expression = parseCondition(condition);
    const got = { canonical: canonicalText(expression), ast: plain(expression) };
    return compare(got, { canonical: one.canonical, ast: one.ast });
  } catch (error) {
    if (error instanceof ConditionError) return { fail: error.message };
    throw error;
  }
}

function refused(condition: string): Outcome {
  try {
    return { fail: `accepted as ${canonicalText(parseCondition(condition))}` };
  } catch (error) {
    if (error instanceof ConditionError) return 'pass';
    throw error;
  }
}

// Our tree in the form of the case files.
function plain(node: Expression): Record<string, unknown> {
  switch (node.kind) {
    case 'and':
    case 'or':
      return { [node.kind]: node.parts.map(plain) };
    case 'not':
      return { not: plain(node.part) };
    case 'macro':
      return { id: node.name };
    case 'check': {
      const op = node.modifier === undefined ? node.operator : `${node.operator} ${node.modifier}`;
      const left = plainArg(node.left);
      return node.right === undefined ? { left, op } : { left, op, right: plainRight(node.right) };
    }
  }
}

function plainRight(right: Right): Record<string, unknown> {
  if (right.kind === 'value') return { value: right.value };
  return right.kind === 'list' ? { list: right.values } : plainArg(right);
}

function plainArg(arg: TransformerArg): Record<string, unknown> {
  if (arg.kind === 'text' || arg.kind === 'number') return { value: arg.value };
  if (arg.kind === 'list') return { tlist: arg.items.map(plainArg) };
  return plainOperand(arg);
}

function plainOperand(operand: Operand): Record<string, unknown> {
  const argument = operand.argument === undefined ? {} : { arg: operand.argument };
  if (operand.kind === 'field') return { field: operand.name, ...argument };
  return { transformer: operand.name, args: operand.args.map(plainArg), ...argument };
}
