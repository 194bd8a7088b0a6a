// Which fields have a source: those that a reader exists for, and those that are found out.

import { fieldReader } from '../enrich/fields.js';
import type { TransformerArg } from '../rules/ast.js';
import { eachCheck, eachField } from '../rules/ast.js';
import { isFactField } from '../rules/facts.js';
import type { FieldSpec } from '../rules/fields.js';
import { parseFormat } from '../rules/format.js';
import type { Rule } from '../rules/rule.js';

/** Whether rules can use the field on this build. */
export function isAvailable(field: FieldSpec): boolean {
  if (isFactField(field.name)) return true;
  if (field.argument !== 'required' && fieldReader(field.name, undefined) !== undefined)
    return true;
  return (
    field.argument !== 'none' &&
    SAMPLES.some((sample) => fieldReader(field.name, sample) !== undefined)
  );
}

/** One of these is an argument that any field with an argument takes. */
const SAMPLES = ['0', '1', 'name', 'path', 'src', 'open'];

/** Fields of a rule that nothing fills, as they are written, each once. */
export function fieldsWithoutSource(rule: Pick<Rule, 'condition' | 'output'>): {
  condition: string[];
  output: string[];
} {
  const condition = new Set<string>();
  const output = new Set<string>();
  const look = (operand: TransformerArg, into: Set<string>) =>
    eachField(operand, ({ name, argument }) => {
      if (!isFactField(name) && fieldReader(name, argument) === undefined)
        into.add(argument === undefined ? name : `${name}[${argument}]`);
    });
  eachCheck(rule.condition, ({ left, right }) => {
    look(left, condition);
    if (right?.kind === 'transformer') look(right, condition);
  });
  const parts = parseFormat(rule.output);
  if (Array.isArray(parts))
    for (const part of parts) if (part.kind === 'placeholder') look(part.operand, output);
  return { condition: [...condition], output: [...output] };
}
