// Filters of outputs: conditions from the configuration, read together with the rule files, so that
// they may use the lists and macros of these.
import type { Rule } from '../rules/rule.js';
import type { OutputFilter } from '../rules/shape.js';
import type { RuleText } from '../sensor/protocol.js';

/** A rule file per filter; each holds one rule that is none. */
export function filterSources(filters: Readonly<Record<string, string>>): RuleText[] {
  return Object.entries(filters).map(([output, condition]) => ({
    name: `${output}.filter`,
    text: JSON.stringify([
      {
        rule: `${PREFIX}${output}`,
        desc: 'filter',
        condition,
        output: 'filter',
        priority: 'DEBUG',
        warn_evttypes: false,
      },
    ]),
  }));
}

/** Whether a diagnostic of this file is about a filter. */
export function isFilterName(file: string): boolean {
  return file.endsWith('_output.filter');
}

/** Whether it stands for a filter. */
export function isFilter({ name }: Pick<Rule, 'name'>): boolean {
  return name.startsWith(PREFIX);
}

/** The filters among rules. */
export function filtersOf(rules: readonly Rule[]): OutputFilter[] {
  return rules
    .filter(isFilter)
    .map(({ name, condition }) => ({ output: name.slice(PREFIX.length), condition }));
}

// No rule of a file begins so by accident.
const PREFIX = 'saker output filter: ';
