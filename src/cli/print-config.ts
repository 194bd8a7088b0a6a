// `saker run --print-config`: the configuration as it is after defaults, file, variables and options,
// as a file that says the same. Secrets are masked.
import { stringify } from 'yaml';
import type { AppendOutput } from '../config/append-output.js';
import { type Config, HIDDEN, type LoadedConfig, withoutSecrets } from '../config.js';
import { PRIORITIES } from '../rules/rule.js';

/** The text of that file. */
export function configText({ config, secrets }: LoadedConfig): string {
  const tree = masked(fileForm(config), '', secrets.keys);
  // Lines are not folded: a secret could be broken in two, and then it would not be found.
  return withoutSecrets(stringify(tree, { lineWidth: 0 }), secrets.texts);
}

/** The configuration as plain data in the form that a file has. */
export function fileForm(config: Config): Record<string, unknown> {
  const { rules_files, rules, priority, append_output, ...same } = config;
  return {
    ...(rules_files === undefined ? {} : { rules_files }),
    rules: rules.map(({ enable, ...what }) => ({ [enable ? 'enable' : 'disable']: what })),
    priority: PRIORITIES[priority]?.toLowerCase(),
    append_output: append_output.map(appendForm),
    ...same,
  };
}

function appendForm(entry: AppendOutput): Record<string, unknown> {
  const { source, tags, rule, extraOutput, suggestedOutput, extraFields } = entry;
  const match = Object.entries({ source, tags, rule }).filter(([, value]) => value !== undefined);
  return {
    ...(match.length === 0 ? {} : { match: Object.fromEntries(match) }),
    suggested_output: suggestedOutput,
    ...(extraOutput === undefined ? {} : { extra_output: extraOutput }),
    ...(extraFields.length === 0
      ? {}
      : {
          extra_fields: extraFields.map((one) => (one.raw ? one.key : { [one.key]: one.format })),
        }),
  };
}

// Also what everybody puts into a URL although it has a key of its own.
function masked(value: unknown, path: string, keys: ReadonlySet<string>): unknown {
  if (keys.has(path)) return value === '' || value === undefined ? value : HIDDEN;
  if (typeof value === 'string') return value.replace(URL_SECRET, `$1${HIDDEN}@`);
  if (Array.isArray(value))
    return value.map((item, index) => masked(item, `${path}[${index}]`, keys));
  if (value === null || typeof value !== 'object') return value;
  const inside = (key: string) => (path === '' ? key : `${path}.${key}`);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, masked(item, inside(key), keys)]),
  );
}

const URL_SECRET = /(:\/\/[^:/@\s]{0,256}:)[^@/\s]{1,1024}@/g;
