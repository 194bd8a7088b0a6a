// Runs rule tests: plays the events of each, collects alerts, compares, and says why something is
// missing.

import type { Event } from '../decode/event.js';
import type { ScenarioEvent } from '../decode/scenario.js';
import { fieldReader } from '../enrich/fields.js';
import { ScenarioHost } from '../enrich/scenario.js';
import { RuleError, ScenarioError } from '../errors.js';
import { Matcher } from '../match/matcher.js';
import type { Resolve } from '../match/transform.js';
import { AlertTemplate } from '../output/template.js';
import { fromBytes } from '../rules/bytes.js';
import { includesEvent } from '../rules/event-types.js';
import { hasOpenCheck } from '../rules/facts.js';
import { didYouMean } from '../rules/nearest.js';
import type { Rule } from '../rules/rule.js';
import type { RuleSource } from '../rules/source.js';
import { asWritten } from '../sensor/protocol.js';
import { loadForRun } from './load.js';
import { readRuleFiles } from './rule-files.js';
import type { RuleTest, TestFile, WantedAlert } from './test-file.js';
import { type Reason, whyFalse } from './test-why.js';

/** An alert that came. */
export interface TestAlert {
  rule: string;
  /** Number of the event, from 1. */
  event: number;
  output: string;
  fields: Readonly<Record<string, string>>;
}

/** One thing that is not as the test wants it. */
export interface TestFailure {
  message: string;
  /** For a rule that did not alert: the event that came nearest, and what was false. */
  event?: string;
  reasons: readonly Reason[];
}

export interface TestResult {
  name: string;
  place: string;
  ok: boolean;
  alerts: readonly TestAlert[];
  failures: readonly TestFailure[];
}

/** What came of a file; with problems nothing of it was run. */
export interface FileResult {
  file: string;
  problems: readonly string[];
  tests: readonly TestResult[];
}

/** Runs every test of a file. */
export function runTestFile(file: TestFile): FileResult {
  if (file.problems.length > 0) return { file: file.name, problems: file.problems, tests: [] };
  const rules = new TestedRules(file);
  if (rules.problems.length > 0) return { file: file.name, problems: rules.problems, tests: [] };
  const unknown = file.tests.flatMap((test) => rules.unknownIn(test));
  if (unknown.length > 0) return { file: file.name, problems: unknown, tests: [] };
  return { file: file.name, problems: [], tests: file.tests.map((test) => rules.run(test)) };
}

/** The rules of one file of tests. */
class TestedRules {
  readonly problems: readonly string[];
  private readonly rules: ReadonlyMap<string, Rule>;
  private readonly templates = new Map<string, AlertTemplate>();
  private readonly matcher: Matcher<Rule>;

  constructor(file: TestFile) {
    const { active, failure, set } = loadForRun({
      ...asWritten(rulesOf(file)),
      switches: file.runDisabled ? [{ enable: true, rule: '*' }] : [],
    });
    this.problems = failure === undefined ? [] : [failure.message, ...(failure.diagnostics ?? [])];
    this.rules = new Map(set.rules.map((rule) => [rule.name, rule]));
    // What has to be found out is in no scenario; see `unknownIn`.
    const decidable = active.filter(({ condition }) => !hasOpenCheck(condition));
    this.matcher = new Matcher(decidable, resolve);
  }

  /** Rules that do not exist, or cannot be decided, would make a test pass or fail for the wrong reason. */
  unknownIn(test: RuleTest): string[] {
    const names = [...test.alerts.map((alert) => alert.rule), ...test.noAlerts];
    return names.flatMap((name) => {
      const rule = this.rules.get(name);
      if (rule === undefined) {
        const words = test.noAlerts.includes(name) ? ['others'] : [];
        const near = didYouMean(name, [...words, ...this.rules.keys()]);
        return `${test.place}: no rule is called '${name}'${near}`;
      }
      if (!hasOpenCheck(rule.condition)) return [];
      return `${test.place}: rule '${name}' asks for file.sha256 or lookup(...), which tests cannot give`;
    });
  }

  run(test: RuleTest): TestResult {
    const { name, place } = test;
    try {
      const alerts = this.alertsOf(test);
      const failures = [
        ...this.missing(test, alerts),
        ...unwanted(test, alerts).map((message) => ({ message, reasons: [] })),
      ];
      return { name, place, ok: failures.length === 0, alerts, failures };
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      const failures = [{ message: error.message, reasons: [] }];
      return { name, place, ok: false, alerts: [], failures };
    }
  }

  private alertsOf(test: RuleTest): TestAlert[] {
    const alerts: TestAlert[] = [];
    play(test, (event, number) => {
      for (const { rule } of this.matcher.match(event)) {
        alerts.push(this.alertOf(rule, event, number));
      }
    });
    return alerts;
  }

  private alertOf(rule: Rule, event: Event, number: number): TestAlert {
    let template = this.templates.get(rule.name);
    if (template === undefined) {
      template = new AlertTemplate(rule, {}, resolve);
      this.templates.set(rule.name, template);
    }
    const values = template.values(event);
    const fields = template.fieldNames.map((field, index) => {
      const value = values[index];
      return [field, typeof value === 'string' ? fromBytes(value) : String(value ?? '<NA>')];
    });
    const output = fromBytes(template.message(event));
    return { rule: rule.name, event: number, output, fields: Object.fromEntries(fields) };
  }

  private missing(test: RuleTest, alerts: readonly TestAlert[]): TestFailure[] {
    const left = [...alerts];
    return test.alerts.flatMap((wanted) => {
      const index = left.findIndex((alert) => fits(alert, wanted));
      if (index >= 0) {
        left.splice(index, 1);
        return [];
      }
      const near = alerts.find((alert) => alert.rule === wanted.rule);
      return near === undefined ? [this.explain(test, wanted)] : [differs(near, wanted)];
    });
  }

  // Events are played again: what an event was is not kept.
  private explain(test: RuleTest, wanted: WantedAlert): TestFailure {
    const rule = this.rules.get(wanted.rule);
    const message = `'${wanted.rule}' did not alert`;
    if (rule === undefined) return { message, reasons: [] };
    if (!this.matcher.rules.some((one) => one.rule.name === rule.name)) {
      return { message: `${message}: it is disabled (run_disabled: true runs it)`, reasons: [] };
    }
    let best: { event: string; reasons: Reason[] } | undefined;
    play(test, (event, number) => {
      const type = test.events[number - 1]?.type ?? '';
      if (!includesEvent(rule.events, type)) return;
      if (wanted.event !== undefined && wanted.event !== number) return;
      const found = whyFalse(rule.condition, event, resolve);
      if (best !== undefined && best.reasons.length <= found.length) return;
      best = { event: `event ${number}, ${type} of ${who(event)}`, reasons: found };
    });
    return best === undefined
      ? { message: `${message}: it looks at no event of this test (${typesOf(rule)})`, reasons: [] }
      : { message, ...(best satisfies { event: string; reasons: Reason[] }) };
  }
}

function rulesOf({ rules, rulesPlace }: TestFile): RuleSource[] {
  try {
    return readRuleFiles(rules);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const message = `${rulesPlace}${error.message}; paths are relative to this file`;
    throw new RuleError(error.code, message, { cause: error });
  }
}

const resolve: Resolve = (field) => fieldReader(field.name, field.argument);

function play(test: RuleTest, take: (event: Event, number: number) => void): void {
  const host = new ScenarioHost(test.host);
  for (const [index, event] of test.events.entries())
    take(playOne(host, event, index + 1), index + 1);
}

function playOne(host: ScenarioHost, event: ScenarioEvent, number: number): Event {
  try {
    return host.play(event);
  } catch (cause) {
    if (!(cause instanceof ScenarioError)) throw cause;
    const message = `event ${number}, ${event.type}: ${cause.message}`;
    throw new ScenarioError('SCENARIO_INVALID', message, { cause });
  }
}

function fits(alert: TestAlert, wanted: WantedAlert): boolean {
  return alert.rule === wanted.rule && differences(alert, wanted).length === 0;
}

function differs(alert: TestAlert, wanted: WantedAlert): TestFailure {
  const found = differences(alert, wanted);
  const what = found.length === 0 ? 'once less than wanted' : `but ${found.join('; ')}`;
  return { message: `'${alert.rule}' alerted, ${what}`, reasons: [] };
}

function differences(alert: TestAlert, wanted: WantedAlert): string[] {
  const found: string[] = [];
  if (wanted.event !== undefined && wanted.event !== alert.event) {
    found.push(`at event ${alert.event} in the place of ${wanted.event}`);
  }
  if (wanted.output !== undefined && !alert.output.includes(wanted.output)) {
    found.push(`its output is '${alert.output}', without '${wanted.output}'`);
  }
  for (const [field, value] of Object.entries(wanted.fields)) {
    const got = alert.fields[field];
    if (got === undefined) {
      const near = didYouMean(field, Object.keys(alert.fields));
      found.push(`its output has no ${field}${near || '; a field that it prints can be tested'}`);
    } else if (got !== value) found.push(`${field} is '${got}' in the place of '${value}'`);
  }
  return found;
}

function unwanted(test: RuleTest, alerts: readonly TestAlert[]): string[] {
  const wanted = new Set(test.alerts.map((alert) => alert.rule));
  return alerts
    .filter(({ rule }) => (test.nothingElse ? !wanted.has(rule) : test.noAlerts.includes(rule)))
    .map(({ rule, event, output }) => `'${rule}' alerted at event ${event}: ${output}`);
}

function who({ task }: Event): string {
  return `${fromBytes(task.comm)}[${task.pid}]`;
}

function typesOf({ events }: Rule): string {
  const names = [...events.names].filter((name) => name !== 'asyncevent').slice(0, 12);
  return events.complement ? `all but ${names.join(', ')}` : names.join(', ');
}
