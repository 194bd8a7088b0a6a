// What the log is told of the spool: each trouble once, and when it is over.
import { SpoolError } from '../errors.js';
import type { Logger } from '../log.js';
import { reasonOf, type StoreRecovery } from './spool-store.js';

/** Tells of one spool, and counts what it had to drop. */
export class SpoolLog {
  /** Alerts that are gone before every output had them. */
  dropped = 0;
  #broken = false;
  #lost = false;
  #bound = 0;
  #bound_told_ms = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly path: string,
    private readonly log: Logger,
    private readonly now_ms: () => number,
  ) {}

  opened({ damaged_bytes, repaired, moved_to }: StoreRecovery, waiting: number): void {
    const { path, log } = this;
    if (damaged_bytes > 0)
      log.warn({ path, damaged_bytes }, 'the end of the spool was not written whole: dropped');
    if (repaired)
      log.warn({ path, moved_to }, 'the spool was damaged, and made anew from the rest');
    if (this.#broken) log.warn({ path }, 'alerts are kept on disk again');
    if (waiting > 0) log.info({ path, alerts: waiting }, 'alerts wait in the spool');
    this.#broken = false;
    this.#lost = false;
  }

  /** The disk does not take alerts. */
  broke(error: unknown, memory_bytes: number): void {
    const { path, log } = this;
    const hint = error instanceof SpoolError ? error.hint : undefined;
    if (!this.#broken)
      log.error(
        { path, err: error, hint },
        `alerts cannot be kept on disk: ${reasonOf(error)}; until they can, the newest ` +
          `${memory_bytes / 2 ** 20} MiB wait in memory for the outputs`,
      );
    this.#broken = true;
  }

  /** Alerts that were never on disk are gone. */
  lost(alerts: number): void {
    this.dropped += alerts;
    if (alerts > 0 && !this.#lost)
      this.log.error({ path: this.path, alerts }, 'alerts are lost that the disk did not take');
    this.#lost ||= alerts > 0;
  }

  /** Alerts had to go because the spool may hold no more, or not for so long. */
  overBound(alerts: number): void {
    this.dropped += alerts;
    this.#bound += alerts;
    if (alerts === 0 || this.now_ms() - this.#bound_told_ms < BOUND_PAUSE_MS) return;
    this.log.warn(
      { path: this.path, alerts: this.#bound },
      'the oldest alerts were dropped: an output is behind by more than the spool may hold',
    );
    this.#bound = 0;
    this.#bound_told_ms = this.now_ms();
  }

  /** Alerts should be in the spool, and are not. */
  missing(output: string, alerts: number): void {
    this.log.error({ path: this.path, output, alerts }, 'alerts are missing in the spool');
  }
}

/** It goes on for as long as the output is down. */
const BOUND_PAUSE_MS = 600_000;
