// format-cases.json: an output format on the last event of a scenario.

import { AlertTemplate, Format } from '../../src/output/template.js';
import { fromBytes } from '../../src/rules/bytes.js';
import { operandText } from '../../src/rules/canonical.js';
import { checkOutput } from '../../src/rules/check.js';
import { type Case, caseList, compare, type Outcome, type Suite, text, texts } from './case.js';
import { type Played, playScenario } from './scenario.js';

export const formatSuite: Suite = { file: 'format-cases.json', cases: caseList, run };

function run(one: Case, directory: string): Outcome {
  const starred = text(one.format).startsWith('*');
  const format = starred ? text(one.format).slice(1) : text(one.format);
  if (checkOutput(format).length > 0) return compare({ ok: false }, { ok: one.ok });
  if (one.ok !== true) return { fail: 'accepted' };
  const played = playScenario(text(one.scenario), directory);
  const compiled = new Format(format, played.resolve);
  const printed = starred
    ? { text: compiled.text(played.event), complete: true }
    : compiled.textUntilMissing(played.event);
  const got = {
    resolved_all: printed.complete,
    text: fromBytes(printed.text),
    // Calls are not fields: the case names them too, behind what is in them.
    names: compiled.fields.map(operandText),
    json: plainValues(format, starred, played),
  };
  const { resolved_all, text: wanted, json } = one;
  const names = texts(one.names).filter((name) => !name.includes('('));
  return compare(got, { resolved_all, text: wanted, names, json });
}

// As `output_fields` would have them; without the star what is missing is left out.
function plainValues(format: string, starred: boolean, { event, resolve }: Played) {
  const template = new AlertTemplate({ output: format, extraFields: [] }, {}, resolve);
  const values = template.values(event);
  const entries = template.fieldNames.flatMap((name, index): [string, unknown][] => {
    const value = values[index];
    if (value === undefined) return starred ? [[name, null]] : [];
    return [[name, plain(value)]];
  });
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

function plain(value: unknown): unknown {
  if (typeof value === 'string') return fromBytes(value);
  if (typeof value === 'bigint') return Number(value);
  return Array.isArray(value) ? value.map(plain) : value;
}
