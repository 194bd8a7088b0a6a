// Rules as the tests of the loader write them, loaded.
import type { Diagnostic } from '../../../src/rules/diagnostics.js';
import { type LoadOptions, loadRules, type RuleSet } from '../../../src/rules/file.js';

/** Loads texts as files in their order: file0.yaml, file1.yaml, ... */
export function load(text: string | string[], options?: LoadOptions): RuleSet {
  const texts = typeof text === 'string' ? [text] : text;
  return loadRules(
    texts.map((one, i) => ({ name: `file${i}.yaml`, text: one })),
    options,
  );
}

/** A rule as YAML. `more`: further lines of the item. */
export function rule(name: string, condition: string, more = ''): string {
  const text = JSON.stringify(condition);
  return `- rule: ${name}\n  desc: d\n  condition: ${text}\n  output: o\n  priority: notice\n${more}`;
}

/** The condition as it was compiled. */
export function conditionOf(set: RuleSet, name: string): string | undefined {
  return set.rules.find((one) => one.name === name)?.conditionText;
}

/** The text of a file at a diagnostic's place. */
export function pointed(text: string, diagnostic: Diagnostic | undefined): string {
  if (diagnostic === undefined) throw new Error('there is no diagnostic');
  const carets = diagnostic.snippet.split('\n')[1]?.trim().length ?? 0;
  return text.slice(diagnostic.offset, diagnostic.offset + carets);
}
