// The cursor on a verdict: the call that was attempted, and what came of it.

import { verdict_record } from '../abi/layout.js';
import { CallCursor } from './call.js';
import type { DecodeCounters } from './cursor.js';

const { verdict } = verdict_record;

/** `struct verdict_record`; reads as the end of the call. */
export class VerdictCursor extends CallCursor {
  override readonly is_attempt = true;

  constructor(counters: DecodeCounters) {
    super(counters, verdict_record.size);
  }

  /** The system call, or the one that usually does this. */
  override get type(): number {
    return this.u32(verdict.type);
  }
  /** Clauses of the plan by which it was denied. */
  get denied(): bigint {
    return this.u64(verdict.denied);
  }
  /** Clauses by which it would have been. */
  get audited(): bigint {
    return this.u64(verdict.audited);
  }
  /** Of both: could not be decided. */
  get undecided(): bigint {
    return this.u64(verdict.undecided);
  }
  /** `enum verdict_operation` */
  get operation(): number {
    return this.u32(verdict.operation);
  }
  override get target_pid(): number | undefined {
    return this.u32(verdict.target_pid) || undefined;
  }
  /** The number of the plan of verdicts. */
  get verdicts(): number {
    return this.u32(verdict.plan);
  }
}
