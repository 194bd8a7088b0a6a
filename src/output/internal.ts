// Alerts about Saker itself: what it could not see is news for the same people.
import type { Alert, AlertRule } from './alert.js';

/** The rule name of the alert about lost events. */
export const LOSS_RULE = 'Saker: events lost';

/**
 * The alert that the kernel had no room for events.
 *
 * @param types lost events by type; others than the twenty largest are summed up.
 */
export function lossAlert(
  types: Readonly<Record<string, number>>,
  fromNs: bigint,
  toNs: bigint,
): Alert {
  const sorted = Object.entries(types).sort(([, a], [, b]) => b - a);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  const shown = sorted.slice(0, SHOWN_TYPES).map(([name, count]) => `${name}=${count}`);
  const others = sorted.slice(SHOWN_TYPES).reduce((sum, [, count]) => sum + count, 0);
  if (others > 0) shown.push(`others=${others}`);
  const intervalMs = Number((toNs - fromNs) / 1_000_000n);
  return {
    rule: LOSS,
    time_ns: toNs,
    message:
      `Events were lost, attacks may have gone unseen | lost=${total} ` +
      `types=${shown.join(',')} interval_ms=${intervalMs}`,
    values: [intervalMs, total, shown],
  };
}

const SHOWN_TYPES = 20;

// Critical: while events are lost, no rule can be relied upon.
const LOSS: AlertRule = {
  name: LOSS_RULE,
  priority: 2,
  source: 'internal',
  tags: [],
  fieldNames: ['interval_ms', 'lost', 'types'],
};
