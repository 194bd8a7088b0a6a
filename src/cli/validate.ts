// `saker validate`: loads rules and says what is wrong with them.

import { UsageError } from '../errors.js';
import { diagnosticText } from '../rules/diagnostics.js';
import { toEngineRule } from '../rules/engine-rule.js';
import { printable, printableJson } from '../rules/source.js';
import { asWritten, type RuleOptions } from '../sensor/protocol.js';
import { ConfiguredRules, runConfig } from './configured.js';
import type { Console } from './flags.js';
import {
  diagnosticJson,
  errorsOf,
  killWays,
  type Loaded,
  loadForRun,
  pluginText,
  unsupportedText,
} from './load.js';
import { readRuleFiles } from './rule-files.js';

/** How `saker validate` prints. */
export interface ValidateOptions {
  json?: true;
  /** A configuration to check with the rules that it names. */
  config?: string;
  /** Print the rules themselves in this form; what is wrong goes to stderr. */
  emit?: string;
}

/** Prints errors and warnings of the rules; status 1 when there is an error. */
export async function validate(
  paths: readonly string[],
  { json, config, emit }: ValidateOptions,
  console: Console,
): Promise<number> {
  if (emit !== undefined && emit !== ENGINE_FORM)
    throw new UsageError('USAGE', `rules cannot be printed as ${emit}`, {
      hint: `the form is called ${ENGINE_FORM}`,
    });
  const configured = config === undefined ? undefined : readConfigured(config, paths);
  // What is wrong is left out and told, so that one mistake is not told again with every file.
  const options = {
    ...(configured?.rules ?? asWritten(readRuleFiles(paths))),
    skipInvalid: true,
  };
  const loaded = loadForRun(options);
  const kills = killWays(loaded.set.rules, options);
  const valid = isValid(loaded);
  const result = json
    ? `${printableJson(resultJson(loaded, valid, kills, configured))}\n`
    : configText(configured) + resultText(loaded, valid, kills);
  if (emit === undefined) console.out(result);
  else {
    console.err(result);
    console.out(`${printableJson(loaded.set.rules.map(toEngineRule), 2)}\n`);
  }
  return valid ? 0 : 1;
}

const ENGINE_FORM = 'json-rules-engine';

/** A configuration that is right. */
interface Configured {
  name: string;
  warnings: readonly string[];
  rules: RuleOptions;
}

function readConfigured(name: string, paths: readonly string[]): Configured {
  const kept = new Map<string, string>();
  const flags = { config: name, rules: paths.length === 0 ? undefined : [...paths] };
  const loaded = runConfig(flags, kept);
  const origin = new ConfiguredRules(flags, loaded, kept);
  const rules = origin.first();
  return { name, warnings: [...loaded.warnings, ...origin.missing()], rules };
}

function configText(configured: Configured | undefined): string {
  if (configured === undefined) return '';
  const { name, warnings } = configured;
  const lines = warnings.map((warning) => `warning: ${printable(warning)}\n`);
  return `${lines.join('')}${printable(name)}: ok\n`;
}

// A file without any rule, such as one of macros, is valid.
function isValid({ set, unsupported }: Loaded): boolean {
  const able = unsupported.every(({ severity }) => severity !== 'error');
  return errorsOf(set).length === 0 && able && set.unmetPlugin === undefined;
}

/** By rule who sends the signal. */
type KillWays = ReadonlyMap<string, string>;

function resultText(loaded: Loaded, valid: boolean, kills: KillWays): string {
  const { set, unsupported } = loaded;
  const wrong = errorsOf(set);
  const lines = [...wrong, ...set.warnings].map(diagnosticText);
  lines.push(...unsupported.map(unsupportedText));
  for (const [rule, way] of kills) lines.push(printable(`rule '${rule}' kills ${way}`));
  if (set.unmetPlugin !== undefined)
    lines.push(`error: the rules need a plugin that Saker does not have: ${pluginText(set)}`);
  for (const file of set.files) {
    const state = isRight(loaded, file.name) ? 'ok' : 'invalid';
    lines.push(`${printable(file.name)}: ${state}`);
  }
  const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  const errors = wrong.length + unsupported.filter((u) => u.severity === 'error').length;
  const warnings = set.warnings.length + unsupported.filter((u) => u.severity === 'warning').length;
  lines.push(
    `${valid ? 'valid' : 'invalid'}: ${plural(set.rules.length, 'rule')}, ` +
      `${plural(errors, 'error')}, ${plural(warnings, 'warning')}`,
  );
  return `${lines.join('\n')}\n`;
}

/** No error is in the file. */
function isRight({ set, unsupported }: Loaded, file: string): boolean {
  const unable = unsupported.some(
    ({ severity, rule }) => severity === 'error' && rule.place.file === file,
  );
  return !unable && errorsOf(set).every((one) => one.file !== file);
}

function resultJson(
  loaded: Loaded,
  valid: boolean,
  kills: KillWays,
  configured: Configured | undefined,
): unknown {
  const { set, unsupported } = loaded;
  const without = unsupported.map(({ severity, rule, fields, message }) => ({
    severity,
    code: 'FIELD_WITHOUT_SOURCE',
    message,
    file: rule.place.file,
    line: rule.place.line + 1,
    column: rule.place.column + 1,
    item: { kind: 'rule', name: rule.name },
    fields,
  }));
  const wrong = errorsOf(set);
  const pick = (severity: string) => without.filter((one) => one.severity === severity);
  const config =
    configured === undefined
      ? {}
      : { config: { name: configured.name, ok: true, warnings: configured.warnings } };
  return {
    valid,
    ...config,
    rules: set.rules.length,
    files: set.files.map(({ name, schemaProblems }) => ({
      name,
      ok: isRight(loaded, name),
      schema_problems: schemaProblems,
    })),
    errors: [...wrong.map(diagnosticJson), ...pick('error')],
    warnings: [...set.warnings.map(diagnosticJson), ...pick('warning')],
    kills: Object.fromEntries(kills),
    unmet_plugin: set.unmetPlugin === undefined ? null : pluginText(set),
  };
}
