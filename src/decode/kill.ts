// What the kernel did about the event of a record, where it did something.

import { call_record, exec_record, kill_part, record_kind, span } from '../abi/layout.js';

/** `struct kill_part` */
export interface KillPart {
  /** Clauses by which it has sent SIGKILL, and those whose rules kill too often. */
  readonly killed: bigint;
  readonly suspended: bigint;
  /** Of these: since this event. */
  readonly tripped: bigint;
  /** Number of the plan of verdicts. */
  readonly plan: number;
  /** From the event to the signal, or to the decision not to send it. */
  readonly after_us: number;
}

/** Reads it from a record in a ring; `undefined` when it has none. */
export function killPartOf(
  kind: number,
  memory: Buffer,
  offset: number,
  length: number,
): KillPart | undefined {
  const at = SPANS.get(kind);
  if (at === undefined) return undefined;
  const start = memory.readUInt16LE(offset + at + span.offset);
  if (start === 0 || start + kill_part.size > length) return undefined;
  const part = offset + start;
  return {
    killed: memory.readBigUInt64LE(part + kill_part.killed),
    suspended: memory.readBigUInt64LE(part + kill_part.suspended),
    tripped: memory.readBigUInt64LE(part + kill_part.tripped),
    plan: memory.readUInt32LE(part + kill_part.plan),
    after_us: memory.readUInt32LE(part + kill_part.after_us),
  };
}

const SPANS: ReadonlyMap<number, number> = new Map([
  [record_kind.RECORD_CALL, call_record.kill],
  [record_kind.RECORD_EXEC, exec_record.kill],
]);
