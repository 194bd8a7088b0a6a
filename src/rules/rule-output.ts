// The output of a rule: what the configuration adds, what is removed, and whether it is valid.

import { type AppendOutput, type ExtraField, SUGGESTED_OUTPUT } from './append-output.js';
import { checkOutput, type OutputProblem } from './check.js';
import type { RuleInfo } from './collection.js';
import { deprecatedIn } from './deprecated.js';
import { LoadError, type Spot, spotOf, type WarningCode } from './diagnostics.js';
import type { Edit, Passage } from './passage.js';

/** Takes a warning. */
export type Warn = (code: WarningCode, message: string, spot: Spot, suggestion?: string) => void;

/**
 * The final output text of a rule, `undefined` when the rule is to be left out because it asks to be
 * where we do not know a field.
 *
 * @throws LoadError with LOAD_ERR_COMPILE_OUTPUT
 */
export function compileOutput(
  rule: RuleInfo,
  appended: readonly AppendOutput[],
  warn: Warn,
): string | undefined {
  let passage = rule.output;
  for (const { extraOutput, suggestedOutput } of appended) {
    if (extraOutput) passage = passage.wrap('', ` ${extraOutput}`);
    if (suggestedOutput) passage = passage.wrap('', ` ${SUGGESTED_OUTPUT}`);
  }
  const info = passage.text.indexOf(CONTAINER_INFO);
  if (info >= 0) {
    const message = `${CONTAINER_INFO} is deprecated and removed from the output`;
    const spot = outputSpot(rule, passage, info, CONTAINER_INFO.length);
    warn('LOAD_DEPRECATED_ITEM', message, spot);
    passage = without(passage, CONTAINER_INFO);
  }
  const [problem] = passage.text === '' ? [EMPTY] : checkOutput(passage.text);
  if (problem !== undefined) {
    const { message, suggestion } = problem;
    const spot = outputSpot(rule, passage, problem.offset, problem.length);
    if (!rule.skipIfUnknownFilter || !problem.isUnknown) {
      throw new LoadError('LOAD_ERR_COMPILE_OUTPUT', message, spot, suggestion);
    }
    warn('LOAD_UNKNOWN_FILTER', message, spot, suggestion);
    return undefined;
  }
  warnDeprecated(rule, passage, warn);
  return passage.text;
}

/**
 * The fields that the configuration adds to a rule; of one key the last counts.
 *
 * @throws LoadError with LOAD_ERR_COMPILE_OUTPUT
 */
export function compileExtraFields(
  rule: RuleInfo,
  appended: readonly AppendOutput[],
): ExtraField[] {
  const fields = new Map<string, ExtraField>();
  for (const field of appended.flatMap((entry) => entry.extraFields ?? [])) {
    const [problem] = checkOutput(field.raw ? `%${field.format}` : field.format);
    if (problem !== undefined) {
      const message = `append_output, field '${field.key}': ${problem.message}`;
      const spot = outputSpot(rule, rule.output, 0, 1);
      throw new LoadError('LOAD_ERR_COMPILE_OUTPUT', message, spot, problem.suggestion);
    }
    fields.set(field.key, field);
  }
  return [...fields.values()];
}

const CONTAINER_INFO = '%container.info';
const EMPTY: OutputProblem = {
  message: 'the output is empty',
  offset: 0,
  length: 1,
  isUnknown: false,
};

function warnDeprecated(rule: RuleInfo, passage: Passage, warn: Warn): void {
  for (const name of deprecatedIn(passage.text)) {
    const spot = outputSpot(rule, passage, passage.text.indexOf(name), name.length);
    warn('LOAD_DEPRECATED_ITEM', `the field '${name}' is deprecated`, spot);
  }
}

function outputSpot(rule: RuleInfo, passage: Passage, offset: number, length: number): Spot {
  const above = [{ kind: 'rule', name: rule.name, origin: spotOf(rule.node).origin }];
  return { origin: passage.origin(offset), length, item: rule.item, above, kind: 'rule output' };
}

function without(passage: Passage, removed: string): Passage {
  const pieces = passage.text.split(removed);
  const edits: Edit[] = [];
  let start = 0;
  for (const piece of pieces.slice(0, -1)) {
    start += piece.length;
    edits.push({ start, removed: removed.length, length: 0, name: start });
  }
  return passage.edited(pieces.join(''), edits);
}
