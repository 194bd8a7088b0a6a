// Single values of a configuration that has been read: where a dotted key leads, and what is set there.

/** The steps of a dotted key: `[N]` is an entry of a list and `[]`, given as -1, a new one. */
export function pathSteps(key: string): (string | number)[] {
  return key.split('.').flatMap((part) => {
    const indexes = [...part.matchAll(/\[(\d*)\]/g)].map((match) =>
      match[1] === '' ? -1 : Number(match[1]),
    );
    return [part.replace(/\[.*$/, ''), ...indexes];
  });
}

/** A copy of `tree` with one value set; -1 is a new entry at the end of a list. */
export function withValue(
  tree: unknown,
  steps: readonly (string | number)[],
  value: unknown,
): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(tree) ? [...tree] : [];
    // Beyond the end means the next entry: no holes.
    const index = step < 0 || step > list.length ? list.length : step;
    list[index] = withValue(list[index], rest, value);
    return list;
  }
  const inside = tree !== null && typeof tree === 'object' && !Array.isArray(tree);
  const map = new Map<string, unknown>(inside ? Object.entries(tree) : []);
  map.set(step, withValue(map.get(step), rest, value));
  return Object.fromEntries(map);
}
