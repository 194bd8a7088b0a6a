// Event types between the kernel side, which numbers them, and those who read about them.
import { event_type, filter_dimension } from '../abi/layout.js';
import type { Fates } from '../capture/loss.js';
import { eventName, IA32_CALLS, nativeOfIa32, typeNumber } from '../rules/events.js';
import type { Rule } from '../rules/rule.js';
import type { TypeCounts } from './protocol.js';

/** What people call an event type of the kernel side. */
export function typeName(type: number): string {
  return LIFECYCLE_NAMES.get(type) ?? eventName(type);
}

/** Counters as a message carries them. */
export function plain({ seen, filtered, suppressed, sent, lost, filtered_at }: Fates): TypeCounts {
  const at = DIMENSIONS.flatMap((name, dimension) => {
    const count = filtered_at[dimension] ?? 0;
    return count > 0 ? [[name, count] as const] : [];
  });
  return { seen, filtered, suppressed, sent, lost, filtered_at: Object.fromEntries(at) };
}

// By `enum filter_dimension`.
const DIMENSIONS: readonly string[] = Object.entries(filter_dimension)
  .filter(([name]) => name !== 'FILTER_DIMENSIONS')
  .sort(([, a], [, b]) => a - b)
  .map(([name]) => name.replace('FILTERED_BY_', '').toLowerCase());

/** Of event types those that are system calls. */
export function calls(types: Iterable<number>): number[] {
  return [...types].filter((type) => type < event_type.EVENT_FORK);
}

/** The event types that rules name, as far as that can be told without compiling them. */
export function typesOf(rules: readonly Pick<Rule, 'events'>[]): Set<number> {
  // What a complement can match is known later.
  return typesNamed(rules.flatMap(({ events }) => (events.complement ? [] : [...events.names])));
}

/** The event types that have these names; names of none are left out. */
export function typesNamed(names: Iterable<string>): Set<number> {
  const types = new Set<number>();
  for (const name of names) {
    const type = typeNumber(name);
    if (type !== undefined) types.add(type);
  }
  return types;
}

/** The native number of each 32-bit system call, by its own. */
export function ia32Numbers(): (number | undefined)[] {
  const last = Math.max(...IA32_CALLS.keys());
  return Array.from({ length: last + 1 }, (_, number) => nativeOfIa32(number));
}

// Kinds of lifecycle records have names that no system call has.
const LIFECYCLE_NAMES: ReadonlyMap<number, string> = new Map([
  [event_type.EVENT_FORK, 'process_fork'],
  [event_type.EVENT_EXEC, 'process_exec'],
  [event_type.EVENT_EXIT, 'process_exit'],
  [event_type.EVENT_TASK, 'process_task'],
  [event_type.EVENT_RENAME, 'task_rename'],
  [event_type.EVENT_VERDICT, 'verdict'],
]);
