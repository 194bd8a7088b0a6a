// The part of the configuration that says which alerts are told: limits of rules that have none of
// their own, and what single outputs want.
import { DURATION_FORM, durationMs, durationText } from '../rules/duration.js';
import { parsePriority } from '../rules/rule.js';
import type { Dedup, RateLimit } from '../rules/shape.js';
import type { Section } from './section.js';

/** Limits of rules by name. */
export interface ShapingConfig {
  /** `*` stands for any text, the whole name must match. */
  rule: string;
  rate_limit?: { alerts: number; per: string };
  dedup?: { window: string; same: readonly string[] };
}

/** What one output wants; every output has these keys. */
export interface OutputLimits {
  /** The least urgent priority that it wants. */
  minimum_priority: string;
  /** A condition of the rule language on the event; empty: all. */
  filter: string;
}

/** Reads the list `shaping` from the top of the configuration. */
export function readShaping(top: Section): { shaping: readonly ShapingConfig[] } {
  const shaping = top.sections('shaping').map((entry): ShapingConfig => {
    const found: ShapingConfig = { rule: entry.text('rule', '*') };
    if (entry.has('rate_limit')) {
      const limit = entry.section('rate_limit');
      found.rate_limit = { alerts: limit.integer('alerts', 0), per: readTime(limit, 'per') };
      if (found.rate_limit.alerts < 1) limit.refuse('alerts', 'expected a number from 1');
      limit.close();
    }
    if (entry.has('dedup')) {
      const dedup = entry.section('dedup');
      found.dedup = { window: readTime(dedup, 'window'), same: dedup.texts('same') };
      dedup.close();
    }
    if (found.rate_limit === undefined && found.dedup === undefined)
      entry.refuse(undefined, 'expected rate_limit, dedup or both');
    entry.close();
    return found;
  });
  return { shaping };
}

/** Reads `minimum_priority` and `filter` of an output. */
export function readOutputLimits(output: Section): OutputLimits {
  const minimum_priority = output.text('minimum_priority', 'debug').toLowerCase();
  if (parsePriority(minimum_priority) === undefined)
    output.refuse('minimum_priority', 'expected a priority such as warning');
  return { minimum_priority, filter: output.text('filter', '') };
}

/** The limits that the configuration has for a rule; the last entry counts, for each. */
export function limitsOf(
  shaping: readonly ShapingConfig[],
  rule: string,
): { rateLimit?: RateLimit; dedup?: Dedup } {
  const limits: { rateLimit?: RateLimit; dedup?: Dedup } = {};
  for (const { rule: pattern, rate_limit, dedup } of shaping) {
    if (!matches(pattern, rule)) continue;
    if (rate_limit !== undefined)
      limits.rateLimit = { alerts: rate_limit.alerts, per_ms: durationMs(rate_limit.per) ?? 0 };
    if (dedup !== undefined)
      limits.dedup = { window_ms: durationMs(dedup.window) ?? 0, same: dedup.same };
  }
  return limits;
}

/** The filters of all outputs by their names. */
export function outputFilters(config: object): Record<string, string> {
  const filters: Record<string, string> = {};
  for (const [name, output] of Object.entries(config)) {
    if (output === null || typeof output !== 'object' || !('filter' in output)) continue;
    if (typeof output.filter === 'string' && output.filter !== '') filters[name] = output.filter;
  }
  return filters;
}

function readTime(section: Section, key: string): string {
  const text = section.text(key, '');
  const time_ms = durationMs(/^\d+$/.test(text) ? `${text}s` : text);
  if (time_ms !== undefined && time_ms > 0) return durationText(time_ms);
  section.refuse(key, `expected ${DURATION_FORM}`);
  return '1s';
}

// As the names of `rules`: a star for any text. Without backtracking, whatever the pattern.
function matches(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
