// A rule item: defines a rule, changes parts of an earlier one, or only switches it on or off.

import type { Collection, RuleParts, RuleUpdate } from './collection.js';
import { readCondition } from './condition-tree.js';
import { spotOf } from './diagnostics.js';
import { type Exception, readExceptions } from './exceptions.js';
import { type Override, RULE_APPEND_KEYS, RULE_REPLACE_KEYS, readOverride } from './override.js';
import { Passage } from './passage.js';
import { ACTIONS, type Action, ON_ERROR, type OnError, parsePriority } from './rule.js';
import { readDedup, readRateLimit } from './shape.js';
import type { ItemValues } from './yaml-values.js';

/**
 * Reads a rule item into the collection.
 *
 * @throws LoadError
 */
export function readRule(values: ItemValues, collection: Collection): void {
  const { mapping, item } = values;
  collection.warnUnknownKeys(mapping, RULE_KEYS, item);
  const override = readOverride(values, RULE_APPEND_KEYS, RULE_REPLACE_KEYS, collection);
  if (override.append.size > 0 || override.replace.size > 0) {
    readOverridden(values, override, collection);
  } else if (override.appendFlag) {
    readAppended(values, collection);
  } else if (REQUIRED_KEYS.some((key) => values.has(key))) {
    readDefinition(values, collection);
  } else {
    readSwitch(values, collection);
  }
}

const REQUIRED_KEYS = ['condition', 'output', 'desc', 'priority'];
const RULE_KEYS = ['rule', 'source', 'append', 'override', ...RULE_REPLACE_KEYS];

function readDefinition(values: ItemValues, collection: Collection): void {
  const { mapping, item } = values;
  const condition = readCondition(values);
  const output = values.scalar('output');
  const trimmed = output.text.trim();
  const desc = values.text('desc');
  const priority = readPriority(values);
  collection.defineRule({
    name: item.name,
    item,
    node: mapping,
    condition,
    output: Passage.of(output, trimmed, output.text.indexOf(trimmed)),
    desc,
    priority,
    source: values.optionalText('source') ?? 'syscall',
    unknownSource: false,
    enabled: values.boolean('enabled') ?? true,
    warnEventTypes: values.boolean('warn_evttypes') ?? true,
    skipIfUnknownFilter: values.boolean('skip-if-unknown-filter') ?? false,
    capture: values.boolean('capture') ?? false,
    captureDurationMs: values.unsigned('capture_duration'),
    tags: values.texts('tags') ?? [],
    action: readAction(values) ?? 'notify',
    onError: readOnError(values),
    rateLimit: readRateLimit(values),
    dedup: readDedup(values, (text) => collection.knowsField(text)),
    exceptions: uniqueExceptions(readExceptions(values, true), values, collection),
  });
}

function readSwitch(values: ItemValues, collection: Collection): void {
  const enabled = values.boolean('enabled');
  if (enabled === undefined) {
    values.fail(`a rule needs ${REQUIRED_KEYS.join(', ')}; or 'enabled' alone`, values.mapping);
  }
  const spot = spotOf(values.mapping, values.item);
  const message = "a rule item with 'enabled' alone is deprecated: use 'override'";
  collection.warn('LOAD_DEPRECATED_ITEM', message, spot);
  collection.switchRule(values.item.name, enabled, spot);
}

function readAppended(values: ItemValues, collection: Collection): void {
  const parts: Partial<RuleParts> = {};
  if (values.has('condition')) parts.condition = readCondition(values);
  if (values.has('exceptions')) parts.exceptions = readAppendedExceptions(values, collection);
  const update = updateOf(values, parts);
  if (parts.condition === undefined && parts.exceptions === undefined) {
    collection.refuseEmptyAppend(update);
  }
  collection.appendRule(update);
}

// Appends are applied before replaces are looked at; of both, one key after the other.
function readOverridden(values: ItemValues, override: Override, collection: Collection): void {
  const left = new Set<string>(RULE_REPLACE_KEYS.filter((key) => values.has(key)));
  const present = (key: string) => {
    if (!left.delete(key)) {
      values.fail(`'override' names '${key}', but the item has no such key`, values.mapping);
    }
  };
  if (override.append.size > 0) {
    const parts: Partial<RuleParts> = {};
    for (const key of ['condition', 'exceptions', 'output', 'desc', 'tags'] as const) {
      if (!override.append.has(key)) continue;
      present(key);
      if (key === 'exceptions') parts.exceptions = readAppendedExceptions(values, collection);
      else readPart(values, key, parts, collection);
    }
    collection.appendRule(updateOf(values, parts));
  }
  if (override.replace.size > 0) {
    const parts: Partial<RuleParts> = {};
    for (const key of RULE_REPLACE_KEYS) {
      if (!override.replace.has(key)) continue;
      present(key);
      if (key === 'exceptions') {
        parts.exceptions = uniqueExceptions(readExceptions(values, true), values, collection);
      } else {
        readPart(values, key, parts, collection);
      }
    }
    collection.replaceInRule(updateOf(values, parts));
  }
  for (const key of left) {
    const node = values.mapping.get(key)?.keyNode ?? values.mapping;
    values.fail(`'${key}' is given, but 'override' does not say what to do with it`, node);
  }
}

type PlainKey = Exclude<(typeof RULE_REPLACE_KEYS)[number], 'exceptions'>;

function readPart(
  values: ItemValues,
  key: PlainKey,
  parts: Partial<RuleParts>,
  collection: Collection,
): void {
  switch (key) {
    case 'condition':
      parts.condition = readCondition(values);
      break;
    case 'output':
      parts.output = Passage.of(values.scalar('output'));
      break;
    case 'desc':
      parts.desc = values.text('desc');
      break;
    case 'tags':
      parts.tags = values.texts('tags');
      break;
    case 'priority':
      parts.priority = readPriority(values);
      break;
    case 'enabled':
      parts.enabled = values.boolean('enabled');
      break;
    case 'warn_evttypes':
      parts.warnEventTypes = values.boolean('warn_evttypes');
      break;
    case 'skip-if-unknown-filter':
      parts.skipIfUnknownFilter = values.boolean('skip-if-unknown-filter');
      break;
    case 'capture':
      parts.capture = values.boolean('capture');
      break;
    case 'capture_duration':
      parts.captureDurationMs = values.unsigned('capture_duration');
      break;
    case 'action':
      parts.action = readAction(values);
      break;
    case 'on_error':
      parts.onError = readOnError(values);
      break;
    case 'rate_limit':
      parts.rateLimit = readRateLimit(values);
      break;
    case 'dedup':
      parts.dedup = readDedup(values, (text) => collection.knowsField(text));
      break;
  }
}

function updateOf(values: ItemValues, parts: Partial<RuleParts>): RuleUpdate {
  const { mapping, item } = values;
  const given = mapping.get('source')?.value;
  const source = given?.kind === 'scalar' && given.text !== '' ? given.text : undefined;
  return { name: item.name, item, node: mapping, source, parts };
}

function readPriority(values: ItemValues): number {
  const scalar = values.scalar('priority');
  const priority = parsePriority(scalar.text);
  if (priority !== undefined) return priority;
  return values.fail(
    'the priority must be one of emergency, alert, critical, error, warning, notice, ' +
      'informational (info), debug',
    scalar,
  );
}

function readAction(values: ItemValues): Action | undefined {
  return values.choice('action', ACTIONS);
}

function readOnError(values: ItemValues): OnError | undefined {
  return values.choice('on_error', ON_ERROR);
}

function readAppendedExceptions(values: ItemValues, collection: Collection): Exception[] {
  const exceptions = readExceptions(values, false);
  for (const exception of exceptions) {
    if (exception.hasValues) continue;
    const message = `exception '${exception.name}' has no values: nothing is added`;
    collection.warn('LOAD_APPEND_NO_VALUES', message, spotOf(exception.node, values.item));
  }
  return uniqueExceptions(exceptions, values, collection);
}

function uniqueExceptions(
  exceptions: Exception[],
  values: ItemValues,
  collection: Collection,
): Exception[] {
  const names = new Set<string>();
  for (const { name, node } of exceptions) {
    if (names.has(name)) {
      const message = `two exceptions of this rule are named '${name}'; both apply`;
      collection.warn('LOAD_EXCEPTION_NAME_NOT_UNIQUE', message, spotOf(node, values.item));
    }
    names.add(name);
  }
  return exceptions;
}
