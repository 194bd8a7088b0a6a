// Rules that somebody has muted for a while: their alerts are counted and go nowhere.

/** What is muted, by the name of the rule; the same whatever rules are loaded. */
export class Mutes {
  readonly #untilMs = new Map<string, number>();
  readonly #counts = new Map<string, number>();

  /** @param until_ms since 1970; what has passed already ends the mute */
  set(rule: string, until_ms: number): void {
    if (until_ms > Date.now()) this.#untilMs.set(rule, until_ms);
    else this.#untilMs.delete(rule);
  }

  /** Whether an alert of the rule is to be kept back; counts it if so. */
  takes(rule: string): boolean {
    if (this.#untilMs.size === 0) return false;
    const until_ms = this.#untilMs.get(rule);
    if (until_ms === undefined) return false;
    if (Date.now() >= until_ms) {
      this.#untilMs.delete(rule);
      return false;
    }
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
    return true;
  }

  /** Alerts kept back since the start, by rule. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
