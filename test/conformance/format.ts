// format-cases.json: an output format over the values of its fields. Deriving those values from the
// scenario is what the alert cases do.

import { Event, type Reader, type Value } from '../../src/decode/event.js';
import { Format } from '../../src/output/template.js';
import type { FieldRef } from '../../src/rules/ast.js';
import { fromBytes, toBytes } from '../../src/rules/bytes.js';
import { operandText } from '../../src/rules/canonical.js';
import { checkOutput } from '../../src/rules/check.js';
import { type Case, caseList, compare, type Outcome, record, type Suite, text } from './case.js';

export const formatSuite: Suite = { file: 'format-cases.json', cases: caseList, run };

function run(one: Case): Outcome {
  // A leading star asks for all of it, missing values included.
  const tolerant = text(one.format).startsWith('*');
  const written = text(one.format).slice(tolerant ? 1 : 0);
  if (checkOutput(written).length > 0) return compare({ ok: false }, { ok: one.ok });
  const values = record(one.json);
  const format = new Format(written, (field) => given(field, values));
  const until = format.textUntilMissing(new Event());
  const got = tolerant ? format.text(new Event()) : until.text;
  return compare(
    { ok: true, resolved_all: tolerant || until.complete, text: fromBytes(got) },
    { ok: one.ok, resolved_all: one.resolved_all, text: one.text },
  );
}

function given(field: FieldRef, values: Record<string, unknown>): Reader {
  const value = values[operandText(field)] ?? values[field.name];
  const read: Value = typeof value === 'string' ? toBytes(value) : plain(value);
  return () => read;
}

function plain(value: unknown): Value {
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
