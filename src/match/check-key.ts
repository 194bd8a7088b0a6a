// Which checks are the same, wherever they stand.

import type { Check, Operand, Right } from '../rules/ast.js';

/** All that decides what a check means, and nothing of where it stands. */
export function checkKey(check: Check): string {
  const { left, modifier, right } = check;
  const operator = check.operator === '==' ? '=' : check.operator;
  return JSON.stringify([partKey(left), operator, modifier, right && partKey(right)]);
}

function partKey(part: Operand | Right): unknown {
  switch (part.kind) {
    case 'field':
      return [part.name, part.argument];
    case 'value':
      return part.value;
    case 'list':
      return part.values;
    case 'transformer':
      return { call: JSON.stringify(part, meaning) };
  }
}

function meaning(name: string, value: unknown): unknown {
  return name === 'at' || name === 'quoted' ? undefined : value;
}
