// Rule files from paths: a folder stands for its YAML and JSON files.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readFailure, readText } from '../config/read-text.js';
import { RuleError } from '../errors.js';
import { OWN_RULES } from '../files.js';
import type { RuleText } from '../sensor/protocol.js';

/** The paths that are meant when these are named; none: the rules that come with Saker. */
export function rulePaths(paths: readonly string[]): readonly string[] {
  return paths.length === 0 ? [OWN_RULES] : paths;
}

/** Whether a name in a folder is that of a rule file. */
export function isRuleFileName(name: string): boolean {
  return /\.(?:ya?ml|json)$/.test(name) && !name.startsWith('.');
}

/**
 * Reads rule files in the order given. Of a folder all `*.yaml`, `*.yml` and `*.json` are read in the order
 * of their names' bytes; names that begin with a dot are left out, as are folders inside.
 *
 * @param paths none: the rules that come with Saker
 * @param kept what cannot be read twice, such as a pipe, is put here and taken from here
 * @throws RuleError RULE_READ
 */
export function readRuleFiles(
  paths: readonly string[],
  kept: Map<string, string> = new Map(),
): RuleText[] {
  const names = rulePaths(paths).flatMap(filesOf);
  return names.map((name) => ({ name, text: kept.get(name) ?? read(name, kept) }));
}

function filesOf(path: string): string[] {
  if (!attempt(path, () => statSync(path).isDirectory())) return [path];
  const names = attempt(path, () => readdirSync(path)).filter(isRuleFileName);
  const files = names
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => join(path, name))
    .filter((name) => attempt(name, () => statSync(name).isFile()));
  if (files.length > 0) return files;
  throw new RuleError('RULE_READ', `${path} holds no rule file`, {
    hint: 'rule files end in .yaml, .yml or .json',
  });
}

function read(name: string, kept: Map<string, string>): string {
  const { text, isFile } = attempt(name, () => readText(name));
  if (!isFile) kept.set(name, text);
  return text;
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new RuleError('RULE_READ', `cannot read rules from ${path}: ${readFailure(cause)}`, {
      hint: 'name an existing file or folder with -r',
      cause,
    });
  }
}
