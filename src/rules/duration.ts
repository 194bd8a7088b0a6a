// Lengths of time as people write them: `500ms`, `10s`, `5m`, `1h`, `2d`, and several together, `1h30m`.

/** @returns milliseconds; `undefined` when it is none, or longer than a year. */
export function durationMs(text: string): number | undefined {
  if (!/^(?:\d{1,9}(?:ms|[smhdw]))+$/.test(text)) return undefined;
  let total_ms = 0;
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+)(ms|[smhdw])/g))
    total_ms += Number(count) * (UNITS_MS[unit] ?? 0);
  return total_ms <= LONGEST_MS ? total_ms : undefined;
}

/** The shortest text for it. */
export function durationText(total_ms: number): string {
  let left_ms = Math.round(total_ms);
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const unit_ms = UNITS_MS[unit] ?? 1;
    const count = Math.floor(left_ms / unit_ms);
    left_ms -= count * unit_ms;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}

/** What a message says was expected. */
export const DURATION_FORM = 'a length of time such as 30s, 5m or 1h';

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const LONGEST_MS = 366 * 86_400_000;
