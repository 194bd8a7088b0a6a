// loader-cases.json: what loading some files gives, with errors, warnings and all expanded rules.

import type { AppendOutput } from '../../src/rules/append-output.js';
import { canonicalText } from '../../src/rules/canonical.js';
import type { EventTypes } from '../../src/rules/event-types.js';
import { loadRules, type RuleSet } from '../../src/rules/file.js';
import { PRIORITIES, parsePriority, type Rule } from '../../src/rules/rule.js';
import type { SelectionStep } from '../../src/rules/selection.js';
import type { PluginVersion } from '../../src/rules/versions.js';
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
import { canDescribe } from './described.js';

export const loaderSuite: Suite = { file: 'loader-cases.json', cases: caseList, run };

function run(one: Case): Outcome {
  const expect = record(one.expect);
  const files = texts(one.files).map((content, i) => ({ name: `file-${i}`, text: content }));
  const minimum = text(one.min_priority);
  const sources = one.sources === undefined ? undefined : texts(one.sources);
  const set = loadRules(files, {
    sources,
    plugins: one.plugins === undefined ? undefined : records(one.plugins).map(plugin),
    selection: records(one.selection).flatMap(steps),
    minimumPriority: minimum === '' ? undefined : parsePriority(minimum),
    appendOutput: records(one.append_output).map(appended),
  });
  if (!set.ok) return compare(outcome(set), expect);
  const described = canDescribe(set, files, sources) ? set : { ...set, ...NOTHING };
  return compare({ ...outcome(set), ...contents(described) }, expect);
}

const NOTHING = { rules: [], lists: new Map(), macros: new Map() };

function outcome(set: RuleSet): Record<string, unknown> {
  return {
    ok: set.ok,
    errors: set.errors.map((error) => error.code),
    warnings: set.files.flatMap((file) => file.warnings.map(warningPair)),
    schema_ok: set.files.map((file) => file.schemaProblems.length === 0),
    files: set.files.map((file) => ({
      ok: file.ok,
      errors: file.errors.map((error) => error.code),
      warnings: file.warnings.map(warningPair),
    })),
  };
}

function contents(set: RuleSet): Record<string, unknown> {
  const macros = [...set.macros].map(([name, tree]) => [name, canonicalText(tree)]);
  return {
    rule_order: set.rules.map((rule) => rule.name),
    rules: Object.fromEntries(set.rules.map((rule) => [rule.name, plainRule(rule)])),
    lists: Object.fromEntries(set.lists),
    macros: Object.fromEntries(macros),
    enabled_rules: set.active.map((rule) => rule.name).sort(),
    required_engine_version: set.requiredEngineVersion,
    required_plugin_versions: set.pluginRequirements,
    plugin_requirements_ok: set.unmetPlugin === undefined,
  };
}

function plainRule(rule: Rule): Record<string, unknown> {
  const plain: Record<string, unknown> = {
    condition: rule.conditionText,
    output: rule.output,
    priority: PRIORITIES[rule.priority],
    enabled: rule.enabled,
    source: rule.source,
    tags: rule.tags,
    events: plainEvents(rule.events),
  };
  if (rule.exceptionFields.length > 0) plain.exception_fields = rule.exceptionFields;
  return plain;
}

/** Event names as the case files write them: sorted, or "many". */
export function plainEvents(events: EventTypes): string[] | 'many' {
  return events.complement || events.names.size > 60 ? 'many' : [...events.names].sort();
}

function warningPair(warning: { code: string; item?: { name: string } }): [string, string] {
  return [warning.code, warning.item?.name ?? ''];
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function steps(step: Record<string, unknown>): SelectionStep[] {
  return Object.entries(step).map(([kind, value]) => {
    const { rule, tag } = record(value);
    return { enable: kind === 'enable', rule: text(rule), tag: text(tag) };
  });
}

function plugin(value: Record<string, unknown>): PluginVersion {
  return { name: text(value.name), version: text(value.version) };
}

function appended(value: Record<string, unknown>): AppendOutput {
  return {
    source: text(value.source),
    rule: text(value.rule),
    tags: texts(value.tags),
    extraOutput: text(value.extra_output),
  };
}
