// The collection to rules: lists replaced, conditions parsed, macros put in, everything checked.
// The whole collection is compiled again after every file, because later files change earlier items.

import {
  type AppendOutput,
  appendedTo,
  type ExtraField,
  SUGGESTED_OUTPUT,
} from './append-output.js';
import { type Expression, eachCheck, eachField, type Position } from './ast.js';
import { canonicalText } from './canonical.js';
import { type ConditionProblem, checkCondition, checkOutput } from './check.js';
import type { Collection, MacroInfo, RuleInfo } from './collection.js';
import {
  type Diagnostic,
  errorDiagnostic,
  LoadError,
  type Spot,
  spotOf,
  type WarningCode,
  warning,
} from './diagnostics.js';
import { type EventTypes, eventTypes } from './event-types.js';
import { EVENTS } from './events.js';
import { comparedFields, withExceptions } from './exceptions.js';
import { parseFormat } from './format.js';
import { ConditionError } from './lexer.js';
import { ExpansionError, ListTable } from './lists.js';
import { type MacroDefinition, MacroError, MacroTable } from './macros.js';
import { nearestName } from './nearest.js';
import { parseCondition, RULE_MAX_DEPTH } from './parser.js';
import type { Edit, Passage } from './passage.js';
import type { Rule } from './rule.js';

export interface CompileOptions {
  appendOutput: readonly AppendOutput[];
  /** Leave out what is wrong and go on; otherwise the first error ends it. */
  skipInvalid: boolean;
}

/** What came of a collection. */
export interface Compiled {
  rules: Rule[];
  /** Items by list name, lists in lists resolved. */
  lists: ReadonlyMap<string, readonly string[]>;
  macros: ReadonlyMap<string, Expression>;
  errors: Diagnostic[];
  warnings: Diagnostic[];
}

/** Compiles collections; keeps what it parsed for the next time. */
export class Compiler {
  private readonly options: CompileOptions;
  private readonly parsed = new Map<string, Expression>();
  private readonly facts = new WeakMap<Expression, Facts>();

  constructor(options: CompileOptions) {
    this.options = options;
  }

  compile(collection: Collection): Compiled {
    return new Compilation(collection, this.options, this.parsed, this.facts).run();
  }
}

/** What follows from an expanded condition alone. */
interface Facts {
  problems: ConditionProblem[];
  text: string;
}

const DEPRECATED = new Set([
  'evt.dir',
  'evt.latency',
  'evt.latency.s',
  'evt.latency.ns',
  'evt.latency.human',
  'evt.wait_latency',
]);
const CONTAINER_INFO = '%container.info';
const UNSAFE_FIELD = /^(?:ka|jevt)\./;
const UNSAFE_OPERATORS = new Set(['=', '==', '!=', 'in', 'intersects', 'pmatch']);
const UNKNOWN = new Set(['unknown-field', 'unknown-event-type']);

// A rule is said to match too many event types above this number of event codes; each name has two.
const MAX_EVENT_CODES = 100;

class Compilation {
  private readonly collection: Collection;
  private readonly options: CompileOptions;
  private readonly parsed: Map<string, Expression>;
  private readonly facts: WeakMap<Expression, Facts>;
  private readonly errors: Diagnostic[] = [];
  private readonly warnings: Diagnostic[] = [];
  private readonly macroTexts = new Map<string, Passage>();
  private lists = new ListTable([]);
  private macros = new MacroTable([]);

  constructor(
    collection: Collection,
    options: CompileOptions,
    parsed: Map<string, Expression>,
    facts: WeakMap<Expression, Facts>,
  ) {
    this.collection = collection;
    this.options = options;
    this.parsed = parsed;
    this.facts = facts;
  }

  run(): Compiled {
    const rules: Rule[] = [];
    try {
      this.compileLists();
      this.compileMacros();
      for (const info of this.collection.rules.values()) {
        if (info.unknownSource) continue;
        const rule = this.guarded(() => this.compileRule(info));
        if (rule !== undefined) rules.push(rule);
      }
      this.warnUnused();
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      this.errors.push(errorDiagnostic(error));
    }
    const { errors, warnings } = this;
    return { rules, lists: this.lists.items, macros: this.macros.resolved, errors, warnings };
  }

  // With `skipInvalid` an error leaves out one item only.
  private guarded<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof LoadError) || !this.options.skipInvalid) throw error;
      this.errors.push(errorDiagnostic(error));
      return undefined;
    }
  }

  private warn(code: WarningCode, message: string, spot: Spot, suggestion?: string): void {
    this.warnings.push(warning(code, message, spot, suggestion));
  }

  private compileLists(): void {
    try {
      this.lists = new ListTable([...this.collection.lists.values()]);
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error;
      const [list] = this.collection.lists.values();
      if (list === undefined) throw error;
      const spot = spotOf(list.node, { kind: 'list', name: list.name });
      throw new LoadError('LOAD_ERR_VALIDATE', error.message, spot);
    }
  }

  private compileMacros(): void {
    const definitions: MacroDefinition[] = [];
    for (const macro of this.collection.macros.values()) {
      const condition = this.guarded(() =>
        this.parse(macro.condition, macroSpot(macro), macro.name),
      );
      if (condition !== undefined) definitions.push({ ...macro, condition });
    }
    this.macros = new MacroTable(definitions);
    for (const definition of definitions) {
      const info = this.collection.macros.get(definition.name);
      if (info === undefined) continue;
      const done = this.guarded(() =>
        this.located(macroSpot(info), info.condition, () => this.macros.resolve(definition)),
      );
      if (done === undefined) this.macros.drop(definition.name);
    }
  }

  private parse(passage: Passage, owner: Spot, macro?: string): Expression {
    return this.located(owner, passage, () => {
      const expanded = this.lists.expand(passage);
      if (macro !== undefined) this.macroTexts.set(macro, expanded);
      const key = macro === undefined ? expanded.text : `${macro}\0${expanded.text}`;
      const known = this.parsed.get(key);
      if (known !== undefined) return known;
      return this.located(owner, expanded, () => {
        const expression = parseCondition(expanded.text, { maxDepth: RULE_MAX_DEPTH, macro });
        this.parsed.set(key, expression);
        return expression;
      });
    });
  }

  // Turns the errors of a condition, which know places in its text, into errors that know the file.
  private located<T>(owner: Spot, passage: Passage, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof ConditionError) {
        const spot = this.spotAt(owner, passage, error.at, error.length);
        throw new LoadError('LOAD_ERR_COMPILE_CONDITION', error.message, spot);
      }
      if (error instanceof MacroError) {
        const spot = this.spotAt(owner, passage, error.at);
        const suggestion = this.suggestMacro(error.unknown);
        throw new LoadError('LOAD_ERR_VALIDATE', error.message, spot, suggestion);
      }
      if (error instanceof ExpansionError) {
        throw new LoadError('LOAD_ERR_VALIDATE', error.message, owner);
      }
      throw error;
    }
  }

  private suggestMacro(unknown: string | undefined): string | undefined {
    if (unknown === undefined) return undefined;
    if (this.collection.lists.has(unknown)) return `the list: 'in (${unknown})'`;
    return nearestName(unknown, this.collection.macros.keys());
  }

  private spotAt(owner: Spot, passage: Passage, at: Position, length?: number): Spot {
    const text = at.macro === undefined ? passage : (this.macroTexts.get(at.macro) ?? passage);
    const above = [...(owner.above ?? [])];
    above.push({ kind: owner.kind ?? 'rule', name: owner.item?.name ?? '', origin: owner.origin });
    above.push({
      kind: at.macro === undefined ? 'condition' : `macro '${at.macro}' condition`,
      name: '',
      origin: text.origin(0),
    });
    const word = /^[\w.]+|^\S/.exec(text.text.slice(at.offset, at.offset + 100))?.[0] ?? '';
    return {
      origin: text.origin(at.offset),
      length: length !== undefined && length > 1 ? length : Math.max(1, word.length),
      item: owner.item,
      above,
      kind: 'condition expression',
    };
  }

  private compileRule(info: RuleInfo): Rule | undefined {
    const spot = spotOf(info.node, info.item);
    const tags = [...new Set(info.tags)].sort();
    const appended = appendedTo({ ...info, tags }, this.options.appendOutput);
    const output = this.compileOutput(info, spot, appended);
    if (output === undefined) return undefined;
    const extraFields = this.compileExtraFields(info, spot, appended);
    const hasExceptions = info.exceptions.length > 0;
    const passage = hasExceptions
      ? withExceptions(info.condition, info.exceptions)
      : info.condition;
    const parsed = this.parse(passage, spot);
    const expanded = this.lists.expand(passage);
    const condition = this.located(spot, expanded, () => this.macros.expand(parsed));
    this.warnDeprecated(condition, spot, expanded);
    const facts = this.factsOf(condition);
    if (!this.passes(info, facts.problems, spot, expanded)) return undefined;
    const events = this.located(spot, expanded, () => eventTypes(condition));
    if (info.source === 'syscall' && info.warnEventTypes && codes(events) > MAX_EVENT_CODES) {
      const message = 'the condition matches too many event types: restrict evt.type';
      this.warn('LOAD_NO_EVTTYPE', message, spot);
    }
    return {
      name: info.name,
      condition,
      conditionText: facts.text,
      output,
      desc: info.desc,
      priority: info.priority,
      tags,
      source: info.source,
      enabled: info.enabled,
      events: withAsyncEvent(events),
      exceptionFields: [...new Set(info.exceptions.flatMap(comparedFields))].sort(),
      exceptionNames: info.exceptions.map((exception) => exception.name),
      extraFields,
      warnEventTypes: info.warnEventTypes,
      capture: info.capture,
      captureDurationMs: info.captureDurationMs,
      action: info.action,
      onError: info.onError,
      place: info.node.source.place(info.node.start),
    };
  }

  private factsOf(condition: Expression): Facts {
    const known = this.facts.get(condition);
    if (known !== undefined) return known;
    const facts = { problems: checkCondition(condition), text: canonicalText(condition) };
    this.facts.set(condition, facts);
    return facts;
  }

  // False when the rule is left out because it needs fields or events that we do not know.
  private passes(
    info: RuleInfo,
    problems: readonly ConditionProblem[],
    spot: Spot,
    passage: Passage,
  ): boolean {
    const error = problems.find((problem) => problem.severity === 'error');
    if (error !== undefined) {
      const at = this.spotAt(spot, passage, error.at);
      if (!UNKNOWN.has(error.class) || !info.skipIfUnknownFilter) {
        throw new LoadError('LOAD_ERR_COMPILE_CONDITION', error.message, at, error.suggestion);
      }
      this.warn('LOAD_UNKNOWN_FILTER', error.message, at, error.suggestion);
      return false;
    }
    for (const problem of problems) {
      const at = this.spotAt(spot, passage, problem.at);
      this.warn('LOAD_COMPILE_CONDITION', problem.message, at, problem.suggestion);
    }
    return true;
  }

  private warnDeprecated(condition: Expression, spot: Spot, passage: Passage): void {
    const seen = new Set<string>();
    eachCheck(condition, ({ left, operator, right, at }) => {
      const note = (field: { name: string; at: Position }) => {
        if (!DEPRECATED.has(field.name) || seen.has(field.name)) return;
        seen.add(field.name);
        const message = `the field '${field.name}' is deprecated`;
        this.warn('LOAD_DEPRECATED_ITEM', message, this.spotAt(spot, passage, field.at));
      };
      eachField(left, note);
      if (right?.kind === 'transformer') eachField(right, note);
      const values =
        right?.kind === 'list' ? right.values : right?.kind === 'value' ? [right.value] : [];
      if (left.kind !== 'field' || !UNSAFE_FIELD.test(left.name)) return;
      if (!UNSAFE_OPERATORS.has(operator) || !values.includes('<NA>')) return;
      const message = "comparing with <NA> is unsafe: use 'exists'";
      this.warn('LOAD_UNSAFE_NA_CHECK', message, this.spotAt(spot, passage, at));
    });
  }

  private compileOutput(
    info: RuleInfo,
    spot: Spot,
    appended: readonly AppendOutput[],
  ): string | undefined {
    let passage = info.output;
    for (const { extraOutput, suggestedOutput } of appended) {
      if (extraOutput) passage = passage.wrap('', ` ${extraOutput}`);
      if (suggestedOutput) passage = passage.wrap('', ` ${SUGGESTED_OUTPUT}`);
    }
    if (passage.text.includes(CONTAINER_INFO)) {
      const message = `${CONTAINER_INFO} is deprecated and removed from the output`;
      this.warn('LOAD_DEPRECATED_ITEM', message, outputSpot(info, spot, passage, 0));
      passage = without(passage, CONTAINER_INFO);
    }
    const [problem] = passage.text === '' ? [EMPTY_OUTPUT] : checkOutput(passage.text);
    if (problem !== undefined) {
      const at = outputSpot(info, spot, passage, problem.offset, problem.length);
      if (!info.skipIfUnknownFilter) {
        throw new LoadError('LOAD_ERR_COMPILE_OUTPUT', problem.message, at, problem.suggestion);
      }
      this.warn('LOAD_UNKNOWN_FILTER', problem.message, at, problem.suggestion);
      return undefined;
    }
    this.warnDeprecatedOutput(info, spot, passage);
    return passage.text;
  }

  private warnDeprecatedOutput(info: RuleInfo, spot: Spot, passage: Passage): void {
    const parts = parseFormat(passage.text);
    const seen = new Set<string>();
    for (const part of Array.isArray(parts) ? parts : []) {
      if (part.kind !== 'placeholder') continue;
      eachField(part.operand, ({ name }) => {
        if (!DEPRECATED.has(name) || seen.has(name)) return;
        seen.add(name);
        const at = outputSpot(info, spot, passage, part.offset, name.length + 1);
        this.warn('LOAD_DEPRECATED_ITEM', `the field '${name}' is deprecated`, at);
      });
    }
  }

  private compileExtraFields(
    info: RuleInfo,
    spot: Spot,
    appended: readonly AppendOutput[],
  ): ExtraField[] {
    const fields = new Map<string, ExtraField>();
    for (const field of appended.flatMap((entry) => entry.extraFields ?? [])) {
      const [problem] = checkOutput(field.raw ? `%${field.format}` : field.format);
      if (problem !== undefined) {
        const message = `append_output, field '${field.key}': ${problem.message}`;
        throw new LoadError(
          'LOAD_ERR_COMPILE_OUTPUT',
          message,
          outputSpot(info, spot, info.output, 0),
        );
      }
      fields.set(field.key, field);
    }
    return [...fields.values()];
  }

  private warnUnused(): void {
    for (const name of this.macros.unused()) {
      const macro = this.collection.macros.get(name);
      if (macro === undefined) continue;
      this.warn('LOAD_UNUSED_MACRO', 'no rule and no macro uses this macro', macroSpot(macro));
    }
    for (const name of this.lists.unused()) {
      const list = this.collection.lists.get(name);
      if (list === undefined) continue;
      const spot = spotOf(list.node, { kind: 'list', name });
      this.warn('LOAD_UNUSED_LIST', 'no rule, macro or list uses this list', spot);
    }
  }
}

const EMPTY_OUTPUT = {
  message: 'the output is empty',
  offset: 0,
  length: 1,
  suggestion: undefined,
};

function macroSpot(macro: MacroInfo): Spot {
  return spotOf(macro.node, { kind: 'macro', name: macro.name });
}

function outputSpot(
  info: RuleInfo,
  owner: Spot,
  passage: Passage,
  offset: number,
  length = 1,
): Spot {
  const above = [{ kind: 'rule', name: info.name, origin: owner.origin }];
  return { origin: passage.origin(offset), length, item: info.item, above, kind: 'rule output' };
}

function without(passage: Passage, removed: string): Passage {
  const pieces = passage.text.split(removed);
  const edits: Edit[] = [];
  let start = 0;
  for (const piece of pieces.slice(0, -1)) {
    start += piece.length;
    edits.push({ start, removed: removed.length, length: 0, name: start });
  }
  return passage.edited(pieces.join(''), edits);
}

function codes(events: EventTypes): number {
  return 2 * (events.complement ? EVENTS.length - events.names.size : events.names.size);
}

function withAsyncEvent(events: EventTypes): EventTypes {
  const names = new Set(events.names);
  if (events.complement) names.delete('asyncevent');
  else names.add('asyncevent');
  return { complement: events.complement, names };
}
