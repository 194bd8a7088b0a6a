// Random numbers for property tests that can be repeated: the seed comes from SEED or from the clock.

/** A source of random numbers and the seed that repeats it; tests print the seed when they fail. */
export interface Random {
  readonly seed: number;
  /** An integer from 0 up to, not including, `limit`. */
  below(limit: number): number;
  bytes(length: number): Buffer;
}

/** A new source; `SEED=n` in the environment repeats a run. */
export function random(seed = Number(process.env.SEED ?? Date.now() % 1_000_000)): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  // mulberry32, public domain: short, and good enough to reach odd corners.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number): number => (limit <= 0 ? 0 : next() % limit);
  return { seed, below, bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))) };
}
