// official-rules.json: what the three rule files of Falco must give, loaded one by one and together.
// The files themselves are in `falco-rules` beside the directory of the cases.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eachCheck } from '../../src/rules/ast.js';
import { loadRules, type RuleSet } from '../../src/rules/file.js';
import { PRIORITIES, type Rule } from '../../src/rules/rule.js';
import { type Case, compare, type Outcome, record, type Suite, text, texts } from './case.js';
import { plainEvents } from './loader.js';

export const officialSuite: Suite = { file: 'official-rules.json', cases, run };

function cases(content: unknown): Case[] {
  const { load_separately, load_together_in_order } = record(content);
  const together = record(load_together_in_order);
  const separate = Object.entries(record(load_separately)).map(([name, expect]) => ({
    id: name,
    group: 'separately',
    files: [name],
    expect,
  }));
  const all = { id: 'together', group: 'together', files: texts(together.files), expect: together };
  return [...separate, all];
}

function run(one: Case, directory: string): Outcome {
  const folder = [join(directory, '../falco-rules'), directory].find((path) =>
    texts(one.files).every((file) => existsSync(join(path, file))),
  );
  if (folder === undefined) return { fail: 'the rule files are not beside the cases' };
  const sources = texts(one.files).map((name) => ({
    name,
    text: readFileSync(join(folder, name), 'utf8'),
  }));
  const set = loadRules(sources);
  const { files: _, ...expect } = record(one.expect);
  return compare(plainSet(set, record(expect.rules)), expect);
}

function plainSet(set: RuleSet, expected: Record<string, unknown>): Record<string, unknown> {
  return {
    ok: set.ok,
    warnings: set.warnings.map((warning) => warning.code),
    errors: set.errors.map((error) => error.code),
    enabled_count: set.active.length,
    n_rules: set.rules.length,
    n_macros: set.macros.size,
    n_lists: set.lists.size,
    required_engine_version: set.requiredEngineVersion,
    required_plugin_versions: set.pluginRequirements,
    rules: Object.fromEntries(
      set.rules.map((rule) => [rule.name, plainRule(rule, record(expected[rule.name]))]),
    ),
  };
}

function plainRule(rule: Rule, expected: Record<string, unknown>): Record<string, unknown> {
  let checks = 0;
  eachCheck(rule.condition, () => checks++);
  const plain: Record<string, unknown> = {
    priority: PRIORITIES[rule.priority],
    enabled: rule.enabled,
    tags: rule.tags,
    condition_sha256: sha256(rule.conditionText),
    condition_length: rule.conditionText.length,
    output_sha256: sha256(rule.output),
    events: plainEvents(rule.events),
    checks,
  };
  // Only what the case tells about a rule can be compared.
  return Object.fromEntries(Object.entries(plain).filter(([key]) => key in expected));
}

function sha256(value: string): string {
  return createHash('sha256').update(text(value)).digest('hex');
}
