// What the two threads of the benchmark of delivery share.

/** The worker's data. */
export interface StageOptions {
  /** Int32Array: bytes under way, and alerts that wait to be delivered. */
  gauges: SharedArrayBuffer;
  /** Alerts a second; 0: as many as are delivered. */
  rate: number;
  /** Event ids are this and a number. */
  prefix: string;
}

export const GAUGE_BYTES = 0;
export const GAUGE_QUEUED = 1;
