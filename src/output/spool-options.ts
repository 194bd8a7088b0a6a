// What a spool is started with, and what it says of itself.
import type { Logger } from '../log.js';
import type { SpooledAlert } from './remote.js';

/** What a spool is started with. */
export interface SpoolOptions {
  /** A folder of its own. */
  path: string;
  /** Of alerts that wait. The store needs some room of its own besides. */
  max_bytes: number;
  max_age_ms: number;
  /** Every write is on the disk before it counts, not only in the hands of the kernel. */
  sync: boolean;
  /** The outputs that read it; the positions of others are forgotten. */
  outputs: readonly SpoolOutput[];
  log: Logger;
  /** Takes the place of the clock. */
  now_ms?: () => number;
  /** Takes the place of the time between two looks at a disk that refused. */
  retry_ms?: number;
}

/** An output, and which alerts it wants; left out: all. */
export interface SpoolOutput {
  name: string;
  wants?: (alert: SpooledAlert) => boolean;
}

/** What a spool holds. */
export interface SpoolCounts {
  /** Some output has yet to deliver them. */
  alerts: number;
  /** The store needs some room of its own besides. */
  bytes: number;
  /** Gone before every output had them. */
  dropped: number;
  /** False: new alerts wait in memory only. */
  on_disk: boolean;
}
