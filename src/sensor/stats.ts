// What the sensor has counted.

import type { SensorParts } from './parts.js';
import type { SensorStats } from './protocol.js';

/** The counters of everything that the sensor's thread owns; `received`: records since the start. */
export function sensorStats(
  { enricher, filter, losses, rules, verdicts }: SensorParts,
  received: number,
): SensorStats {
  return {
    types: losses.counts(),
    received,
    alerts: rules.alertCounts(),
    alertsMuted: rules.mutes.counts(),
    alertsSuppressed: rules.suppressedCounts(),
    alertsDropped: rules.dropped,
    faults: {
      ...enricher.counters,
      process_lookups_refused: enricher.scan.refused,
      events_undecided: rules.undecided,
    },
    containers: rules.containerStats(),
    filter: filter.stats(),
    enforcement: rules.enforcement(),
    verdicts: verdicts.totals(),
  };
}
