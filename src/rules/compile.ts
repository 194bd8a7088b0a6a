// The collection to rules: every condition expanded, everything checked. The whole collection is
// compiled again after every file, because later files change earlier items.

import { type AppendOutput, appendedTo } from './append-output.js';
import type { Expression } from './ast.js';
import { canonicalText } from './canonical.js';
import { checkCondition } from './check.js';
import type { Collection, RuleInfo } from './collection.js';
import { Conditions, type Expanded, type Guard, macroSpot } from './conditions.js';
import { discouraged } from './deprecated.js';
import {
  type Diagnostic,
  errorDiagnostic,
  LoadError,
  type Spot,
  spotOf,
  warning,
} from './diagnostics.js';
import type { EventTypes } from './event-types.js';
import { EVENTS } from './events.js';
import { comparedFields, withExceptions } from './exceptions.js';
import { asksFacts } from './facts.js';
import type { ConditionProblem } from './problem.js';
import type { Rule } from './rule.js';
import { compileExtraFields, compileOutput, type Warn } from './rule-output.js';

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

/** Compiles collections; keeps what it parsed and checked for the next time. */
export class Compiler {
  private readonly options: CompileOptions;
  private readonly parsed = new Map<string, Expression>();
  private readonly facts = new WeakMap<Expression, Facts>();

  constructor(options: CompileOptions) {
    this.options = options;
  }

  /** Never throws for what is in the collection. */
  compile(collection: Collection): Compiled {
    const conditions = new Conditions(collection, this.parsed);
    const rules: Rule[] = [];
    const errors: Diagnostic[] = [];
    const warnings: Diagnostic[] = [];
    const warn: Warn = (code, message, spot, suggestion) => {
      warnings.push(warning(code, message, spot, suggestion));
    };
    // With `skipInvalid` an error leaves out one item only.
    const guard: Guard = (work) => {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof LoadError) || !this.options.skipInvalid) throw error;
        errors.push(errorDiagnostic(error));
        return undefined;
      }
    };
    try {
      conditions.prepare(guard);
      for (const info of collection.rules.values()) {
        if (info.unknownSource) continue;
        const rule = guard(() => this.rule(info, conditions, warn));
        if (rule !== undefined) rules.push(rule);
      }
      warnUnused(collection, conditions, warn);
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      errors.push(errorDiagnostic(error));
    }
    const { lists, macros } = conditions;
    return { rules, lists: lists.items, macros: macros.resolved, errors, warnings };
  }

  // `undefined` when the rule asks to be left out where we do not know a field or an event.
  private rule(info: RuleInfo, conditions: Conditions, warn: Warn): Rule | undefined {
    const spot = spotOf(info.node, info.item);
    const tags = [...new Set(info.tags)].sort();
    const appended = appendedTo({ ...info, tags }, this.options.appendOutput);
    const output = compileOutput(info, appended, warn);
    if (output === undefined) return undefined;
    const extraFields = compileExtraFields(info, appended);
    const expanded = conditions.expand(conditionOf(info), spot);
    const { problems, text } = this.factsOf(expanded.condition);
    const place = (at: ConditionProblem['at']) => conditions.spotAt(spot, expanded.passage, at);
    for (const { code, message, at } of discouraged(expanded.condition)) {
      warn(code, message, place(at));
    }
    if (!passes(info, problems, place, warn)) return undefined;
    const events = inferEvents(info, expanded, conditions, spot, warn);
    if (info.action === 'kill')
      refuseKill(info, events, asksFacts({ condition: expanded.condition, output, extraFields }));
    return {
      name: info.name,
      condition: expanded.condition,
      conditionText: text,
      output,
      desc: info.desc,
      priority: info.priority,
      tags,
      source: info.source,
      enabled: info.enabled,
      events,
      exceptionFields: [...new Set(info.exceptions.flatMap(comparedFields))].sort(),
      exceptionNames: info.exceptions.map((exception) => exception.name),
      extraFields,
      warnEventTypes: info.warnEventTypes,
      capture: info.capture,
      captureDurationMs: info.captureDurationMs,
      action: info.action,
      onError: info.onError,
      ...(info.rateLimit === undefined ? {} : { rateLimit: info.rateLimit }),
      ...(info.dedup === undefined ? {} : { dedup: info.dedup }),
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
}

/** What follows from an expanded condition alone. */
interface Facts {
  problems: ConditionProblem[];
  text: string;
}

const UNKNOWN = new Set(['unknown-field', 'unknown-event-type']);

// Above this number of event codes a rule is said to match too many; each name has two.
const MAX_EVENT_CODES = 100;

function conditionOf(info: RuleInfo) {
  if (info.exceptions.length === 0) return info.condition;
  return withExceptions(info.condition, info.exceptions);
}

function passes(
  info: RuleInfo,
  problems: readonly ConditionProblem[],
  place: (at: ConditionProblem['at']) => Spot,
  warn: Warn,
): boolean {
  const error = problems.find((problem) => problem.severity === 'error');
  if (error !== undefined) {
    const { message, suggestion } = error;
    if (!UNKNOWN.has(error.class) || !info.skipIfUnknownFilter) {
      throw new LoadError('LOAD_ERR_COMPILE_CONDITION', message, place(error.at), suggestion);
    }
    warn('LOAD_UNKNOWN_FILTER', message, place(error.at), suggestion);
    return false;
  }
  for (const { message, at, suggestion } of problems) {
    warn('LOAD_COMPILE_CONDITION', message, place(at), suggestion);
  }
  return true;
}

// What an action could never reach in time is no action.
function refuseKill(info: RuleInfo, events: EventTypes, asks: boolean): void {
  const refuse = (why: string): never => {
    const node = info.node.get('action')?.value ?? info.node;
    throw new LoadError(
      'LOAD_ERR_VALIDATE',
      `'action: kill' is refused: ${why}`,
      spotOf(node, info.item),
    );
  };
  if (info.source !== 'syscall') refuse(`events of the source '${info.source}' have no process`);
  if (!events.complement && events.names.has('procexit'))
    refuse("at the event 'procexit' the process has ended; use 'action: notify'");
  if (asks)
    refuse(
      "a hash or a list is looked up first, and the process may be gone; use 'action: notify'",
    );
}

function inferEvents(
  info: RuleInfo,
  expanded: Expanded,
  conditions: Conditions,
  spot: Spot,
  warn: Warn,
): EventTypes {
  const { complement, names } = conditions.eventTypes(expanded, spot);
  const codes = 2 * (complement ? EVENTS.length - names.size : names.size);
  if (info.source === 'syscall' && info.warnEventTypes && codes > MAX_EVENT_CODES) {
    const message = 'the condition matches too many event types: restrict evt.type';
    warn('LOAD_NO_EVTTYPE', message, spot);
  }
  const withAsync = new Set(names);
  if (complement) withAsync.delete('asyncevent');
  else withAsync.add('asyncevent');
  return { complement, names: withAsync };
}

function warnUnused(collection: Collection, conditions: Conditions, warn: Warn): void {
  for (const name of conditions.macros.unused()) {
    const macro = collection.macros.get(name);
    if (macro === undefined) continue;
    warn('LOAD_UNUSED_MACRO', 'no rule and no macro uses this macro', macroSpot(macro));
  }
  for (const name of conditions.lists.unused()) {
    const list = collection.lists.get(name);
    if (list === undefined) continue;
    const spot = spotOf(list.node, { kind: 'list', name });
    warn('LOAD_UNUSED_LIST', 'no rule, macro or list uses this list', spot);
  }
}
