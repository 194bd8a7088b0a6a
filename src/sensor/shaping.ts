// Keeps a rule from telling the same again and again. What is not told is counted, and the count is
// told with the next alert, or by itself when none comes.
import type { Alert } from '../output/alert.js';
import type { Rule } from '../rules/rule.js';
import type { Dedup, RateLimit } from '../rules/shape.js';

/** More kinds of alerts than this at a time: the oldest is forgotten, its count is told. */
const MAX_KEYS = 10_000;

/** One rule's limits, and what came of them. */
export class Shaper {
  /** Alerts not told since the start. */
  suppressed = 0;
  /** By what makes alerts the same: until when others are not told, and how many were not. */
  readonly #windows = new Map<string, { until_ms: number; count: number }>();
  #until_ms = 0;
  #left = 0;
  /** Not told, and not in a window any more. */
  #over = 0;

  constructor(
    private readonly rateLimit: RateLimit | undefined,
    private readonly dedup: Dedup | undefined,
  ) {}

  /**
   * Whether an alert is told.
   *
   * @param key what makes it the same as others
   * @returns how many were not told before it; `undefined`: it is not told either
   */
  admit(key: string, now_ms: number): number | undefined {
    const window = this.dedup === undefined ? undefined : this.#windows.get(key);
    if (window !== undefined && now_ms < window.until_ms) {
      window.count += 1;
      this.suppressed += 1;
      return undefined;
    }
    if (!this.#hasRoom(now_ms)) {
      this.#over += 1;
      this.suppressed += 1;
      return undefined;
    }
    this.#left -= 1;
    const before = this.#over + (window?.count ?? 0);
    this.#over = 0;
    if (this.dedup !== undefined) this.#open(key, now_ms + this.dedup.window_ms);
    return before;
  }

  /** How many were not told and will not be told with an alert that is due by then. */
  sweep(now_ms: number): number {
    for (const [key, { until_ms, count }] of this.#windows) {
      if (now_ms < until_ms) break; // in the order in which they end
      this.#over += count;
      this.#windows.delete(key);
    }
    if (now_ms < this.#until_ms) return 0;
    const over = this.#over;
    this.#over = 0;
    return over;
  }

  #hasRoom(now_ms: number): boolean {
    if (this.rateLimit === undefined) return true;
    if (now_ms >= this.#until_ms) {
      this.#until_ms = now_ms + this.rateLimit.per_ms;
      this.#left = this.rateLimit.alerts;
    }
    return this.#left > 0;
  }

  #open(key: string, until_ms: number): void {
    this.#windows.delete(key); // to the end of the order
    this.#windows.set(key, { until_ms, count: 0 });
    if (this.#windows.size <= MAX_KEYS) return;
    const [oldest] = this.#windows;
    if (oldest === undefined) return;
    this.#over += oldest[1].count;
    this.#windows.delete(oldest[0]);
  }
}

/** Whether an alert is told; if so, it says how many before it were not. */
export function admits(shapers: Shapers, alert: Alert): boolean {
  const now_ms = Number(alert.time_ns / 1_000_000n);
  const before = shapers.admit(alert.rule.name, alert.key ?? '', now_ms);
  if (before === undefined) return false;
  if (before > 0 && alert.saker !== undefined) alert.saker.suppressed_since = before;
  return true;
}

/** What a rule did not tell. */
export interface Untold {
  rule: string;
  /** Of the rule. */
  priority: number;
  count: number;
}

interface Shaped {
  shaper: Shaper;
  priority: number;
  /** As text, to compare them. */
  limits: string;
}

/** The shapers of all rules that have limits. */
export class Shapers {
  #shapers = new Map<string, Shaped>();
  readonly #suppressed = new Map<string, number>();
  #sweptMs = 0;

  /** Takes rules; those whose limits are as before go on counting where they were. */
  use(rules: readonly Pick<Rule, 'name' | 'priority' | 'rateLimit' | 'dedup'>[]): void {
    const next = new Map<string, Shaped>();
    for (const { name, priority, rateLimit, dedup } of rules) {
      if (rateLimit === undefined && dedup === undefined) continue;
      const limits = JSON.stringify([rateLimit, dedup]);
      const old = this.#shapers.get(name);
      const same = old?.limits === limits ? old.shaper : undefined;
      next.set(name, { shaper: same ?? new Shaper(rateLimit, dedup), priority, limits });
    }
    for (const [name, { shaper }] of this.#shapers)
      if (next.get(name)?.shaper !== shaper)
        this.#suppressed.set(name, (this.#suppressed.get(name) ?? 0) + shaper.suppressed);
    this.#shapers = next;
  }

  /** As `Shaper.admit`; a rule without limits tells everything. */
  admit(rule: string, key: string, now_ms: number): number | undefined {
    const found = this.#shapers.get(rule);
    return found === undefined ? 0 : found.shaper.admit(key, now_ms);
  }

  /** What was not told and will not be told with an alert; looked for every ten seconds. */
  sweep(now_ms = Date.now()): Untold[] {
    if (this.#shapers.size === 0 || now_ms - this.#sweptMs < SWEEP_MS) return [];
    this.#sweptMs = now_ms;
    const untold: Untold[] = [];
    for (const [rule, { shaper, priority }] of this.#shapers) {
      const count = shaper.sweep(now_ms);
      if (count > 0) untold.push({ rule, priority, count });
    }
    return untold;
  }

  /** Alerts not told since the start, by rule. */
  counts(): Record<string, number> {
    const counts = new Map(this.#suppressed);
    for (const [rule, { shaper }] of this.#shapers)
      if (shaper.suppressed > 0) counts.set(rule, (counts.get(rule) ?? 0) + shaper.suppressed);
    return Object.fromEntries(counts);
  }
}

const SWEEP_MS = 10_000;
