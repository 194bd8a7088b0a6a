// Whole rules as json-rules-engine has them: a name, `conditions`, and an `event` whose `params` hold
// what else there is to say of a rule.

import type { Collection } from './collection.js';
import { PRIORITIES, type Rule } from './rule.js';
import { readRule } from './rule-item.js';
import { type Tree, toTree } from './tree.js';
import type { YamlEntry, YamlMapping } from './yaml-tree.js';
import { ItemValues } from './yaml-values.js';

/** A rule that `new Engine().addRule` takes, and that a rule file may hold. */
export interface EngineRule {
  name: string;
  /** A group or the name of a macro: the engine takes no comparison here. */
  conditions: Exclude<Tree, { fact: string }>;
  event: { type: typeof EVENT_TYPE; params: EngineParams };
}

/** Keys of a rule item, under the names that they have there. */
export interface EngineParams {
  desc: string;
  output: string;
  priority: string;
  source: string;
  tags: string[];
  enabled?: boolean;
  action?: string;
  on_error?: string;
  capture?: boolean;
  capture_duration?: number;
  warn_evttypes?: boolean;
}

/** Writes a rule; exceptions are part of its condition, lists and macros are put in. */
export function toEngineRule(rule: Rule): EngineRule {
  const params: EngineParams = {
    desc: rule.desc,
    output: rule.output,
    priority: PRIORITIES[rule.priority] ?? 'Debug',
    source: rule.source,
    tags: rule.tags,
  };
  if (!rule.enabled) params.enabled = false;
  if (rule.action !== 'notify') params.action = rule.action;
  if (rule.onError !== undefined) params.on_error = rule.onError;
  if (rule.capture) params.capture = true;
  if (rule.captureDurationMs !== undefined) params.capture_duration = rule.captureDurationMs;
  if (!rule.warnEventTypes) params.warn_evttypes = false;
  const conditions = engineConditions(toTree(rule.condition));
  return { name: rule.name, conditions, event: { type: EVENT_TYPE, params } };
}

/** A tree as the engine takes it at the top of a rule. */
export function engineConditions(tree: Tree): EngineRule['conditions'] {
  return 'fact' in tree ? { all: [tree] } : tree;
}

/**
 * Reads a rule in the engine's form into the collection, as if it were a rule item.
 *
 * @throws LoadError
 */
export function readEngineRule(node: YamlMapping, collection: Collection): void {
  const unnamed: ItemValues = new ItemValues(node, { kind: 'rule', name: '' });
  const item = { kind: 'rule', name: unnamed.text('name') } as const;
  const values: ItemValues = new ItemValues(node, item);
  collection.warnUnknownKeys(node, ['name', 'conditions', 'event'], item);
  const event = node.get('event')?.value;
  const params = event?.kind === 'mapping' ? event.get('params')?.value : undefined;
  if (event?.kind !== 'mapping' || params?.kind !== 'mapping')
    values.fail('the event of a rule needs params: desc, output and priority', event ?? node);
  collection.warnUnknownKeys(event, ['type', 'params'], item);
  const entries = [...renamed(node, 'name', 'rule'), ...renamed(node, 'conditions', 'condition')];
  for (const entry of params.entries) {
    if (entry.key === 'rule' || entry.key === 'condition')
      values.fail(`'${entry.key}' is no parameter of an event`, entry.keyNode);
    entries.push(entry);
  }
  const get = (key: string) => entries.find((entry) => entry.key === key);
  readRule(new ItemValues({ ...node, entries, get }, item), collection);
}

// The engine hands events to listeners by their type; ours are all of one.
const EVENT_TYPE = 'alert';

function renamed(node: YamlMapping, from: string, to: string): YamlEntry[] {
  const entry = node.get(from);
  return entry === undefined ? [] : [{ ...entry, key: to }];
}
