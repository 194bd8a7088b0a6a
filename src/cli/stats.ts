// `saker stats`: the counters of a running agent.

import type { AgentStats } from '../agent/control.js';
import { printable, printableJson } from '../rules/source.js';
import { askStats } from './control-client.js';
import type { Console } from './flags.js';
import { table } from './table.js';

/** Prints what the agent at `socket` counted. */
export async function stats(socket: string, json: boolean, console: Console): Promise<number> {
  const found = await askStats(socket);
  console.out(json ? `${printableJson(found)}\n` : statsText(found));
  return 0;
}

/** The counters as tables; event types that were never seen are left out. */
export function statsText(stats: AgentStats): string {
  const types = Object.entries(stats.types)
    .filter(([, counts]) => counts.seen > 0)
    .sort(([, a], [, b]) => b.seen - a.seen)
    .map(([name, c]) => [name, c.seen, c.filtered, c.suppressed, c.sent, c.lost]);
  const outputs = Object.entries(stats.outputs).map(([name, c]) => [
    name,
    c.queued,
    c.delivered,
    c.retried,
    c.dropped,
  ]);
  const alerts = Object.entries(stats.alerts).sort(([, a], [, b]) => b - a);
  const parts = [
    `up ${duration(stats.uptime_s)}, ${stats.cpu_s.toFixed(1)} s of CPU, ` +
      `${(stats.rss_bytes / 1e6).toFixed(0)} MB resident, ${stats.received} events received\n`,
    table(['event', 'seen', 'filtered', 'suppressed', 'sent', 'lost'], types),
    alerts.length === 0 ? 'no alerts\n' : table(['rule', 'alerts'], alerts),
    table(['output', 'queued', 'delivered', 'retried', 'dropped'], outputs),
  ];
  for (const [name, counts] of Object.entries(stats.outputs)) {
    const { last_error, last_error_s = 0, failing, lag_s = 0 } = counts;
    if (last_error === undefined) continue;
    const ago = duration(Math.max(0, Date.now() / 1000 - last_error_s));
    const state = failing ? `does not take alerts, ${duration(lag_s)} behind` : 'takes alerts';
    parts.push(`${name} ${state}; last error ${ago} ago: ${printable(last_error)}\n`);
  }
  const { spool } = stats;
  if (spool !== undefined && (spool.alerts > 0 || !spool.on_disk))
    parts.push(
      `${spool.alerts} alerts (${(spool.bytes / 1e6).toFixed(1)} MB) wait in the spool` +
        `${spool.on_disk ? '' : ', in memory only: the disk refuses them'}\n`,
    );
  const kept = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).filter(([, count]) => count > 0);
  const muted = kept(stats.alerts_muted);
  if (muted.length > 0) parts.push(table(['muted rule', 'alerts kept back'], muted));
  const suppressed = kept(stats.alerts_suppressed);
  if (suppressed.length > 0) parts.push(table(['shaped rule', 'alerts kept back'], suppressed));
  const actions = kept({ ...stats.enforcement });
  if (actions.length > 0) parts.push(table(['action', 'times'], actions));
  if (stats.alerts_dropped > 0)
    parts.push(`${stats.alerts_dropped} alerts were dropped before the outputs\n`);
  const { waiting, waited, late, crowded_out } = stats.containers;
  if (waited > 0)
    parts.push(
      `${waited} events waited for metadata of their container, ${waiting} wait now; ` +
        `judged without it: ${late} too late, ${crowded_out} too many\n`,
    );
  const faults = Object.entries(stats.faults).filter(([, count]) => count > 0);
  if (faults.length > 0) parts.push(table(['fault', 'times'], faults));
  return parts.join('\n');
}

function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  const [days, hours, minutes] = [86_400, 3600, 60].map((unit) => Math.floor(whole / unit));
  if (days) return `${days} d ${(hours ?? 0) % 24} h`;
  if (hours) return `${hours} h ${(minutes ?? 0) % 60} min`;
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
