// A rule as the rest of Saker sees it, and the words its keys may have.

import type { ExtraField } from './append-output.js';
import type { Expression } from './ast.js';
import type { EventTypes } from './event-types.js';
import type { Dedup, OutputFilter, RateLimit } from './shape.js';
import type { Place } from './source.js';

/** Priorities by number, 0 the most urgent; printed like this. */
export const PRIORITIES = [
  'Emergency',
  'Alert',
  'Critical',
  'Error',
  'Warning',
  'Notice',
  'Informational',
  'Debug',
] as const;

export const ACTIONS = ['notify', 'kill', 'deny'] as const;

/** What a matching rule does besides telling. */
export type Action = (typeof ACTIONS)[number];

export const ON_ERROR = ['allow', 'deny'] as const;

/** What a deny rule does when the kernel cannot decide. */
export type OnError = (typeof ON_ERROR)[number];

/** One rule, checked and expanded. */
export interface Rule {
  name: string;
  /** Lists and macros replaced, exceptions added. */
  condition: Expression;
  /** The canonical text of `condition`. */
  conditionText: string;
  /** With `append_output` added. */
  output: string;
  desc: string;
  /** Index into PRIORITIES. */
  priority: number;
  /** Sorted, each once. */
  tags: string[];
  source: string;
  /** As the files say; whether it runs is decided by selection and minimum priority. */
  enabled: boolean;
  /** The event types it can match at all; the asynchronous event is always one of them. */
  events: EventTypes;
  /** The fields its exceptions compare, as written, sorted, each once. */
  exceptionFields: string[];
  exceptionNames: string[];
  /** From `append_output`. */
  extraFields: ExtraField[];
  warnEventTypes: boolean;
  capture: boolean;
  captureDurationMs: number | undefined;
  action: Action;
  onError: OnError | undefined;
  rateLimit?: RateLimit;
  dedup?: Dedup;
  /** Of outputs that do not want every alert; the same for all rules. */
  filters?: readonly OutputFilter[];
  /** Where the item that defines it begins. */
  place: Place;
}

/** The number of a priority in any letter case, `undefined` when there is none of that name. */
export function parsePriority(text: string): number | undefined {
  const lower = text.toLowerCase();
  if (lower === 'info') return 6;
  const index = PRIORITIES.findIndex((name) => name.toLowerCase() === lower);
  return index < 0 ? undefined : index;
}
