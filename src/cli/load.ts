// Rules from files, checked as far as they can be without an event: the language, and whether
// anything fills the fields that they ask for. `saker validate` and the sensor load alike.
import { ENFORCEMENT_DEFAULTS, modeOf } from '../config/enforcement.js';
import { limitsOf } from '../config/shaping.js';
import { killText, type PlannedVerdicts, planVerdicts } from '../plan/verdicts.js';
import { seesHostPids } from '../respond/guard.js';
import { type Diagnostic, diagnosticText } from '../rules/diagnostics.js';
import { asksFacts } from '../rules/facts.js';
import { loadRules, type RuleSet } from '../rules/file.js';
import { comparedHostNames } from '../rules/host-names.js';
import type { Rule } from '../rules/rule.js';
import { type OutputFilter, sameOperands } from '../rules/shape.js';
import { printable } from '../rules/source.js';
import type { Failure, PreparedRules, RuleOptions } from '../sensor/protocol.js';
import { fieldsWithoutSource } from './field-source.js';
import { filterSources, filtersOf, isFilter, isFilterName } from './output-filters.js';

/** A rule that asks for something that this build cannot see. */
export interface Unsupported {
  severity: 'error' | 'warning';
  rule: Rule;
  fields: readonly string[];
  message: string;
}

/** What came of loading. */
export interface Loaded {
  set: RuleSet;
  /** The rules that run: of `set.active` those that can. */
  active: readonly Rule[];
  unsupported: readonly Unsupported[];
  /** What must be said although all is well, as text. */
  warnings: readonly string[];
  /** Why these rules cannot run. */
  failure: Failure | undefined;
}

/** Loads rules the way the configuration says. */
export function loadForRun(options: RuleOptions): Loaded {
  const { skipInvalid, filters = {} } = options;
  const all = loadRules([...options.sources, ...filterSources(filters)], {
    selection: options.switches,
    minimumPriority: options.minPriority,
    appendOutput: options.appendOutput,
    skipInvalid,
  });
  const set = {
    ...all,
    rules: all.rules.filter((rule) => !isFilter(rule)),
    active: all.active.filter((rule) => !isFilter(rule)),
    files: all.files.slice(0, options.sources.length),
  };
  const unsupported = [...all.rules.flatMap(withoutSource), ...withoutVerdict(all.rules, options)];
  const unable = new Set(
    unsupported.filter(({ severity }) => severity === 'error').map(({ rule }) => rule),
  );
  const shape = shaper(options, filtersOf(all.rules.filter((rule) => !unable.has(rule))));
  const active = set.active.filter((rule) => !unable.has(rule)).map(shape);
  const errors = set.errors.map(diagnosticText);
  const warnings = [...set.warnings, ...set.leftOut].map(diagnosticText);
  for (const one of unsupported) {
    // Without its filter an output would be told everything.
    const runs = (set.active.includes(one.rule) && !skipInvalid) || isFilter(one.rule);
    const fatal = one.severity === 'error' && runs;
    (fatal ? errors : warnings).push(unsupportedText(one));
  }
  if (set.unmetPlugin !== undefined && set.ok)
    errors.push(`the rules need a plugin that Saker does not have: ${pluginText(set)}`);
  for (const { rule, dedup } of options.shaping ?? [])
    for (const field of dedup?.same ?? [])
      if (sameOperands([field]).length !== 1)
        errors.push(`shaping of ${printable(rule)}: ${printable(field)} is no field`);
  errors.push(...all.leftOut.filter(({ file }) => isFilterName(file)).map(diagnosticText));
  const failure = failureOf(errors, active, set);
  return { set, active, unsupported, warnings, failure };
}

// Limits of the configuration are for rules without any of the kind.
function shaper(
  { shaping = [] }: RuleOptions,
  filters: readonly OutputFilter[],
): (rule: Rule) => Rule {
  if (shaping.length === 0 && filters.length === 0) return (rule) => rule;
  return (rule) => {
    const shaped: Rule = { ...limitsOf(shaping, rule.name), ...rule };
    return filters.length === 0 ? shaped : { ...shaped, filters };
  };
}

/** The same as plain data, as it goes to the sensor. */
export function prepareRules(
  options: RuleOptions,
): { rules: PreparedRules } | { failure: Failure } {
  const { active, warnings, failure } = loadForRun(options);
  if (failure !== undefined) return { failure };
  const { matching, staticFields, enforcement } = options;
  const hostNames = comparedHostNames(active.map((rule) => rule.condition));
  const { plan: verdicts } = verdictsOf(active, options);
  const asks = active.some(asksFacts);
  return {
    rules: {
      rules: active,
      matching,
      staticFields,
      asksFacts: asks,
      hostNames,
      warnings,
      enforcement,
      verdicts,
    },
  };
}

/** Why rules do not load, each error once. */
export function errorsOf(set: RuleSet): Diagnostic[] {
  const told = new Set<string>();
  return [...set.errors, ...set.outgrown, ...set.leftOut].filter((one) => {
    const text = diagnosticText(one);
    if (told.has(text)) return false;
    told.add(text);
    return true;
  });
}

/** The same as text, and why rules that load cannot run. */
export function errorTexts({ set, unsupported }: Loaded): string[] {
  const unable = unsupported.filter(({ severity }) => severity === 'error');
  return [...errorsOf(set).map(diagnosticText), ...unable.map(unsupportedText)];
}

/** One line: the place, the rule and what it needs. */
export function unsupportedText({ severity, rule, message }: Unsupported): string {
  const { file, line, column } = rule.place;
  const place = `${printable(file)}:${line + 1}:${column + 1}`;
  return `${place}: ${severity}: rule '${printable(rule.name)}': ${message}`;
}

/** A diagnostic as plain data; lines and columns count from 1, as in text. */
export function diagnosticJson(one: Diagnostic): unknown {
  return {
    severity: one.severity,
    code: one.code,
    message: one.message,
    file: one.file,
    line: one.line + 1,
    column: one.column + 1,
    item: one.item ?? null,
    suggestion: one.suggestion ?? null,
    snippet: one.snippet,
  };
}

/** The plugins of which one would have to be there. */
export function pluginText(set: RuleSet): string {
  const { name, version, alternatives } = set.unmetPlugin ?? {
    name: '',
    version: '',
    alternatives: [],
  };
  return [{ name, version }, ...alternatives]
    .map((plugin) => `${printable(plugin.name)} ${printable(plugin.version)}`)
    .join(' or ');
}

function withoutSource(rule: Rule): Unsupported[] {
  if (rule.source !== 'syscall') return [];
  const { condition, output } = fieldsWithoutSource(rule);
  const found: Unsupported[] = [];
  if (condition.length > 0)
    found.push({
      severity: 'error',
      rule,
      fields: condition,
      message: `its condition needs ${condition.join(', ')}, which this version of Saker cannot fill`,
    });
  if (output.length > 0)
    found.push({
      severity: 'warning',
      rule,
      fields: output,
      message: `its output prints <NA> for ${output.join(', ')}, which this version of Saker cannot fill`,
    });
  return found;
}

// What is asked to be denied and cannot be.
function withoutVerdict(rules: readonly Rule[], options: VerdictOptions): Unsupported[] {
  return [...verdictsOf(rules, options).refused].flatMap(([index, { message }]) => {
    const rule = rules[index];
    if (rule === undefined) return [];
    return { severity: 'error', rule, fields: [], message: `action: deny: ${message}` };
  });
}

/** For each rule that kills who sends the signal, where it is switched on; for people. */
export function killWays(rules: readonly Rule[], options: VerdictOptions): Map<string, string> {
  const { kills } = verdictsOf(rules, options, true);
  return new Map(
    rules.flatMap(({ name, action }, index) => {
      if (action !== 'kill') return [];
      const way = kills.get(index) ?? { kernel: [], rest: NOT_IN_KERNEL };
      return [[name, killText(way)] as const];
    }),
  );
}

const NOT_IN_KERNEL =
  'with rule_matching: first, or away from the pids of the host, the kernel kills nobody';

type VerdictOptions = Pick<RuleOptions, 'enforcement' | 'matching'>;

/**
 * What the kernel denies by these rules, and for which it kills; where that is switched off they only tell.
 *
 * @param anyMode rules that kill are planned as if it were switched on
 */
function verdictsOf(
  rules: readonly Rule[],
  { enforcement = ENFORCEMENT_DEFAULTS, matching }: VerdictOptions,
  anyMode = false,
): PlannedVerdicts {
  const denying = rules.flatMap(({ name, condition, action, onError }, rule) => {
    const mode = action === 'deny' ? modeOf(enforcement, name) : 'off';
    return mode === 'off' ? [] : { rule, condition, mode, denyOnError: onError === 'deny' };
  });
  // Which rule is the first is not known in the kernel; and who does not see the host's processes acts on none.
  const kernelKills = matching === 'all' && seesHostPids();
  const killing = rules.flatMap(({ name, condition, action }, rule) =>
    action === 'kill' && kernelKills && (anyMode || modeOf(enforcement, name) === 'on')
      ? { rule, condition }
      : [],
  );
  const { kills_per_minute: per_minute, suspend_ms } = enforcement;
  return planVerdicts(denying, {
    rules: killing,
    limit: { per_minute, suspend_ms },
    protected: enforcement.protected,
  });
}

function failureOf(
  errors: readonly string[],
  active: readonly Rule[],
  set: RuleSet,
): Failure | undefined {
  const fail = (message: string, hint: string): Failure => ({
    code: 'RULE_INVALID',
    message,
    hint,
    exitStatus: 1,
    diagnostics: errors,
  });
  if (errors.length > 0)
    return fail(
      errors.length === 1 ? 'a rule does not load' : `${errors.length} errors in the rules`,
      'correct them, or start with --skip-invalid to run without the rules concerned',
    );
  if (active.length > 0) return undefined;
  return fail(
    set.rules.length === 0 ? 'there are no rules' : `none of ${set.rules.length} rules is enabled`,
    'name rule files with -r; the keys rules and priority of the configuration switch rules off',
  );
}
