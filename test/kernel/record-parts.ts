// Reading of plain records in tests: the parts of one, its object, what its texts are.

import type { PlainPart, PlainRecord } from './harness-record.js';

/** A part of a record by name. */
export function partOf(record: PlainRecord, name: string): PlainPart {
  const part = record[name];
  if (typeof part !== 'object' || Array.isArray(part) || 'text' in part) {
    throw new Error(`no part ${name}`);
  }
  return part;
}

/** What the descriptor of a call is. */
export function objectOf(record: PlainRecord): PlainPart {
  return partOf(record, 'object');
}

/** The flags of a variable part, 0 where it is absent. */
export function spanFlags(record: PlainRecord, name: string): number {
  const span = record[name];
  if (typeof span !== 'object' || Array.isArray(span)) return 0;
  return typeof span.flags === 'number' ? span.flags : 0;
}
