// The entries of `rules`: which rules are on.
import type { Section } from './section.js';

/** One entry of `rules`: switches rules on or off after all files are loaded. */
export interface RuleSwitch {
  enable: boolean;
  /** `*` stands for any text, the whole name must match. */
  rule?: string;
  tag?: string;
}

/** Reads one entry; what is wrong with it is refused there. */
export function readSwitch(entry: Section): RuleSwitch {
  const enable = entry.has('enable');
  if (enable === entry.has('disable')) entry.refuse(undefined, 'expected either enable or disable');
  const target = entry.section(enable ? 'enable' : 'disable');
  const found: RuleSwitch = { enable };
  if (target.has('rule')) found.rule = target.text('rule', '');
  if (target.has('tag')) found.tag = target.text('tag', '');
  if (found.rule === undefined && found.tag === undefined)
    target.refuse(undefined, 'expected rule, tag or both');
  target.close();
  entry.close();
  return found;
}
