// The part of the configuration about the agent's own state: where health and metrics are served, and
// which alerts it raises about itself.
import { durationMs } from '../rules/duration.js';
import type { Section } from './section.js';

/** Health and metrics over HTTP. */
export interface StatusConfig {
  enabled: boolean;
  /** `ADDRESS:PORT`, or the path of a unix socket. */
  listen: string;
  /** Another path of /healthz. */
  healthz_path: string;
  metrics: boolean;
  /** A PEM file of certificate and key; empty: no TLS. */
  tls_certificate: string;
}

/** Alerts about the agent itself. */
export interface AgentAlertsConfig {
  /** Started, stopped, rules reloaded, a rule muted, a sensor that stands still. */
  enabled: boolean;
  /** How often it tells that it is there; 0: never. */
  heartbeat_s: number;
  /** A sensor that does not answer for so long stands still; 0: nobody looks. */
  watchdog_s: number;
}

/** What the configuration says of both; names are those of the file. */
export interface OwnStateConfig {
  status: StatusConfig;
  agent_alerts: AgentAlertsConfig;
}

export const DEFAULT_STATUS_LISTEN = '127.0.0.1:9465';

/** Reads it from the top of the configuration; Falco's `webserver` and `metrics` are defaults for it. */
export function readOwnState(top: Section): OwnStateConfig {
  const web = readWebserver(top.section('webserver'));
  const metrics_s = readMetrics(top.section('metrics'));
  const status = top.section('status');
  const alerts = top.section('agent_alerts');
  const config: OwnStateConfig = {
    status: {
      enabled: status.flag('enabled', web.enabled),
      listen: status.text('listen', web.listen),
      healthz_path: status.text('healthz_path', web.healthz_path),
      metrics: status.flag('metrics', web.metrics),
      tls_certificate: status.text('tls_certificate', web.tls_certificate),
    },
    agent_alerts: {
      enabled: alerts.flag('enabled', true),
      heartbeat_s: alerts.integer('heartbeat_s', metrics_s),
      watchdog_s: alerts.integer('watchdog_s', 30),
    },
  };
  if (!isListen(config.status.listen))
    status.refuse('listen', 'expected ADDRESS:PORT, [ADDRESS]:PORT or the path of a unix socket');
  if (!config.status.healthz_path.startsWith('/'))
    status.refuse('healthz_path', 'expected a path that begins with /');
  const { heartbeat_s, watchdog_s } = config.agent_alerts;
  if (heartbeat_s > MAX_INTERVAL_S)
    alerts.refuse('heartbeat_s', `expected at most ${MAX_INTERVAL_S} seconds`);
  if (watchdog_s > MAX_INTERVAL_S)
    alerts.refuse('watchdog_s', `expected at most ${MAX_INTERVAL_S} seconds`);
  status.close();
  alerts.close();
  return config;
}

/** A week. */
const MAX_INTERVAL_S = 604_800;

function isListen(text: string): boolean {
  return /^(?:unix:\/\/)?\/.{1,106}$|^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/.test(text);
}

// Without the section nothing is served; with it Falco's defaults hold.
function readWebserver(web: Section): StatusConfig {
  const enabled = web.flag('enabled', false);
  const said = web.keys().length > 0;
  const address = web.text('listen_address', '0.0.0.0');
  const port = web.integer('listen_port', 8765);
  const tls = web.flag('ssl_enabled', false);
  const certificate = web.text('ssl_certificate', '/etc/falco/falco.pem');
  const healthz_path = web.text('k8s_healthz_endpoint', '/healthz');
  const metrics = web.flag('prometheus_metrics_enabled', false);
  web.close();
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    enabled,
    listen: said ? `${host}:${port}` : DEFAULT_STATUS_LISTEN,
    healthz_path,
    metrics: said ? metrics : true,
    tls_certificate: tls ? certificate : '',
  };
}

// Falco's snapshots of its counters, as alerts: our heartbeat carries ours.
function readMetrics(metrics: Section): number {
  const wanted = metrics.flag('enabled', false) && metrics.flag('output_rule', false);
  metrics.has('output_rule');
  const interval_ms = durationMs(metrics.text('interval', '1h'));
  if (interval_ms === undefined)
    metrics.refuse('interval', 'expected a length of time such as 30s, 15m or 1h');
  metrics.close();
  return wanted ? Math.max(1, Math.round((interval_ms ?? 0) / 1000)) : 0;
}
