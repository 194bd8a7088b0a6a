// `append: true` and `override: {key: append|replace}`: how an item changes an earlier one.

import type { Collection } from './collection.js';
import { LoadError, spotOf } from './diagnostics.js';
import type { YamlNode } from './yaml-tree.js';
import type { ItemValues } from './yaml-values.js';

/** What an item wants to do with an earlier one; all empty and false: define. */
export interface Override {
  /** The old form, `append: true`. */
  appendFlag: boolean;
  append: Set<string>;
  replace: Set<string>;
}

export const LIST_KEYS = ['items'] as const;
export const MACRO_KEYS = ['condition'] as const;

/** The keys of a rule whose old and new values can be joined. */
export const RULE_APPEND_KEYS = ['condition', 'output', 'desc', 'tags', 'exceptions'] as const;

/** The keys of a rule that can be replaced; the last four are Saker's. */
export const RULE_REPLACE_KEYS = [
  ...RULE_APPEND_KEYS,
  'priority',
  'enabled',
  'warn_evttypes',
  'skip-if-unknown-filter',
  'capture',
  'capture_duration',
  'action',
  'on_error',
  'rate_limit',
  'dedup',
] as const;

/**
 * Reads `append` and `override` of an item.
 *
 * @throws LoadError when a key or mode does not exist, or when both forms are used.
 */
export function readOverride(
  values: ItemValues,
  appendable: readonly string[],
  replaceable: readonly string[],
  collection: Collection,
): Override {
  const appendFlag = values.boolean('append') ?? false;
  if (appendFlag) {
    const message = "'append' is deprecated: use 'override'";
    const entry = values.mapping.get('append')?.keyNode ?? values.mapping;
    collection.warn('LOAD_DEPRECATED_ITEM', message, spotOf(entry, values.item));
  }
  const override = readModes(values, appendable, replaceable);
  if (appendFlag && (override.append.size > 0 || override.replace.size > 0)) {
    values.fail("'append: true' and 'override' exclude each other", values.mapping);
  }
  return { appendFlag, ...override };
}

function readModes(
  values: ItemValues,
  appendable: readonly string[],
  replaceable: readonly string[],
): { append: Set<string>; replace: Set<string> } {
  const append = new Set<string>();
  const replace = new Set<string>();
  const node = values.mapping.get('override')?.value;
  const refuse = (message: string, at: YamlNode): never => {
    throw new LoadError('LOAD_ERR_VALIDATE', message, spotOf(at, values.item));
  };
  if (node?.kind === 'sequence' && node.items.length > 0)
    refuse("'override' must be a mapping of keys", node);
  for (const { key, keyNode, value } of node?.kind === 'mapping' ? node.entries : []) {
    if (value.kind === 'sequence' || value.kind === 'mapping')
      refuse(`'${key}' can be overridden with append or replace, not a ${value.kind}`, value);
    const mode = value.kind === 'scalar' ? value.text : '';
    if (mode === 'append') {
      if (!appendable.includes(key)) values.fail(`'${key}' cannot be appended to`, keyNode);
      append.add(key);
    } else if (mode === 'replace') {
      if (!replaceable.includes(key)) values.fail(`'${key}' cannot be replaced`, keyNode);
      replace.add(key);
    } else {
      values.fail(`'${key}' can be overridden with append or replace, not '${mode}'`, value);
    }
  }
  return { append, replace };
}
