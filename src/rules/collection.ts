// All lists, macros and rules of the files read so far, before they are compiled. Later items may
// redefine, extend or replace parts of earlier ones.

import {
  type Diagnostic,
  type ItemRef,
  LoadError,
  type Spot,
  spotOf,
  type WarningCode,
  warning,
} from './diagnostics.js';
import { type Exception, isGiven, validateException } from './exceptions.js';
import type { ListDefinition } from './lists.js';
import { nearestName } from './nearest.js';
import { Passage } from './passage.js';
import type { Action, OnError } from './rule.js';
import type { Dedup, RateLimit } from './shape.js';
import {
  compareVersions,
  ENGINE_VERSION,
  isCompatible,
  type PluginRequirement,
} from './versions.js';
import type { YamlMapping } from './yaml-tree.js';

export interface ListInfo extends ListDefinition {
  items: string[];
  node: YamlMapping;
}

export interface MacroInfo {
  name: string;
  condition: Passage;
  node: YamlMapping;
  index: number;
  visibility: number;
}

export interface RuleInfo extends RuleParts {
  name: string;
  item: ItemRef;
  node: YamlMapping;
  source: string;
  /** Its source is not loaded: kept, but never compiled. */
  unknownSource: boolean;
}

/** What a rule item can define, append to or replace. */
export interface RuleParts {
  condition: Passage;
  output: Passage;
  desc: string;
  priority: number;
  tags: string[];
  enabled: boolean;
  warnEventTypes: boolean;
  skipIfUnknownFilter: boolean;
  capture: boolean;
  captureDurationMs: number | undefined;
  exceptions: Exception[];
  action: Action;
  onError: OnError | undefined;
  rateLimit: RateLimit | undefined;
  dedup: Dedup | undefined;
}

/** The part of a rule item that is appended to or replaces parts of an earlier one. */
export interface RuleUpdate {
  name: string;
  item: ItemRef;
  node: YamlMapping;
  source: string | undefined;
  parts: Partial<RuleParts>;
}

export interface CollectionOptions {
  sources: readonly string[];
  /** False for a field text that the source `syscall` does not have. */
  knowsField(text: string): boolean;
}

/** Collects items; throws LoadError with LOAD_ERR_VALIDATE for those that do not fit the others. */
export class Collection {
  readonly lists = new Map<string, ListInfo>();
  readonly macros = new Map<string, MacroInfo>();
  readonly rules = new Map<string, RuleInfo>();
  readonly pluginRequirements: PluginRequirement[] = [];
  /** The highest version asked for. */
  engineVersion: string | undefined;
  /** Warnings of the items, in the order they were read; the reader takes them. */
  warnings: Diagnostic[] = [];
  private readonly options: CollectionOptions;
  private next = 0;

  constructor(options: CollectionOptions) {
    this.options = options;
  }

  /** False for a text that is no field. */
  knowsField(text: string): boolean {
    return this.options.knowsField(text);
  }

  warn(code: WarningCode, message: string, spot: Spot, suggestion?: string): void {
    this.warnings.push(warning(code, message, spot, suggestion));
  }

  /** Warns of every key of an item that means nothing. */
  warnUnknownKeys(mapping: YamlMapping, known: readonly string[], item: ItemRef): void {
    for (const { key, keyNode } of mapping.entries) {
      if (known.includes(key)) continue;
      const message = `unknown key '${key}' is ignored`;
      this.warn('LOAD_UNKNOWN_KEY', message, spotOf(keyNode, item), nearestName(key, known));
    }
  }

  requireEngine(version: string, spot: Spot): void {
    if (!isCompatible(ENGINE_VERSION, version)) {
      const message = `this file needs rule language version ${version}, we have ${ENGINE_VERSION}`;
      throw new LoadError('LOAD_ERR_VALIDATE', message, spot);
    }
    if (this.engineVersion === undefined || compareVersions(this.engineVersion, version) < 0) {
      this.engineVersion = version;
    }
  }

  defineList(name: string, items: string[], node: YamlMapping): void {
    const index = this.lists.get(name)?.index ?? this.next;
    this.lists.set(name, { name, items, node, index, visibility: this.next++ });
  }

  appendList(name: string, items: string[], spot: Spot): void {
    const list = this.lists.get(name) ?? this.missing('list', name, this.lists, spot);
    for (const item of items) list.items.push(item);
    list.visibility = this.next++;
  }

  defineMacro(name: string, condition: Passage, node: YamlMapping): void {
    const index = this.macros.get(name)?.index ?? this.next;
    this.macros.set(name, { name, condition, node, index, visibility: this.next++ });
  }

  appendMacro(name: string, condition: Passage, spot: Spot): void {
    const macro = this.macros.get(name) ?? this.missing('macro', name, this.macros, spot);
    macro.condition = Passage.join([macro.condition, condition], ' ');
    macro.visibility = this.next++;
  }

  defineRule(rule: RuleInfo): void {
    const spot = spotOf(rule.node, rule.item);
    const previous = this.rules.get(rule.name);
    if (previous !== undefined && previous.source !== rule.source) {
      const message = `rule '${rule.name}' was defined for another source, '${previous.source}'`;
      throw new LoadError('LOAD_ERR_VALIDATE', message, spot);
    }
    rule.unknownSource = !this.options.sources.includes(rule.source);
    if (rule.unknownSource) {
      this.warn('LOAD_UNKNOWN_SOURCE', `unknown source '${rule.source}': rule left out`, spot);
    }
    for (const exception of rule.exceptions) this.validate(rule, exception);
    this.next++;
    this.rules.set(rule.name, rule);
  }

  appendRule(update: RuleUpdate): void {
    const rule = this.target(update);
    const { parts } = update;
    if (parts.condition !== undefined) {
      rule.condition = Passage.join([rule.condition, parts.condition], ' ');
    }
    if (parts.output !== undefined) rule.output = Passage.join([rule.output, parts.output], ' ');
    if (parts.desc !== undefined) rule.desc += ` ${parts.desc}`;
    if (parts.tags !== undefined) rule.tags.push(...parts.tags);
    for (const exception of parts.exceptions ?? []) this.appendException(rule, exception);
    this.next++;
  }

  /** An `append: true` without anything that can be appended. */
  refuseEmptyAppend(update: RuleUpdate): never {
    const rule = this.target(update);
    const message = `rule '${rule.name}': 'append' needs a condition or exceptions`;
    throw new LoadError('LOAD_ERR_VALIDATE', message, spotOf(update.node, update.item));
  }

  replaceInRule(update: RuleUpdate): void {
    const rule = this.target(update);
    for (const exception of update.parts.exceptions ?? []) this.validate(rule, exception);
    Object.assign(rule, update.parts);
    this.next++;
  }

  switchRule(name: string, enabled: boolean, spot: Spot): void {
    const rule = this.rules.get(name) ?? this.missing('rule', name, this.rules, spot);
    rule.enabled = enabled;
  }

  private target(update: RuleUpdate): RuleInfo {
    const spot = spotOf(update.node, update.item);
    const rule = this.rules.get(update.name) ?? this.missing('rule', update.name, this.rules, spot);
    if (update.source !== undefined && update.source !== rule.source) {
      const message = `rule '${rule.name}' was defined for another source, '${rule.source}'`;
      throw new LoadError('LOAD_ERR_VALIDATE', message, spot);
    }
    return rule;
  }

  private appendException(rule: RuleInfo, exception: Exception): void {
    const previous = rule.exceptions.find((one) => one.name === exception.name);
    const refuse = (problem: string): never => {
      const message = `exception '${exception.name}' ${problem}`;
      throw new LoadError('LOAD_ERR_VALIDATE', message, spotOf(exception.node, exception.item));
    };
    if (previous === undefined) {
      if (!isGiven(exception.fields)) refuse("is new and needs 'fields'");
      if (exception.values.length === 0) refuse("is new and needs 'values'");
      this.validate(rule, exception);
      rule.exceptions.push(exception);
      return;
    }
    if (isGiven(exception.fields))
      refuse("exists already: only 'values' can be added, no 'fields'");
    if (isGiven(exception.comps)) refuse("exists already: only 'values' can be added, no 'comps'");
    for (const value of exception.values) previous.values.push(value);
  }

  private validate(rule: RuleInfo, exception: Exception): void {
    const knowsField = (text: string) => rule.unknownSource || this.options.knowsField(text);
    validateException(exception, knowsField);
  }

  private missing(
    kind: string,
    name: string,
    known: ReadonlyMap<string, unknown>,
    spot: Spot,
  ): never {
    const message = `there is no earlier ${kind} '${name}' to change`;
    throw new LoadError('LOAD_ERR_VALIDATE', message, spot, nearestName(name, known.keys()));
  }
}
