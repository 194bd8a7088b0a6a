// The looks of the kernel filter's model by name, and those at texts.

import { haveCommon } from './bits.js';
import { headOf } from './heads.js';
import {
  type ClauseBits,
  type InsideTable,
  MAX_CLAIMED_BYTES,
  MAX_LAST_BYTES,
  MAX_PREFIX_BYTES,
  type PathTable,
} from './kernel-plan.js';

/** The looks in their order. */
export const DIMENSIONS = [
  'type',
  'result',
  'integers',
  'kind',
  'process',
  'comm',
  'uid',
  'cgroup',
  'remote',
  'local',
  'path',
  'last',
  'claimed',
  'claimed_last',
  'inside',
  'dots',
] as const;

export type Dimension = (typeof DIMENSIONS)[number];

/** Whether a path argument is its own resolution. */
export function isPlainPath(path: string): boolean {
  if (!path.startsWith('/') || path.endsWith('/') || path.length > MAX_CLAIMED_BYTES) return false;
  return !/\/\.{0,2}(\/|$)/.test(path);
}

/** The looks at one text, with what each leaves open. */
export function* textLooks(
  table: PathTable,
  path: string,
  [whole, lastOne]: readonly [Dimension, Dimension],
  open: ClauseBits,
): Generator<[Dimension, ClauseBits]> {
  const { head, last, inside } = table;
  if (head !== undefined) yield [whole, head.values.get(headOf(path)) ?? head.other];
  const isAbsent = ({ needles }: InsideTable): boolean =>
    !needles.some(({ text, matters }) => haveCommon(open, matters) && path.includes(text));
  // Where it is enough that no text is in the path, that is found out first, and once.
  const isFirst = inside !== undefined && !haveCommon(open, inside.absent);
  if (isFirst && isAbsent(inside)) yield ['inside', inside.absent];
  yield [whole, pathBits(table, path)];
  if (last !== undefined) yield [lastOne, lastBits(last, path.slice(path.lastIndexOf('/') + 1))];
  if (inside !== undefined && !isFirst && isAbsent(inside)) yield ['inside', inside.absent];
}

function lastBits(table: NonNullable<PathTable['last']>, component: string): ClauseBits {
  const exact = component.length < MAX_LAST_BYTES ? table.exact.get(component) : undefined;
  if (exact !== undefined) return exact;
  for (let length = Math.min(component.length, MAX_LAST_BYTES); length > 0; length -= 1) {
    const found = table.suffixes.get(component.slice(component.length - length));
    if (found !== undefined) return found;
  }
  return table.other;
}

function pathBits(table: PathTable, path: string): ClauseBits {
  const exact = path.length < MAX_PREFIX_BYTES ? table.exact.get(path) : undefined;
  if (exact !== undefined) return exact;
  for (let end = Math.min(path.length, MAX_PREFIX_BYTES); end > 0; end -= 1) {
    const prefix = path.slice(0, end);
    const found = table.prefixes.get(prefix);
    if (found === undefined) continue;
    return path.indexOf('/', end) < 0 ? found : (table.deeper.get(prefix) ?? found);
  }
  return table.other;
}
