// The shape of a rule file, stricter than the loader: what departs from it is only reported.

import { parsePriority } from './rule.js';
import type { YamlNode } from './yaml-tree.js';

/**
 * Says how documents depart from the schema of rule files, in words with a path.
 *
 * @returns empty when they do not; at most 20.
 */
export function schemaProblems(documents: readonly YamlNode[]): string[] {
  const problems: string[] = [];
  if (documents.length === 0) problems.push('the file is empty');
  for (const document of documents) {
    listOf(mappingOf(ITEM))(document, '', problems);
    if (problems.length >= MAX_PROBLEMS) break;
  }
  return problems.slice(0, MAX_PROBLEMS);
}

const MAX_PROBLEMS = 20;

type Shape = (node: YamlNode, path: string, problems: string[]) => void;

const any: Shape = () => {};

// A missing value counts as an empty text, as it does in the reference's checker.
const text: Shape = (node, path, problems) => {
  if (node.kind !== 'scalar' && node.kind !== 'null') problems.push(`${path}: must be a text`);
};

// Saker's own: a condition may be a tree.
const condition: Shape = (node, path, problems) => {
  if (node.kind !== 'mapping') text(node, path, problems);
};

const boolean: Shape = (node, path, problems) => {
  if (node.kind !== 'scalar' || !/^(?:true|false)$/.test(node.text)) {
    problems.push(`${path}: must be true or false`);
  }
};

const integer: Shape = (node, path, problems) => {
  if (node.kind !== 'scalar' || !/^[+-]?[0-9]+$/.test(node.text)) {
    problems.push(`${path}: must be an integer`);
  }
};

function oneOf(...words: string[]): Shape {
  return (node, path, problems) => {
    if (node.kind !== 'scalar' || !words.includes(node.text)) {
      problems.push(`${path}: must be one of ${words.join(', ')}`);
    }
  };
}

function listOf(shape: Shape): Shape {
  return (node, path, problems) => {
    if (node.kind !== 'sequence') {
      problems.push(`${path || 'file'}: must be a sequence`);
      return;
    }
    node.items.forEach((item, i) => {
      if (problems.length < MAX_PROBLEMS) shape(item, `${path}/${i}`, problems);
    });
  };
}

function mappingOf(shapes: Readonly<Record<string, Shape>>, required: string[] = []): Shape {
  return (node, path, problems) => {
    if (node.kind !== 'mapping') {
      problems.push(`${path}: must be a mapping`);
      return;
    }
    for (const key of required) {
      if (node.get(key) === undefined) problems.push(`${path}: lacks '${key}'`);
    }
    for (const { key, value } of node.entries) {
      const shape = Object.hasOwn(shapes, key) ? shapes[key] : undefined;
      if (shape === undefined) problems.push(`${path}: has an unknown key '${key}'`);
      else shape(value, `${path}/${key}`, problems);
    }
  };
}

const priority: Shape = (node, path, problems) => {
  const word = node.kind === 'scalar' ? node.text : '';
  if (word !== word.toUpperCase() || parsePriority(word) === undefined) {
    problems.push(`${path}: must be a priority in capital letters`);
  }
};

const mode = oneOf('append', 'replace');

const override: Shape = (node, path, problems) => {
  mappingOf(OVERRIDE)(node, path, problems);
  if (node.kind === 'mapping' && node.entries.length === 0) problems.push(`${path}: is empty`);
};

const OVERRIDE: Readonly<Record<string, Shape>> = {
  items: mode,
  desc: mode,
  condition: mode,
  output: mode,
  priority: mode,
  enabled: mode,
  exceptions: mode,
  capture: mode,
  capture_duration: mode,
  tags: mode,
  warn_evttypes: mode,
  'skip-if-unknown-filter': mode,
  action: mode,
  on_error: mode,
  rate_limit: mode,
  dedup: mode,
};

const PLUGIN = { name: text, version: text };

const ITEM: Readonly<Record<string, Shape>> = {
  required_engine_version: text,
  required_plugin_versions: listOf(
    mappingOf({ ...PLUGIN, alternatives: listOf(mappingOf(PLUGIN, ['name', 'version'])) }, [
      'name',
      'version',
    ]),
  ),
  macro: text,
  condition,
  list: text,
  items: listOf(text),
  rule: text,
  name: text,
  conditions: mappingOf({ all: any, any, not: any, condition: any }),
  event: mappingOf({ type: text, params: any }, ['params']),
  desc: text,
  enabled: boolean,
  output: text,
  append: boolean,
  priority,
  capture: boolean,
  capture_duration: integer,
  source: text,
  exceptions: listOf(mappingOf({ name: text, fields: any, comps: any, values: any }, ['name'])),
  override,
  tags: listOf(text),
  warn_evttypes: boolean,
  'skip-if-unknown-filter': boolean,
  action: oneOf('notify', 'kill', 'deny'),
  on_error: oneOf('allow', 'deny'),
  rate_limit: mappingOf({ alerts: integer, per: text }, ['alerts', 'per']),
  dedup: mappingOf({ window: text, same: listOf(text) }, ['window']),
};
