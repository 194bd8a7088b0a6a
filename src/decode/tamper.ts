// The record that somebody reached for the agent.

import { tamper_operation, tamper_record } from '../abi/layout.js';
import type { DecodeCounters } from './cursor.js';
import { TaskCursor } from './task.js';

/** What was reached for; `other` is what a newer kernel side may tell. */
export type TamperKind =
  | 'signal'
  | 'trace'
  | 'limit'
  | 'schedule'
  | 'map'
  | 'program'
  | 'link'
  | 'pin'
  | 'other';

const KINDS = new Map<number, TamperKind>([
  [tamper_operation.TAMPER_SIGNAL, 'signal'],
  [tamper_operation.TAMPER_TRACE, 'trace'],
  [tamper_operation.TAMPER_LIMIT, 'limit'],
  [tamper_operation.TAMPER_SCHEDULE, 'schedule'],
  [tamper_operation.TAMPER_MAP, 'map'],
  [tamper_operation.TAMPER_PROGRAM, 'program'],
  [tamper_operation.TAMPER_LINK, 'link'],
  [tamper_operation.TAMPER_PIN, 'pin'],
]);

/** `struct tamper_record`; the task part is who did it. */
export class TamperCursor extends TaskCursor {
  constructor(counters: DecodeCounters) {
    super(tamper_record.size, counters);
  }
  get operation(): TamperKind {
    return KINDS.get(this.u32(tamper_record.operation)) ?? 'other';
  }
  /** Signal, PTRACE_MODE_..., RLIMIT_..., number of a BPF object, inode: by operation. */
  get detail(): number | bigint {
    return this.int(tamper_record.detail);
  }
  get denied(): boolean {
    return this.u32(tamper_record.denied) !== 0;
  }
}
