// What keeps a rule from telling the same again and again: a rate limit, and what counts as a
// repetition; and conditions under which single outputs are told at all.
import type { Expression, Operand } from './ast.js';
import { DURATION_FORM, durationMs } from './duration.js';
import { parseFormat } from './format.js';
import type { ItemValues } from './yaml-values.js';

/** At most so many alerts in each span of time that begins with an alert. */
export interface RateLimit {
  alerts: number;
  per_ms: number;
}

/** Within the time after an alert, others that are the same are not told. */
export interface Dedup {
  window_ms: number;
  /** Fields that must be equal; none: the output must be. */
  same: readonly string[];
}

/** An output that wants only alerts whose event fulfils a condition. */
export interface OutputFilter {
  /** Its name in the configuration. */
  output: string;
  condition: Expression;
}

/** The key `rate_limit` of a rule item. */
export function readRateLimit(values: ItemValues): RateLimit | undefined {
  const inside = values.inside('rate_limit', ['alerts', 'per']);
  if (inside === undefined) return undefined;
  const alerts = inside.unsigned('alerts') ?? 0;
  if (alerts < 1) inside.fail("'rate_limit' needs 'alerts', at least 1", inside.mapping);
  return { alerts, per_ms: readTime(inside, 'per') };
}

/**
 * The key `dedup` of a rule item.
 *
 * @param knowsField false for a text that is no field
 */
export function readDedup(
  values: ItemValues,
  knowsField: (text: string) => boolean,
): Dedup | undefined {
  const inside = values.inside('dedup', ['window', 'same']);
  if (inside === undefined) return undefined;
  const same = inside.texts('same') ?? [];
  for (const field of same)
    if (!knowsField(field) || sameOperands([field]).length !== 1)
      inside.fail(`'same' names '${field}', which is no field`, inside.mapping);
  return { window_ms: readTime(inside, 'window'), same };
}

/** The fields of `same`; what is no field is left out. */
export function sameOperands(same: readonly string[]): Operand[] {
  return same.flatMap((field) => {
    const parts = parseFormat(`%${field}`);
    if (!Array.isArray(parts) || parts.length !== 1) return [];
    const [part] = parts;
    return part === undefined || part.kind === 'literal' ? [] : [part.operand];
  });
}

function readTime(values: ItemValues, key: string): number {
  const text = values.text(key);
  const time_ms = durationMs(/^\d+$/.test(text) ? `${text}s` : text);
  if (time_ms !== undefined && time_ms > 0) return time_ms;
  return values.fail(`'${key}' must be ${DURATION_FORM}`, values.mapping);
}
