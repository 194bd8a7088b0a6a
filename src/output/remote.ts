// What an output to another system has to be: it sends batches that the spool keeps until then.

/** One alert as it lies in the spool. */
export interface SpooledAlert {
  /** Grows by one from alert to alert, over restarts too. */
  readonly position: number;
  /** Unique; the same when an alert is sent again, so that a receiver can tell. */
  readonly event_id: string;
  /** JS text. */
  readonly rule: string;
  /** 0 Emergency to 7 Debug. */
  readonly priority: number;
  /** Since 1970. */
  readonly time_ns: bigint;
  /** The line of Falco's JSON, `saker` included, without its newline. */
  readonly json: string;
}

/** An alert that will never be taken. */
export interface RefusedAlert {
  alert: SpooledAlert;
  /** For the dead-letter file. */
  reason: string;
}

/** What became of a batch. */
export interface SendResult {
  /** So many alerts from the start are done with: delivered, or among `refused`. */
  accepted: number;
  /** Put aside for good; each is one of the first `accepted`. */
  refused: readonly RefusedAlert[];
}

/** How much is sent together. */
export interface BatchLimits {
  /** At most so many alerts in one `send`. */
  alerts: number;
  /** At most so many bytes of JSON, unless a single alert is longer. */
  bytes: number;
  /** An incomplete batch waits so long for more. */
  linger_ms: number;
}

/**
 * Another system that takes alerts. It keeps nothing: what was not accepted is sent again, by whoever
 * calls, in the same order. `send` is never called while another one is under way.
 */
export interface RemoteOutput {
  /** In the configuration, in `stats` and as the name of its place in the spool: never changed. */
  readonly name: string;
  readonly batch: BatchLimits;
  /**
   * Sends alerts in their order and waits until the other side has confirmed them.
   *
   * @returns fewer `accepted` than there were when the rest failed in a way that may pass; the rest
   *   comes again after a while.
   * @throws SinkError when nothing was accepted. `retry_after_ms` is honoured; without `retryable`
   *   somebody has to change something first, so that it is tried less often, but never given up.
   */
  send(alerts: readonly SpooledAlert[]): Promise<SendResult>;
  /** Ends its connections, after at most so long. May be called twice. */
  close(limit_ms: number): Promise<void>;
}
