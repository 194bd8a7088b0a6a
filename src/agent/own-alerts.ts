// What the agent says of itself as alerts: that it started, stopped, took other rules, is there, or
// that its sensor stands still. The people who read alerts would not see its log.

import type { Config } from '../config.js';
import type { Alert } from '../output/alert.js';
import { type OwnSubject, ownAlert } from '../output/internal.js';
import { durationText } from '../rules/duration.js';
import type { AgentStats } from './control.js';
import type { Summary } from './summary.js';

/** What `OwnAlerts` works with. */
export interface OwnAlertsOptions {
  config: Pick<Config, 'agent_alerts' | 'priority'>;
  version: string;
  tell(alert: Alert): void;
  /** For the heartbeat; rejects when the sensor does not answer. */
  stats(): Promise<AgentStats>;
}

/** Tells until it is closed. */
export class OwnAlerts {
  #timer: NodeJS.Timeout | undefined;
  #beating = false;

  constructor(private readonly options: OwnAlertsOptions) {}

  started(watching: { rules: number; hooks: number; processes: number }): void {
    const { version, config } = this.options;
    const { rules, hooks, processes } = watching;
    this.#tell('started', 'Saker watches this host', { version, rules, hooks, processes });
    const { heartbeat_s } = config.agent_alerts;
    if (heartbeat_s > 0) this.#timer = setInterval(() => void this.#beat(), heartbeat_s * 1000);
    this.#timer?.unref();
  }

  /** @param failure why it stopped, unless somebody asked for it */
  stopped(summary: Summary | undefined, failure: string | undefined): void {
    const alerts = Object.values(summary?.alerts ?? {}).reduce((sum, count) => sum + count, 0);
    const sums =
      summary === undefined ? {} : { seen: summary.events.seen, lost: summary.events.lost, alerts };
    const reason = failure?.split('\n')[0];
    this.#tell('stopped', 'Saker no longer watches this host', { ...sums, reason });
  }

  reloaded(rules: number, hooks: number): void {
    this.#tell('rules reloaded', 'Saker watches with new rules', { rules, hooks });
  }

  refused(reason: string): void {
    this.#tell('rules refused', 'Saker keeps the old rules, the new ones are wrong', {
      reason: reason.split('\n')[0],
    });
  }

  still(for_ms: number): void {
    const for_s = Math.round(for_ms / 1000);
    this.#tell('sensor stands still', 'The sensor does not answer, attacks may go unseen', {
      for_s,
    });
  }

  recovered(after_ms: number): void {
    const after_s = Math.round(after_ms / 1000);
    this.#tell('sensor answers again', 'The sensor answers again', { after_s });
  }

  muted(rule: string, for_ms: number): void {
    this.#tell('rule muted', 'Alerts of a rule are kept back for a while', {
      rule,
      for: durationText(for_ms),
    });
  }

  unmuted(rule: string, kept_back: number): void {
    this.#tell('mute ended', 'Alerts of a rule are told again', { rule, kept_back });
  }

  /** May be called twice. */
  close(): void {
    clearInterval(this.#timer);
  }

  async #beat(): Promise<void> {
    if (this.#beating) return; // the sensor stands still: the watchdog says so
    this.#beating = true;
    try {
      const stats = await this.options.stats();
      this.#tell('heartbeat', 'Saker is there', heartbeat(stats));
    } catch {
      // The sensor ended meanwhile: the agent stops, and says why.
    } finally {
      this.#beating = false;
    }
  }

  #tell(subject: OwnSubject, text: string, fields: Parameters<typeof ownAlert>[2]): void {
    const { agent_alerts, priority } = this.options.config;
    if (!agent_alerts.enabled) return;
    const alert = ownAlert(subject, text, fields);
    if (alert.rule.priority <= priority) this.options.tell(alert);
  }
}

function heartbeat(stats: AgentStats): Record<string, number> {
  let seen = 0;
  let lost = 0;
  for (const counts of Object.values(stats.types)) {
    seen += counts.seen;
    lost += counts.lost;
  }
  let queued = 0;
  let dropped = stats.alerts_dropped;
  for (const counts of Object.values(stats.outputs)) {
    queued += counts.queued;
    dropped += counts.dropped;
  }
  return {
    uptime_s: Math.round(stats.uptime_s),
    seen,
    lost,
    alerts: Object.values(stats.alerts).reduce((sum, count) => sum + count, 0),
    queued,
    dropped,
    rss_bytes: stats.rss_bytes,
    cpu_s: Math.round(stats.cpu_s * 10) / 10,
  };
}
