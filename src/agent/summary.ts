// What an agent says about itself at its end.
import type { SinkCounts } from '../output/line-queue.js';
import type { SensorStats, TypeCounts } from '../sensor/protocol.js';

/** The sums of a run. */
export interface Summary {
  events: TypeCounts;
  received: number;
  /** By rule. */
  alerts: Record<string, number>;
  /** Alerts that reached nobody, by where they were lost. */
  dropped_alerts: Record<string, number>;
}

/** Sums up what the sensor and the outputs counted. */
export function summarise(
  stats: Pick<SensorStats, 'types' | 'received' | 'alerts' | 'alertsDropped'>,
  outputs: Readonly<Record<string, SinkCounts>>,
): Summary {
  const events = { seen: 0, filtered: 0, suppressed: 0, sent: 0, lost: 0 };
  for (const counts of Object.values(stats.types)) {
    events.seen += counts.seen;
    events.filtered += counts.filtered;
    events.suppressed += counts.suppressed;
    events.sent += counts.sent;
    events.lost += counts.lost;
  }
  const dropped: Record<string, number> = {};
  if (stats.alertsDropped > 0) dropped.sensor = stats.alertsDropped;
  for (const [name, counts] of Object.entries(outputs))
    if (counts.dropped > 0) dropped[name] = counts.dropped;
  return { events, received: stats.received, alerts: stats.alerts, dropped_alerts: dropped };
}

/** The sums in sentences, for a person. */
export function summaryLines({ events, alerts, dropped_alerts }: Summary): string[] {
  return [
    `saker: ${events.seen} events seen: ${events.filtered} filtered and ${events.suppressed} ` +
      `suppressed in the kernel, ${events.sent} sent, ${events.lost} lost`,
    ...alertLines(alerts),
    ...Object.entries(dropped_alerts).map(
      ([where, count]) => `saker: ${count} alerts lost at ${where}`,
    ),
  ];
}

/** How many alerts there were, and of which rules. */
export function alertLines(alerts: Readonly<Record<string, number>>): string[] {
  const byCount = Object.entries(alerts).sort(([, a], [, b]) => b - a);
  const total = byCount.reduce((sum, [, count]) => sum + count, 0);
  const width = String(byCount[0]?.[1] ?? 0).length;
  return [
    `saker: ${total} ${total === 1 ? 'alert' : 'alerts'}`,
    ...byCount.map(([rule, count]) => `  ${String(count).padStart(width)}  ${rule}`),
  ];
}
