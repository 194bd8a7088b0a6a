// What an agent has counted by now: the sensor's counts and those of the main thread, as one.
import type { SpoolCounts } from '../output/spool-options.js';
import type { SensorStats } from '../sensor/protocol.js';
import type { AgentStats } from './control.js';
import type { AgentFacts } from './facts.js';
import { type Summary, summarise } from './summary.js';

/** What the main thread counts with. */
export interface CountedHere {
  startedMs: number;
  /** By output. */
  outputs: AgentStats['outputs'];
  /** Absent without outputs to other systems. */
  spool: SpoolCounts | undefined;
  /** By rule: alerts that a mute kept back on this thread. */
  muted: Readonly<Record<string, number>>;
  /** Absent when no rule ever asked. */
  facts: AgentFacts | undefined;
}

/** The counts of the whole agent. */
export function agentStats(stats: SensorStats, here: CountedHere): AgentStats {
  const { user, system } = process.cpuUsage();
  return {
    types: stats.types,
    received: stats.received,
    alerts: alertCounts(stats, here.facts),
    outputs: here.outputs,
    spool: here.spool,
    alerts_muted: summed(stats.alertsMuted, here.muted),
    alerts_suppressed: summed(stats.alertsSuppressed, here.facts?.suppressed() ?? {}),
    alerts_dropped: stats.alertsDropped,
    faults: { ...stats.faults, ...here.facts?.faults() },
    containers: stats.containers,
    filter: stats.filter,
    enforcement: stats.enforcement,
    cpu_s: (user + system) / 1e6,
    rss_bytes: process.memoryUsage.rss(),
    uptime_s: (Date.now() - here.startedMs) / 1000,
  };
}

/** The sums of the whole agent. */
export function agentSummary(stats: SensorStats, here: CountedHere): Summary {
  return summarise({ ...stats, alerts: alertCounts(stats, here.facts) }, here.outputs);
}

// A rule may have been told by both: whether it asks changes with the rules.
function alertCounts(stats: SensorStats, facts: AgentFacts | undefined): Record<string, number> {
  return summed(stats.alerts, facts?.counts() ?? {});
}

function summed(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const sums = { ...one };
  for (const [key, count] of Object.entries(other)) sums[key] = (sums[key] ?? 0) + count;
  return sums;
}
