// Which of the loaded rules run: as the files say, then as the configuration says, step by step.

import type { Rule } from './rule.js';

/** One step of the configuration's `rules`; both a name and a tag may be given. */
export interface SelectionStep {
  enable: boolean;
  /** The whole name of rules; `*` stands for any text. */
  rule?: string;
  /** Rules that have exactly this tag. */
  tag?: string;
}

/**
 * The rules that run, in the order in which they are evaluated.
 *
 * A rule that is enabled again comes after all others. A rule less urgent than the minimum priority
 * never runs.
 */
export function selectRules(
  rules: readonly Rule[],
  steps: readonly SelectionStep[],
  minimumPriority: number,
): Rule[] {
  const selectable = rules.filter((rule) => rule.priority <= minimumPriority);
  const running = new Set(selectable.filter((rule) => rule.enabled));
  for (const step of steps) {
    const matches = matcher(step);
    for (const rule of selectable) {
      if (!matches(rule)) continue;
      if (step.enable) running.add(rule);
      else running.delete(rule);
    }
  }
  return [...running];
}

/** True when the whole text matches a pattern in which only `*` is special. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function matcher({ rule, tag }: SelectionStep): (one: Rule) => boolean {
  return (one) =>
    (rule !== undefined && rule !== '' && matchesWildcard(rule, one.name)) ||
    (tag !== undefined && tag !== '' && one.tags.includes(tag));
}
