// Rule files from paths: a folder stands for its YAML files.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RuleError } from '../errors.js';
import type { RuleText } from '../sensor-protocol.js';

/** The folder of the rules that come with Saker. */
export const OWN_RULES = fileURLToPath(new URL('../../rules', import.meta.url));

/**
 * Reads rule files in the order given. Of a folder all `*.yaml` and `*.yml` are read in the order
 * of their names' bytes; names that begin with a dot are left out, as are folders inside.
 *
 * @param paths none: the rules that come with Saker
 * @throws RuleError RULE_READ
 */
export function readRuleFiles(paths: readonly string[]): RuleText[] {
  const names = (paths.length === 0 ? [OWN_RULES] : paths).flatMap(filesOf);
  return names.map((name) => ({ name, text: read(name) }));
}

function filesOf(path: string): string[] {
  if (!attempt(path, () => statSync(path).isDirectory())) return [path];
  const names = attempt(path, () => readdirSync(path)).filter(
    (name) => /\.ya?ml$/.test(name) && !name.startsWith('.'),
  );
  const files = names
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => join(path, name))
    .filter((name) => attempt(name, () => statSync(name).isFile()));
  if (files.length > 0) return files;
  throw new RuleError('RULE_READ', `${path} holds no rule file`, {
    hint: 'rule files end in .yaml or .yml',
  });
}

function read(name: string): string {
  return attempt(name, () => readFileSync(name, 'utf8'));
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new RuleError('RULE_READ', `cannot read rules from ${path}: ${REASONS[code] ?? code}`, {
      hint: 'name an existing file or folder with -r',
      cause,
    });
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
};
