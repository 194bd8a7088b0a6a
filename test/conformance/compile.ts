// compile-cases.json: a condition fits the types of its fields, or fails with a class of error; what
// it is warned about. Also the tables of fields and events that this depends on.

import { checkCondition } from '../../src/rules/check.js';
import { eventNamed } from '../../src/rules/events.js';
import { type FieldSpec, findField } from '../../src/rules/fields.js';
import { ConditionError } from '../../src/rules/lexer.js';
import { parseCondition, RULE_MAX_DEPTH } from '../../src/rules/parser.js';
import {
  type Case,
  caseList,
  compare,
  type Outcome,
  record,
  type Suite,
  text,
  texts,
} from './case.js';

export const compileSuite: Suite = { file: 'compile-cases.json', cases: caseList, run: runCompile };

export const fieldSuite: Suite = {
  file: 'field-types.json',
  cases: (content) =>
    Array.isArray(content) ? content.map((one) => ({ ...record(one), id: text(one.name) })) : [],
  run: runField,
};

export const eventSuite: Suite = {
  file: 'event-schema.json',
  cases: (content) => Object.entries(record(content)).map(([id, params]) => ({ id, params })),
  run: runEvent,
};

function runCompile(one: Case): Outcome {
  return compare(compiled(text(one.condition)), {
    ok: one.ok,
    error: one.error,
    ...(one.ok === true ? { warnings: texts(one.warnings) } : {}),
  });
}

function compiled(condition: string): Record<string, unknown> {
  try {
    const problems = checkCondition(parseCondition(condition, { maxDepth: RULE_MAX_DEPTH }));
    const error = problems.find((problem) => problem.severity === 'error');
    if (error !== undefined) return { ok: false, error: error.class };
    return { ok: true, warnings: problems.map((problem) => problem.class) };
  } catch (error) {
    if (error instanceof ConditionError) return { ok: false, error: 'parse-error' };
    throw error;
  }
}

function runField(one: Case): Outcome {
  const field = findField(one.id);
  if (field === undefined) return { fail: 'unknown' };
  const className = field.class === 'container' ? 'container (plugin)' : field.class;
  const got = { class: className, type: field.type, flags: flagsOf(field) };
  return compare(got, { class: one.class, type: one.type, flags: texts(one.flags).sort() });
}

// The properties of a field in the words of the case file. The container plugin's fields say more
// about their arguments than the others do.
function flagsOf(field: FieldSpec): string[] {
  const plugin = field.class === 'container';
  const required = field.argument === 'required' || field.name === 'evt.abspath';
  const flags: [boolean, string][] = [
    [required, 'arg_required'],
    [field.argument !== 'none' && (plugin || !required), 'arg_allowed'],
    [plugin && field.argumentKind?.includes('index') === true, 'arg_index'],
    [plugin && field.argumentKind?.includes('key') === true, 'arg_key'],
    [field.list, 'list'],
    [field.filterOnly, 'filter_only'],
    [field.printOnly, 'print_only'],
    [field.noTransformer, 'no_transformer'],
    [field.noRightHand, 'no_rhs'],
    [field.deprecated, 'deprecated'],
    [field.tableOnly, 'table_only'],
    [field.suggested, 'format_suggested'],
  ];
  return flags.flatMap(([set, name]) => (set ? [name] : [])).sort();
}

function runEvent(one: Case): Outcome {
  const params = eventNamed(one.id)?.params.map(({ name, type, flags }) => ({
    name,
    type,
    ...(flags === undefined ? {} : { flags: flags.map((flag) => [flag.name, flag.value]) }),
  }));
  return compare({ params }, { params: one.params });
}
