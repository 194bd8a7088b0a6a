// Clauses of verdicts with what becomes of a match.

import type { ExactClause } from './exact.js';

/** What becomes of a match. */
export interface VerdictMode {
  /** Place of the rule among those of its load. */
  readonly rule: number;
  readonly action: 'deny' | 'kill';
  /** `audit`: it is told only. */
  readonly mode: 'audit' | 'on';
  /** What cannot be decided counts as a match. */
  readonly denyOnError: boolean;
}

/** A clause of the plan. */
export interface VerdictClause extends ExactClause, VerdictMode {}

/** How often a rule may kill, and how long it is suspended then. */
export interface KillRate {
  readonly per_minute: number;
  readonly suspend_ms: number;
}
