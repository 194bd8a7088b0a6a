// alert-cases.json: rule files on the last event of a scenario give exactly these lines.

import { Matcher } from '../../src/match/matcher.js';
import type { Alert, AlertOptions } from '../../src/output/alert.js';
import { AlertTemplate } from '../../src/output/template.js';
import type { AppendOutput, ExtraField } from '../../src/rules/append-output.js';
import { loadRules } from '../../src/rules/file.js';
import { parsePriority, type Rule } from '../../src/rules/rule.js';
import type { SelectionStep } from '../../src/rules/selection.js';
import { asFalco, asText } from '../unit/output/printers.js';
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
import { type Played, playScenario } from './scenario.js';

export const alertSuite: Suite = { file: 'alert-cases.json', cases: caseList, run };

function run(one: Case, directory: string): Outcome {
  const options = record(one.options);
  const files = texts(one.files).map((content, i) => ({ name: `file-${i}`, text: content }));
  const set = loadRules(files, {
    selection: list(options.selection).flatMap(steps),
    minimumPriority: parsePriority(text(options.min_priority)),
    appendOutput: list(options.append_output).map(appended),
  });
  const played = playScenario(text(one.scenario), directory);
  const matcher = new Matcher(set.ok ? set.active : [], played.resolve, {
    rule_matching: options.rule_matching === 'all' ? 'all' : 'first',
  });
  const print = options.json === true ? asFalco(printing(options)) : asText(printing(options));
  const got = matcher
    .match(played.event)
    .map(({ rule }) => ({ rule: rule.name, line: print(alertOf(rule, played)) }));
  const wanted = list(one.alerts).map((alert) => ({
    rule: text(alert.rule),
    line: text(options.json === true ? alert.raw : alert.text),
  }));
  return compare({ alerts: got }, { alerts: wanted });
}

function alertOf(rule: Rule, { event, resolve }: Played): Alert {
  const template = new AlertTemplate(rule, {}, resolve);
  const { name, priority, source, tags } = rule;
  return {
    rule: { name, priority, source, tags, fieldNames: template.fieldNames },
    time_ns: event.time_ns,
    message: template.message(event),
    values: template.values(event),
  };
}

function printing(options: Record<string, unknown>): AlertOptions {
  return {
    hostname: 'host-1',
    iso8601: options.iso8601 === true,
    includeOutput: options.include_output !== false,
    includeMessage: options.include_message === true,
    includeTags: options.include_tags !== false,
    includeOutputFields: options.include_output_fields !== false,
  };
}

function appended(value: Record<string, unknown>): AppendOutput {
  return {
    source: some(value.source),
    rule: some(value.rule),
    tags: texts(value.tags),
    extraOutput: some(value.extra_output),
    suggestedOutput: value.suggested_output === true,
    extraFields: [...formatted(value), ...raw(value)],
  };
}

// `formatted_fields` maps keys to formats; `raw_fields` is a list of fields, or maps keys to them.
function formatted(value: Record<string, unknown>): ExtraField[] {
  const fields = Object.entries(record(value.formatted_fields));
  return fields.map(([key, format]) => ({ key, format: text(format), raw: false }));
}

function raw(value: Record<string, unknown>): ExtraField[] {
  const named = texts(value.raw_fields).map((field) => ({ key: field, format: field, raw: true }));
  const mapped = Object.entries(record(value.raw_fields));
  return [...named, ...mapped.map(([key, field]) => ({ key, format: text(field), raw: true }))];
}

function steps(step: Record<string, unknown>): SelectionStep[] {
  return Object.entries(step).map(([kind, value]) => {
    const { rule, tag } = record(value);
    return { enable: kind === 'enable', rule: text(rule), tag: text(tag) };
  });
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function some(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
