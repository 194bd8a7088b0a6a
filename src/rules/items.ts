// The items of a rule file, read from YAML and put into the collection: versions, lists, macros.
// Rules are read in rule-item.ts.

import type { Collection } from './collection.js';
import { readCondition } from './condition-tree.js';
import { type ItemRef, LoadError, spotOf } from './diagnostics.js';
import { readEngineRule } from './engine-rule.js';
import { nearestName } from './nearest.js';
import { LIST_KEYS, MACRO_KEYS, type Override, readOverride } from './override.js';
import { readRule } from './rule-item.js';
import { engineVersion, isVersion, type PluginVersion } from './versions.js';
import type { YamlMapping, YamlNode } from './yaml-tree.js';
import { ItemValues } from './yaml-values.js';

/**
 * Reads one element of a document into the collection.
 *
 * @throws LoadError for an item that is wrong; warnings go to the collection.
 */
export function readItem(node: YamlNode, collection: Collection): void {
  if (node.kind === 'null') return;
  if (node.kind !== 'mapping') {
    const message = `an item must be a mapping, not a ${node.kind}`;
    throw new LoadError('LOAD_ERR_YAML_VALIDATE', message, spotOf(node));
  }
  const read = READERS.find(([key]) => node.get(key) !== undefined)?.[1];
  if (read !== undefined) {
    read(node, collection);
    return;
  }
  const key = node.entries[0]?.key ?? '';
  const kinds = READERS.map(([kind]) => kind);
  const spot = spotOf(node, { kind: 'unknown', name: '' });
  const message = `unknown item: expected one of ${kinds.join(', ')}`;
  collection.warn('LOAD_UNKNOWN_ITEM', message, spot, nearestName(key, kinds));
}

// The first of these keys that is present says what kind of item it is.
const READERS: readonly (readonly [string, (node: YamlMapping, to: Collection) => void])[] = [
  ['required_engine_version', readEngineVersion],
  ['required_plugin_versions', readPluginVersions],
  ['list', readList],
  ['macro', readMacro],
  ['rule', readNamedRule],
  ['conditions', readEngineRule],
];

function readEngineVersion(node: YamlMapping, collection: Collection): void {
  const item: ItemRef = { kind: 'version', name: '' };
  const values: ItemValues = new ItemValues(node, item);
  const scalar = values.scalar('required_engine_version');
  const version = engineVersion(scalar.text);
  if (version === undefined) {
    values.fail('the version must be a number or x.y.z', scalar);
  }
  collection.warnUnknownKeys(node, ['required_engine_version'], item);
  collection.requireEngine(version, spotOf(scalar, item));
}

function readPluginVersions(node: YamlMapping, collection: Collection): void {
  const item: ItemRef = { kind: 'version', name: '' };
  collection.warnUnknownKeys(node, ['required_plugin_versions'], item);
  for (const entry of pluginEntries(node, 'required_plugin_versions', item)) {
    const main = pluginVersion(entry);
    const alternatives = entry.has('alternatives')
      ? pluginEntries(entry.mapping, 'alternatives', item).map(pluginVersion)
      : [];
    const names = new Set<string>();
    for (const { name, version } of [main, ...alternatives]) {
      const refuse = (problem: string): never => {
        const message = `plugin '${name}' ${problem}`;
        throw new LoadError('LOAD_ERR_VALIDATE', message, spotOf(entry.mapping, item));
      };
      if (!isVersion(version)) refuse(`needs a version x.y.z, not '${version}'`);
      if (names.has(name)) refuse('is named twice in one requirement');
      names.add(name);
    }
    collection.pluginRequirements.push({ ...main, alternatives });
  }
}

function pluginEntries(mapping: YamlMapping, key: string, item: ItemRef): ItemValues[] {
  const values: ItemValues = new ItemValues(mapping, item);
  const value = mapping.get(key)?.value;
  if (value?.kind !== 'sequence')
    return values.fail(`'${key}' must be a sequence`, value ?? mapping);
  return value.items.map((entry) => {
    if (entry.kind !== 'mapping') return values.fail('a plugin version must be a mapping', entry);
    return new ItemValues(entry, item);
  });
}

function pluginVersion(entry: ItemValues): PluginVersion {
  return { name: entry.text('name'), version: entry.text('version') };
}

function readList(node: YamlMapping, collection: Collection): void {
  const name = new ItemValues(node, { kind: 'list', name: '' }).text('list');
  const item: ItemRef = { kind: 'list', name };
  const values: ItemValues = new ItemValues(node, item);
  const spot = spotOf(node, item);
  if (!/^[^()"'\s=,]+$/.test(name)) {
    const message = 'the name of a list should not contain blanks or any of ( ) " \' = ,';
    collection.warn('LOAD_INVALID_LIST_NAME', message, spot);
  }
  const items = values.texts('items');
  if (items === undefined) values.fail("the key 'items' is missing", node);
  collection.warnUnknownKeys(node, ['list', ...LIST_KEYS, 'append', 'override'], item);
  if (appends(values, LIST_KEYS, collection)) collection.appendList(name, items, spot);
  else collection.defineList(name, items, node);
}

function readMacro(node: YamlMapping, collection: Collection): void {
  const name = new ItemValues(node, { kind: 'macro', name: '' }).text('macro');
  const item: ItemRef = { kind: 'macro', name };
  const values: ItemValues = new ItemValues(node, item);
  const spot = spotOf(node, item);
  if (!/^[a-zA-Z]+[a-zA-Z0-9_]*$/.test(name)) {
    const message = 'the name of a macro should be letters, digits and _';
    collection.warn('LOAD_INVALID_MACRO_NAME', message, spot);
  }
  const condition = readCondition(values);
  collection.warnUnknownKeys(node, ['macro', ...MACRO_KEYS, 'append', 'override'], item);
  if (appends(values, MACRO_KEYS, collection)) collection.appendMacro(name, condition, spot);
  else collection.defineMacro(name, condition, node);
}

function readNamedRule(node: YamlMapping, collection: Collection): void {
  const name = new ItemValues(node, { kind: 'rule', name: '' }).text('rule');
  readRule(new ItemValues(node, { kind: 'rule', name }), collection);
}

// Lists and macros have one part only, so that an item appends or defines as a whole.
function appends(values: ItemValues, keys: readonly string[], collection: Collection): boolean {
  const override: Override = readOverride(values, keys, keys, collection);
  return override.appendFlag || override.append.size > 0;
}
