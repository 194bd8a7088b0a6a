// `saker explain`: what the kernel decides of each rule, and with --live what a running agent filtered.

import { UserNames } from '../enrich/user.js';
import { SakerError, UsageError } from '../errors.js';
import { explainPlan, type RuleExplanation, type Standing } from '../plan/explain.js';
import { planRules } from '../plan/planner.js';
import { canonicalText } from '../rules/canonical.js';
import { didYouMean } from '../rules/nearest.js';
import { printable, printableJson } from '../rules/source.js';
import { asWritten, type TypeCounts } from '../sensor/protocol.js';
import { stateRules } from '../sensor/state-rules.js';
import { askStats } from './control-client.js';
import type { Console } from './flags.js';
import { errorTexts, killWays, loadForRun } from './load.js';
import { readRuleFiles } from './rule-files.js';
import { table } from './table.js';

/** How `saker explain` prints. */
export interface ExplainOptions {
  json: boolean;
  /** The control socket of an agent that is asked for its counters. */
  live: string | undefined;
}

/** Explains one rule, or all of them; status 1 when others of these files do not load. */
export async function explain(
  wanted: string | undefined,
  paths: readonly string[],
  { json, live }: ExplainOptions,
  console: Console,
): Promise<number> {
  // Those too that their files switch off: somebody may want to know before switching them on.
  const switches = [{ enable: true, rule: '*' }];
  const sources = readRuleFiles(paths);
  const options = { ...asWritten(sources), switches, skipInvalid: true };
  const loaded = loadForRun(options);
  const { active, failure } = loaded;
  // The rest is explained all the same.
  const wrong = errorTexts(loaded);
  for (const text of wrong) console.err(`${text}\n`);
  if (failure !== undefined)
    throw new SakerError(failure.code, failure.message, { hint: failure.hint });
  const status = wrong.length === 0 ? 0 : 1;
  const rules = active.filter(({ source }) => source === 'syscall');
  const users = new UserNames().hostUsers();
  const state = stateRules(rules);
  const plan = planRules([...rules, ...state], { users });
  const all = explainPlan(rules, plan);
  const chosen = wanted === undefined ? all : all.filter(({ rule }) => rule === wanted);
  if (wanted !== undefined && chosen.length === 0) {
    const names = new Set(rules.map(({ name }) => name));
    throw new UsageError('USAGE', `no rule that runs is called ${printable(wanted)}`, {
      hint: didYouMean(wanted, names).replace(/^[;,:]?\s*/, '') || 'see saker validate',
    });
  }
  const kills = killWays(rules, options);
  const counts = live === undefined ? undefined : (await askStats(live)).types;
  if (json) {
    const told = chosen.map((one) => ({ ...one, kill: kills.get(one.rule) }));
    const result = { rules: told, summary: summaryOf(all), ...(counts && { live: counts }) };
    console.out(`${printableJson(result)}\n`);
    return status;
  }
  const parts = chosen.map((one) => ruleText(one, wanted !== undefined, kills.get(one.rule)));
  if (wanted === undefined) {
    for (const { name, condition } of state)
      parts.push(
        `${name}\n  sent besides, because rules rest on it: ${canonicalText(condition)}\n`,
      );
    parts.push(summaryText(all));
  }
  if (counts !== undefined) parts.push(countsText(counts));
  console.out(parts.join('\n'));
  return status;
}

const STANDINGS: readonly Standing[] = ['fully', 'partly', 'not at all', 'lifecycle'];

function summaryOf(all: readonly RuleExplanation[]): Record<string, number> {
  const counts = STANDINGS.map(
    (standing) =>
      [
        standing.replaceAll(' ', '_'),
        all.filter((one) => one.standing === standing).length,
      ] as const,
  );
  return { rules: all.length, ...Object.fromEntries(counts) };
}

function ruleText(one: RuleExplanation, whole: boolean, kill: string | undefined): string {
  const needs =
    one.calls.length > MANY && !whole ? `${one.calls.length} system calls` : one.calls.join(' ');
  const hooks = [needs, one.lifecycle ? 'programs that start or end' : ''].filter(
    (text) => text !== '',
  );
  const lines = [
    `${printable(one.rule)}: ${SAID[one.standing]}`,
    `  looks at: ${hooks.join(', ')}`,
  ];
  if (whole)
    for (const { test, by } of one.decided) lines.push(`  in the kernel: ${short(test)}  (${by})`);
  for (const { test, reason } of one.standing === 'lifecycle' && !whole ? [] : one.open)
    lines.push(`  in user space: ${short(test)}  (${reason})`);
  if (kill !== undefined) lines.push(`  kills ${printable(kill)}`);
  if (one.unrestricted.length > 0)
    lines.push(
      `  every ${one.unrestricted.join(', ')} leaves the kernel for this rule; hint: add a test of ` +
        'how it begins, of the program, or of the result',
    );
  return `${lines.join('\n')}\n`;
}

const MANY = 12;
const SAID: Readonly<Record<Standing, string>> = {
  fully: 'decided in the kernel',
  partly: 'decided in part in the kernel',
  'not at all': 'not decided in the kernel, but for the type of event',
  lifecycle: 'needs no system call: programs that start and end are always seen',
};

function short(test: string): string {
  const text = printable(test);
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}

function summaryText(all: readonly RuleExplanation[]): string {
  const { rules, fully, partly, not_at_all, lifecycle } = summaryOf(all);
  const forced = all.filter(({ unrestricted }) => unrestricted.length > 0).length;
  return (
    `${rules} ${rules === 1 ? 'rule' : 'rules'}: ${fully} decided fully in the kernel, ` +
    `${partly} partly, ${not_at_all} not at all; ` +
    `${lifecycle} need no system call. ${forced} let every event of a system call through.\n`
  );
}

function countsText(types: Readonly<Record<string, TypeCounts>>): string {
  const seen = Object.entries(types)
    .filter(([, counts]) => counts.seen > 0)
    .sort(([, a], [, b]) => b.seen - a.seen);
  const dimensions = [
    ...new Set(seen.flatMap(([, { filtered_at = {} }]) => Object.keys(filtered_at))),
  ];
  const rows = seen.map(([name, { seen: all, filtered_at = {}, sent, lost }]) => [
    name,
    all,
    ...dimensions.map((dimension) => filtered_at[dimension] ?? 0),
    sent,
    lost,
  ]);
  return `${table(['event', 'seen', ...dimensions.map((name) => `at ${name}`), 'sent', 'lost'], rows)}`;
}
