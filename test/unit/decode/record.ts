// Records and events for the tests of decode and enrich: defaults that a test changes.

import { CallCursor } from '../../../src/decode/call.js';
import { DecodeCounters } from '../../../src/decode/cursor.js';
import { encodeRecord, type RecordParts, type Values } from '../../../src/decode/encode.js';
import { Event, type ProcessView } from '../../../src/decode/event.js';
import { reader } from '../../../src/decode/fields.js';
import { typeNumber } from '../../../src/rules/events.js';

export const TASK: Values = {
  pid: 30,
  tid: 30,
  parent_pid: 20,
  start_ns: 5_000_000_000n,
  parent_start_ns: 4_000_000_000n,
  uid: 0,
  gid: 0,
  loginuid: 1000,
  session: 20,
  pgid: 30,
  vpid: 30,
  vtid: 30,
  vpgid: 30,
  tty: 34816,
  comm: 'cat',
};

/** A record of a system call by its name. */
export function callRecord(name: string, parts: Partial<RecordParts> = {}): Buffer {
  const type = typeNumber(name);
  if (type === undefined) throw new Error(`no call ${name}`);
  return encodeRecord({
    kind: 'call',
    type,
    header: { time_ns: 6_000_000_000n },
    ...parts,
    task: { ...TASK, ...parts.task },
  });
}

/** The event of a call, decoded without enrichment. */
export function callEvent(name: string, parts: Partial<RecordParts> = {}): Event {
  const record = callRecord(name, parts);
  const call = new CallCursor(new DecodeCounters());
  if (!call.bind(record, 0, record.length)) throw new Error('the record is refused');
  const event = new Event();
  event.advance();
  event.type = call.type;
  event.task = call;
  event.call = call;
  return event;
}

/** The value of a field of the record. */
export function read(event: Event, name: string, argument?: string): unknown {
  const found = reader(name, argument);
  if (found === undefined) throw new Error(`no reader of ${name}`);
  return found(event);
}

/** A process view with some values changed. */
export function view(base: ProcessView, changes: Partial<ProcessView>): ProcessView {
  return { ...base, ...changes };
}

/** Bytes of `a.b.c.d` in the 16 bytes of a record. */
export function ip4(text: string): string {
  return String.fromCharCode(...text.split('.').map(Number)).padEnd(16, '\0');
}
